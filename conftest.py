"""What the examples in docstrings may use."""

from __future__ import annotations

import datetime as dt
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


@pytest.fixture(autouse=True)
def _doctest_games(request: pytest.FixtureRequest) -> None:
    """``games()``, the table of the DataFrame's docstrings, and ``result(…)``, the value of an expression."""
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("doctest_namespace").update(games=_games(), result=_result, dt=dt)


@pytest.fixture(autouse=True, scope="session")
def _sqlite_is_closed_with_its_pool() -> Iterator[None]:
    """Of a connection that goes with an engine nobody has disposed of Python 3.13 warns."""
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    def keep(connection: Any, record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            weakref.finalize(record, _close, connection).atexit = False

    event.listen(Pool, "connect", keep)
    yield
    event.remove(Pool, "connect", keep)


def _close(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.ProgrammingError):  # It is another thread's.
        connection.close()


@pytest.fixture(autouse=True, scope="session")
def _no_cartesian_products() -> Iterator[None]:
    """Whatever a test compiles, run or not, goes through SQLAlchemy's linter; its warnings are errors."""
    from sqlalchemy.sql.compiler import FROM_LINTING, SQLCompiler

    begin = SQLCompiler.__init__

    def linting(compiler: SQLCompiler, *arguments: Any, **options: Any) -> None:
        begin(compiler, *arguments, **{"linting": FROM_LINTING, **options})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SQLCompiler, "__init__", linting)
        yield


def _games() -> Callable[[], DataFrame]:
    import sqlalchemy as sa

    from pydbt.sql.session import Session

    engine: Any = sa.create_engine("sqlite://", future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE games (team VARCHAR, goals INTEGER)")
        connection.exec_driver_sql("INSERT INTO games VALUES ('a', 3), ('b', 1), ('a', NULL)")
    session = Session(engine)
    return lambda: session.table("games")


def _result(expression: Any) -> Any:
    import sqlalchemy as sa

    from pydbt.sql.dataframe import DataFrame

    one_row = DataFrame(sa.select(sa.literal(1).label("one")), sa.create_engine("sqlite://", future=True))
    return one_row.select(result=expression).collect()[0][0]
