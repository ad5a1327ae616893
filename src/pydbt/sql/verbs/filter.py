"""filter: the rows for which all conditions are true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.types import Boolean

from pydbt.errors import NotAConditionError, user_location
from pydbt.sql.block import Block, Kind
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression
from pydbt.sql.query import Query, Value
from pydbt.sql.verbs.arguments import check_no_aggregate, condition_of, flattened


def filter_rows(query: Query, conditions: Iterable[Any], verb: str = "where") -> Query:
    """The rows of the query for which all conditions are true; NULL is not true."""
    checked = tuple(condition_of(query, condition, verb) for condition in flattened(conditions))
    if not checked:
        hint = "give a comparison of columns: df.a == 1"
        raise NotAConditionError(f"{verb} was given no condition", where=user_location(), hint=hint)
    for condition in checked:
        check_no_aggregate(condition, verb)
    return Query(Filter(checked, verb), (query,), query.fields)


@dataclass(frozen=True, slots=True)
class Filter:
    """WHERE, or HAVING over a grouped block."""

    conditions: tuple[Expression, ...]
    verb: str

    def describe(self) -> str:
        """The verb; conditions are long, and one reads them in the SQL."""
        return f"{self.verb}(…)"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted, and what the conditions read."""
        return (place.wanted | place.compilation.use(self.conditions),)

    def build(self, place: Place) -> Block:
        """Add the conditions to WHERE or HAVING, below a new block where they cannot stand."""
        (block,) = place.blocks
        fields = place.query.parents[0].fields
        for position, condition in enumerate(self.conditions):
            needed = place.wanted.union(*(later.values for later in self.conditions[position + 1 :]))
            if not can_extend_filter(block, condition, place.compilation):
                block = place.compilation.nest(block, fields, needed.union(condition.values))
            resolved = block.resolve(condition)
            if condition.has_window:
                kept = Value(Boolean())
                block.columns[kept] = resolved
                block = place.compilation.nest(block, fields, needed | {kept})
                resolved = block.columns[kept]
            (block.having if block.is_grouped else block.where).append(resolved.element)
        return block


def can_extend_filter(block: Block, condition: Expression, compilation: Compilation) -> bool:
    """WHERE is evaluated before windows, DISTINCT and LIMIT: it must not change what they see.

    Over a grouped block a condition becomes HAVING, and there it may use the aggregates.
    """
    if block.is_limited or block.is_closed or block.has_fixed():
        return False
    if block.is_grouped:
        return not condition.has_window and all(
            block.columns[value].kind in {Kind.PLAIN, Kind.AGGREGATE} for value in condition.values
        )
    return block.can_inline(condition, compilation.uses)
