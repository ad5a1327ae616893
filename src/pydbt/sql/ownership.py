"""One writer of a table at a time, by a lock of the server's own, which dies with its session.

On PostgreSQL the lock belongs to the transaction that publishes: who has lost it cannot commit. On MariaDB,
which commits each CREATE and RENAME by itself, a writer that dies also leaves the table it was building; who
has the lock on the table's name knows that all that is left beside it is nobody's, and sweeps it. On SQLite
the transaction is the lock, of the whole file; a DuckDB file belongs to one process, whose threads queue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pydbt.errors import TableLockedError, user_location
from pydbt.failpoints import reached
from pydbt.sql.ddl import Drop, ShowTables
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Publication, leftovers_of
from pydbt.sql.transaction import commit

PATIENCE = 30.0


@contextmanager
def owned(connection: Connection, dialect: Dialect, wanted: Publication) -> Iterator[str | None]:
    """Be the only one who publishes under a name, from before the first write to the COMMIT.

    Gives the number of the transaction, by which the database itself tells what it has written, where there
    is one.

    Raises:
        TableLockedError: Another writer has been at it for longer than `PATIENCE`; who, where, since when.
    """
    if dialect.name == "postgresql":
        reached("publish.before.lock")
        number = _lock_postgresql(connection, wanted)
        reached("publish.after.lock")
        yield number
    elif dialect.has_transactional_ddl:
        yield None
    else:
        with _lock_mysql(connection, wanted):
            yield None
            # Whoever has the lock next sees what this one has written.
            commit(connection)


# PostgreSQL.

_TRY = sa.text("SELECT pg_try_advisory_xact_lock(:key), pg_current_xact_id()::xid::text")
_WAIT = sa.text("SELECT pg_advisory_xact_lock(:key)")
_LIMIT = sa.text("SELECT current_setting('lock_timeout')")
_SET_LIMIT = sa.text("SELECT set_config('lock_timeout', :limit, true)")
# A number of 64 bits is kept in two halves.
_HOLDER = sa.text(
    "SELECT held.pid, activity.application_name, host(activity.client_addr), activity.xact_start"
    " FROM pg_locks AS held JOIN pg_stat_activity AS activity ON activity.pid = held.pid"
    " WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1"
    " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND held.classid::bigint = :high AND held.objid::bigint = :low"
)
_LOCK_NOT_AVAILABLE = "55P03"


def _lock_postgresql(connection: Connection, wanted: Publication) -> str:
    """Take the lock until the end of the transaction, and give the transaction's number."""
    key = int.from_bytes(_digest(connection, wanted)[:8], "big", signed=True)
    is_free, number = connection.execute(_TRY, {"key": key}).one()
    if is_free:
        return str(number)
    try:
        with connection.begin_nested():
            limit = connection.execute(_LIMIT).scalar()
            connection.execute(_SET_LIMIT, {"limit": f"{int(PATIENCE * 1000)}ms"})
            connection.execute(_WAIT, {"key": key})
            connection.execute(_SET_LIMIT, {"limit": limit})
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        if state != _LOCK_NOT_AVAILABLE:
            raise
        raise _locked(wanted, *_holder(connection, key)) from None
    return str(number)


def _holder(connection: Connection, key: int) -> tuple[str, str]:
    """Who has the lock, in words, and how to end it."""
    unsigned = key % 2**64
    halves = {"high": unsigned >> 32, "low": unsigned & 0xFFFFFFFF}
    row = connection.execute(_HOLDER, halves).first()
    if row is None:
        return "another session", "try again"
    pid, program, host, since = row
    told = f"session {pid} ({program or 'unknown program'}{f' from {host}' if host else ''})"
    return f"{told}, since {since:%Y-%m-%d %H:%M:%S %z},", f"SELECT pg_terminate_backend({pid})"


# MariaDB.

_GET = sa.text("SELECT get_lock(:name, :seconds)")
_USED = sa.text("SELECT is_used_lock(:name)")
_RELEASE = sa.text("SELECT release_lock(:name)")


@contextmanager
def _lock_mysql(connection: Connection, wanted: Publication) -> Iterator[None]:
    # The lock's name is the whole server's, and may have 64 characters.
    name = "pydbt_" + _digest(connection, wanted).hex()[:48]
    reached("publish.before.lock")
    if connection.execute(_GET, {"name": name, "seconds": PATIENCE}).scalar() != 1:
        holder = connection.execute(_USED, {"name": name}).scalar()
        raise _locked(wanted, f"session {holder} of the database", f"KILL {holder}")
    reached("publish.after.lock")
    try:
        sweep(connection, wanted)
        yield
    except BaseException:
        # If the connection is gone the lock is, too, and the next writer sweeps.
        with suppress(SQLAlchemyError):
            # DROP commits: rows that were written are undone first.
            connection.exec_driver_sql("ROLLBACK")
            sweep(connection, wanted)
        raise
    finally:
        with suppress(SQLAlchemyError):
            connection.execute(_RELEASE, {"name": name})


def sweep(connection: Connection, wanted: Publication) -> None:
    """Drop what is left beside a table; for the one who has its lock."""
    found = connection.execute(ShowTables(wanted.schema, leftovers_of(wanted.name))).fetchall()
    for name, kind in found:
        table = sa.table(name, schema=wanted.schema)
        reached("publish.before.sweep")
        connection.execute(Drop(table, "view" if kind == "VIEW" else "table"))
        reached("publish.after.sweep")


def _digest(connection: Connection, wanted: Publication) -> bytes:
    """What every process calls the lock of a table: by its own schema, named or not."""
    engine: Any = connection.engine
    schema = wanted.schema or engine.dialect.default_schema_name or engine.url.database or ""
    return hashlib.sha256(f"{schema}.{wanted.name}".encode()).digest()


def _locked(wanted: Publication, holder: str, end: str) -> TableLockedError:
    return TableLockedError(
        f"{holder} is publishing {str(wanted)!r}",
        where=user_location(),
        hint=f"waited {PATIENCE:g} s; wait for it longer, or end it: {end}",
    )
