"""MariaDB, and MySQL: engines on PyMySQL, set to do what the standard says.

What is set, and why: `sql_mode`, because a server may be told to cut texts that are too long, say; the time
zone, so that moments are what was written; ``utf8mb4``, with a collation that tells 'a' from 'A' and from
'a ', for texts that stand in no column; a limit for connecting and one for locks.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine

from pydbt.connections.active import chosen_url
from pydbt.connections.cache import cached
from pydbt.connections.failure import explain_failure
from pydbt.connections.url import load_driver, read_url

# ANSI_QUOTES stays as the server has it: SQLAlchemy has asked, and quotes names accordingly. Without
# ERROR_FOR_DIVISION_BY_ZERO a division by zero is NULL in INSERT, too.
SETTINGS = (
    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",
    (
        "SET SESSION sql_mode = concat('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION',"
        " if(find_in_set('ANSI_QUOTES', @@sql_mode), ',ANSI_QUOTES', '')),"
        " SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1073741824"
    ),
    # MariaDB alone knows these: without them a recursion is cut at 1,000 rows in silence, and joins without
    # an index compare each row with each.
    (
        "/*M! SET SESSION max_recursive_iterations = 4294967295, SESSION join_cache_level = 4,"
        " SESSION join_buffer_size = 16777216 */"
    ),
)


def get_engine(url: str | None = None, **options: Any) -> Engine:
    """PyDBT's engine for a MariaDB or MySQL database; without a URL the project's, or the environment's.

    Args:
        url: ``mysql://user:password@host:3306/database``, or ``mariadb://…``.
        options: ``lock_timeout`` in seconds (30) and ``connect_timeout`` in seconds (10), and what
            `sqlalchemy.create_engine` takes.
    """
    return cached(read_url(url or chosen_url("mysql")), options, create)


def create(url: URL, *, lock_timeout: float = 30.0, connect_timeout: int = 10, **options: Any) -> Engine:
    """A new engine; see `get_engine`."""
    options.setdefault("pool_size", 10)
    options.setdefault("max_overflow", 30)
    # One cheap question saves a task the failure of a connection that died in the pool.
    options.setdefault("pool_pre_ping", True)
    # Each statement sees what is committed when it begins, as on PostgreSQL.
    options.setdefault("isolation_level", "READ COMMITTED")
    # SQLAlchemy takes three tables that are crossed on purpose for an accident, on this dialect alone.
    options.setdefault("enable_from_linting", False)
    chosen = load_driver(url)
    engine = sa.create_engine(chosen, future=True, **options)
    seconds = max(1, int(lock_timeout))
    # Names of tables are locked apart from rows.
    limits = f"SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"

    def connect(dialect: Dialect, _record: Any, args: list[Any], named: dict[str, Any]) -> Any:
        named = {"connect_timeout": connect_timeout, "charset": "utf8mb4", **named}
        error_class: Any = dialect.dbapi.Error if dialect.dbapi is not None else Exception
        try:
            driver = dialect.connect(*args, **named)
        except error_class as error:
            raise explain_failure(chosen, error) from None
        with _LOCK:
            _AGAIN[driver] = lambda: dialect.connect(*args, **named)
        return driver

    def set_right(driver: Any, _record: Any) -> None:
        with driver.cursor() as cursor:
            for setting in (*SETTINGS, limits):
                cursor.execute(setting)

    event.listen(engine, "do_connect", connect)
    # Later, for SQLAlchemy says SET NAMES itself.
    event.listen(engine, "connect", set_right)
    return engine


# How to make a second connection to where the first one is: the one that asks for its end.
_AGAIN: weakref.WeakKeyDictionary[Any, Callable[[], Any]] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()
_IDLE = "Sleep"


def cancel(driver: Any) -> int | None:
    """Stop what runs on a connection of PyDBT's; give the server's number of the session.

    None where nothing runs: a KILL would end the session's next statement.
    """
    with _LOCK:
        again = _AGAIN.get(driver)
    if again is None or not driver.open:
        return None
    number = int(driver.thread_id())
    other = again()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT command FROM information_schema.processlist WHERE id = %s", (number,))
            found = cursor.fetchone()
            if found is None or found[0] == _IDLE:
                return None
            cursor.execute("KILL QUERY %s", (number,))
    finally:
        other.close()
    return number
