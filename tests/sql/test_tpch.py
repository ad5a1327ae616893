"""The 22 TPC-H queries as DataFrames give what the same queries written by hand give, on real databases."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from pydbt import Session
from pydbt.connections import dispose_all, engine_from
from tests.conftest import IS_SQLALCHEMY_14

if IS_SQLALCHEMY_14:
    pytest.skip("its data is loaded with psycopg 3", allow_module_level=True)

from benchmarks.tpch.data import generated, load
from benchmarks.tpch.handwritten import QUERIES, query
from benchmarks.tpch.programs import PROGRAMS

SCALE = 0.01
CLOSE = 1e-9


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("tpch"), SCALE)


@pytest.fixture(scope="module", params=["duckdb", "postgresql", "sqlite"])
def loaded(
    request: pytest.FixtureRequest, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    file = tmp_path_factory.mktemp("databases") / "tpch.db"
    urls = {"duckdb": f"duckdb:///{file}", "sqlite": f"sqlite:///{file}"}
    engine = engine_from(urls.get(request.param) or request.getfixturevalue("postgresql_module_url"))
    load(engine, files)
    yield engine
    dispose_all()


def plain(value: Any) -> Any:
    """Values as both ways give them: by hand SQLite's dates are text, and its decimals floats."""
    if isinstance(value, (Decimal, float)):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def are_equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(ours == theirs)


def by_hand(engine: Engine, number: int) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        text = query(number, engine.dialect.name)
        # Past SQLAlchemy and the driver, which would look for parameters after the percent signs of LIKE.
        found = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        return [tuple(map(plain, row)) for row in found]


def test_every_query_is_there() -> None:
    assert sorted(PROGRAMS) == sorted(QUERIES) == list(range(1, 23))


@pytest.mark.parametrize("number", sorted(PROGRAMS))
def test_the_rows_are_those_of_the_query_written_by_hand(loaded: Engine, number: int) -> None:
    """Row by row, in order, numbers to nine digits; and there are rows, else nothing would be compared."""
    frame = PROGRAMS[number](Session(loaded))

    ours = [tuple(map(plain, row)) for row in frame.collect()]

    theirs = by_hand(loaded, number)
    assert theirs
    assert len(ours) == len(theirs)
    different = [pair for pair in zip(ours, theirs, strict=True) if not all(map(are_equal, pair[0], pair[1]))]
    assert not different, frame.sql()


# A filter over the groups of a query used twice, and one on groups that are looked up, stand above them.
FURTHER_SELECTS = {11: 1, 18: 1}


@pytest.mark.parametrize("number", sorted(PROGRAMS))
def test_there_are_no_more_selects_than_by_hand(loaded: Engine, number: int) -> None:
    """Nothing is aggregated whole and joined then, nothing is nested that need not be."""
    made = PROGRAMS[number](Session(loaded)).sql()

    assert made.count("SELECT") <= QUERIES[number].count("select") + FURTHER_SELECTS.get(number, 0), made
