"""MERGE, UPDATE and DELETE by the rows of another table, for every supported SQLAlchemy and database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause, Subquery, TableClause

from pydbt.sql.ddl import InsertFrom, Statement

# From this version on PostgreSQL has MERGE.
_MERGING = (15,)


Match = Callable[[FromClause, FromClause], ColumnElement[bool]]
"""The table and the other one's rows, to the condition that a row of each belong together."""


class ByRows(Statement):
    """A change of a table by the rows of another.

    Args:
        table: The table to change, ``target`` in the statement.
        rows: The table with the rows, ``source`` in the statement; or a subquery of that name.
        match: Which rows of the two belong together.
        names: The columns that the rows have.
        changed: Those of them that a row which is there already takes over.
        key: Those of them that are compared, and never NULL.
    """

    def __init__(
        self,
        table: TableClause,
        rows: TableClause | Subquery,
        match: Match,
        names: Sequence[str],
        changed: Sequence[str] = (),
        key: Sequence[str] = (),
    ) -> None:
        self.table, self.names, self.changed, self.key = table, tuple(names), tuple(changed), tuple(key)
        self.target = _named(table, self.names, "target")
        self.source = _named(rows, self.names, "source") if isinstance(rows, TableClause) else rows
        self.belongs = match
        self.match = match(self.target, self.source)

    @property
    def unmatched(self) -> InsertFrom:
        """The INSERT of the new rows that no old one belongs to."""
        # A join, for which SQLite makes an index: NOT EXISTS would go through the table for each new row.
        both = self.source.outerjoin(self.target, self.match)
        rows = sa.select(*(self.source.c[name] for name in self.names)).select_from(both)
        return InsertFrom(self.table, self.names, rows.where(self.target.c[self.key[0]].is_(None)))


class Merge(ByRows):
    """MERGE INTO …: rows that are there are changed, the others are added."""


class UpdateFrom(ByRows):
    """UPDATE … FROM …: rows that are there are changed."""


class InsertUnmatched(ByRows):
    """INSERT … LEFT JOIN … IS NULL: rows that are not there are added."""


class DeleteMatched(ByRows):
    """DELETE … WHERE EXISTS …: rows that a new one belongs to are deleted."""


@compiles(Merge)
def _merge(element: Merge, compiler: SQLCompiler, **options: Any) -> str:
    target, source, match = _parts(element, compiler, **options)
    names = ", ".join(map(compiler.preparer.quote, element.names))
    values = ", ".join(compiler.process(element.source.c[name], **options) for name in element.names)
    update = f" WHEN MATCHED THEN UPDATE SET {_set(element, compiler, **options)}" if element.changed else ""
    insert = f" WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})"  # noqa: S608  all of it is compiled
    return f"MERGE INTO {target} USING {source} ON {match}{update}{insert}"


@compiles(Merge, "postgresql")
def _merge_postgresql(element: Merge, compiler: SQLCompiler, **options: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None) or _MERGING
    if version >= _MERGING:
        return str(_merge(element, compiler, **options))
    insert: str = _insert(element, compiler, **options)
    if not element.changed:
        return insert
    # Both parts of the one statement see the table as it was before.
    return f"WITH changed AS ({_update(element, compiler, **options)}) {insert}"


@compiles(UpdateFrom)
def _update(element: ByRows, compiler: SQLCompiler, **options: Any) -> str:
    target, source, match = _parts(element, compiler, **options)
    return f"UPDATE {target} SET {_set(element, compiler, **options)} FROM {source} WHERE {match}"  # noqa: S608  all of it is compiled


@compiles(UpdateFrom, "mysql", "mariadb")
def _update_mysql(element: UpdateFrom, compiler: SQLCompiler, **options: Any) -> str:
    target, _source, match = _parts(element, compiler, **options)
    source = compiler.process(_looked_up(element, element.names), asfrom=True, **options)
    changes = ", ".join(
        f"{compiler.process(element.target.c[name], **options)}"
        f" = {compiler.process(element.source.c[name], **options)}"
        for name in element.changed
    )
    return f"UPDATE {target} JOIN {source} ON {match} SET {changes}"  # noqa: S608  all of it is compiled


@compiles(InsertUnmatched)
def _insert(element: ByRows, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.unmatched, **options)


@compiles(InsertUnmatched, "mysql", "mariadb")
def _insert_mysql(element: InsertUnmatched, compiler: SQLCompiler, **options: Any) -> str:
    # Those that are there are found first, as for the other two: a join would go through the table for each.
    new = _looked_up(element, element.key)
    both = element.target.join(new, element.belongs(element.target, new))
    found = sa.select(*(new.c[name] for name in element.key)).distinct().select_from(both).subquery("known")
    is_same = sa.and_(*(found.c[name] == element.source.c[name] for name in element.key))
    rows = sa.select(*(element.source.c[name] for name in element.names))
    rows = rows.select_from(element.source.outerjoin(found, is_same))
    is_new = found.c[element.key[0]].is_(None)
    return compiler.process(InsertFrom(element.table, element.names, rows.where(is_new)), **options)


@compiles(DeleteMatched)
def _delete(element: DeleteMatched, compiler: SQLCompiler, **options: Any) -> str:
    target, source, match = _parts(element, compiler, **options)
    return f"DELETE FROM {target} WHERE EXISTS (SELECT 1 FROM {source} WHERE {match})"  # noqa: S608  all of it is compiled


@compiles(DeleteMatched, "sqlite")
def _delete_sqlite(element: DeleteMatched, compiler: SQLCompiler, **options: Any) -> str:
    # Its EXISTS goes through all new rows for each row of the table; what IN gives is looked up.
    target, source, _match = _parts(element, compiler, **options)
    old, new = (
        ", ".join(compiler.process(rows.c[name], **options) for name in element.key)
        for rows in (element.target, element.source)
    )
    return f"DELETE FROM {target} WHERE ({old}) IN (SELECT {new} FROM {source})"  # noqa: S608  all of it is compiled


@compiles(DeleteMatched, "mysql", "mariadb")
def _delete_mysql(element: DeleteMatched, compiler: SQLCompiler, **options: Any) -> str:
    # Its EXISTS looks for each row of the table anew; a join makes one pass.
    target, _source, match = _parts(element, compiler, **options)
    source = compiler.process(_looked_up(element, element.key), asfrom=True, **options)
    return f"DELETE target FROM {target} JOIN {source} ON {match}"


def _looked_up(element: ByRows, names: Sequence[str]) -> FromClause:
    """The new rows as a derived table: MariaDB gives it a key, and goes through others for each row."""
    rows = element.source
    if isinstance(rows, Subquery):
        return rows
    return sa.select(*(rows.c[name] for name in names)).distinct().subquery("source")


def _parts(element: ByRows, compiler: SQLCompiler, **options: Any) -> tuple[str, str, str]:
    target = compiler.process(element.target, asfrom=True, **options)
    source = compiler.process(element.source, asfrom=True, **options)
    return target, source, compiler.process(element.match, **options)


def _named(table: TableClause, names: Sequence[str], name: str) -> FromClause:
    return sa.table(table.name, *(sa.column(each) for each in names), schema=table.schema).alias(name)


def _set(element: ByRows, compiler: SQLCompiler, **options: Any) -> str:
    return ", ".join(
        f"{compiler.preparer.quote(name)} = {compiler.process(element.source.c[name], **options)}"
        for name in element.changed
    )
