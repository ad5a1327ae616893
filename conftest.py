"""What the examples in docstrings may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


@pytest.fixture(autouse=True)
def _doctest_games(request: pytest.FixtureRequest) -> None:
    """``games()``: the little table of the DataFrame's docstrings, in a database of its own."""
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("doctest_namespace")["games"] = _games()


def _games() -> Callable[[], DataFrame]:
    import sqlalchemy as sa

    from pydbt.sql.session import Session

    engine: Any = sa.create_engine("sqlite://", future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE games (team VARCHAR, goals INTEGER)")
        connection.exec_driver_sql("INSERT INTO games VALUES ('a', 3), ('b', 1), ('a', NULL)")
    session = Session(engine)
    return lambda: session.table("games")
