"""Ctrl-C while many queries run: all are gone from the database in a moment, not only from the terminal."""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from tests.cli.command import make_project, started

_QUERIES = 8
_ROUNDS = int(os.environ.get("PYDBT_ROUNDS", "3"))
_MODELS = f"""\
import sqlalchemy as sa
from pydbt import Task

for number in range({_QUERIES}):

    def body():
        rows = sa.text("generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a * b % 7 = 3")
        return sa.select(sa.func.count().label("n")).select_from(rows)

    Task(name=f"t{{number}}", materialized="table")(body)
"""
_RUNNING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    " AND datname = current_database() AND query LIKE '%generate_series%'"
)


def running(engine: Engine) -> int:
    """How many of the queries the server is at."""
    with engine.connect() as connection:
        return int(connection.execute(_RUNNING).scalar_one())


def seconds_until(engine: Engine, count: int, most: float = 60) -> float:
    """The time until so many run."""
    begun = time.monotonic()
    while running(engine) != count:
        assert time.monotonic() - begun < most
        time.sleep(0.02)
    return time.monotonic() - begun


def test_ctrl_c_ends_eight_queries_at_once(
    tmp_path: Path, postgresql_url: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """At random moments: none runs on after 5 seconds, the exit code is 130, and no table is there."""
    settings = f'[targets.dev]\nurl = "{postgresql_url}"\n'
    make_project(tmp_path, {"pydbt.toml": settings, "models/shop.py": _MODELS})
    engine = sa.create_engine(postgresql_url, poolclass=NullPool, future=True)
    chance = random.Random(10)
    took = []
    for _round in range(_ROUNDS):
        process = started(tmp_path, "run", "--threads", str(_QUERIES))
        seconds_until(engine, _QUERIES)
        time.sleep(chance.uniform(0, 0.5))

        process.send_signal(signal.SIGINT)
        took.append(seconds_until(engine, 0))
        process.communicate(timeout=60)

        assert process.returncode == 130

    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
    record_testsuite_property("seconds, median and worst", f"{statistics.median(took):.2f} {max(took):.2f}")
    assert [name for name in names if not name.startswith("_pydbt")] == []
    assert max(took) < 5
