"""Tables for the tests of functions, on each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.conftest import DATABASES
from tests.sql.functions import days
from tests.sql.functions.nasty import table_of

MakeTable = Callable[[Sequence[str], Sequence[Any], Sequence[Sequence[Any]]], DataFrame]


@pytest.fixture
def make_table(database_url: str) -> Iterator[MakeTable]:
    """A function that makes the table ``t`` of names, types and rows, with SQLAlchemy's engine as it is."""
    engine = sa.create_engine(database_url, future=True)

    def made(names: Sequence[str], types: Sequence[Any], rows: Sequence[Sequence[Any]]) -> DataFrame:
        columns = [sa.Column(name, type_) for name, type_ in zip(names, types, strict=True)]
        table = sa.Table("t", sa.MetaData(), *columns)
        with engine.begin() as connection:
            table.create(connection)
            connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])
        return Session(engine).table("t")

    yield made
    engine.dispose()


@pytest.fixture
def calendar(make_table: MakeTable) -> DataFrame:
    """Dates and moments that are hard, ``ROWS`` of ``days.py``."""
    types = [sa.Integer, sa.Date, sa.DateTime, sa.Date, sa.DateTime, sa.Integer]
    return make_table(days.COLUMNS, types, days.ROWS)


@pytest.fixture(scope="module", params=DATABASES)
def nasty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFrame]:
    """Values that are hard, ``ROWS`` of ``nasty.py``, made once for a module on each database."""
    folder = tmp_path_factory.mktemp("functions")
    urls = {"sqlite": f"sqlite:///{folder}/t.sqlite", "duckdb": f"duckdb:///{folder}/t.duckdb"}
    with table_of(urls.get(request.param) or request.getfixturevalue("postgresql_module_url")) as frame:
        yield frame
