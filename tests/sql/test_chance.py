"""What is drawn by chance is drawn once for each row, wherever its column is read."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt import F
from pydbt.errors import FunctionArgumentError
from pydbt.sql.dataframe import DataFrame
from tests.sql.frames import made

RUNS_ON_MARIADB = True
ROWS = 100


@pytest.fixture
def rows(engine: Engine) -> DataFrame:
    """A hundred rows."""
    return made(engine, "t", {"id": sa.Integer()}, [(number,) for number in range(ROWS)])


def chance(df: DataFrame) -> Any:
    """A number from 0 to 1; on SQLite from -1."""
    if df.engine.dialect.name == "sqlite":
        return func.random() / 2.0**63
    return (func.rand if df.engine.dialect.name == "mysql" else func.random)(type_=sa.Float())


@pytest.fixture
def drawn(rows: DataFrame) -> DataFrame:
    """The rows with chance, under two names."""
    return rows.with_column("r", chance(rows)).with_column("q", F.col("r"))


def twice(df: DataFrame) -> tuple[int, int]:
    """How many rows there are, and in how many of them two columns that are one differ."""
    found = df.to_dicts()
    return len(found), sum(row["r"] != row["q"] for row in found)


def test_two_names_of_one_column_are_one_value(rows: DataFrame, drawn: DataFrame) -> None:
    """In the last SELECT, below a DISTINCT, of text, which is ordered otherwise, and above a union."""
    text = drawn.with_column("r", F.col("r").cast("text")).with_column("q", F.col("r"))
    frames = [drawn, drawn.distinct(), drawn.order_by("r").limit(9), text.order_by("q")]
    frames += [drawn.union_all(rows.select("id", r="id", q="id"))]
    assert [twice(df) for df in frames] == [(ROWS, 0), (ROWS, 0), (9, 0), (ROWS, 0), (2 * ROWS, 0)]


def test_an_order_by_chance_is_that_of_the_values_that_come_out(rows: DataFrame) -> None:
    """Also where it is not by their name: of text, by code point, or beside a name in capitals."""
    words = rows.select(r=sa.cast(func.abs(chance(rows)), sa.String(30))).order_by("r")
    twins = rows.select(r=chance(rows), R="id").order_by("r")
    found = [[row[0] for row in df.collect()] for df in (words, words.limit(9), twins)]
    assert [(len(values), values) for values in found] == [
        (count, sorted(values)) for count, values in zip((ROWS, 9, ROWS), found, strict=True)
    ]
    assert found[1][-1] < "0.5"  # Of a hundred values the ninth is, but for one time in 10 ** 18.


def test_a_filter_reads_the_value_that_comes_out(drawn: DataFrame) -> None:
    """SQLite wrote the function again in WHERE, and rows came out that the filter refuses."""
    found = [row[0] for row in drawn.where(drawn.r > 0.25).order_by("r").select("r").collect()]
    assert 0 < len(found) < ROWS
    assert found == sorted(value for value in found if value > 0.25)


def test_a_group_draws_once(rows: DataFrame) -> None:
    """What HAVING asks is what comes out."""
    grouped = rows.group_by(k="id").agg(r=func.sum(chance(rows)))
    found = grouped.with_column("q", grouped.r).where(grouped.r > 0.25)
    count, differing = twice(found)
    assert (0 < count < ROWS, differing, found.where(found.q <= 0.25).count()) == (True, 0, 0)


def test_a_filter_by_chance_is_asked_once_for_each_row(rows: DataFrame) -> None:
    """Not for each pair of a join, to which it is moved otherwise."""
    kept = rows.where(chance(rows) > 0.5).select(kept="id")
    sides = (rows.join(kept, None, "cross"), kept.join(rows, None, "cross"))
    counts = [df.group_by("kept").agg(n=func.count()).select("n").distinct().collect() for df in sides]
    assert counts == [[(ROWS,)], [(ROWS,)]]


def test_a_subquery_by_chance_is_one_value(rows: DataFrame) -> None:
    """Also for a row that reads it twice."""
    value = rows.select(v=chance(rows)).limit(1).scalar()
    assert twice(rows.with_column("r", value).with_column("q", F.col("r"))) == (ROWS, 0)


def test_chance_in_text_is_chance(rows: DataFrame) -> None:
    """Nobody reads SQL text but for the names of functions in it."""
    name = "RAND ()" if rows.engine.dialect.name == "mysql" else "RANDOM()"
    drawn = rows.with_column("r", sa.literal_column(name, sa.Float())).with_column("q", F.col("r"))
    assert [twice(drawn), twice(drawn.where(drawn.r != 0.5))] == [(ROWS, 0), (ROWS, 0)]


def test_a_frame_that_is_read_twice_is_drawn_once_or_refused(rows: DataFrame) -> None:
    """MariaDB puts a CTE into each place that reads it, a union's too, which would draw anew in each."""
    drawn = rows.select("id", r=chance(rows))
    for df in (drawn, drawn.union_all(rows.select(id=rows.id + ROWS, r=chance(rows)))):
        both = df.join(df.select("id", q="r"), "id")
        if df.engine.dialect.name != "mysql":
            assert twice(both) == (df.count(), 0)
            continue
        with pytest.raises(FunctionArgumentError, match="is read twice, and mysql draws each time"):
            both.collect()


def test_a_join_by_chance_is_drawn_once_or_refused(rows: DataFrame) -> None:
    """For each pair, also where it is in one of several conditions: what is read twice has the same rows."""
    other = rows.select(other="id")
    kept = rows.join(other, [rows.id == other.other, chance(rows) > (rows.id + other.other) * 0 + 0.5])
    lost = kept.join(kept.select("id"), "id", how="anti")
    if rows.engine.dialect.name != "mysql":
        assert (0 < kept.count() < ROWS, lost.count()) == (True, 0)
        return
    with pytest.raises(FunctionArgumentError, match="is read twice, and mysql draws each time"):
        lost.collect()
