"""What the examples in docstrings may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


@pytest.fixture(autouse=True)
def _doctest_games(request: pytest.FixtureRequest) -> Iterator[None]:
    """``games()``, the table of the DataFrame's docstrings, and ``result(…)``, the value of an expression."""
    if not isinstance(request.node, pytest.DoctestItem):
        yield
        return
    with _engines_disposed_of():
        request.getfixturevalue("doctest_namespace").update(games=_games(), result=_result, dt=dt)
        yield


@contextmanager
def _engines_disposed_of() -> Iterator[None]:
    """What an example connects with is closed after it: Python 3.13 warns of connections that are not."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    engines: dict[Engine, None] = {}

    def remember(connection: Any, *_branch: Any) -> None:  # SQLAlchemy 1.4 tells a branch besides.
        engines[connection.engine] = None

    event.listen(Engine, "engine_connect", remember)
    yield
    event.remove(Engine, "engine_connect", remember)
    for engine in engines:
        engine.dispose()


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
