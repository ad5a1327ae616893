"""CREATE, DROP and RENAME for every supported SQLAlchemy: the one place that writes statements as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError, UnsupportedCompilationError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import (
    ClauseElement,
    Executable,
    Exists,
    ScalarSelect,
    Select,
    SelectBase,
    TableClause,
)
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import NullType, TypeEngine

from pydbt.sql.mysql_rendering import declared

_MYSQL = ("mysql", "mariadb")


class Statement(Executable, ClauseElement):
    """A statement that changes what exists; SQLAlchemy runs it, `str` shows it."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Each names its own table: a cache of compiled text would only fill up.
        cls.inherit_cache = False


class CreateTableAs(Statement):
    """CREATE [OR REPLACE] TABLE … AS SELECT …, with its values bound.

    The columns are given where the database takes types for them beside the SELECT.
    """

    def __init__(
        self,
        table: TableClause,
        select: SelectBase,
        *,
        or_replace: bool = False,
        columns: Sequence[tuple[str, TypeEngine[Any]]] = (),
    ) -> None:
        self.table, self.select, self.or_replace = table, select, or_replace
        self.columns = tuple(columns)


class InsertFrom(Statement):
    """INSERT INTO … SELECT …, by the names of the columns.

    Of our own, because SQLAlchemy closes its own INSERT's cursor before psycopg is asked how many
    rows there were.
    """

    def __init__(self, table: TableClause, names: Sequence[str], select: SelectBase) -> None:
        self.table, self.names, self.select = table, tuple(names), select


class CreateTable(Statement):
    """CREATE TABLE with the columns of a query, by name and type, and nothing else."""

    def __init__(self, table: TableClause, columns: Sequence[tuple[str, TypeEngine[Any]]]) -> None:
        self.table, self.columns = table, tuple(columns)


class CreateView(Statement):
    """CREATE [OR REPLACE] VIEW … AS SELECT …, with its values written out: no database binds any there."""

    # Some databases keep it as text: names that one table of a join has today, two may have tomorrow.
    is_kept = True

    def __init__(self, table: TableClause, select: SelectBase, *, or_replace: bool = False) -> None:
        self.table, self.select, self.or_replace = table, select, or_replace


class Drop(Statement):
    """DROP TABLE, DROP VIEW or DROP of what else the kind says."""

    def __init__(self, table: TableClause, kind: str = "table") -> None:
        self.table, self.kind = table, kind


class Rename(Statement):
    """ALTER TABLE … RENAME TO …, in the same schema."""

    def __init__(self, table: TableClause, name: str) -> None:
        self.table, self.new_name = table, name


class AddColumn(Statement):
    """ALTER TABLE … ADD COLUMN …: NULL in the rows that are there."""

    def __init__(self, table: TableClause, name: str, kind: TypeEngine[Any]) -> None:
        self.table, self.name, self.kind = table, name, kind


class DropColumn(Statement):
    """ALTER TABLE … DROP COLUMN …."""

    def __init__(self, table: TableClause, name: str) -> None:
        self.table, self.name = table, name


class CreateIndex(Statement):
    """CREATE [UNIQUE] INDEX … ON … (…)."""

    def __init__(self, table: TableClause, name: str, columns: Sequence[str], *, unique: bool) -> None:
        self.table, self.name, self.columns, self.unique = table, name, tuple(columns), unique


class DropIndex(Statement):
    """DROP INDEX …, one of a table's."""

    def __init__(self, table: TableClause, name: str) -> None:
        self.table, self.name = table, name


class AddPrimaryKey(Statement):
    """ALTER TABLE … ADD CONSTRAINT … PRIMARY KEY USING INDEX …: PostgreSQL makes a unique index the key."""

    def __init__(self, table: TableClause, name: str) -> None:
        self.table, self.name = table, name


class DropConstraint(Statement):
    """ALTER TABLE … DROP CONSTRAINT …, with its index."""

    def __init__(self, table: TableClause, name: str) -> None:
        self.table, self.name = table, name


class Comment(Statement):
    """COMMENT ON TABLE …, VIEW … or COLUMN … IS …; empty text takes the comment away.

    Of our own, because SQLAlchemy's knows no views.
    """

    def __init__(self, table: TableClause, kind: str, text: str, column: str | None = None) -> None:
        self.table, self.kind, self.column = table, kind, column
        self.text = sa.literal(text, sa.String()) if text else sa.null()


class AlterComments(Statement):
    """ALTER TABLE … COMMENT …, MODIFY … COMMENT …, for MariaDB, which wants a column's whole definition.

    Args:
        table: The table.
        text: Its comment; None to leave the one there is.
        columns: For each the name, the definition before and after the comment, and the comment.
    """

    def __init__(
        self, table: TableClause, text: str | None, columns: Sequence[tuple[str, str, str, str]]
    ) -> None:
        self.table, self.text, self.columns = table, text, tuple(columns)


class Grant(Statement):
    """GRANT … ON … TO …: privileges of one role.

    Args:
        table: The table or view.
        privileges: Each with the column that it is for; None for all of them.
        role: The role; ``public`` for everybody.
        is_grantable: Whether the role may grant them to others.
    """

    def __init__(
        self,
        table: TableClause,
        privileges: Sequence[tuple[str, str | None]],
        role: str,
        *,
        is_grantable: bool = False,
    ) -> None:
        self.table, self.privileges, self.role = table, tuple(privileges), role
        self.is_grantable = is_grantable


class Revoke(Statement):
    """REVOKE … ON … FROM …: privileges of one role, and what others have from it."""

    def __init__(self, table: TableClause, privileges: Sequence[tuple[str, str | None]], role: str) -> None:
        self.table, self.privileges, self.role = table, tuple(privileges), role


class SetOwner(Statement):
    """ALTER TABLE … OWNER TO …, of a table or a view."""

    def __init__(self, table: TableClause, role: str) -> None:
        self.table, self.role = table, role


class Swap(Statement):
    """RENAME TABLE a TO old, new TO a: both at once."""

    def __init__(self, table: TableClause, old: TableClause, new: TableClause) -> None:
        self.table, self.old, self.new = table, old, new


class ShowTables(Statement):
    """SHOW FULL TABLES LIKE …: MariaDB's names and kinds, without a look into each table."""

    def __init__(self, schema: str | None, beginning: str) -> None:
        self.schema = schema
        signs = re.sub(r"([\\%_])", r"\\\1", beginning)
        self.pattern = sa.literal(f"{signs}%", sa.String())


class LockTable(Statement):
    """LOCK TABLE … IN EXCLUSIVE MODE: readers go on, other writers wait for the end of the transaction."""

    def __init__(self, table: TableClause) -> None:
        self.table = table


@compiles(CreateTableAs)
def _create_table_as(element: CreateTableAs, compiler: SQLCompiler, **options: Any) -> str:
    verb = "CREATE OR REPLACE TABLE" if element.or_replace else "CREATE TABLE"
    select = compiler.process(element.select, **options)
    return f"{verb} {compiler.preparer.format_table(element.table)} AS {select}"


@compiles(CreateTableAs, *_MYSQL)
def _create_table_declared_as(element: CreateTableAs, compiler: SQLCompiler, **options: Any) -> str:
    typed = [(compiler.preparer.quote(name), declared(kind)) for name, kind in element.columns]
    columns = ", ".join(f"{name} {text}" for name, text in typed if text)
    select = compiler.process(element.select, **options)
    if not all(text for _name, text in typed):
        # NOT NULL where the rows of today are, unless it could be: NULLIF(x, NULL) is x.
        values = ", ".join(name if text else f"NULLIF({name}, NULL) AS {name}" for name, text in typed)
        select = f"SELECT {values} FROM ({select}) AS typed"  # noqa: S608  it is what renders
    table = compiler.preparer.format_table(element.table)
    return f"CREATE TABLE {table}{f' ({columns})' if columns else ''} AS {select}"


@compiles(InsertFrom)
def _insert_from(element: InsertFrom, compiler: SQLCompiler, **options: Any) -> str:
    names = ", ".join(compiler.preparer.quote(name) for name in element.names)
    select = compiler.process(element.select, **options)
    return f"INSERT INTO {compiler.preparer.format_table(element.table)} ({names}) {select}"


@compiles(CreateTable)
def _create_table(element: CreateTable, compiler: SQLCompiler, **_options: Any) -> str:
    columns = ", ".join(_column(compiler, name, kind) for name, kind in element.columns)
    return f"CREATE TABLE {compiler.preparer.format_table(element.table)} ({columns})"


@compiles(CreateView)
def _create_view(element: CreateView, compiler: SQLCompiler, **_options: Any) -> str:
    verb = "CREATE OR REPLACE VIEW" if element.or_replace else "CREATE VIEW"
    select = compiler.process(element.select, literal_binds=True)
    return f"{verb} {compiler.preparer.format_table(element.table)} AS {select}"


@compiles(CreateView, "sqlite")
def _create_view_in_sqlite(element: CreateView, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite writes a view into the outer join that reads it, and forgets there what a subquery gave.

    It does not with one that has a LIMIT.
    """
    select = element.select
    if isinstance(select, Select) and _computes_subquery(select):
        element = CreateView(element.table, select.limit(-1), or_replace=element.or_replace)
    return _create_view(element, compiler, **options)


def _computes_subquery(select: Select[Any]) -> bool:
    has_limit = select._limit_clause is not None  # noqa: SLF001  there is no public name for it
    return not has_limit and any(
        isinstance(part, (ScalarSelect, Exists))
        for column in select.selected_columns
        for part in iterate(column)
    )


@compiles(Drop)
def _drop(element: Drop, compiler: SQLCompiler, **_options: Any) -> str:
    return f"DROP {element.kind.upper()} {compiler.preparer.format_table(element.table)}"


@compiles(Rename)
def _rename(element: Rename, compiler: SQLCompiler, **_options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} RENAME TO {compiler.preparer.quote(element.new_name)}"


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: SQLCompiler, **_options: Any) -> str:
    column = _column(compiler, element.name, element.kind)
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)} ADD COLUMN {column}"


@compiles(DropColumn)
def _drop_column(element: DropColumn, compiler: SQLCompiler, **_options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} DROP COLUMN {compiler.preparer.quote(element.name)}"


@compiles(CreateIndex)
def _create_index(element: CreateIndex, compiler: SQLCompiler, **_options: Any) -> str:
    name, table = compiler.preparer.quote(element.name), compiler.preparer.format_table(element.table)
    return _index_on(element, compiler, name, table)


@compiles(CreateIndex, "sqlite")
def _create_index_in(element: CreateIndex, compiler: SQLCompiler, **_options: Any) -> str:
    """The schema stands before the index's name there, and not before the table's."""
    name = compiler.preparer.format_table(sa.table(element.name, schema=element.table.schema))
    return _index_on(element, compiler, name, compiler.preparer.quote(element.table.name))


def _index_on(element: CreateIndex, compiler: SQLCompiler, name: str, table: str) -> str:
    columns = ", ".join(map(compiler.preparer.quote, element.columns))
    return f"CREATE {'UNIQUE ' if element.unique else ''}INDEX {name} ON {table} ({columns})"


@compiles(DropIndex)
def _drop_index(element: DropIndex, compiler: SQLCompiler, **_options: Any) -> str:
    return f"DROP INDEX {compiler.preparer.format_table(sa.table(element.name, schema=element.table.schema))}"


@compiles(DropIndex, *_MYSQL)
def _drop_index_on(element: DropIndex, compiler: SQLCompiler, **_options: Any) -> str:
    name, table = compiler.preparer.quote(element.name), compiler.preparer.format_table(element.table)
    return f"DROP INDEX {name} ON {table}"


@compiles(AddPrimaryKey)
def _add_primary_key(element: AddPrimaryKey, compiler: SQLCompiler, **_options: Any) -> str:
    table, name = compiler.preparer.format_table(element.table), compiler.preparer.quote(element.name)
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}"


@compiles(DropConstraint)
def _drop_constraint(element: DropConstraint, compiler: SQLCompiler, **_options: Any) -> str:
    table, name = compiler.preparer.format_table(element.table), compiler.preparer.quote(element.name)
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}"


@compiles(Comment)
def _comment(element: Comment, compiler: SQLCompiler, **_options: Any) -> str:
    name = compiler.preparer.format_table(element.table)
    kind = element.kind if element.column is None else "column"
    if element.column is not None:
        name = f"{name}.{compiler.preparer.quote(element.column)}"
    text = compiler.process(element.text, literal_binds=True)
    return f"COMMENT ON {kind.upper()} {name} IS {text}"


@compiles(AlterComments, *_MYSQL)
def _alter_comments(element: AlterComments, compiler: SQLCompiler, **_options: Any) -> str:
    def quoted(text: str) -> str:
        return compiler.process(sa.literal(text, sa.String()), literal_binds=True)

    parts = [] if element.text is None else [f"COMMENT {quoted(element.text)}"]
    for name, before, after, text in element.columns:
        column = f"{compiler.preparer.quote(name)} {before} COMMENT {quoted(text)}"
        parts.append(f"MODIFY {column}{after and f' {after}'}")
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)} {', '.join(parts)}"


@compiles(Grant)
def _grant(element: Grant, compiler: SQLCompiler, **_options: Any) -> str:
    further = " WITH GRANT OPTION" if element.is_grantable else ""
    return f"GRANT {_privileges_on(element, compiler)} TO {_grantee(compiler, element.role)}{further}"


@compiles(Revoke)
def _revoke(element: Revoke, compiler: SQLCompiler, **_options: Any) -> str:
    chain = "" if compiler.dialect.name in _MYSQL else " CASCADE"
    return f"REVOKE {_privileges_on(element, compiler)} FROM {_grantee(compiler, element.role)}{chain}"


def _privileges_on(element: Grant | Revoke, compiler: SQLCompiler) -> str:
    named = ", ".join(
        privilege.upper() + (f" ({compiler.preparer.quote(column)})" if column is not None else "")
        for privilege, column in element.privileges
    )
    return f"{named} ON {compiler.preparer.format_table(element.table)}"


def _grantee(compiler: SQLCompiler, role: str) -> str:
    quote: Any = compiler.preparer.quote_identifier
    if role == "public":
        return "PUBLIC"
    if compiler.dialect.name in _MYSQL and "@" in role:
        user, _, host = role.rpartition("@")
        return f"{quote(user)}@{quote(host)}"
    # Always: CURRENT_USER is a role without quotes.
    return str(quote(role))


@compiles(SetOwner)
def _set_owner(element: SetOwner, compiler: SQLCompiler, **_options: Any) -> str:
    role = compiler.preparer.quote_identifier(element.role)
    return f"ALTER TABLE {compiler.preparer.format_table(element.table)} OWNER TO {role}"


@compiles(Swap)
def _swap(element: Swap, compiler: SQLCompiler, **_options: Any) -> str:
    table, old, new = map(compiler.preparer.format_table, (element.table, element.old, element.new))
    return f"RENAME TABLE {table} TO {old}, {new} TO {table}"


@compiles(ShowTables)
def _show_tables(element: ShowTables, compiler: SQLCompiler, **options: Any) -> str:
    schema = f" FROM {compiler.preparer.quote(element.schema)}" if element.schema else ""
    return f"SHOW FULL TABLES{schema} LIKE {compiler.process(element.pattern, **options)}"


@compiles(LockTable)
def _lock_table(element: LockTable, compiler: SQLCompiler, **_options: Any) -> str:
    return f"LOCK TABLE {compiler.preparer.format_table(element.table)} IN EXCLUSIVE MODE"


def _column(compiler: SQLCompiler, name: str, kind: TypeEngine[Any]) -> str:
    quoted = compiler.preparer.quote(name)
    if isinstance(kind, NullType):
        return quoted
    words = declared(kind) if compiler.dialect.name in _MYSQL else None
    if words is not None:
        return f"{quoted} {words}"
    try:
        text = compiler.dialect.type_compiler.process(kind)
    except (CompileError, UnsupportedCompilationError):
        # Only SQLite makes whole tables so, and there a column needs no type.
        return quoted
    return f"{quoted} {text}"
