"""pivot: values become columns, with the aggregates of their rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func

from pydbt import F, errors
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import frame, small, sql

DAY = dt.date(2024, 2, 29)
ROWS = [
    ("n", "a", 1, DAY, True),
    ("n", "b", 2, DAY, False),
    ("n", "a", 4, None, None),
    ("s", "b", 8, DAY, True),
    ("s", None, 16, None, True),
]
NAMES = ["place", "kind", "k", "day", "flag"]


@pytest.fixture
def df(database_url: str) -> Iterator[DataFrame]:
    engine = sa.create_engine(database_url, future=True)
    types: list[Any] = [sa.String, sa.String, sa.Integer, sa.Date, sa.Boolean]
    table = sa.Table("sales", sa.MetaData(), *map(sa.Column, NAMES, types))
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [dict(zip(NAMES, row, strict=True)) for row in ROWS])
    yield Session(engine).table("sales")
    engine.dispose()


def test_one_aggregate_gives_columns_called_by_the_value(df: DataFrame) -> None:
    """A value that no row of the group has gives NULL, of a count 0."""
    groups = df.group_by("place").pivot("kind", ["a", "b", None, "z"])
    made = groups.agg(total=func.sum(df.k)).order_by("place")
    assert made.columns == ["place", "a", "b", "null", "z"]
    assert made.collect() == [("n", 5, 2, None, None), ("s", None, 8, 16, None)]
    assert groups.count().order_by("place").collect() == [("n", 2, 1, 0, 0), ("s", 0, 1, 1, 0)]


def test_several_aggregates_give_columns_called_by_both(df: DataFrame) -> None:
    """The value first, as PySpark does."""
    made = df.group_by().pivot("kind", ["a", "b"]).agg(n=func.count(), last=func.max(df.day))
    assert made.to_dicts() == [{"a_n": 2, "a_last": DAY, "b_n": 2, "b_last": DAY}]


def test_every_aggregate_in_an_expression_is_of_those_rows(df: DataFrame) -> None:
    """Also one with a filter or of distinct values, inside functions, and one of F's."""
    groups = df.group_by("place").pivot("kind", ["b"])
    assert groups.agg(x=func.sum(df.k) / func.count() + func.max(df.k)).order_by("place").collect() == [
        ("n", 4.0),
        ("s", 16.0),
    ]
    kept = groups.agg(x=func.coalesce(func.sum(df.k).filter(df.flag), 0)).order_by("place")
    assert kept.collect() == [("n", 0), ("s", 8)]
    assert groups.agg(x=func.count(df.day.distinct())).order_by("place").collect() == [("n", 1), ("s", 1)]
    assert groups.agg(x=F.abs(func.min(df.k))).order_by("place").collect() == [("n", 2), ("s", 8)]


def test_values_are_read_as_their_columns_type(df: DataFrame) -> None:
    """Dates from text, booleans, numbers, and names of one's own."""
    made = df.group_by().pivot("day", ["2024-02-29", None]).count()
    assert made.to_dicts() == [{"2024-02-29": 3, "null": 2}]
    assert df.group_by().pivot(df.flag, [True, False]).count().to_dicts() == [{"true": 3, "false": 1}]
    assert df.group_by().pivot("k", {"one": 1, "eight": 8}).count().to_dicts() == [{"one": 1, "eight": 1}]
    assert df.group_by().pivot(df.k % 2, [0, 1]).count().to_dicts() == [{"0": 4, "1": 1}]


def test_a_pivot_goes_with_having_and_sub_totals(df: DataFrame) -> None:
    """They are about the groups, not about the columns."""
    pivoted = df.group_by("place").having(func.sum(df.k) > 10).pivot("kind", ["a", "b"])
    assert pivoted.agg(t=func.sum(df.k)).collect() == [("s", None, 8)]
    totals = df.rollup("place").pivot("kind", ["a", "b"]).agg(t=func.sum(df.k))
    assert totals.order_by("place").collect() == [("n", 5, 2), ("s", None, 8), (None, 5, 10)]


def test_the_sql_is_one_select() -> None:
    """Whatever the number of values."""
    df = small()
    made = df.group_by("s").pivot("k", [1, 2]).agg(n=func.count())
    assert sql(made) == (
        'SELECT s, count(*) FILTER (WHERE k = 1) AS "1", count(*) FILTER (WHERE k = 2) AS "2" '
        "FROM t GROUP BY s"
    )


DF: Any = frame()
MISTAKES: list[tuple[str, Any, str]] = [
    ("no values", lambda: DF.group_by("id").pivot("s"), 'df.select("s").distinct()'),
    ("an empty list", lambda: DF.group_by("id").pivot("s", []), "at least one"),
    ("values as text", lambda: DF.group_by("id").pivot("s", "a"), "give a list"),
    ("a value twice", lambda: DF.group_by("id").pivot("s", ["a", "a"]), "another name"),
    ("a value of another type", lambda: DF.group_by("id").pivot("k", ["a"]), "quotes"),
    ("a bad date", lambda: DF.group_by("id").pivot("day", ["2024-13-45"]), "2022-12-30"),
    ("an unknown column", lambda: DF.group_by("id").pivot("kk", [1]), "'k'"),
    ("an aggregate", lambda: DF.group_by("id").pivot(func.max(DF.k), [1]), "group_by"),
    ("a pivot of a pivot", lambda: DF.group_by("id").pivot("k", [1]).pivot("s", ["a"]), "group by the other"),
    ("no aggregates", lambda: DF.group_by("id").pivot("k", [1]).agg(), "name one"),
    ("no aggregate", lambda: DF.group_by("id").pivot("k", [1]).agg(x=DF.s), "func.max"),
    ("a name of a key", lambda: DF.group_by("id").pivot("s", ["id"]).count(), "another name"),
]


@pytest.mark.parametrize(("mistake", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_with_a_pivot_ends_at_the_users_line(mistake: Any, hint: str) -> None:
    """With what to do."""
    with pytest.raises(errors.PyDBTError) as raised:
        mistake()
    assert hint in raised.value.hint
    line = mistake.__code__.co_firstlineno
    assert str(raised.value.where) == f"{Path(__file__).relative_to(Path.cwd())}:{line}"
