"""PostgreSQL: engines on psycopg 3, or psycopg2 where that is installed or SQLAlchemy is 1.4.

What is set, and why: `client_connection_check_interval`, so that the query of a killed client dies too;
`application_name`, to be found in `pg_stat_activity`; `lock_timeout`, so that a swap behind a forgotten
transaction gives up instead of stopping every reader behind it; a time limit for connecting.
"""

from __future__ import annotations

import os
import socket
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine

from pydbt.connections.active import chosen_url
from pydbt.connections.cache import cached
from pydbt.connections.failure import explain_failure
from pydbt.connections.url import load_driver, read_url

_HAS_CONNECTION_CHECK = 140000


def get_engine(url: str | None = None, **options: Any) -> Engine:
    """PyDBT's engine for a PostgreSQL database; without a URL the project's, or the environment's.

    Args:
        url: ``postgresql://user:password@host:5432/database``.
        options: ``lock_timeout`` in seconds (30) and ``statement_timeout`` (none), for each statement;
            ``connect_timeout`` in seconds (10); and what `sqlalchemy.create_engine` takes.
    """
    return cached(read_url(url or chosen_url("postgresql")), options, create)


def create(
    url: URL,
    *,
    lock_timeout: float = 30.0,
    statement_timeout: float | None = None,
    connect_timeout: int = 10,
    **options: Any,
) -> Engine:
    """A new engine; see `get_engine`."""
    options.setdefault("pool_size", 10)
    options.setdefault("max_overflow", 30)
    # One cheap question saves a task the failure of a connection that died in the pool.
    options.setdefault("pool_pre_ping", True)
    chosen = load_driver(url)
    engine = sa.create_engine(chosen, future=True, **options)
    settings = {"lock_timeout": f"{int(lock_timeout * 1000)}ms"}
    if statement_timeout is not None:
        settings["statement_timeout"] = f"{int(statement_timeout * 1000)}ms"

    def connect(dialect: Dialect, _record: Any, args: list[Any], named: dict[str, Any]) -> Any:
        # A database without an encoding of its own (SQL_ASCII) would give bytes for texts.
        own = {
            # Who waits for a session is told whose it is.
            "application_name": f"pydbt, process {os.getpid()} on {socket.gethostname()}"[:63],
            "connect_timeout": connect_timeout,
            "client_encoding": "utf8",
        }
        named = {**own, **named}
        error_class: Any = dialect.dbapi.Error if dialect.dbapi is not None else Exception
        try:
            driver = dialect.connect(*args, **named)
            _set(driver, settings, error_class)
        except error_class as error:
            raise explain_failure(chosen, error) from None
        return driver

    event.listen(engine, "do_connect", connect)
    return engine


def _set(driver: Any, settings: dict[str, str], error_class: type[Exception]) -> None:
    # In a transaction, ROLLBACK would take the settings back.
    driver.autocommit = True
    cursor = driver.cursor()
    for name, value in settings.items():
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    if _version(driver) >= _HAS_CONNECTION_CHECK:
        try:
            cursor.execute("SELECT set_config('client_connection_check_interval', '1s', false)")
        except error_class as error:
            # The server's system cannot look: "must be set to 0 on platforms that lack …".
            if "client_connection_check_interval" not in str(error):
                raise
    cursor.close()
    driver.autocommit = False


def _version(driver: Any) -> int:
    """The server's version, 140005 for 14.5, from either driver."""
    return int(getattr(driver, "server_version", None) or driver.info.server_version)
