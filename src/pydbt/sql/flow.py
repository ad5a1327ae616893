"""Flow: what one step of a plan makes its columns of, and which columns decide about its rows.

For each step there is a function that says so from the plan itself: its expressions and the values it passes
on. ``lineage.py`` follows the flow from a column down to the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.sql.elements import Case, FunctionFilter, Over

from pydbt.sql.column import Column
from pydbt.sql.expression import Expression
from pydbt.sql.functions.call import Call
from pydbt.sql.query import Query, Value
from pydbt.sql.verbs.aggregate import Aggregate
from pydbt.sql.verbs.asof import AsofJoin
from pydbt.sql.verbs.attach import Attach
from pydbt.sql.verbs.combine import Combine
from pydbt.sql.verbs.explode import Explode
from pydbt.sql.verbs.filter import Filter
from pydbt.sql.verbs.grouping_sets import GroupingSets
from pydbt.sql.verbs.join import Join, Semi
from pydbt.sql.verbs.order import Distinct, Limit, Sort
from pydbt.sql.verbs.project import Project
from pydbt.sql.verbs.source import Alias

# A value of one of the queries a step works on: the number of the query, and the value.
Input = tuple[int, Value]


@dataclass(slots=True)
class Made:
    """What a value is made of.

    Args:
        values: The inputs that flow into it.
        controls: Those that only choose.
        rows_of: The queries of whose rows it speaks, whatever is in them.
    """

    values: set[Input] = field(default_factory=set)
    controls: set[Input] = field(default_factory=set)
    rows_of: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Flow:
    """What a step makes, what decides about its rows, and which of its queries have a say in that."""

    made: dict[Value, Made] = field(default_factory=dict)
    rows: set[Input] = field(default_factory=set)
    row_parents: tuple[int, ...] = (0,)


def flow_of(query: Query) -> Flow:
    """The flow of the query's last step; nothing for a source."""
    if not query.parents:
        return Flow(row_parents=())
    for kind, flow in FLOWS.items():
        if isinstance(query.step, kind):
            made: Flow = flow(query, query.step)
            return made
    return _of_unknown(query)


def parts_of(expression: Expression) -> tuple[set[Value], set[Value]]:
    """The values that flow into an expression, and those that only choose in it.

    What partitions or orders a window, stands in a FILTER, or in the condition of a CASE, only chooses.
    """
    values: set[Value] = set()
    controls: set[Value] = set()

    def visit(node: Any, found: set[Value]) -> None:
        if isinstance(node, Column):
            found.add(node.value)
            return
        for child, is_control in _children(node):
            visit(child, controls if is_control else found)

    visit(expression.element, values)
    return values, controls


def _children(node: Any) -> Iterable[tuple[Any, bool]]:
    """What a node holds, and whether that only chooses."""
    if isinstance(node, Over):
        yield node.element, False
        yield from ((each, True) for each in (node.partition_by, node.order_by) if each is not None)
    elif isinstance(node, FunctionFilter):
        yield node.func, False
        if node.criterion is not None:
            yield node.criterion, True
    elif isinstance(node, Case):
        if node.value is not None:
            yield node.value, True
        for condition, result in node.whens:
            yield condition, True
            yield result, False
        if node.else_ is not None:
            yield node.else_, False
    elif isinstance(node, Call):
        yield from _arguments(node)
    else:
        yield from ((child, False) for child in node.get_children())


def _arguments(node: Call) -> Iterable[tuple[Any, bool]]:
    """Of a ``when`` every other argument is a condition; the order of an aggregate is called so."""
    if node.rule.name == "when":
        conditions = range(0, len(node.arguments) // 2 * 2, 2)
        yield from ((each, at in conditions) for at, each in enumerate(node.arguments))
        return
    for name, arguments in node.rule.named(node.arguments).items():
        yield from ((each, name == "order") for each in arguments)


def _from(expression: Expression) -> Made:
    values, controls = parts_of(expression)
    return Made({(0, value) for value in values}, {(0, value) for value in controls})


def _read(expressions: Iterable[Expression]) -> set[Input]:
    return {(0, value) for each in expressions for value in each.values}


def _of_project(_: Query, step: Project) -> Flow:
    return Flow({value: _from(expression) for value, expression in step.computed.items()})


def _of_filter(_: Query, step: Filter) -> Flow:
    return Flow(rows=_read(step.conditions))


def _of_limit(query: Query, _: Limit) -> Flow:
    """Whoever is first comes through: the order of the rows decides, where there is one."""
    below = query.parents[0]
    while isinstance(below.step, (Project, Filter, Semi, Attach)):
        below = below.parents[0]
    if not isinstance(below.step, Sort):
        return Flow()
    return Flow(rows={(0, value) for key in below.step.keys for value in key.expression.values})


def _of_distinct(query: Query, _: Distinct) -> Flow:
    return Flow(rows={(0, value) for value in query.fields.values()})


def _of_alias(query: Query, _: Alias) -> Flow:
    pairs = zip(query.fields.values(), query.parents[0].fields.values(), strict=True)
    return Flow({new: Made({(0, old)}) for new, old in pairs})


def _of_combine(query: Query, step: Combine) -> Flow:
    """By position. Every column decides which rows are the same, but where all of them are kept."""
    flow = Flow(row_parents=(0, 1))
    sides = [list(parent.fields.values()) for parent in query.parents]
    for value, left, right in zip(query.fields.values(), *sides, strict=True):
        made = flow.made.setdefault(value, Made())
        made.values.add((0, left))
        if step.verb in {"union", "union_all"}:
            made.values.add((1, right))
    if step.verb != "union_all":
        flow.rows = {(number, value) for number, side in enumerate(sides) for value in side}
    return flow


def _of_join(query: Query, step: Join) -> Flow:
    flow = Flow(row_parents=(0, 1))
    for value in query.fields.values():
        sides = step.merged.get(value, (value,))
        flow.made[value] = Made({_on_side(query, step.fresh, each) for each in sides})
    if step.on is not None:
        flow.rows = {_on_side(query, step.fresh, value) for value in step.on.values}
    return flow


def _of_semi(query: Query, step: Semi) -> Flow:
    return Flow(rows={_on_side(query, step.fresh, value) for value in step.on.values}, row_parents=(0, 1))


def _of_asof(query: Query, step: AsofJoin) -> Flow:
    flow = _of_join(query, step.join)
    if step.near is not None:
        flow.rows |= {_on_side(query, step.join.fresh, value) for value in step.near.values}
    return flow


def _on_side(query: Query, fresh: Mapping[Value, Value], value: Value) -> Input:
    """The side of a join that a value is of: one made for the join is the right side's."""
    if value in fresh:
        return 1, fresh[value]
    return (0 if value in query.parents[0].fields.values() else 1), value


def _of_groups(_: Query, step: Aggregate | GroupingSets) -> Flow:
    columns = (*step.keys, *step.aggregates)
    return Flow({value: _from(each) for _, value, each in columns}, _read(each for _, _, each in step.keys))


def _of_attach(_: Query, step: Attach) -> Flow:
    """What a subquery gives flows where it is one value; where it is a condition, all of it chooses."""
    flow = Flow()
    for number, each in enumerate(step.subqueries, 1):
        made = Made(controls={(0, value) for value in each.reads}, rows_of={number})
        given = {(number, value) for value in each.plan.fields.values()}
        if each.kind == "scalar":
            made.values |= given
        elif each.kind == "in":
            made.controls |= given
        flow.made[each.value] = made
    flow.made |= {value: Made() for value in step.references}
    return flow


def _of_explode(_: Query, step: Explode) -> Flow:
    listed = (0, step.source)
    return Flow({step.made: Made({listed})}, {listed})


def _of_unknown(query: Query) -> Flow:
    """A step nobody has told of here: everything may be made of everything."""
    every = {
        (number, value) for number, parent in enumerate(query.parents) for value in parent.fields.values()
    }
    known = {value for _, value in every}
    made = {value: Made(set(every)) for value in query.fields.values() if value not in known}
    return Flow(made, set(every), tuple(range(len(query.parents))))


def _nothing(*_: Any) -> Flow:
    return Flow()


FLOWS: dict[type, Callable[[Query, Any], Flow]] = {
    Project: _of_project,
    Filter: _of_filter,
    Sort: _nothing,
    Limit: _of_limit,
    Distinct: _of_distinct,
    Alias: _of_alias,
    Combine: _of_combine,
    Join: _of_join,
    Semi: _of_semi,
    AsofJoin: _of_asof,
    Aggregate: _of_groups,
    GroupingSets: _of_groups,
    Attach: _of_attach,
    Explode: _of_explode,
}
