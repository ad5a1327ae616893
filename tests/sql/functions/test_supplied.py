"""What SQLite lacks is there on every connection, however the engine was made, whoever connected first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool, QueuePool, SingletonThreadPool, StaticPool

from pydbt import F
from pydbt.connections import dispose_all, engine_from
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.functions.supplied import AGGREGATES, SCALARS, supply
from pydbt.sql.session import Session


def one(engine: Engine) -> DataFrame:
    """A row made of nothing."""
    return DataFrame(sa.select(sa.literal("é").label("s")), engine)


@pytest.mark.parametrize("pool", [NullPool, QueuePool, SingletonThreadPool, StaticPool])
def test_every_pool_is_brought_in_order(tmp_path: Path, pool: Any) -> None:
    """A connection made before is, too, and one that is made anew after dispose."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 't.sqlite'}", poolclass=pool, future=True)
    with engine.connect() as early:
        early.execute(sa.text("SELECT 1"))

    upper = one(engine).select(x=F.upper("s"))

    assert [upper.collect() for _ in range(3)] == [[("É",)]] * 3
    engine.dispose()
    assert upper.collect() == [("É",)]


@pytest.mark.parametrize("pool", [QueuePool, SingletonThreadPool, StaticPool])
def test_a_connection_that_is_open_meanwhile_does_no_harm(tmp_path: Path, pool: Any) -> None:
    """The one a thread holds already may be the one that is lent again."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 't.sqlite'}", poolclass=pool, future=True)

    with engine.connect() as held:
        held.execute(sa.text("SELECT 1"))
        assert one(engine).select(x=F.upper("s")).collect() == [("É",)]


@pytest.mark.parametrize("make", [engine_from, lambda url: sa.create_engine(url, future=True)])
def test_our_engines_and_plain_ones_have_the_functions(tmp_path: Path, make: Callable[[str], Engine]) -> None:
    """In threads as well, and within a transaction that the user began."""
    engine = make(f"sqlite:///{tmp_path / 't.sqlite'}")
    made = one(engine).select(x=F.upper("s"))
    found: list[Any] = []

    threads = [threading.Thread(target=lambda: found.extend(made.collect())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as connection:
        found.extend(connection.execute(made.query))

    assert [tuple(row) for row in found] == [("É",)] * 5
    engine.dispose()
    dispose_all()


def test_a_session_is_enough(tmp_path: Path) -> None:
    """Also for SQL of one's own on its engine, and for a view that uses a function."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 't.sqlite'}", future=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t AS SELECT 'é' AS s"))
    session = Session(engine)

    session.table("t").select(x=F.upper("s")).write("v", as_="view")

    assert session.table("v").collect() == [("É",)]
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT pydbt_reverse('ab')")).scalar() == "ba"


def test_supplying_twice_listens_once() -> None:
    """However many Sessions and DataFrames an engine has."""
    engine = sa.create_engine("sqlite://", future=True)

    for _ in range(3):
        supply(engine)
        Session(engine)

    assert len(list(engine.pool.dispatch.checkout)) == 1


def test_other_engines_are_left_alone() -> None:
    """PostgreSQL and DuckDB have what they need."""
    engine = sa.create_engine("postgresql+psycopg2://nobody@localhost/nothing", future=True)

    supply(engine)

    assert len(list(engine.pool.dispatch.checkout)) == 0


def test_names_are_our_own() -> None:
    """None takes the place of one of SQLite's."""
    assert all(name.startswith("pydbt_") for name in (*SCALARS, *AGGREGATES))
