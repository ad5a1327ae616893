"""group_by: one row for each group, with aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import Label

from pydbt.errors import AggregateError, TypeMismatchError, UnnamedColumnError, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.column import column_of
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.query import Query, Value
from pydbt.sql.types import Family, family_of
from pydbt.sql.verbs.arguments import (
    check_new_name,
    check_no_aggregate,
    check_once,
    element_of,
    flattened,
    named,
)
from pydbt.sql.verbs.attach import attached

Aggregation = tuple[Any, str]


def group(query: Query, keys: Iterable[Any], aggregates: Sequence[tuple[str, Any]]) -> Query:
    """One row for each combination of the keys; without keys, one row for all.

    Args:
        query: What is grouped.
        keys: Names, columns, or labelled expressions.
        aggregates: Names with expressions such as ``func.count()``.
    """
    grouped = group_keys(query, keys)
    if not grouped and not aggregates:
        hint = 'give keys, or aggregates: group_by("a").agg(n=func.count())'
        raise AggregateError(
            "group_by was given neither keys nor aggregates", where=user_location(), hint=hint
        )
    checked = _aggregates(query, aggregates, {value for _, value, _ in grouped})
    computed = tuple((check_new_name(name, "agg"), Value(each.type), each) for name, each in checked)
    check_once([name for name, _, _ in (*grouped, *computed)], "group_by")
    fields = {name: value for name, value, _ in (*grouped, *computed)}
    below = attached(query, (each for _, _, each in (*grouped, *computed)))
    return Query(Aggregate(grouped, computed), (below,), fields)


def group_keys(query: Query, keys: Iterable[Any]) -> tuple[tuple[str, Value, Expression], ...]:
    """The keys, checked: name, value, expression."""
    checked = []
    for key in flattened(keys):
        name, expression = named(query, key, "group_by")
        check_no_aggregate(expression, "the keys of group_by")
        value = None if expression.attached else expression.value
        checked.append((name, value or Value(expression.type), expression))
    return tuple(checked)


def seed_aggregates(query: Query, agg: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """``{"preds": (func.count, "n")}`` or a list of such pairs per column, as names with expressions."""
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
    element = element_of(query, argument, "agg")
    if not isinstance(element, Label) or "%(" in element.name:
        hint = 'write agg(n=func.count()), or func.count().label("n")'
        raise UnnamedColumnError(
            f"an aggregate in agg has no name: {element}", where=user_location(), hint=hint
        )
    return element.name, element.element


def counted(query: Query) -> Query:
    """One row: how many rows there are."""
    return group(query, (), [("count", sa.func.count())])


_OF_NUMBERS = {"sum", "avg"}


def _aggregates(
    query: Query, aggregates: Iterable[tuple[str, Any]], keys: set[Value]
) -> list[tuple[str, Expression]]:
    found = []
    for name, aggregate in aggregates:
        element = element_of(query, aggregate, "agg")
        expression = adopt(query, element.element if isinstance(element, Label) else element)
        if not expression.bare_values <= keys:
            hint = "aggregate it, func.max(df.a), or make it a key of group_by"
            raise AggregateError(f"{name!r} in agg is not an aggregate", where=user_location(), hint=hint)
        _check_numbers(element, name)
        found.append((name, expression))
    return found


def _check_numbers(element: Any, name: str) -> None:
    """Sums and averages are of numbers; databases answer otherwise each in its own way."""
    arguments = list(getattr(element, "clauses", ()))
    if getattr(element, "name", "") not in _OF_NUMBERS or len(arguments) != 1:
        return
    family = family_of(arguments[0].type)
    if family not in {Family.NUMBER, Family.INTERVAL, Family.OTHER}:
        what = f"{name!r}: {element.name} of {family.value}"
        raise TypeMismatchError(what, where=user_location(), hint="it works on numbers; cast the column")


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
        (block,) = place.blocks
        parent = place.query.parents[0]
        aggregates = [(value, each) for _, value, each in self.aggregates if value in place.wanted]
        read = {value for _, _, each in self.keys for value in each.values}.union(
            *(each.values for _, each in aggregates)
        )
        if not can_extend_aggregate(block, [each for _, each in aggregates], place.compilation):
            block = place.compilation.nest(block, parent.fields, read)
        if not can_group_by(block, self.keys):
            block = self._project_keys(block, place.query, aggregates, place.compilation)
        columns = {value: block.columns[value] for _, value, _ in self.keys}
        for value, expression in aggregates:
            bound = block.resolve(expression)
            columns[value] = Bound(bound.element, bound.size, Kind.AGGREGATE, expression.may_aggregate)
        block.group_by = [block.columns[value].element for _, value, _ in self.keys]
        block.columns = columns
        block.order_by = []
        return block

    def _project_keys(
        self,
        block: Block,
        query: Query,
        aggregates: Iterable[tuple[Value, Expression]],
        compilation: Compilation,
    ) -> Block:
        names = {}
        for name, value, expression in self.keys:
            if not block.can_inline(expression, compilation.uses):
                read = {each for _, _, key in self.keys for each in key.values}.union(
                    *(e.values for _, e in aggregates)
                )
                block = compilation.nest(block, query.parents[0].fields, read)
                return self._project_keys(block, query, aggregates, compilation)
            names[name] = value
        for _, value, expression in self.keys:
            block.columns[value] = block.resolve(expression)
        for name, value in query.parents[0].fields.items():
            names.setdefault(name, value)
        needed = {value for _, value, _ in self.keys}.union(*(each.values for _, each in aggregates))
        return compilation.nest(block, names, needed)


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
        expression.value is not None and block.columns[expression.value].kind is Kind.PLAIN
        for _, _, expression in keys
    )
