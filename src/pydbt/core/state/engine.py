"""The state's own engine: transactions that are real, and writers that come one after another."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import QueuePool

from pydbt.core.state.failures import missing_driver
from pydbt.core.state.location import shown
from pydbt.failpoints import reached

LOCK_SECONDS = 30
_CONNECT_SECONDS = 10
_WRITES = "pydbt_writes"
_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '30s'"
# One number for all PyDBT states of a PostgreSQL database: only who makes the tables waits for it.
_MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(7236836)"


def state_engine(url: URL) -> Engine:
    """An engine on the state; nothing is opened yet.

    Raises:
        StateDriverError: The driver is not installed.
    """
    try:
        if url.drivername.startswith("sqlite"):
            return _sqlite_engine(url)
        options: dict[str, Any] = {}
        if "psycopg" in url.drivername and "connect_timeout" not in url.query:
            options["connect_timeout"] = _CONNECT_SECONDS
        return sa.create_engine(
            url, future=True, hide_parameters=True, pool_pre_ping=True, connect_args=options
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise missing_driver(error, shown(url)) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: it waits for no writer, and sees one moment of the state."""
    with engine.connect() as connection:
        # An engine with the option would be made anew each time, and cost as much as a query.
        if is_postgresql(connection):
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: on SQLite it holds the write lock from its first moment.

    A transaction that reads first and asks for the lock later fails when another one came in between,
    whatever the timeout: two thirds of them did, with 50 threads.
    """
    with engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            if is_postgresql(connection):
                connection.exec_driver_sql(_LOCK_TIMEOUT)
            reached("state.after.begin")
            yield connection
            reached("state.before.commit")
    reached("state.after.commit")


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time make or change the tables; on SQLite every writer is alone anyway."""
    if is_postgresql(connection):
        connection.exec_driver_sql(_MIGRATION_LOCK)


def clock(connection: Connection) -> int:
    """Microseconds since 1970: by the server's clock, the one that all its clients share."""
    if is_postgresql(connection):
        return int(connection.exec_driver_sql(_CLOCK).scalar_one())
    return time.time_ns() // 1000


def is_postgresql(connection: Connection) -> bool:
    """Whether a server holds the state."""
    return connection.dialect.name == "postgresql"


def use_wal(engine: Engine) -> None:
    """Switch the SQLite file to write-ahead logging, for good: readers and writer never wait."""
    deadline = time.monotonic() + LOCK_SECONDS
    with engine.connect() as connection:
        # On SQLAlchemy's own connection a transaction would be open, and the mode cannot change within one.
        cursor = connection.connection.cursor()
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        while mode != "wal":
            # SQLite does not wait by itself here when several processes switch at once.
            try:
                mode = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                break  # Network drives keep their own mode.
        cursor.close()


def _sqlite_engine(url: URL) -> Engine:
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        # Not the default of SQLAlchemy 1.4, which opens the file anew and writes the log back each time.
        poolclass=QueuePool,
        connect_args={"timeout": LOCK_SECONDS, "check_same_thread": False},
    )

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        try:
            # With WAL, NORMAL loses nothing when a process dies; a power cut may take the last commits.
            connection.execute("PRAGMA synchronous = NORMAL")
            # Triggers and views that someone planted in the file may not call functions with effects.
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
        except BaseException:
            # SQLAlchemy drops a connection that fails here without closing it.
            connection.close()
            raise

    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", on_begin)
    return engine
