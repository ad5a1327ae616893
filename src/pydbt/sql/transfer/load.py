"""Rows into a table that is there, by the fastest way each database has.

DuckDB reads an Arrow table where it stands in memory; PostgreSQL takes COPY; SQLite an INSERT that its driver
repeats; every other database SQLAlchemy's own INSERT of many rows.
"""

from __future__ import annotations

import datetime as dt
import decimal
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from pydbt.errors import IncomingError, user_location
from pydbt.sql.ddl import render
from pydbt.sql.transfer.copy_text import as_lines
from pydbt.sql.transfer.incoming import Incoming, has_pyarrow
from pydbt.sql.transfer.statements import CopyIn, InsertLists, InsertRegistered, InsertRows

AnyType = TypeEngine[Any]


def load(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    """Put the rows into a table, whose columns have these names and the rows' types, in the transaction.

    Raises:
        IncomingError: The database refuses a value.
    """
    try:
        _LOADERS.get(connection.dialect.name, _insert)(connection, table, rows, names)
    except UnicodeEncodeError as error:
        raise _refused(f"a text holds {error.object[error.start]!r}, half of a character") from None
    except (DBAPIError, OverflowError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise _refused(
            f"{connection.dialect.name} refuses a value: {str(cause).strip().splitlines()[0]}"
        ) from error


def _refused(what: str) -> IncomingError:
    return IncomingError(
        what, where=user_location(), hint="mend it, or give its column another type in schema"
    )


def _duckdb(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    driver: Any = connection.connection.dbapi_connection
    if rows.arrow is None and not has_pyarrow():
        statement = InsertLists(table, list(zip(names, rows.types, strict=True)))
        text = str(statement.compile(dialect=connection.dialect))
        for chunk in rows.chunks():
            connection.exec_driver_sql(text, tuple(map(list, chunk)))
        return
    name = f"__pydbt_given_{secrets.token_hex(4)}"
    driver.register(name, rows.as_arrow().rename_columns(list(names)))
    try:
        text = render(InsertRegistered(table, sa.table(name), names), connection.dialect)
        connection.exec_driver_sql(text, execution_options={"no_parameters": True})
    finally:
        driver.unregister(name)


def _postgresql(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    text = render(CopyIn(table, names), connection.dialect)
    driver: Any = connection.connection.dbapi_connection
    lines = (as_lines(chunk, rows.types) for chunk in rows.chunks())
    with driver.cursor() as cursor:
        if hasattr(cursor, "copy_expert"):
            _copy_with_psycopg2(cursor, text, lines)
            return
        with cursor.copy(text) as copying:
            for piece in lines:
                copying.write(piece)


def _copy_with_psycopg2(cursor: Any, text: str, lines: Iterator[bytes]) -> None:
    reading = _Reading(lines)
    try:
        cursor.copy_expert(text, reading)
    except Exception:
        # The driver tells of an error while reading as of one of the server's.
        if reading.error is not None:
            raise reading.error from None
        raise


class _Reading:
    """What psycopg2 reads from: pieces of text as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        if not self._rest:
            try:
                self._rest = next(self._pieces, b"")
            except (IncomingError, UnicodeEncodeError) as error:
                self.error = error
                raise
        if size < 0:
            size = len(self._rest)
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _sqlite(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    text = render(InsertRows(table, names), connection.dialect)
    makers = [_for_sqlite(type_, connection) for type_ in rows.types]
    driver: Any = connection.connection.dbapi_connection
    for chunk in rows.chunks():
        columns = [
            column if make is None else _each(make, column)
            for column, make in zip(chunk, makers, strict=True)
        ]
        driver.executemany(text, zip(*columns, strict=True))


def _each(make: Callable[[Any], Any], column: Sequence[Any]) -> Iterable[Any]:
    if type(None) in set(map(type, column)):
        return [None if value is None else make(value) for value in column]
    return map(make, column)


def _for_sqlite(type_: AnyType, connection: Connection) -> Callable[[Any], Any] | None:
    """How SQLAlchemy stores a value in SQLite, so that it reads it back; None for as it is."""
    if isinstance(type_, (sa.Integer, sa.Boolean, sa.String, sa.LargeBinary, sa.Float)):
        return None
    if isinstance(type_, sa.Numeric):
        return _number_for_sqlite
    if isinstance(type_, sa.DateTime):
        return _moment_for_sqlite
    if isinstance(type_, sa.Date):
        return dt.date.isoformat
    processor: Callable[[Any], Any] | None = type_.dialect_impl(connection.dialect).bind_processor(
        connection.dialect
    )
    return processor


def _number_for_sqlite(value: decimal.Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)


def _moment_for_sqlite(value: dt.datetime) -> str:
    # As SQLAlchemy writes them; SQLite keeps no zone, so what has one is told in UTC.
    moment = value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    return moment.isoformat(" ", "microseconds")


def _insert(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    pairs = zip(names, rows.types, strict=True)
    typed = sa.table(table.name, *(sa.column(name, type_) for name, type_ in pairs), schema=table.schema)
    for chunk in rows.chunks():
        connection.execute(
            sa.insert(typed), [dict(zip(names, row, strict=True)) for row in zip(*chunk, strict=True)]
        )


_LOADERS: dict[str, Callable[[Connection, TableClause, Incoming, Sequence[str]], None]] = {
    "duckdb": _duckdb,
    "postgresql": _postgresql,
    "sqlite": _sqlite,
}
