"""Rows into a table that is there, by the fastest way each database has.

DuckDB reads an Arrow table where it stands in memory; PostgreSQL takes COPY; SQLite INSERTs of
many rows; every other database SQLAlchemy's own INSERT of many rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import TableClause

from pydbt.errors import IncomingError, user_location
from pydbt.sql.rendering import render
from pydbt.sql.transfer import into_postgresql, into_sqlite
from pydbt.sql.transfer.incoming import Incoming, has_pyarrow
from pydbt.sql.transfer.statements import InsertLists, InsertRegistered


def load(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    """Put the rows into a table, whose columns have these names and the rows' types, in the transaction.

    Raises:
        IncomingError: The database refuses a value.
    """
    # DuckDB's dialect names no such class: SQLAlchemy wraps what it raises.
    of_data = getattr(connection.dialect.dbapi, "DataError", DBAPIError)
    try:
        _LOADERS.get(connection.dialect.name, _insert)(connection, table, rows, names)
    except UnicodeEncodeError as error:
        raise _refused(f"a text holds {error.object[error.start]!r}, half of a character") from None
    except (DBAPIError, OverflowError, of_data) as error:
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


def _insert(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    pairs = zip(names, rows.types, strict=True)
    typed = sa.table(table.name, *(sa.column(name, type_) for name, type_ in pairs), schema=table.schema)
    for chunk in rows.chunks():
        connection.execute(
            sa.insert(typed), [dict(zip(names, row, strict=True)) for row in zip(*chunk, strict=True)]
        )


_LOADERS: dict[str, Callable[[Connection, TableClause, Incoming, Sequence[str]], None]] = {
    "duckdb": _duckdb,
    "postgresql": into_postgresql.copy,
    "sqlite": into_sqlite.insert,
}
