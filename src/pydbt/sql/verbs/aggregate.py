"""group_by: one row for each group, with aggregates."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement, Label

from pydbt.errors import AggregateError, UnnamedColumnError, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.chance import has_chance
from pydbt.sql.column import Column, column_of
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.query import Query, Value
from pydbt.sql.verbs.arguments import (
    check_is_condition,
    check_new_name,
    check_no_aggregate,
    check_once,
    condition_of,
    element_of,
    flattened,
    is_anonymous,
    named,
)
from pydbt.sql.verbs.attach import attached
from pydbt.sql.verbs.filter import Filter

Aggregation = tuple[Any, str]


Computed = tuple[str, Value, Expression]


def group(
    query: Query, keys: Iterable[Any], aggregates: Sequence[tuple[str, Any]], having: Iterable[Any] = ()
) -> Query:
    """One row for each combination of the keys; without keys, one row for all.

    Args:
        query: What is grouped.
        keys: Names, columns, or labelled expressions.
        aggregates: Names with expressions such as ``func.count()``.
        having: Conditions on the groups.
    """
    grouped = group_keys(query, keys)
    if not grouped and not aggregates:
        hint = 'give keys, or aggregates: group_by("a").agg(n=func.count())'
        raise AggregateError(
            "group_by was given neither keys nor aggregates", where=user_location(), hint=hint
        )
    computed = computed_aggregates(query, grouped, aggregates)
    conditions = group_conditions(query, grouped, having)
    check_no_grouping((*computed, *conditions))
    step = Aggregate(grouped, (*computed, *conditions))
    return of_groups(query, step, (*grouped, *computed), conditions)


def of_groups(query: Query, step: Any, columns: Sequence[Computed], conditions: Sequence[Computed]) -> Query:
    """The query with its grouping step, and a filter of the groups above it."""
    below = attached(query, (each for _, _, each in (*step.keys, *step.aggregates)))
    made = Query(step, (below,), {name: value for name, value, _ in columns})
    if not conditions:
        return made
    leaves = tuple(Expression(Column(name, value, made), (value,), 1) for name, value, _ in conditions)
    return Query(Filter(leaves, "having"), (made,), made.fields)


def computed_aggregates(
    query: Query, keys: Sequence[Computed], aggregates: Sequence[tuple[str, Any]]
) -> tuple[Computed, ...]:
    """The aggregates, checked, each with its value."""
    checked = _aggregates(query, aggregates, {value for _, value, _ in keys})
    computed = tuple((check_new_name(name, "agg"), Value(each.type), each) for name, each in checked)
    check_once([name for name, _, _ in (*keys, *computed)], "group_by")
    return computed


def group_conditions(query: Query, keys: Sequence[Computed], having: Iterable[Any]) -> tuple[Computed, ...]:
    """The conditions on groups, as aggregates that nobody sees."""
    conditions = flattened(having)
    for condition in conditions:
        if not isinstance(condition, ColumnElement):
            condition_of(query, condition, "having")
    checked = _aggregates(
        query, [("having", condition) for condition in conditions], {value for _, value, _ in keys}
    )
    for _, expression in checked:
        check_is_condition(expression, "having")
    return tuple((name, Value(expression.type), expression) for name, expression in checked)


def check_no_grouping(computed: Iterable[Computed]) -> None:
    """Raise for ``func.grouping``, which says which keys of a rollup a row has."""
    for name, _, expression in computed:
        if expression.has_grouping:
            hint = "it tells the rows of rollup(…), cube(…) and grouping_sets(…) apart"
            raise AggregateError(f"{name!r}: grouping in group_by", where=user_location(), hint=hint)


def group_keys(query: Query, keys: Iterable[Any]) -> tuple[tuple[str, Value, Expression], ...]:
    """The keys, checked: name, value, expression."""
    checked = []
    for key in flattened(keys):
        name, expression = named(query, key, "group_by")
        check_no_aggregate(expression, "the keys of group_by")
        value = None if expression.attached else expression.value
        checked.append((name, value or Value(expression.type), expression))
    return tuple(checked)


def named_keys(query: Query, named: Mapping[str, Any], verb: str = "group_by") -> list[Label[Any]]:
    """Keys that were given by keywords; text is the name of a column, as in select."""
    return [element_of(query, key, verb).label(name) for name, key in named.items()]


def seed_aggregates(query: Query, agg: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """``{"preds": (func.count, "n")}`` or a list of such pairs per column, as names with expressions."""
    if not isinstance(agg, Mapping):
        hint = 'write {"column": (func.sum, "name")}; a key called agg is df.a.label("agg")'
        raise AggregateError(f"group_by was given agg={agg!r}", where=user_location(), hint=hint)
    found: list[tuple[str, Any]] = []
    for column, wanted in agg.items():
        argument = column_of(query, column)
        for function, name in _pairs(column, wanted):
            call = getattr(sa.func, function) if isinstance(function, str) else function
            found.append((name, call(argument)))
    return found


def _pairs(column: str, wanted: Any) -> list[Aggregation]:
    pairs = wanted if isinstance(wanted, list) else [wanted]
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[1], str):  # noqa: PLR2004  a pair
            what = f"agg for {column!r} was given {pair!r}"
            raise AggregateError(
                what, where=user_location(), hint=f'write {{"{column}": (func.count, "{column}_count")}}'
            )
    return list(pairs)


def labelled(query: Query, argument: Any) -> tuple[str, Any]:
    """A labelled aggregate as its name and the aggregate."""
    if isinstance(argument, (str, Mapping)):
        what = f"agg was given {argument!r}, not an aggregate"
        hint = 'write agg(n=func.count()), or group_by("a", agg={"b": (func.sum, "total")})'
        raise AggregateError(what, where=user_location(), hint=hint)
    element = element_of(query, argument, "agg")
    if not isinstance(element, Label) or is_anonymous(element.name):
        hint = 'write agg(n=func.count()), or func.count().label("n")'
        raise UnnamedColumnError(
            f"an aggregate in agg has no name: {element}", where=user_location(), hint=hint
        )
    return element.name, element.element


def counted(query: Query) -> Query:
    """One row: how many rows there are."""
    return group(query, (), [("count", sa.func.count())])


def _aggregates(
    query: Query, aggregates: Iterable[tuple[str, Any]], keys: set[Value]
) -> list[tuple[str, Expression]]:
    found = []
    for name, aggregate in aggregates:
        if isinstance(aggregate, (str, Mapping)):
            hint = f"write agg({name}=func.sum(df.a)), with func of sqlalchemy"
            what = f"{name!r} in agg was given {aggregate!r}, not an aggregate"
            raise AggregateError(what, where=user_location(), hint=hint)
        element = element_of(query, aggregate, "agg")
        expression = adopt(query, element.element if isinstance(element, Label) else element)
        if not keys.issuperset(expression.bare_values):
            hint = "aggregate it, func.max(df.a), or make it a key of group_by"
            raise AggregateError(f"{name!r} in agg is not an aggregate", where=user_location(), hint=hint)
        found.append((name, expression))
    return found


@dataclass(frozen=True, slots=True)
class Aggregate:
    """GROUP BY."""

    keys: tuple[tuple[str, Value, Expression], ...]
    aggregates: tuple[tuple[str, Value, Expression], ...]

    verb = "group_by"

    def describe(self) -> str:
        """The keys."""
        return f"group_by({', '.join(name for name, _, _ in self.keys)})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """All keys, whoever reads them, and what the wanted aggregates read."""
        read = place.compilation.use(expression for _, _, expression in self.keys)
        return (
            read | place.compilation.use(each for _, value, each in self.aggregates if value in place.wanted),
        )

    def build(self, place: Place) -> Block:
        """GROUP BY the keys, which are columns by now."""
        aggregates = [(value, each) for _, value, each in self.aggregates if value in place.wanted]
        block = rows_to_group(place, self.keys, [each for _, each in aggregates])
        columns = {value: block.columns[value] for _, value, _ in self.keys}
        for value, expression in aggregates:
            bound = block.resolve(expression)
            columns[value] = Bound(
                bound.element, bound.size, kind_of_aggregate(expression), expression.may_aggregate
            )
        block.group_by = [block.columns[value].element for _, value, _ in self.keys]
        block.columns = columns
        block.order_by = []
        return block


def kind_of_aggregate(expression: Expression) -> Kind:
    """A window over the groups is computed after HAVING, and chance once: nobody may filter by them here."""
    is_drawn = expression.is_volatile and has_chance(expression.element)
    return Kind.FIXED if is_drawn or expression.has_window else Kind.AGGREGATE


def rows_to_group(place: Place, keys: Sequence[Computed], aggregates: Sequence[Expression]) -> Block:
    """A block of the rows to be grouped, in which the keys are columns of FROM."""
    (block,) = place.blocks
    fields = place.query.parents[0].fields
    read = _read([key for _, _, key in keys], aggregates)
    if not can_extend_aggregate(block, aggregates, place.compilation):
        block = place.compilation.nest(block, fields, read)
    if can_group_by(block, keys):
        return block
    if not all(block.can_inline(key, place.compilation.uses) for _, _, key in keys):
        block = place.compilation.nest(block, fields, read)
    for _, value, key in keys:
        block.columns[value] = block.resolve(key)
    names = {name: value for name, value, _ in keys}
    for name, value in fields.items():
        names.setdefault(name, value)
    needed = {value for _, value, _ in keys} | _read([], aggregates)
    elements = [block.columns[value].element for _, value, _ in keys]
    is_apart = any(one.compare(other) for one, other in itertools.combinations(elements, 2))
    return place.compilation.nest(block, names, needed, is_apart=is_apart)


def _read(keys: Iterable[Expression], aggregates: Iterable[Expression]) -> set[Value]:
    return {value for each in (*keys, *aggregates) for value in each.values}


def can_extend_aggregate(block: Block, aggregates: Sequence[Expression], compilation: Compilation) -> bool:
    """GROUP BY is evaluated before windows, DISTINCT and LIMIT, and once: over any of them it goes above."""
    if block.is_grouped or block.is_closed or block.is_limited or block.has_fixed():
        return False
    return all(block.can_inline(aggregate, compilation.uses) for aggregate in aggregates)


def can_group_by(block: Block, keys: Iterable[tuple[str, Value, Expression]]) -> bool:
    """A key with a constant in it would be two parameters, in SELECT and in GROUP BY, and so two expressions.

    It is computed below, and grouped by its name.
    """
    return all(
        expression.value is value and block.columns[value].kind is Kind.PLAIN for _, value, expression in keys
    )
