"""A thousand steps, one on the other or side by side, run on every database."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from pydbt import Session
from pydbt.sql.dataframe import DataFrame

STEPS = 1_000


def numbers(engine: Engine) -> DataFrame:
    """Three rows: 1, 2 and 3 000."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (a INTEGER, b INTEGER)")
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1, 10), (2, 20), (3, 3000)")
    return Session(engine).table("numbers")


def test_a_thousand_steps_that_each_read_the_one_before(engine: Engine) -> None:
    """They are cut into CTEs before a parser's stack, or ours, is full."""
    df = numbers(engine)
    for step in range(STEPS):
        df = df.with_column("a", df.a + step % 7)

    rows = df.order_by("b").collect()

    added = sum(step % 7 for step in range(STEPS))
    assert rows == [(1 + added, 10), (2 + added, 20), (3 + added, 3000)]


def test_a_thousand_steps_that_read_the_first_columns(engine: Engine) -> None:
    """500 conditions in one WHERE, 500 further columns in one SELECT."""
    base = df = numbers(engine)
    for step in range(STEPS):
        df = df.with_column(f"c{step}", base.a + step) if step % 2 else df.where(base.b > step)

    rows = df.collect()

    assert rows == [(3, 3000, *(3 + step for step in range(1, STEPS, 2)))]
