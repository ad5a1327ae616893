# ruff: noqa: DTZ001  databases keep moments without a zone
"""describe: what the values of each column are like, the same on every database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from statistics import stdev
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import ColumnArgumentError, ColumnNotFoundError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import small, sql

COLUMNS: dict[str, Any] = {
    "id": sa.Integer,
    "s": sa.String(5),
    "f": sa.Float(53),
    "price": sa.Numeric(9, 3),
    "d": sa.Date,
    "at": sa.DateTime,
    "flag": sa.Boolean,
    "raw": sa.LargeBinary,
}
NOON = dt.datetime(2024, 2, 29, 12)
ROWS: list[tuple[Any, ...]] = [
    (1, "b", 0.5, Decimal("1.500"), dt.date(2024, 2, 29), NOON, True, b"x"),
    (3, "B", 2.0, Decimal("-2.250"), dt.date(1999, 12, 31), NOON.replace(hour=1), False, None),
    (5, None, None, None, None, None, None, None),
]


@pytest.fixture
def df(engine: Engine) -> DataFrame:
    made = sa.Table("t", sa.MetaData(), *(sa.Column(name, type_) for name, type_ in COLUMNS.items()))
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in ROWS])
    return Session(engine).table("t")


def test_each_column_is_described_in_its_order(df: DataFrame) -> None:
    """Counts, gaps, mean and spread of numbers, the least and the greatest by code point, as text."""
    made = df.describe()
    assert made.columns == ["column", "count", "nulls", "mean", "stddev", "min", "max"]
    assert made.collect() == [
        ("id", 3, 0, 3.0, 2.0, "1", "5"),
        ("s", 2, 1, None, None, "B", "b"),
        ("f", 2, 1, 1.25, pytest.approx(stdev([0.5, 2.0])), "0.5", "2.0"),
        ("price", 2, 1, -0.375, pytest.approx(stdev([1.5, -2.25])), "-2.250", "1.500"),
        ("d", 2, 1, None, None, "1999-12-31", "2024-02-29"),
        ("at", 2, 1, None, None, "2024-02-29 01:00:00", "2024-02-29 12:00:00"),
        ("flag", 2, 1, None, None, "false", "true"),
        ("raw", 1, 2, None, None, None, None),
    ]


def test_an_empty_table_is_described(df: DataFrame) -> None:
    """No values, no gaps, and nothing to compute."""
    empty = df.where(df.id > 99).describe("price", df.s).collect()
    assert empty == [("price", 0, 0, None, None, None, None), ("s", 0, 0, None, None, None, None)]


def test_a_description_is_a_frame_like_any_other(df: DataFrame) -> None:
    """It can be filtered, joined and written."""
    made = df.describe()
    assert made.where(made["nulls"] > 1).select("column").collect() == [("raw",)]
    made.write("described")
    assert Session(df.engine).table("described")["count"].type.python_type is int


def test_the_table_is_read_once() -> None:
    """One SELECT of aggregates, taken apart."""
    df = small()
    text = sql(df.describe("id", "s"))
    assert "t_grouped AS (SELECT count(*) AS rows, count(id)" in text
    assert text.count("FROM t)") == text.count("FROM t_grouped ") == 1


def test_as_many_columns_as_every_database_takes(engine: Engine) -> None:
    """250 at a time; more are refused before the database does."""
    names = [f"c{number}" for number in range(300)]
    wide = sa.Table("wide", sa.MetaData(), *(sa.Column(name, sa.Integer) for name in names))
    with engine.begin() as connection:
        wide.create(connection)
        connection.execute(wide.insert(), [dict.fromkeys(names, 7)])
    df = Session(engine).table("wide")
    found = df.describe(*names[:250]).collect()
    assert [row[0] for row in found] == names[:250]
    assert set(found[-1][1:]) == {1, 0, 7.0, None, "7"}
    with pytest.raises(ColumnArgumentError, match="at most 250 at a time"):
        df.describe()


def test_a_second_name_of_a_column_is_described_by_that_name(df: DataFrame) -> None:
    """Which was asked for."""
    two = df.with_column("again", df.id)
    assert two.describe("again", two.id).select("column").collect() == [("again",), ("id",)]


def test_columns_that_are_not_there_are_told() -> None:
    """At the user's line."""
    df = small()
    with pytest.raises(ColumnNotFoundError, match="did you mean 'k'"):
        df.describe("kk")
    with pytest.raises(ColumnArgumentError, match="or their names"):
        df.describe(df.k + 1)
