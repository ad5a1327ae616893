"""CREATE, DROP and RENAME for every supported SQLAlchemy: the one place that renders SQL."""

from __future__ import annotations

import copy
import re
import weakref
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SQLAlchemyDialect
from sqlalchemy.exc import CompileError, UnsupportedCompilationError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.expression import ClauseElement, Executable, SelectBase, TableClause
from sqlalchemy.types import NullType, TypeEngine

from pydbt.errors import UnboundValueError, user_location
from pydbt.sql.literals import literal
from pydbt.sql.mysql_rendering import declared


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


@compiles(CreateTableAs, "mysql", "mariadb")
def _create_table_declared_as(element: CreateTableAs, compiler: SQLCompiler, **options: Any) -> str:
    typed = [(name, declared(kind)) for name, kind in element.columns]
    columns = ", ".join(f"{compiler.preparer.quote(name)} {text}" for name, text in typed if text)
    select = compiler.process(element.select, **options)
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


@compiles(Drop)
def _drop(element: Drop, compiler: SQLCompiler, **_options: Any) -> str:
    return f"DROP {element.kind.upper()} {compiler.preparer.format_table(element.table)}"


@compiles(Rename)
def _rename(element: Rename, compiler: SQLCompiler, **_options: Any) -> str:
    table = compiler.preparer.format_table(element.table)
    return f"ALTER TABLE {table} RENAME TO {compiler.preparer.quote(element.new_name)}"


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
    try:
        text = compiler.dialect.type_compiler.process(kind)
    except (CompileError, UnsupportedCompilationError):
        # Only SQLite takes this road, and there a column needs no type.
        return quoted
    return f"{quoted} {text}"


_PLAIN: weakref.WeakKeyDictionary[SQLAlchemyDialect, SQLAlchemyDialect] = weakref.WeakKeyDictionary()


def render(statement: Executable | ClauseElement, dialect: SQLAlchemyDialect) -> str:
    """A statement as text for the driver, every value written out as a literal, nothing left to bind.

    Run it with ``exec_driver_sql(text, execution_options={"no_parameters": True})``: then neither SQLAlchemy
    nor the driver looks for ``:x`` or ``%`` in it.

    Raises:
        UnboundValueError: A parameter has no value.
        UnwritableValueError: A value has no literal form.

    >>> from sqlalchemy.dialects.sqlite import dialect
    >>> print(render(sa.select(sa.literal("it's 100% :x").label("a")), dialect()))
    SELECT 'it''s 100% :x' AS a
    """
    assert isinstance(statement, ClauseElement), "every executable that compiles is one"
    plain = _PLAIN.get(dialect)
    if plain is None:
        plain = _PLAIN[dialect] = _plain(dialect)
    return str(statement.compile(dialect=plain, compile_kwargs={"literal_binds": True}))


def _plain(dialect: SQLAlchemyDialect) -> SQLAlchemyDialect:
    """The dialect with named parameters: they are never counted off in a text, nor double percent signs."""
    plain = copy.copy(dialect)
    plain.paramstyle, plain.positional = "named", False
    plain.identifier_preparer = type(dialect.identifier_preparer)(plain)
    plain.identifier_preparer.reserved_words = dialect.identifier_preparer.reserved_words
    plain.statement_compiler = _literal_compiler(dialect.statement_compiler)
    # What types remember of a dialect would come from the one it was copied from.
    vars(plain).pop("_type_memos", None)
    return plain


def _literal_compiler(base: type[SQLCompiler]) -> type[SQLCompiler]:
    render: Any = base.render_literal_bindparam
    labelled: Any = base.visit_label

    def render_literal_value(self: SQLCompiler, value: Any, type_: TypeEngine[Any]) -> str:
        return literal(value, type_, self.dialect)

    def render_literal_bindparam(
        self: SQLCompiler, bindparam: BindParameter[Any], *arguments: Any, **options: Any
    ) -> str:
        # Some SQLAlchemy would take a missing value for NULL.
        _check_value(bindparam)
        text: str = render(self, bindparam, *arguments, **options)
        return text

    def visit_label(self: SQLCompiler, label: Any, *arguments: Any, **options: Any) -> str:
        # SQLAlchemy names every column of a CTE; nobody writes that of a column that keeps its name.
        text: str = labelled(self, label, *arguments, **options)
        column, _as, name = text.rpartition(" AS ")
        return name if column == name else text

    def clause_on_its_line(name: str) -> Any:
        clause: Any = getattr(base, name)

        def on_its_line(self: SQLCompiler, *arguments: Any, **options: Any) -> str:
            text: str = clause(self, *arguments, **options)
            return f"\n{text.lstrip(' ')}" if text else text

        return on_its_line

    methods = {
        "visit_label": visit_label,
        "group_by_clause": clause_on_its_line("group_by_clause"),
        "order_by_clause": clause_on_its_line("order_by_clause"),
        "render_literal_value": render_literal_value,
        "render_literal_bindparam": render_literal_bindparam,
    }
    return type("LiteralCompiler", (base,), methods)


def check_bound(query: ClauseElement) -> None:
    """Refuse a query with a parameter that has no value.

    Raises:
        UnboundValueError: There is one.
    """
    for part in visitors.iterate(query):
        if isinstance(part, BindParameter):
            _check_value(part)


def _check_value(parameter: BindParameter[Any]) -> None:
    if parameter.required:
        raise UnboundValueError(
            f"the query has a parameter {parameter.key!r} without a value",
            where=user_location(),
            hint=f"give it one: bindparam({parameter.key!r}, value)",
        )
