"""explode: a row for each element of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy.types import ARRAY, TypeDecorator

from pydbt.errors import TypeMismatchError, UnsupportedFunctionError, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.column import column_of
from pydbt.sql.compile import Place
from pydbt.sql.query import Query, Value, database_of
from pydbt.sql.verbs.arguments import check_new_name, check_once, name_here

# What DuckDB and PostgreSQL have; SQLite and MariaDB keep lists as JSON, whose elements have no type.
_WITHOUT_LISTS = frozenset({"sqlite", "mysql", "mariadb"})


def explode(query: Query, column: Any, name: str | None = None) -> Query:
    """A row for each element, in the place of the list; none where there is no list, or nothing in it.

    Args:
        query: Whose rows.
        column: A column of lists, or its name.
        name: What the elements are called; None is what the lists were called.
    """
    listed = name_here(query, column, "explode")
    source = column_of(query, listed)
    # F.array_agg gives a type of its own, for SQLite's sake: it is one of lists below.
    kind = source.type.impl if isinstance(source.type, TypeDecorator) else source.type
    if not isinstance(kind, ARRAY):
        what = f"explode: column {listed!r} is {source.type!r}, not a list"
        hint = "it takes lists of DuckDB and PostgreSQL; JSON is taken apart by the database's own functions"
        raise TypeMismatchError(what, where=user_location(), hint=hint)
    database = database_of(query)
    if database in _WITHOUT_LISTS:
        hint = "it has no lists: keep one row for each element"
        what = f"explode cannot be had on {database}"
        raise UnsupportedFunctionError(what, where=user_location(), hint=hint)
    new = listed if name is None else check_new_name(name, "explode")
    made = Value(kind.item_type)
    fields = {
        (new if old == listed else old): (made if old == listed else each)
        for old, each in query.fields.items()
    }
    check_once([new if old == listed else old for old in query.fields], "explode")
    return Query(Explode(source.value, made), (query,), fields)


@dataclass(frozen=True, slots=True)
class Explode:
    """SELECT …, unnest(list): it makes rows, so nothing else is done in its SELECT."""

    source: Value
    made: Value

    verb = "explode"

    def describe(self) -> str:
        """The verb."""
        return "explode(…)"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted, and the list, whoever reads its elements: it decides how many rows there are."""
        place.compilation.uses[self.source] += 1
        return ((place.wanted - {self.made}) | {self.source},)

    def build(self, place: Place) -> Block:
        """Compute the elements over what is there, and close the block."""
        (block,) = place.blocks
        fields = place.query.parents[0].fields
        if not can_extend_explode(block):
            block = place.compilation.nest(block, fields, (place.wanted - {self.made}) | {self.source})
        listed = block.columns[self.source]
        elements = func.unnest(listed.element, type_=self.made.type)
        block.columns[self.made] = Bound(elements, listed.size + 1, Kind.FIXED)
        return place.compilation.nest(
            block, place.query.fields, place.wanted | {self.made}, f"{block.name}_exploded"
        )


def can_extend_explode(block: Block) -> bool:
    """Its rows are made before DISTINCT, ORDER BY and LIMIT, and beside no group and no window."""
    return not (block.is_limited or block.is_closed or block.is_grouped or block.has_fixed())
