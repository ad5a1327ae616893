"""Naming: columns are written without their table where nothing else can be meant, as people write them.

Which names are free is decided when SQL is rendered, SELECT by SELECT, from what stands in its FROM then: a
query may have been put into more SQLAlchemy since PyDBT built it. A column keeps its table where

- another table of the FROM has a column of the name, or might have one: not all its columns are known;
- the SELECT stands inside another, whose tables have a column of the name or might have one: if the column
  went, its name would not fail, but mean the row around it;
- the SELECT gives the name to something else: databases differ in which of the two is meant;
- some database reads the name as something else, or it has to be quoted: SQLite takes a quoted name that
  is no column for a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import Alias, FromClause, Join, TableClause
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from pydbt.sql.dialects import DUCKDB, MYSQL, POSTGRESQL, SQLITE

if TYPE_CHECKING:
    _Column = ColumnClause[Any]
else:
    # SQLAlchemy 1.4 has no generic classes.
    _Column = ColumnClause

# Values without parentheses, hidden columns (FTS5 hides a "rank" in its tables), and words that some database
# reads otherwise and SQLAlchemy does not quote; a test tries every word that the databases say they know.
_WORDS = (
    "cmax cmin ctid current_catalog current_date current_role current_schema current_time current_timestamp"
    " current_user default escape false filename localtime localtimestamp null oid rank rowid session_user"
    " sysdate system_user tableoid true user utc_date utc_time utc_timestamp values xmax xmin"
)
WORDS = frozenset(_WORDS.split()).union(
    *(each.reserved_words for each in (DUCKDB, MYSQL, POSTGRESQL, SQLITE))
)


_WITHOUT_COLUMNS = dict(vars(TableClause("")))


class Source(TableClause):
    """A table or a CTE of a FROM.

    Args:
        name: What it is called.
        names: Those of all its columns; None where there may be more than are known.
        schema: Its schema.
    """

    inherit_cache = True

    def __init__(self, name: str, names: Iterable[str] | None, schema: str | None = None) -> None:
        # The base class would make three collections for columns, and a source is never asked for its own.
        vars(self).update(_WITHOUT_COLUMNS)
        self.name = name
        self.fullname = name if schema is None else f"{schema}.{name}"
        if schema is not None:
            self.schema = schema
        self.names = None if names is None else frozenset(map(str.lower, names))

    # What SQLAlchemy keeps of a compiled statement must not serve one whose tables have other columns.
    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        *TableClause._traverse_internals,  # noqa: SLF001  declared so by SQLAlchemy
        ("names", InternalTraversal.dp_plain_obj),
    ]


class SourceColumn(_Column):
    """A column of a FROM.

    Args:
        name: What it is called there.
        type_: Its type.
        table: What it is of.
    """

    inherit_cache = True
    is_literal = False
    # What SQLAlchemy makes of it, as for the columns of a subquery, is SQLAlchemy's.
    _constructor = ColumnClause

    def __init__(self, name: str, type_: TypeEngine[Any], table: FromClause) -> None:
        # The base class would look whether it was given a type or its class; there are thousands.
        self.key = self.name = name
        self.type = type_
        self.table = table


@compiles(SourceColumn)
def _column(column: SourceColumn, compiler: SQLCompiler, **kw: Any) -> str:
    if compiler.stack:
        entry: Any = compiler.stack[-1]
        scope = entry.get("pydbt_scope")
        if scope is None:
            scope = entry["pydbt_scope"] = _Scope(compiler, kw.get("visiting_cte"))
        if scope.is_free(column):
            kw["include_table"] = False
    return compiler.visit_column(column, **kw)


class _Scope:
    """The names of one SELECT while it is rendered."""

    __slots__ = ("_froms", "_quote", "_taken")

    def __init__(self, compiler: SQLCompiler, cte: Any) -> None:
        entry: Any = compiler.stack[-1]
        self._froms = entry["asfrom_froms"]
        self._quote = compiler.preparer.quote
        own, around = _without_joins(self._froms), _without_joins(_froms_around(compiler.stack, cte))
        is_kept_join = len(own) > 1 and getattr(compiler.statement, "is_kept", False)
        self._taken = None if is_kept_join else _taken(own, around)
        if self._taken is not None:
            self._taken.update(_shown_for_others(entry["selectable"], own))

    def is_free(self, column: SourceColumn) -> bool:
        """Whether the column's name alone says which it is."""
        name = column.name
        if self._taken is None or name in self._taken or column.table not in self._froms:
            return False
        return name not in WORDS and not name.startswith("_") and self._quote(name) == name


def _without_joins(froms: Iterable[FromClause]) -> list[FromClause]:
    return [each for each in froms if not isinstance(each, Join)]


def _froms_around(stack: Sequence[Any], cte: Any) -> set[FromClause]:
    """What stands in the FROMs around a SELECT; around a CTE's own nothing does."""
    around: set[FromClause] = set()
    for position in range(len(stack) - 1, 0, -1):
        if cte is not None and stack[position]["selectable"] is cte.element:
            break
        around.update(stack[position - 1]["asfrom_froms"])
    return around


def _taken(own: Sequence[FromClause], around: Sequence[FromClause]) -> set[str] | None:
    """The names that more than one source may have, or one of those around; None where that may be any."""
    taken = {getattr(each, "name", None) or "" for each in (*own, *around)}
    seen: set[str] = set()
    for sources, is_around in ((around, True), (own if len(own) > 1 else (), False)):
        for source in sources:
            names = _names_of(source)
            if names is None:
                return None
            taken |= names if is_around else seen & names
            seen |= names
    return taken


def _names_of(source: Any) -> frozenset[str] | None:
    inner = source.element if isinstance(source, Alias) else source
    return inner.names if isinstance(inner, Source) else None


def _shown_for_others(select: Any, own: Sequence[FromClause]) -> Iterator[str]:
    """The names a SELECT gives to something else than its column of that name."""
    for column in select._raw_columns:  # noqa: SLF001  there is no public name for it
        if not (isinstance(column, SourceColumn) and column.table in own):
            yield str(getattr(column, "name", "")).lower()
