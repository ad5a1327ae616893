"""Readers, writers and killed writers: the old version or the new one, whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.sql.materialize import publish
from tests.conftest import IS_SQLALCHEMY_14
from tests.sql.test_materialize import one, tables

RUNS_ON_MARIADB = True
SIZE = 200
SWAPS = 50
WRITERS = 8
KILLS = 4


def version(number: int) -> Any:
    """A query of `SIZE` rows that all carry the version's number."""
    series = sa.text(
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :size)"
        " SELECT n, :number AS version FROM s"
    ).bindparams(sa.bindparam("size", SIZE, sa.Integer), sa.bindparam("number", number, sa.Integer))
    return series.columns(sa.column("n", sa.Integer), sa.column("version", sa.Integer))


def look(engine: Engine) -> tuple[int, int, int]:
    """How many rows, and the lowest and the highest version among them."""
    v = sa.column("version", sa.Integer)
    query = sa.select(sa.func.count(), sa.func.min(v), sa.func.max(v)).select_from(sa.table("t"))
    with engine.connect() as connection:
        count, lowest, highest = connection.execute(query).one()
        return int(count), int(lowest), int(highest)


def watched(engine: Engine, work: Callable[[], object], readers: int = 2) -> tuple[int, list[str]]:
    """Do the work while readers look all the time; give how often they looked and what they saw wrong."""
    is_over = threading.Event()
    wrong: list[str] = []
    looks = [0] * readers

    def reading(number: int) -> None:
        latest = -1
        while not is_over.is_set():
            try:
                count, lowest, highest = look(engine)
            except sa.exc.DBAPIError as error:
                wrong.append(f"error {error.orig}")
                continue
            looks[number] += 1
            if count != SIZE or lowest != highest or lowest < latest:
                wrong.append(f"{count} rows of versions {lowest} to {highest} after {latest}")
            latest = lowest

    threads = [threading.Thread(target=reading, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    return sum(looks), wrong


@pytest.mark.parametrize("has_view", [False, True])
def test_readers_never_see_a_missing_or_mixed_table(engine: Engine, has_view: Any) -> None:
    """Two readers look all the time during fifty swaps: always one whole version, never an older one."""
    publish(engine, version(0), "t")
    if has_view:
        publish(engine, sa.select(sa.column("n")).select_from(sa.table("t")), "v", kind="view")

    def swaps() -> None:
        for number in range(1, SWAPS + 1):
            publish(engine, version(number), "t")

    looks, wrong = watched(engine, swaps)

    assert (wrong, looks > 0, look(engine)) == ([], True, (SIZE, SWAPS, SWAPS))
    assert tables(engine) == ({"t", "v"} if has_view else {"t"})


@pytest.mark.parametrize("has_view", [False, True])
def test_many_writers_of_one_table_leave_one_version(engine: Engine, has_view: Any) -> None:
    """Eight threads publish one table, the first time and over and over: each succeeds, none is mixed."""
    if has_view:
        publish(engine, version(0), "t")
        publish(engine, sa.select(sa.column("n")).select_from(sa.table("t")), "v", kind="view")

    def writing(writer: int) -> list[int | None]:
        return [publish(engine, version(writer * 100 + number), "t") for number in range(5)]

    with ThreadPoolExecutor(WRITERS) as pool:
        counts = [count for written in pool.map(writing, range(WRITERS)) for count in written]
    count, lowest, highest = look(engine)

    assert (counts, count, lowest == highest) == ([SIZE] * 40, SIZE, True)
    assert tables(engine) == ({"t", "v"} if has_view else {"t"})


@pytest.mark.parametrize("has_view", [False, True])
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mysql"])
def test_writers_that_know_nothing_of_each_other_leave_one_version(
    database: str, has_view: Any, request: pytest.FixtureRequest
) -> None:
    """Each with an engine of its own, as processes have: the database alone keeps their versions apart."""
    url: str = request.getfixturevalue(f"{database}_url")
    engines = [engine_from(url, pool_size=number) for number in range(1, WRITERS + 1)]
    publish(engines[0], version(0), "t")
    if has_view:
        publish(engines[0], sa.select(sa.column("n")).select_from(sa.table("t")), "v", kind="view")

    def writing(writer: int) -> list[int | None]:
        return [publish(engines[writer], version(writer * 100 + number), "t") for number in range(5)]

    with ThreadPoolExecutor(WRITERS) as pool:
        counts = [count for written in pool.map(writing, range(WRITERS)) for count in written]
    count, lowest, highest = look(engines[0])

    assert (counts, count, lowest == highest) == ([SIZE] * 40, SIZE, True)
    assert tables(engines[0]) == ({"t", "v"} if has_view else {"t"})
    dispose_all()


def test_tables_are_published_side_by_side(engine: Engine) -> None:
    """Eight threads, each its own tables: all there, none lost to another's transaction."""

    def writing(writer: int) -> None:
        for number in range(5):
            publish(engine, one(n=number), f"t{writer}_{number}")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(writing, range(WRITERS)))

    assert len(tables(engine)) == WRITERS * 5


_WRITER = """
import sys
import sqlalchemy as sa
from pydbt.connections import engine_from
from pydbt.sql.materialize import publish
from tests.sql.test_materialize_concurrency import version
engine = engine_from(sys.argv[1]) if sys.argv[2] == "ours" else sa.create_engine(sys.argv[1], future=True)
print("ready", flush=True)
for number in range(1, 100000):
    publish(engine, version(number), "t")
"""


@pytest.mark.parametrize("whose", ["ours", "foreign"])
@pytest.mark.parametrize("database", ["sqlite"] if IS_SQLALCHEMY_14 else ["sqlite", "duckdb", "mysql"])
def test_a_killed_writer_leaves_one_whole_version(
    database: str, whose: str, request: pytest.FixtureRequest
) -> None:
    """SIGKILL at random instants: the table is there, whole, and of one version; nothing else is left.

    On MariaDB, which undoes no DDL, the next writer finds what was left and sweeps it.
    """
    url: str = request.getfixturevalue(f"{database}_url")
    publish(engine_from(url), version(0), "t")
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    for round_ in range(KILLS):
        dispose_all()
        _kill_after(rng.uniform(0.02, 0.4), url, whose)
        count, lowest, highest = look(engine_from(url))
        assert (count, lowest == highest) == (SIZE, True), f"seed {seed}, round {round_}"
        if database == "mysql":
            publish(engine_from(url), version(0), "t")
        assert tables(engine_from(url)) == {"t"}, f"seed {seed}, round {round_}"
    dispose_all()


def _kill_after(seconds: float, *arguments: str) -> None:
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"}
    command: list[Any] = [sys.executable, "-c", _WRITER, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
