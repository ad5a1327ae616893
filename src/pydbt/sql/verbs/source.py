"""Source: where a plan begins, a table or a query the user made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause, Label
from sqlalchemy.sql.selectable import (
    CTE,
    FromClause,
    ScalarSelect,
    Select,
    SelectBase,
    Subquery,
    TableClause,
)
from sqlalchemy.types import TypeEngine

from pydbt.errors import AmbiguousColumnError, FrameSourceError, UnnamedColumnError, user_location
from pydbt.sql.block import Block
from pydbt.sql.collation import collate_by_code_point
from pydbt.sql.compile import Place
from pydbt.sql.naming import Source
from pydbt.sql.query import Query, Value
from pydbt.sql.verbs.arguments import check_new_name, is_anonymous


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database by name; ``is_whole`` where it has no columns but those of the query."""

    name: str
    schema: str | None
    database: str = ""
    is_whole: bool = False

    verb = "table"

    @property
    def reserved_names(self) -> tuple[str, ...]:
        """The name no CTE may have."""
        return (self.name.lower(),)

    def describe(self) -> str:
        """The table's name."""
        return self.name if self.schema is None else f"{self.schema}.{self.name}"

    def needs(self, place: Place) -> tuple[set[Value], ...]:  # noqa: ARG002  as every step
        """Nothing: it has no parents."""
        return ()

    def build(self, place: Place) -> Block:
        """SELECT … FROM the table."""
        names = place.query.fields if self.is_whole else None
        return _block(Source(self.name, names, self.schema), self.name, place)


@dataclass(frozen=True, slots=True)
class Selectable:
    """A query or a FROM element that the user made with SQLAlchemy."""

    element: Any
    name: str
    reserved_names: frozenset[str]
    database: str = ""

    verb = "DataFrame"

    def describe(self) -> str:
        """The name it goes under."""
        return self.name

    def needs(self, place: Place) -> tuple[set[Value], ...]:  # noqa: ARG002  as every step
        """Nothing: it has no parents."""
        return ()

    def build(self, place: Place) -> Block:
        """SELECT … FROM it; a query becomes a CTE."""
        if isinstance(self.element, FromClause):
            return _block(self.element, self.name, place)
        name = place.compilation.free_name(self.name)
        place.compilation.ctes.append(self.element.cte(name))
        return _block(Source(name, None), name, place)


def _block(source: FromClause, name: str, place: Place) -> Block:
    names = {value: column for column, value in place.query.fields.items() if value in place.wanted}
    block = Block(source, name, names)
    if not place.compilation.dialect.has_text_by_code_point:
        collate_by_code_point(block)
    return block


def from_table(
    name: str,
    schema: str | None,
    columns: Sequence[tuple[str, TypeEngine[Any]]],
    database: str = "",
    *,
    is_whole: bool = False,
) -> Query:
    """A plan that begins with a table whose columns are known, in a database of that dialect.

    Args:
        name: The table.
        schema: Its schema.
        columns: Its columns.
        database: The dialect's name.
        is_whole: It has no other columns: the catalogue says so.
    """
    step = Table(name, schema, database, is_whole)
    return Query(step, (), {column: Value(type_) for column, type_ in columns})


def from_selectable(base: Any, database: str = "") -> Query:
    """A plan that begins with what the user made: a Table, a Select, a CTE, a subquery.

    A CTE or subquery that only lists a table's columns is that table: nothing would be gained by the detour.
    """
    element = _unwrapped(base)
    if isinstance(element, TableClause):
        return from_table(element.name, element.schema, _named_columns(element.columns), database)
    columns = element.columns if isinstance(element, FromClause) else element.selected_columns
    fields = {name: Value(type_) for name, type_ in _named_columns(columns)}
    name = getattr(base, "name", None) or "query"
    reserved = frozenset(
        node.name.lower()
        for node in visitors.iterate(element)
        if isinstance(node, (TableClause, CTE)) and node.name
    )
    shown = str.__str__(name) if name.isidentifier() else "query"
    return Query(Selectable(element, shown, reserved, database), (), fields)


def alias(query: Query, name: str) -> Query:
    """The same rows as another frame: every column is a value of its own."""
    fresh = {column: Value(value.type) for column, value in query.fields.items()}
    return Query(Alias(check_new_name(name, "alias")), (query,), fresh)


@dataclass(frozen=True, slots=True)
class Alias:
    """A frame under another name."""

    name: str

    verb = "alias"

    def describe(self) -> str:
        """The verb with the name."""
        return f"alias({self.name!r})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """The values the wanted ones stand for."""
        pairs = zip(place.query.fields.values(), place.query.parents[0].fields.values(), strict=True)
        needed = {old: new for new, old in pairs if new in place.wanted}
        place.compilation.uses.update({old: place.compilation.uses[new] for old, new in needed.items()})
        return (set(needed),)

    def build(self, place: Place) -> Block:
        """The same block; a table by itself is called by the new name."""
        (block,) = place.blocks
        if not block.is_bare:
            block = place.compilation.nest(block, place.query.parents[0].fields, block.columns, self.name)
        pairs = zip(place.query.fields.values(), place.query.parents[0].fields.values(), strict=True)
        columns = {new: block.columns[old] for new, old in pairs if new in place.wanted}
        for position, sort in enumerate(block.order_by):
            if sort.value is not None:
                key = Value(sort.value.type)
                columns[key] = block.columns[sort.value]
                block.order_by[position] = sort._replace(value=key)
        block.columns = columns
        block.alias_source(place.compilation.free_name(self.name))
        return block


def _unwrapped(base: Any) -> Any:
    if isinstance(base, ScalarSelect) or not isinstance(base, (FromClause, SelectBase)):
        what = f"a DataFrame cannot be made from {type(base).__name__}"
        hint = "give a Table, a select(), a CTE or a subquery; a table by its name is session.table(name)"
        raise FrameSourceError(what, where=user_location(), hint=hint)
    element: Any = base
    if isinstance(base, (CTE, Subquery)) and not getattr(base, "recursive", False):
        element = base.element
    if isinstance(element, Select):
        whole = _whole_table(element)
        return element if whole is None else whole
    return element if isinstance(element, SelectBase) else base


def _whole_table(select: Select[Any]) -> TableClause | None:
    """The table of which the query selects every column and every row."""
    froms = select.get_final_froms()
    if len(froms) != 1 or not isinstance(froms[0], TableClause):
        return None
    columns = list(select.selected_columns)
    same = len(columns) == len(froms[0].columns) and all(
        one is other for one, other in zip(columns, froms[0].columns, strict=True)
    )
    plain = str(select) == str(sa.select(*froms[0].columns)) if same else False
    return froms[0] if plain else None


def _named_columns(columns: Any) -> list[tuple[str, TypeEngine[Any]]]:
    named: dict[str, TypeEngine[Any]] = {}
    for position, column in enumerate(columns, 1):
        name = column.name if isinstance(column, (ColumnClause, Label)) else None
        if name is None or is_anonymous(name):
            what = f"column {position} of the query has no name"
            raise UnnamedColumnError(what, where=user_location(), hint='give it one: .label("name")')
        if name in named:
            what = f"the query has two columns {name!r}"
            raise AmbiguousColumnError(
                what, where=user_location(), hint='give one of them another name: .label("name")'
            )
        named[str.__str__(name)] = column.type
    return list(named.items())
