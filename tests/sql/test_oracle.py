"""One query gives the rows that the same steps give through tables: nothing is merged that must not be."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.errors import UnsupportedSubqueryError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.programs import Programs, create_tables

RUNS_ON_MARIADB = True
ROUNDS = 6
# Few on the first three, where test_oracle_rounds.py holds 2,000 to a reference, some of them through tables.
PROGRAMS = {"sqlite": 15, "duckdb": 10, "postgresql": 8, "mysql": 8}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_one_query_is_the_same_as_its_steps_through_tables(database_url: str, seed: int) -> None:
    """Random programs of 1 to 7 verbs; the failing one is printed with its seed and its SQL."""
    rng = random.Random(seed)
    engine = sa.create_engine(database_url, future=True)
    create_tables(engine, rng)
    session = Session(engine)
    try:
        for number in range(PROGRAMS[engine.dialect.name]):
            # What a database cannot have is refused, and only there.
            with refusals(UnsupportedSubqueryError if engine.dialect.name == "mysql" else None):
                check(session, Programs(rng, session), f"{seed}/{number}", rng.randint(1, 7))
    finally:
        engine.dispose()


def refusals(kind: type[Exception] | None) -> AbstractContextManager[None]:
    """Lets errors of a kind pass."""
    return nullcontext() if kind is None else suppress(kind)


def check(session: Session, programs: Programs, name: str, length: int) -> None:
    """Run one program both ways and compare the rows."""
    rng = programs.rng
    lazy = session.table(rng.choice(["t", "u"]))
    stepwise = lazy
    for position in range(length):
        step = programs.step(lazy)
        lazy, stepwise = step(lazy), step(stepwise)
        stepwise.write(f"step{position}")
        stepwise = session.table(f"step{position}")
    assert lazy.columns == stepwise.columns, name
    one, other = rows(lazy), rows(stepwise)
    assert one == other, f"program {name}: {lazy!r}\n{lazy.sql()}"


def rows(frame: DataFrame) -> Counter[tuple[Any, ...]]:
    """The rows, in no order, floats to nine digits."""
    return Counter(
        tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in row)
        for row in frame.collect()
    )
