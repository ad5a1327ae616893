"""The statements that move rows in bulk, and the FROM elements that hold rows or count them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.expression import ClauseElement, Executable, FromClause, TableClause

from pydbt.sql.ddl import CreateTable, Statement
from pydbt.sql.literals import literal


class CreateUnloggedTable(CreateTable):
    """CREATE TABLE for rows that may go with a crash: PostgreSQL writes those once, not twice."""


@compiles(CreateUnloggedTable, "postgresql")
def _create_unlogged(element: CreateUnloggedTable, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(CreateTable(element.table, element.columns), **options)
    return "CREATE UNLOGGED TABLE" + text.removeprefix("CREATE TABLE")


class DropPassing(Statement):
    """DROP of a table that goes some day, if nobody else was first; MariaDB does not wait for its readers."""

    def __init__(self, table: TableClause) -> None:
        self.table = table


@compiles(DropPassing)
def _drop_passing(element: DropPassing, compiler: SQLCompiler, **_options: Any) -> str:
    return f"DROP TABLE IF EXISTS {compiler.preparer.format_table(element.table)}"


@compiles(DropPassing, "mysql", "mariadb")
def _drop_passing_mysql(element: DropPassing, compiler: SQLCompiler, **options: Any) -> str:
    # MySQL reads it as a comment.
    return _drop_passing(element, compiler, **options) + " /*M! NOWAIT */"


class PassingTable(TableClause):
    """A table that goes some day: SQLAlchemy must not keep its queries, and with them who holds it."""

    inherit_cache = False


class CopyIn(Statement):
    """PostgreSQL's COPY of rows that the client sends, as text or as CSV."""

    def __init__(self, table: TableClause, names: Sequence[str], *, is_csv: bool = False) -> None:
        self.table, self.names, self.is_csv = table, tuple(names), is_csv


@compiles(CopyIn)
def _copy_in(element: CopyIn, compiler: SQLCompiler, **_options: Any) -> str:
    names = ", ".join(compiler.preparer.quote(name) for name in element.names)
    form = " (FORMAT csv)" if element.is_csv else ""
    return f"COPY {compiler.preparer.format_table(element.table)} ({names}) FROM STDIN{form}"


class CopyOut(Statement):
    """DuckDB's COPY of a query into a file."""

    def __init__(self, select: ClauseElement, path: str, form: str) -> None:
        self.select, self.path, self.form = select, path, form


@compiles(CopyOut)
def _copy_out(element: CopyOut, compiler: SQLCompiler, **options: Any) -> str:
    path = literal(element.path, sa.String(), compiler.dialect)
    form = "FORMAT csv, HEADER" if element.form == "csv" else "FORMAT parquet"
    # Else DuckDB itself writes beside the file, under a name that nobody sweeps.
    return f"COPY ({compiler.process(element.select, **options)}) TO {path} ({form}, USE_TMP_FILE false)"


class InsertRows(Statement):
    """INSERT of so many rows of values by position: what a driver repeats for many more."""

    def __init__(self, table: TableClause, names: Sequence[str], count: int = 1) -> None:
        self.table, self.names, self.count = table, tuple(names), count


@compiles(InsertRows)
def _insert_rows(element: InsertRows, compiler: SQLCompiler, **_options: Any) -> str:
    names = ", ".join(compiler.preparer.quote(name) for name in element.names)
    row = f"({', '.join('?' * len(element.names))})"
    rows = ", ".join([row] * element.count)
    return f"INSERT INTO {compiler.preparer.format_table(element.table)} ({names}) VALUES {rows}"  # noqa: S608  quoted


class InsertRegistered(Statement):
    """DuckDB's INSERT of what is registered on the connection under a name, by the names of the columns."""

    def __init__(self, table: TableClause, source: TableClause, names: Sequence[str]) -> None:
        self.table, self.source, self.names = table, source, tuple(names)


@compiles(InsertRegistered)
def _insert_registered(element: InsertRegistered, compiler: SQLCompiler, **_options: Any) -> str:
    names = ", ".join(compiler.preparer.quote(name) for name in element.names)
    target, source = (compiler.preparer.format_table(each) for each in (element.table, element.source))
    return f"INSERT INTO {target} ({names}) SELECT {names} FROM {source}"  # noqa: S608  quoted


class InsertLists(Statement):
    """DuckDB's INSERT of a list of values for each column, where there is no Arrow to give it."""

    def __init__(self, table: TableClause, columns: Sequence[tuple[str, Any]]) -> None:
        self.table, self.columns = table, tuple(columns)


@compiles(InsertLists)
def _insert_lists(element: InsertLists, compiler: SQLCompiler, **_options: Any) -> str:
    names = ", ".join(compiler.preparer.quote(name) for name, _kind in element.columns)
    kinds = [compiler.dialect.type_compiler.process(kind) for _name, kind in element.columns]
    lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in kinds)
    return f"INSERT INTO {compiler.preparer.format_table(element.table)} ({names}) SELECT {lists}"


class AttachMemory(Statement):
    """DuckDB's ATTACH of a database in memory, which all connections to the same file see."""

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(AttachMemory)
def _attach_memory(element: AttachMemory, compiler: SQLCompiler, **_options: Any) -> str:
    return f"ATTACH IF NOT EXISTS ':memory:' AS {compiler.preparer.quote(element.name)}"


class BusyTimeout(Statement):
    """SQLite's patience with other writers, in milliseconds; without a number it is asked for."""

    def __init__(self, milliseconds: int | None = None) -> None:
        self.milliseconds = milliseconds


@compiles(BusyTimeout)
def _busy_timeout(element: BusyTimeout, _compiler: SQLCompiler, **_options: Any) -> str:
    return "PRAGMA busy_timeout" + ("" if element.milliseconds is None else f" = {int(element.milliseconds)}")


class CreateProbe(Statement):
    """What passes with the session, of a query: the only way to ask for the types of its columns.

    SQLite tells those of a view, MariaDB those of a table.
    """

    def __init__(self, name: str, select: ClauseElement) -> None:
        self.name, self.select = name, select


@compiles(CreateProbe)
def _create_probe(element: CreateProbe, compiler: SQLCompiler, **_options: Any) -> str:
    select = compiler.process(element.select, literal_binds=True)
    return f"CREATE TEMP VIEW {compiler.preparer.quote(element.name)} AS {select}"


@compiles(CreateProbe, "mysql", "mariadb")
def _create_probe_mysql(element: CreateProbe, compiler: SQLCompiler, **_options: Any) -> str:
    select = compiler.process(element.select, literal_binds=True)
    return f"CREATE TEMPORARY TABLE {compiler.preparer.quote(element.name)} AS {select}"


class ShowColumns(Executable, ClauseElement):
    """MariaDB's account of a table's columns, also of a temporary one, which is in no catalogue."""

    inherit_cache = False

    def __init__(self, table: TableClause) -> None:
        self.table = table


@compiles(ShowColumns)
def _show_columns(element: ShowColumns, compiler: SQLCompiler, **_options: Any) -> str:
    return f"SHOW FULL COLUMNS FROM {compiler.preparer.format_table(element.table)}"


class DescribeQuery(Executable, ClauseElement):
    """DuckDB's account of a query's columns, which does not run it."""

    inherit_cache = False

    def __init__(self, select: ClauseElement) -> None:
        self.select = select


@compiles(DescribeQuery)
def _describe(element: DescribeQuery, compiler: SQLCompiler, **options: Any) -> str:
    return "DESCRIBE " + compiler.process(element.select, **options)


class _Rows(FromClause):
    """A FROM element that no table stands behind; its columns are called column1, column2 and so on."""

    named_with_column = False

    @property
    def _from_objects(self) -> list[FromClause]:
        return [self]

    def _populate_column_collection(self, *_collections: Any) -> None:
        """None: what selects from it names the columns itself."""


class Values(_Rows):
    """VALUES: rows written into the query, each value bound."""

    inherit_cache = False
    __visit_name__ = "pydbt_values"

    def __init__(self, rows: Sequence[Sequence[BindParameter[Any]]]) -> None:
        self.rows = rows


@compiles(Values)
def _values(element: Values, compiler: SQLCompiler, **options: Any) -> str:
    names = ", ".join(f"column{number}" for number in range(1, len(element.rows[0]) + 1))
    return f"{_bare_values(element, compiler, **options)} AS given ({names})"


@compiles(Values, "sqlite")
def _values_sqlite(element: Values, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite calls them so by itself, and lets nobody else name them.
    return _bare_values(element, compiler, **options)


@compiles(Values, "mysql", "mariadb")
def _values_mysql(element: Values, compiler: SQLCompiler, **options: Any) -> str:
    rows = [[value.label(f"column{number}") for number, value in enumerate(row, 1)] for row in element.rows]
    text = " UNION ALL ".join(compiler.process(sa.select(*row), **_within(options)) for row in rows)
    return f"({text}) AS given"


def _bare_values(element: Values, compiler: SQLCompiler, **options: Any) -> str:
    inner = _within(options)
    rows = (", ".join(compiler.process(value, **inner) for value in row) for row in element.rows)
    return f"(VALUES {', '.join(f'({row})' for row in rows)})"


class Series(_Rows):
    """The whole numbers from start up or down to stop, without it, in one column."""

    inherit_cache = False
    __visit_name__ = "pydbt_series"

    def __init__(self, start: int, stop: int, step: int) -> None:
        self.start, self.stop, self.step = start, stop, step


@compiles(Series)
def _series(element: Series, _compiler: SQLCompiler, **_options: Any) -> str:
    # Recursion alone makes rows of nothing everywhere.
    sign = "<" if element.step > 0 else ">"
    start, stop, step = element.start, element.stop, element.step
    return (
        f"(WITH RECURSIVE counted(column1) AS (SELECT {start} WHERE {start} {sign} {stop}"  # noqa: S608  whole numbers
        f" UNION ALL SELECT column1 + {step} FROM counted WHERE column1 + {step} {sign} {stop})"
        " SELECT column1 FROM counted) AS counted"
    )


@compiles(Series, "postgresql")
def _series_postgresql(element: Series, _compiler: SQLCompiler, **_options: Any) -> str:
    last = element.stop - (1 if element.step > 0 else -1)
    numbers = ", ".join(f"CAST({number} AS BIGINT)" for number in (element.start, last, element.step))
    return f"generate_series({numbers}) AS counted(column1)"


@compiles(Series, "duckdb")
def _series_duckdb(element: Series, _compiler: SQLCompiler, **_options: Any) -> str:
    return f"range({element.start}, {element.stop}, {element.step}) AS counted(column1)"


def _within(options: dict[str, Any]) -> dict[str, Any]:
    """What a SELECT tells its FROM is not for the values in it."""
    return {key: value for key, value in options.items() if key not in {"asfrom", "from_linter", "fromhints"}}
