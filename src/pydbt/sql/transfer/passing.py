"""Which tables hold rows of frames, and how they go when no frame holds them any more.

The end of a `Lease` is only noted. The table is dropped when rows are next read, written or brought in, or
at the end of the process; never at once: whoever lets a frame go may stand in a transaction that read it.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections import deque
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import TableClause

from pydbt.errors import PyDBTError
from pydbt.sql.rendering import render
from pydbt.sql.transfer.statements import BusyTimeout, DropPassing

_LOG = logging.getLogger(__name__)
_LOCK_TIMEOUT = sa.text("SET LOCAL lock_timeout = '50ms'")


@dataclass(frozen=True, slots=True)
class _Owned:
    engine: Engine
    table: TableClause
    process: int


# They are changed by single operations alone, which need no lock: a lease may end anywhere, even inside one.
_LIVE: dict[str, _Owned] = {}
_LEFT: dict[str, _Owned] = {}
_DOOMED: deque[str] = deque()
_SWEEPING = threading.Lock()


class Lease:
    """Keeps a table: whoever holds it may read, and with the last holder the table goes."""

    __slots__ = ("__weakref__", "_keeper", "table")

    def __init__(self, table: TableClause, keeper: object = None) -> None:
        self.table = table
        self._keeper = keeper


def leased(engine: Engine, table: TableClause, keeper: object = None) -> Lease:
    """The lease of a new table.

    Args:
        engine: Where the table is.
        table: The table.
        keeper: What has to live as long.
    """
    _LIVE[table.name] = _Owned(engine, table, os.getpid())
    lease = Lease(table, keeper)
    # Those that are left at the end of the process are dropped by `_at_exit`, after all others.
    weakref.finalize(lease, _DOOMED.append, table.name).atexit = False
    return lease


def drop_left(engine: Engine, table: TableClause) -> None:
    """Drop a table that is nobody's.

    The session of who was killed may be at it for a moment yet: then it is tried again at the process' end.
    """
    left = _Owned(engine, table, os.getpid())
    if not _dropped(left):
        _LEFT[table.name] = left


def sweep(engine: Engine) -> None:
    """Drop this engine's tables that nobody holds any more. One that is in use stays for the next time."""
    if not _DOOMED or not _SWEEPING.acquire(blocking=False):
        return
    try:
        for _number in range(len(_DOOMED)):
            name = _DOOMED.popleft()
            owned = _LIVE.get(name)
            if owned is None or owned.process != os.getpid():
                _LIVE.pop(name, None)
            elif owned.engine is not engine or not _dropped(owned):
                _DOOMED.append(name)
    finally:
        _SWEEPING.release()


def _dropped(owned: _Owned) -> bool:
    try:
        _drop(owned)
    except (SQLAlchemyError, PyDBTError) as error:
        _LOG.debug("%s stays for now: %s", owned.table.name, error)
        return False
    for tables in (_LIVE, _LEFT):
        tables.pop(owned.table.name, None)
    return True


def _drop(owned: _Owned) -> None:
    """Drop the table without waiting for anybody: a lock on it may be this very thread's."""
    if owned.engine.dialect.name == "sqlite":
        _drop_in_sqlite(owned)
        return
    with owned.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK_TIMEOUT)
        _run(connection, DropPassing(owned.table))


def _drop_in_sqlite(owned: _Owned) -> None:
    with owned.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        patience = connection.execute(BusyTimeout()).scalar()
        connection.execute(BusyTimeout(0))
        try:
            _run(connection, DropPassing(owned.table))
        finally:
            connection.execute(BusyTimeout(patience))


def _run(connection: Connection, statement: DropPassing) -> None:
    text = render(statement, connection.dialect)
    connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def _at_exit() -> None:
    for name, owned in [*_LIVE.items(), *_LEFT.items()]:
        # What DuckDB holds in memory goes with the process.
        if owned.process != os.getpid() or owned.engine.dialect.name == "duckdb" or _dropped(owned):
            continue
        if name in _LIVE:
            _LOG.warning("table %s could not be dropped", name)


atexit.register(_at_exit)
