"""floor and ceil take their argument once where it matters, and are plain SQL where it does not."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.sql.dataframe import DataFrame


@pytest.mark.parametrize(("name", "offset", "rounded"), [("floor", -1.5, {-2, -1}), ("ceil", 0.5, {1, 2})])
def test_chance_is_rounded_once(engine: Engine, name: str, offset: float, rounded: set[int]) -> None:
    """On SQLite too, whose rounding is arithmetic and would take a new number in each place."""
    numbers = DataFrame(sa.select(sa.literal(1).label("n")), engine)
    for _ in range(8):
        numbers = numbers.union_all(numbers)
    # SQLite's own chance is a whole number of 64 bits.
    zero_to_one = func.random() / 2.0**64 + 0.5 if engine.dialect.name == "sqlite" else func.random() + 0.0

    made = numbers.select(r=getattr(func, name)(zero_to_one + offset)).collect()

    assert {row.r for row in made} == rounded


def test_rounding_needs_no_function_of_ours_where_nothing_is_left_to_chance(sqlite_url: str) -> None:
    """A view of it can be read by every program that reads SQLite."""
    engine = engine_from(sqlite_url)
    halves = DataFrame(sa.select(sa.literal(1.5).label("x")), engine)
    halves.select(low=func.floor(halves.x), high=func.ceil(halves.x + 1)).write("rounded", as_="view")
    dispose_all()

    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        assert other.execute("SELECT * FROM rounded").fetchall() == [(1.0, 3.0)]
