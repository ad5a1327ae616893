"""DuckDB: one database in the process, and a connection of its own for every thread that asks.

A DuckDB connection belongs to one thread; opening further ones to a file that is open costs 0.1 ms. One
process alone may have the file: the engine waits a little for another to leave, and then says who it is. A
database in memory is one for all threads, too.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.pool import QueuePool

from pydbt.connections.active import chosen_url
from pydbt.connections.cache import cached
from pydbt.connections.failure import explain_failure
from pydbt.connections.url import load_driver, read_url
from pydbt.errors import DatabaseLockedError

_PAUSE = 0.05
_NUMBERS = itertools.count(1)


def get_engine(url: str | None = None, **options: Any) -> Engine:
    """PyDBT's engine for a DuckDB file; without a URL the project's, or the environment's.

    Args:
        url: ``duckdb:///relative/file.duckdb``, ``duckdb:////absolute/file.duckdb``, or ``duckdb:///:memory:``.
        options: ``lock_timeout``, the seconds to wait for another process that has the file (5), and what
            `sqlalchemy.create_engine` takes.
    """
    return cached(read_url(url or chosen_url("duckdb")), options, create)


def create(url: URL, *, lock_timeout: float = 5.0, **options: Any) -> Engine:
    """A new engine; see `get_engine`."""
    load_driver(url)
    options.setdefault("poolclass", QueuePool)
    options.setdefault("pool_size", 16)
    # A further connection is cheaper than a wait.
    options.setdefault("max_overflow", -1)
    if url.database in {None, "", ":memory:"}:
        # Without a name every connection would have a database of its own.
        url = url.set(database=f":memory:pydbt{next(_NUMBERS)}")
    engine = sa.create_engine(url, **options)
    event.listen(engine, "do_connect", _Opening(url, lock_timeout))
    return engine


class _Opening:
    """Makes the connections of one engine: one at a time, and only in the process that made the engine."""

    def __init__(self, url: URL, lock_timeout: float) -> None:
        self._url = url
        self._lock_timeout = lock_timeout
        self._lock = threading.Lock()
        self._process = os.getpid()

    def __call__(self, dialect: Dialect, _record: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """A connection for the pool."""
        if os.getpid() != self._process:
            raise DatabaseLockedError(
                f"{self._url.database} is open in process {self._process}, of which this one is a fork",
                hint="a DuckDB file belongs to one process: use threads",
            )
        with self._lock:
            return self._open(dialect, args, named)

    def _open(self, dialect: Dialect, args: list[Any], named: dict[str, Any]) -> Any:
        import duckdb

        from pydbt.connections.duckdb_connection import opened

        deadline = time.monotonic() + self._lock_timeout
        while True:
            try:
                return opened(dialect, args, named)
            except duckdb.Error as error:
                failure = explain_failure(self._url, error)
                is_over = time.monotonic() + _PAUSE > deadline
                if is_over or not isinstance(failure, DatabaseLockedError):
                    raise failure from None
            time.sleep(_PAUSE)
