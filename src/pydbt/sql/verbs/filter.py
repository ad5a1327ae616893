"""filter: the rows for which all conditions are true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import Boolean

from pydbt.errors import AggregateError, NotAConditionError, user_location
from pydbt.sql.block import Block, Kind
from pydbt.sql.column import NAMED_IN_AGG
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression
from pydbt.sql.query import Query, Value
from pydbt.sql.verbs.arguments import check_no_aggregate, condition_of, flattened
from pydbt.sql.verbs.attach import attached, forget


def filter_rows(query: Query, conditions: Iterable[Any], verb: str = "where") -> Query:
    """The rows of the query for which all conditions are true; NULL is not true."""
    checked = tuple(condition_of(query, condition, verb) for condition in flattened(conditions))
    if not checked:
        hint = "give a comparison of columns: df.a == 1"
        raise NotAConditionError(f"{verb} was given no condition", where=user_location(), hint=hint)
    for condition in checked:
        if condition.has_aggregate and _is_grouped(query):
            what = f"an aggregate stands in {verb} after group_by"
            raise AggregateError(what, where=user_location(), hint=NAMED_IN_AGG)
        check_no_aggregate(condition, verb)
    return Query(Filter(checked, verb), (attached(query, checked),), query.fields)


_GROUPING = frozenset({"group_by", "rollup", "cube", "grouping_sets"})


def _is_grouped(query: Query) -> bool:
    """Whether the rows are those of a group_by, whatever was done with them since."""
    while query.step.verb not in _GROUPING:
        if len(query.parents) != 1:
            return False
        query = query.parents[0]
    return True


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
        read = place.compilation.use(self.conditions)
        # A long chain of filters reads the same few columns: one set serves all of them.
        return (place.wanted if read <= place.wanted else place.wanted | read,)

    def build(self, place: Place) -> Block:
        """Add the conditions to WHERE or HAVING, below a new block where they cannot stand."""
        (block,) = place.blocks
        fields = place.query.parents[0].fields
        plain: Sequence[Expression] = self.conditions
        windowed = {Value(Boolean()): each for each in plain if each.has_window}
        if windowed:
            plain = [each for each in plain if not each.has_window]
            needed = place.wanted.union(*(each.values for each in plain))
            block = self._windowed(block, windowed, place, needed)
            block.where.extend(block.columns[kept].element for kept in windowed)
        for position, condition in enumerate(plain):
            if not can_extend_filter(block, condition, place.compilation):
                later = place.wanted.union(*(each.values for each in plain[position:]))
                block = place.compilation.nest(block, fields, later)
            resolved = block.resolve(condition)
            (block.having if block.is_grouped else block.where).append(resolved.element)
        for condition in self.conditions:
            forget(block, condition)
        return block

    @staticmethod
    def _windowed(
        block: Block, windowed: Mapping[Value, Expression], place: Place, needed: set[Value]
    ) -> Block:
        """The conditions with windows as columns: all are computed before any condition takes rows away."""
        fields = place.query.parents[0].fields
        if not all(can_extend_filter(block, each, place.compilation) for each in windowed.values()):
            read = needed.union(*(each.values for each in windowed.values()))
            block = place.compilation.nest(block, fields, read)
        block.columns.update([(kept, block.resolve(each)) for kept, each in windowed.items()])
        return place.compilation.nest(block, fields, needed | windowed.keys())


def can_extend_filter(block: Block, condition: Expression, compilation: Compilation) -> bool:
    """WHERE is evaluated before windows, DISTINCT and LIMIT: it must not change what they see.

    Over a grouped block a condition becomes HAVING, and there it may use the aggregates. MariaDB's HAVING
    does not know a key again that is more than a column.
    """
    if block.is_limited or block.is_closed or block.has_fixed():
        return False
    if block.is_grouped:
        bounds = [block.columns[value] for value in condition.values]
        knows_keys = compilation.dialect.has_expressions_in_having or all(
            bound.has_aggregate or isinstance(bound.element, ColumnClause) for bound in bounds
        )
        kinds = {Kind.PLAIN, Kind.AGGREGATE}
        return knows_keys and not condition.has_window and all(bound.kind in kinds for bound in bounds)
    return block.can_inline(condition, compilation.uses)
