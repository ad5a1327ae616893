"""The connections in use, and how to cancel what runs on them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from pydbt.connections.url import hide_password


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A statement that was asked to stop.

    Args:
        url: The database, without the password.
        session: The server's process id of the session; None where the database has no server.
    """

    url: str
    session: int | None = None

    def __str__(self) -> str:
        return self.url if self.session is None else f"session {self.session} of {self.url}"


# From the pool's record of a connection to the driver's connection, the URL to show, and whose it is. Changed
# by single operations on a dict, which need no lock of ours.
_IN_USE: dict[int, tuple[Any, str, object]] = {}
_OWNER: ContextVar[object] = ContextVar("owner", default=None)
_LOCK = threading.Lock()


def watch(engine: Engine) -> None:
    """Note each connection of an engine from the moment it is taken from the pool until it is given back."""
    shown = hide_password(engine.url)

    def taken(driver: Any, record: Any, _proxy: Any) -> None:
        _IN_USE[id(record)] = (driver, shown, _OWNER.get())

    def given_back(_driver: Any, record: Any) -> None:
        _IN_USE.pop(id(record), None)

    event.listen(engine, "checkout", taken)
    event.listen(engine, "checkin", given_back)


@contextmanager
def owning(owner: object) -> Iterator[None]:
    """Note connections taken in the block as this owner's, to cancel what runs on them and on no others."""
    token = _OWNER.set(owner)
    try:
        yield
    finally:
        _OWNER.reset(token)


def forget_all() -> None:
    """Note that no connection is in use: what a forked child inherits is its parent's."""
    _IN_USE.clear()


def cancel_all(owner: object = None) -> list[Cancelled]:
    """Ask the database to stop each statement that runs on an engine of PyDBT's; from any thread.

    The statement ends with the driver's error in the thread that sent it. Safe to call again: nothing
    happens to a connection that runs nothing.

    Args:
        owner: Only what runs on the connections taken in this owner's block; None for all.

    Returns:
        What was asked to stop.
    """
    with _LOCK:
        in_use = list(_IN_USE.values())
    found = (_cancel(driver, shown) for driver, shown, whose in in_use if owner is None or whose is owner)
    return [cancelled for cancelled in found if cancelled is not None]


def _cancel(driver: Any, shown: str) -> Cancelled | None:
    if hasattr(driver, "interrupt"):
        # DuckDB and SQLite: the very connection, for that of a DuckDB cursor stops nothing.
        driver.interrupt()
        return Cancelled(shown)
    if hasattr(driver, "cancel_safe"):
        return _cancel_psycopg(driver, shown)
    if hasattr(driver, "get_backend_pid") and hasattr(driver, "cancel"):
        return _cancel_psycopg2(driver, shown)
    if hasattr(driver, "thread_id"):
        return _cancel_pymysql(driver, shown)
    return None


def _cancel_pymysql(driver: Any, shown: str) -> Cancelled | None:
    from pymysql import Error

    from pydbt.connections.mysql import cancel

    try:
        number = cancel(driver)
    except Error:
        # No such session: it went meanwhile, and its statement with it.
        return None
    return None if number is None else Cancelled(shown, number)


def _cancel_psycopg(driver: Any, shown: str) -> Cancelled | None:
    from psycopg import Error
    from psycopg.pq import TransactionStatus

    if driver.closed or driver.info.transaction_status != TransactionStatus.ACTIVE:
        return None
    pid = int(driver.info.backend_pid)
    try:
        driver.cancel_safe(timeout=5)
    except Error:
        # The connection went meanwhile, and its statement with it.
        return None
    return Cancelled(shown, pid)


def _cancel_psycopg2(driver: Any, shown: str) -> Cancelled | None:
    from psycopg2 import Error, extensions

    if driver.closed or driver.get_transaction_status() != extensions.TRANSACTION_STATUS_ACTIVE:
        return None
    pid = int(driver.get_backend_pid())
    try:
        driver.cancel()
    except Error:
        return None
    return Cancelled(shown, pid)
