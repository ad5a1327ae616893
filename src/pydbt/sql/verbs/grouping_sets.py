"""rollup, cube, grouping_sets: groups by several sets of keys at once, sub-totals and totals among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, FunctionFilter, WithinGroup
from sqlalchemy.sql.expression import table
from sqlalchemy.sql.functions import FunctionElement

from pydbt.errors import AggregateError, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.column import Column
from pydbt.sql.compile import Place, names_apart
from pydbt.sql.expression import Expression
from pydbt.sql.functions.call import Call
from pydbt.sql.functions.known import SCALARS
from pydbt.sql.query import Query, Value
from pydbt.sql.tree import cloned_by, is_foreign
from pydbt.sql.verbs.aggregate import (
    Computed,
    computed_aggregates,
    group_conditions,
    group_keys,
    kind_of_aggregate,
    of_groups,
    rows_to_group,
)

Sets = tuple[tuple[int, ...], ...]
MOST_KEYS = 12  # PostgreSQL's limit for a CUBE; of that many keys there are 4,096 sets.


@dataclass(frozen=True, slots=True)
class Grouped:
    """The keys of a rollup, a cube or grouping sets, and which of them each set has, by position."""

    verb: str
    keys: tuple[Computed, ...]
    sets: Sets


def rollup(query: Query, keys: Iterable[Any]) -> Grouped:
    """All keys, then all but the last, and so on to none."""
    checked = _keys(query, keys, "rollup")
    return Grouped("rollup", checked, tuple(tuple(range(size)) for size in range(len(checked), -1, -1)))


def cube(query: Query, keys: Iterable[Any]) -> Grouped:
    """Every subset of the keys, large ones first."""
    checked = _keys(query, keys, "cube")
    if len(checked) > MOST_KEYS:
        hint = "name the sets you need: grouping_sets(…)"
        what = f"cube was given {len(checked)} keys, at most {MOST_KEYS} are possible"
        raise AggregateError(what, where=user_location(), hint=hint)
    positions = range(len(checked))
    sizes = range(len(checked), -1, -1)
    return Grouped("cube", checked, tuple(s for size in sizes for s in combinations(positions, size)))


def grouping_sets(query: Query, sets: Iterable[Any]) -> Grouped:
    """These sets of keys."""
    known: dict[str, Computed] = {}
    found = []
    for each in sets:
        if not isinstance(each, (list, tuple)):
            hint = 'give each set as a list: grouping_sets(["a", "b"], ["a"], [])'
            raise AggregateError(f"grouping_sets was given {each!r}", where=user_location(), hint=hint)
        names = []
        for key in group_keys(query, each):
            known.setdefault(key[0], key)
            names.append(key[0])
        found.append(names)
    if not found:
        hint = 'name at least one set: grouping_sets(["a"], [])'
        raise AggregateError("grouping_sets was given no sets", where=user_location(), hint=hint)
    positions = {name: position for position, name in enumerate(known)}
    return Grouped(
        "grouping_sets",
        _told_apart(known.values()),
        tuple(tuple(dict.fromkeys(positions[name] for name in names)) for names in found),
    )


def _keys(query: Query, keys: Iterable[Any], verb: str) -> tuple[Computed, ...]:
    checked = group_keys(query, keys)
    if not checked:
        hint = f'name at least one: {verb}("a", df.b)'
        raise AggregateError(f"{verb} was given no keys", where=user_location(), hint=hint)
    return _told_apart({key[0]: key for key in checked}.values())


def _told_apart(keys: Iterable[Computed]) -> tuple[Computed, ...]:
    """The keys, each with a value of its own: of two names for one column, a set may have only one."""
    apart: dict[Value, Computed] = {}
    for name, value, expression in keys:
        own = Value(value.type) if value in apart else value
        apart[own] = (name, own, expression)
    return tuple(apart.values())


def group(
    query: Query, grouped: Grouped, aggregates: Sequence[tuple[str, Any]], having: Iterable[Any] = ()
) -> Query:
    """One row for each combination of the keys of each set; a key that is not in the row's set is NULL."""
    computed = [_of_keys(each, grouped.keys) for each in computed_aggregates(query, grouped.keys, aggregates)]
    conditions = [_of_keys(each, grouped.keys) for each in group_conditions(query, grouped.keys, having)]
    own = {value for _, value, _ in grouped.keys}
    for name, _, expression in (*computed, *conditions):
        _check_grouping(expression, own, name)
    step = GroupingSets(grouped.verb, grouped.keys, grouped.sets, (*computed, *conditions))
    return of_groups(query, step, (*grouped.keys, *computed), conditions)


def _of_keys(computed: Computed, keys: Iterable[Computed]) -> Computed:
    """The aggregate with the keys' own values: of two names for one column, each is another key."""
    apart = {(name, key.value): own for name, own, key in keys if key.value is not own}
    name, value, expression = computed

    def visit(node: Any, **_: Any) -> Any:
        if isinstance(node, Column):
            own = apart.get((node.name, node.value))
            return node if own is None else Column(node.name, own, node.query)
        return node if isinstance(node, BindParameter) or is_foreign(node) else cloned_by(node, visit)

    return (name, value, expression._replace(element=visit(expression.element))) if apart else computed


def _is_grouping(node: Any) -> bool:
    return isinstance(node, FunctionElement) and getattr(node, "name", "") == "grouping"


def _check_grouping(expression: Expression, keys: set[Value], name: str) -> None:
    for node in visitors.iterate(expression.element):
        if _is_grouping(node):
            arguments = list(node.clauses)  # type: ignore[attr-defined]  # a function's
            if not arguments or not all(
                isinstance(each, Column) and each.value in keys for each in arguments
            ):
                hint = "give it columns that are keys: func.grouping(df.a)"
                what = f"{name!r}: grouping of something that is no key"
                raise AggregateError(what, where=user_location(), hint=hint)


@dataclass(frozen=True, slots=True)
class GroupingSets:
    """GROUP BY GROUPING SETS, or one SELECT for each set where the database has none."""

    verb: str
    keys: tuple[Computed, ...]
    sets: Sets
    aggregates: tuple[Computed, ...]

    def describe(self) -> str:
        """The verb with its keys."""
        return f"{self.verb}({', '.join(name for name, _, _ in self.keys)})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """All keys, and what the wanted aggregates read."""
        read = place.compilation.use(expression for _, _, expression in self.keys)
        return (read | place.compilation.use(each for _, _, each in self._wanted(place)),)

    def build(self, place: Place) -> Block:
        """The groups; where the database has no GROUPING SETS, the sets below each other."""
        wanted = self._wanted(place)
        block = rows_to_group(place, self.keys, [each for _, _, each in wanted])
        if place.compilation.dialect.has_grouping_sets:
            return self._natively(block, wanted)
        read = {value for _, value, _ in self.keys}.union(*(each.values for _, _, each in wanted))
        names = {**place.query.parents[0].fields, **{name: value for name, value, _ in self.keys}}
        # Each set reads the table's columns anew: as they are, which must be by code point.
        if not (block.is_bare and place.compilation.dialect.has_text_by_code_point):
            block = place.compilation.nest(block, names, read)
        place.compilation.check_read_again(block)
        return self._one_by_one(block, wanted)

    def _wanted(self, place: Place) -> list[Computed]:
        return [each for each in self.aggregates if each[1] in place.wanted]

    def _natively(self, block: Block, wanted: Iterable[Computed]) -> Block:
        """Keys are computed with the groups: below them a row's key is not NULL, above it may be."""
        columns = {}
        elements = [block.columns[value].element for _, value, _ in self.keys]
        for (_, value, _), element in zip(self.keys, elements, strict=True):
            columns[value] = Bound(element, 0, Kind.AGGREGATE)
        for _, value, expression in wanted:
            bound = block.resolve(expression)
            columns[value] = Bound(
                bound.element, bound.size, kind_of_aggregate(expression), expression.may_aggregate
            )
        block.group_by = [self._clause(elements)]
        block.columns = columns
        block.order_by = []
        return block

    def _clause(self, elements: Sequence[Any]) -> Any:
        if self.verb != "grouping_sets":
            return getattr(sa.func, self.verb)(*elements)
        return sa.func.grouping_sets(*(sa.tuple_(*(elements[each] for each in one)) for one in self.sets))

    def _one_by_one(self, block: Block, wanted: Sequence[Computed]) -> Block:
        """UNION ALL of one SELECT for each set, over the same rows."""
        rows = {value: bound.element.name for value, bound in block.columns.items()}
        named: dict[str, Value] = {}
        for name, value, _ in (*self.keys, *wanted):
            named[f"{name}_{len(named)}" if name in named else name] = value
        fields = names_apart(named)
        parts = [self._part(Block(block.source, block.name, rows), one, wanted, fields) for one in self.sets]
        made = Block(table("grouped"), block.name, {value: name for name, value in fields.items()})
        made.compound = sa.union_all(*parts)
        made.distinct_fields = fields
        made.draws, made.reads_chance = any(each.is_volatile for _, _, each in wanted), block.reads_chance
        return made

    def _part(
        self, block: Block, positions: Sequence[int], wanted: Iterable[Computed], fields: dict[str, Value]
    ) -> Any:
        present = [self.keys[position][1] for position in positions]
        columns = {}
        for _, value, _ in self.keys:
            missing = sa.type_coerce(sa.null(), value.type)
            columns[value] = block.columns[value] if value in present else Bound(missing, 0, Kind.PLAIN)
        for _, value, expression in wanted:
            told = _in_set(expression, present, {key for _, key, _ in self.keys}.difference(present))
            bound = block.resolve(told)
            columns[value] = Bound(bound.element, bound.size, Kind.AGGREGATE, told.may_aggregate)
        block.group_by = [columns[value].element for value in present]
        block.columns = columns
        return block.select(tuple(fields.items()))


def _in_set(expression: Expression, present: Sequence[Value], absent: set[Value]) -> Expression:
    """The expression as it is in one set: its other keys NULL, ``grouping(a, b)`` a bit for each of those."""

    def visit(node: Any, **_: Any) -> Any:
        if _is_grouping(node):
            bits = 0
            for key in node.clauses:
                bits = bits * 2 + (key.value not in present)
            return sa.literal_column(str(bits), node.type)
        if isinstance(node, Column):
            return sa.type_coerce(sa.null(), node.type) if node.value in absent else node
        # Within an aggregate a key is what the rows have.
        if _aggregates(node) or isinstance(node, BindParameter) or is_foreign(node):
            return node
        return cloned_by(node, visit)

    element = visit(expression.element)
    aggregates = any(_aggregates(node) for node in visitors.iterate(element))
    return Expression(element, expression.values, expression.size, aggregates)


def _aggregates(node: Any) -> bool:
    """Whether a node is an aggregate, or a function that may be one for all we know."""
    if isinstance(node, Call):
        return node.asked.kind == "aggregate"
    if isinstance(node, (FunctionFilter, WithinGroup)):
        return True
    return isinstance(node, FunctionElement) and getattr(node, "name", "") not in SCALARS
