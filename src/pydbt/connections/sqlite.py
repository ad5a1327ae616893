"""SQLite: engines whose transactions are real, and whose readers and writers do not stop each other.

What is set, and why: no transactions by Python's driver, which begins none before DDL, so that a DROP
outlives a ROLLBACK; ``BEGIN IMMEDIATE``, because a transaction that reads first and then writes fails at once
with "database is locked" where another writes meanwhile; the write-ahead log, with which readers do not wait;
30 seconds of patience with other writers.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.elements import TextClause

from pydbt.connections.active import chosen_url
from pydbt.connections.cache import cached
from pydbt.connections.failure import explain_failure
from pydbt.connections.url import read_url
from pydbt.owner.writing import check_writer

_NUMBERS = itertools.count(1)
_READS = "pydbt_reads"
# What stands before the first word: blanks, brackets, comments. Nothing of it is given back to look again.
_BEFORE = r"(?>[\s(]+|--[^\n]*|/\*(?s:.*?)\*/)*+"
_READING = re.compile(_BEFORE + r"(SELECT|VALUES|EXPLAIN|WITH)\b", re.IGNORECASE)
# REPLACE( is the function: the statement goes on with INTO.
_WRITING = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE(?!\s*\())\b", re.IGNORECASE)


def get_engine(url: str | None = None, **options: Any) -> Engine:
    """PyDBT's engine for a SQLite file; without a URL the project's, or the environment's.

    Args:
        url: ``sqlite:///relative/file.db`` or ``sqlite:////absolute/file.db``; ``sqlite://`` is a database in
            memory that all threads share.
        options: ``busy_timeout`` in seconds (30), ``is_wal`` (True), and what `create_engine` takes.
    """
    return cached(read_url(url or chosen_url("sqlite")), options, create)


def create(url: URL, *, busy_timeout: float = 30.0, is_wal: bool = True, **options: Any) -> Engine:
    """A new engine; see `get_engine`."""
    is_memory = url.database in {None, "", ":memory:"}
    # A file in memory with a name of its own is one database for all connections, with a file's locks.
    memory = f"file:/pydbt-{next(_NUMBERS)}?vfs=memdb"
    options.setdefault("poolclass", QueuePool)
    options.setdefault("max_overflow", 100)
    engine = sa.create_engine(url, future=True, **options)

    def connect(dialect: Dialect, _record: Any, args: list[Any], named: dict[str, Any]) -> Any:
        named = {**named, "timeout": busy_timeout, "check_same_thread": False, "isolation_level": None}
        if is_memory:
            args, named = [memory], {**named, "uri": True}
        try:
            driver = dialect.connect(*args, **named)
            if is_wal and not is_memory:
                _use_wal(driver)
        except sqlite3.Error as error:
            raise explain_failure(url, error) from None
        return driver

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "before_execute", _note_reading)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkin", _forget_reading)
    return engine


def _use_wal(driver: Any) -> None:
    try:
        mode = driver.execute("PRAGMA journal_mode").fetchone()
        if mode[0] != "wal":
            driver.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        # A file one may only read stays as it is.
        if "readonly" not in str(error):
            driver.close()
            raise
    except sqlite3.DatabaseError:
        driver.close()
        raise


def is_reading(text: str) -> bool:
    """Whether a statement only reads, as far as its words tell; in doubt it writes.

    >>> [is_reading(text) for text in ("select 1", "WITH a AS (SELECT 1) DELETE FROM t", "DROP TABLE t")]
    [True, False, False]
    """
    return _READING.match(text) is not None and _WRITING.search(text) is None


def _note_reading(connection: Connection, statement: Any, *_rest: Any) -> None:
    # SQLAlchemy begins by itself when a statement comes: then the statement tells what it is for.
    if not connection.in_transaction():
        is_text = isinstance(statement, TextClause)
        connection.info[_READS] = (
            is_reading(statement.text) if is_text else getattr(statement, "is_select", False)
        )


def _forget_reading(_driver: Any, record: Any) -> None:
    # A SELECT that did not compile has begun nothing: what was noted is not for the connection's next user.
    record.info.pop(_READS, None)


def _begin(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    is_reading = connection.info.pop(_READS, False)
    # SQLAlchemy sets the driver's own way again when a connection was in AUTOCOMMIT.
    driver.isolation_level = None
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    # `engine.begin()` may read first and write then: only IMMEDIATE makes that safe.
    try:
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
    except DBAPIError as error:
        check_writer(connection.engine.url.database, error)
        raise
