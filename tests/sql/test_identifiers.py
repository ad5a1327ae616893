"""Names that a database would cut are errors before anything runs; names of ours are never too long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Integer, inspect, literal, select
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import InvalidNameError
from pydbt.sql.dataframe import DataFrame
from tests.sql.frames import frame, sql


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Engine]:
    yield engine_from(postgresql_url)
    dispose_all()


def one(engine: Engine, name: str) -> DataFrame:
    return DataFrame(select(literal(1, Integer()).label(name)), engine)


@pytest.mark.parametrize("name", ["x" * 64, "é" * 32, "日" * 22])
def test_a_column_that_postgresql_would_cut_is_refused(postgresql: Engine, name: str) -> None:
    """With its size, and nothing is written."""
    with pytest.raises(InvalidNameError, match=rf"column name '{name}' has \d\d bytes; postgresql keeps 63"):
        one(postgresql, name).write("t")

    assert inspect(postgresql).get_table_names() == []


@pytest.mark.parametrize("name", ["x" * 63, "é" * 31, "日" * 21])
def test_a_column_of_63_bytes_is_kept(postgresql: Engine, name: str) -> None:
    """To the last letter."""
    one(postgresql, name).write("t")

    assert [column["name"] for column in inspect(postgresql).get_columns("t")] == [name]


def test_a_long_name_inside_a_query_is_refused_too(postgresql: Engine) -> None:
    """Two such columns of a CTE would become one."""
    df = one(postgresql, "n")
    limited = df.with_columns(**{"x" * 63 + "a": df.n, "x" * 63 + "b": df.n + 1}).limit(5)

    with pytest.raises(InvalidNameError, match="postgresql keeps 63"):
        limited.where(limited["x" * 63 + "b"] > 1).select("n").collect()


@pytest.mark.parametrize("letter", ["x", "é", "日"])
def test_names_of_ctes_and_aliases_are_short_in_bytes(postgresql: Engine, letter: str) -> None:
    """Frames whose names begin alike stay apart, each used twice."""
    one_of, other = (one(postgresql, "n").alias(letter * 60 + end).limit(1) for end in "ab")
    made = one_of.join(other, "n").limit(1)
    made = made.join(made.limit(1), "n")

    assert made.collect() == [(1,)]
    assert max(len(name.encode()) for name in made.sql().replace('"', " ").split()) <= 63


def test_where_there_is_no_limit_nothing_is_refused() -> None:
    """SQLite and DuckDB keep any name."""
    assert f"AS {'x' * 99}" in sql(frame().select(**{"x" * 99: "k"}), "sqlite")
