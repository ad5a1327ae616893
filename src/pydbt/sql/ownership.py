"""One writer of a table at a time, where DDL cannot be undone, and the end of what dead writers left behind.

MariaDB commits each CREATE and RENAME by itself: a writer that dies leaves the table it was building. Its
lock on the table's name, which belongs to its session, dies with it. So whoever has the lock knows that all
that is left beside the table is nobody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from pydbt.errors import DatabaseLockedError, user_location
from pydbt.sql.ddl import Drop, ShowTables
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Publication, leftovers_of

PATIENCE = 30.0
_GET = sa.text("SELECT get_lock(:name, :seconds)")
_HOLDER = sa.text("SELECT is_used_lock(:name)")
_RELEASE = sa.text("SELECT release_lock(:name)")


@contextmanager
def owned(connection: Connection, dialect: Dialect, wanted: Publication) -> Iterator[None]:
    """Be the only one who publishes under a name; elsewhere the transaction sees to that.

    Raises:
        DatabaseLockedError: Another writer has been at it for longer than `PATIENCE`.
    """
    if dialect.has_transactional_ddl:
        yield
        return
    name = _lock_of(connection, wanted)
    if connection.execute(_GET, {"name": name, "seconds": PATIENCE}).scalar() != 1:
        holder = connection.execute(_HOLDER, {"name": name}).scalar()
        raise DatabaseLockedError(
            f"session {holder} of the database is publishing {str(wanted)!r}",
            where=user_location(),
            hint=f"wait for it, or end it: KILL {holder}",
        )
    try:
        sweep(connection, wanted)
        yield
    except BaseException:
        # If the connection is gone the lock is, too, and the next writer sweeps.
        with suppress(SQLAlchemyError):
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
        connection.execute(Drop(table, "view" if kind == "VIEW" else "table"))


def _lock_of(connection: Connection, wanted: Publication) -> str:
    """The lock's name: it is the whole server's, and may have 64 characters."""
    schema = wanted.schema or connection.engine.url.database or ""
    return "pydbt_" + hashlib.sha256(f"{schema}.{wanted.name}".encode()).hexdigest()[:48]
