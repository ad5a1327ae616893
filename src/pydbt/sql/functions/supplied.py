"""What SQLite lacks, supplied: Python functions that every connection of an engine brings along.

Their names begin with ``pydbt_``, so that none takes the place of SQLite's own. They are there on every
connection of an engine that a Session or a DataFrame has seen, however the engine was made.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
AnyClass = TypeVar("AnyClass", bound=type)

# Name to the number of arguments, -1 for any, and what computes it.
SCALARS: dict[str, tuple[int, Callable[..., Any]]] = {}
AGGREGATES: dict[str, tuple[int, type]] = {}
_MARK = "pydbt_functions"
_supplied: weakref.WeakSet[Engine] = weakref.WeakSet()


def scalar(name: str, arguments: int) -> Callable[[AnyFunction], AnyFunction]:
    """List a Python function under a name of SQL; it gives NULL as soon as one argument is NULL."""

    def listed(function: AnyFunction) -> AnyFunction:
        assert name.startswith("pydbt_"), name
        SCALARS[name] = (arguments, _null_to_null(function))
        return function

    return listed


def scalar_of_nulls(name: str, arguments: int) -> Callable[[AnyFunction], AnyFunction]:
    """As :func:`scalar`, for a function that says itself what NULL gives."""

    def listed(function: AnyFunction) -> AnyFunction:
        assert name.startswith("pydbt_"), name
        SCALARS[name] = (arguments, function)
        return function

    return listed


def aggregate(name: str, arguments: int) -> Callable[[AnyClass], AnyClass]:
    """List a class with ``step`` and ``finalize``; for windows also ``value`` and ``inverse``."""

    def listed(kind: AnyClass) -> AnyClass:
        assert name.startswith("pydbt_"), name
        AGGREGATES[name] = (arguments, kind)
        return kind

    return listed


def _null_to_null(function: Callable[..., Any]) -> Callable[..., Any]:
    def computed(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return computed


def supply(engine: Engine) -> None:
    """Let every connection of a SQLite engine have the functions; other engines are left alone.

    >>> from sqlalchemy import create_engine
    >>> engine = create_engine("sqlite://")
    >>> supply(engine)
    >>> with engine.connect() as connection:
    ...     connection.exec_driver_sql("SELECT pydbt_upper('é')").scalar()
    'É'
    """
    if engine.dialect.name != "sqlite" or engine in _supplied:
        return
    _supplied.add(engine)
    event.listen(engine, "checkout", _checked_out)
    # A connection that a thread holds open already is lent again without a checkout. (1.4 says more of it.)
    event.listen(engine, "engine_connect", _connected)


def _checked_out(driver: Any, record: Any, _lent: Any) -> None:
    if _MARK not in record.info:
        install(driver)
        record.info[_MARK] = True


def _connected(connection: Connection, *_branch: Any) -> None:
    if _MARK not in connection.info:
        install(connection.connection.dbapi_connection)
        connection.info[_MARK] = True


def install(driver: Any) -> None:
    """Make the functions on one connection of Python's driver."""
    for name, (arguments, function) in SCALARS.items():
        driver.create_function(name, arguments, function, deterministic=True)
    for name, (arguments, kind) in AGGREGATES.items():
        if hasattr(kind, "inverse"):
            driver.create_window_function(name, arguments, kind)
        else:
            driver.create_aggregate(name, arguments, kind)
