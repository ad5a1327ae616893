"""The DataFrame: TPC-H beside SQL written by hand, long chains, wide frames and the catalogue.

By default DuckDB holds TPC-H of scale 1, SQLite and PostgreSQL of 0.1; ``--small`` takes a tenth of each.
The name of a part takes that one alone: ``compile``, ``peers``, ``duckdb``, ``sqlite``,
``postgresql``. The peers are Ibis and SQLAlchemy alone; ``make bench`` installs them.
"""

from __future__ import annotations

import gc
import importlib.util
import math
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.timing import Timed, of_process, told
from benchmarks.tpch.data import generated, load
from benchmarks.tpch.handwritten import QUERIES, query
from benchmarks.tpch.programs import PROGRAMS, Program
from pydbt import DataFrame, Session
from pydbt.connections import engine_from
from tests.postgresql import SessionFolder, started_server

SMALL = "--small" in sys.argv
SCALES = {
    "duckdb": 0.1 if SMALL else 1,
    "sqlite": 0.01 if SMALL else 0.1,
    "postgresql": 0.01 if SMALL else 0.1,
}
REPEATS = 5
# A query that takes longer is left out.
LONGEST_RUN = 600.0
# Pairs that took longer are not repeated; short ones are, beyond the usual number, until they took some time.
LONG_PAIR = 60.0
SHORT = 2.0
MOST_REPEATS = 40
ASKED = [name for name in sys.argv[1:] if not name.startswith("-")]


def milliseconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median of some calls, after one to warm up; of the processor's time, as neighbours take turns."""
    work()
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times) * 1000


def below(name: str, found: float, most: float, unit: str = "ms") -> None:
    told(name, f"{found:.2f} {unit}", f"at most {most:g} {unit}", is_well=found <= most)


def _select(program: Program, session: Session) -> object:
    return program(session).query


def _text(program: Program, session: Session) -> str:
    return program(session).sql()


def text_length(sql: str) -> int:
    """Without what only sets the text out in lines."""
    return len(" ".join(sql.split()))


def compiled(session: Session) -> None:
    """Building each program and compiling it to one Select, and its text beside the one by hand."""
    times = {
        number: milliseconds(partial(_select, program, session), 20) for number, program in PROGRAMS.items()
    }
    slowest = max(times, key=times.__getitem__)
    below("TPC-H: build and compile, median", statistics.median(times.values()), 2)
    below(f"TPC-H: build and compile, worst (q{slowest})", times[slowest], 5)
    text = {
        number: milliseconds(partial(_text, program, session), 20) for number, program in PROGRAMS.items()
    }
    print(
        f"    to SQL text: median {statistics.median(text.values()):.2f} ms, worst {max(text.values()):.2f}"
    )
    ratios = {n: text_length(p(session).sql()) / text_length(query(n, "duckdb")) for n, p in PROGRAMS.items()}
    below("TPC-H: length of the SQL, geometric mean", mean(ratios.values()), 1.2, "x by hand")
    print(f"    longest: q{max(ratios, key=ratios.__getitem__)} {max(ratios.values()):.2f} x")


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs SQL on one connection, by the driver, and times it.

    Args:
        name: The database.
        driver: The driver's connection.
        busy: The processor's seconds that the database has had for this connection.
    """

    name: str
    driver: Any
    busy: Callable[[], float]

    def timed(self, text: str) -> Timed | None:
        """How long the query takes, rows and all; None where it does not end in time."""
        stop = self.driver.cancel if self.name == "postgresql" else self.driver.interrupt
        timer = threading.Timer(LONGEST_RUN, stop)
        timer.start()
        wall, busy = time.perf_counter(), self.busy()
        try:
            if self.name == "postgresql":
                with self.driver.cursor() as cursor:
                    cursor.execute(text.encode())
                    cursor.fetchall()
            else:
                self.driver.execute(text).fetchall()
        except (sqlite3.OperationalError, psycopg.errors.QueryCanceled, duckdb.InterruptException):
            if time.perf_counter() - wall < LONGEST_RUN:
                raise
            if self.name == "postgresql":
                self.driver.rollback()
            return None
        finally:
            timer.cancel()
        return Timed(time.perf_counter() - wall, self.busy() - busy)


def runner(name: str, driver: Any) -> Runner:
    """PostgreSQL's time is its one process', so no query is shared among more of them."""
    if name != "postgresql":
        return Runner(name, driver, time.process_time)
    driver.execute("SET max_parallel_workers_per_gather = 0")
    driver.commit()
    return Runner(name, driver, of_process(driver.info.backend_pid))


def run(engine: Engine) -> None:
    """Each program's text and the text by hand, in turn, through the same driver."""
    session = Session(engine)
    name = engine.dialect.name
    found: dict[int, tuple[float, float]] = {}
    with engine.connect() as connection:
        running = runner(name, connection.connection.driver_connection)
        for number, program in PROGRAMS.items():
            pair = fastest(running, program(session).sql(), query(number, name))
            if pair is None:
                print(
                    f"    {name} q{number}: left out, one of the two takes over {LONGEST_RUN:g} s", flush=True
                )
                continue
            ours, by_hand = pair
            wall, processor = ours.wall / by_hand.wall, ours.processor / by_hand.processor
            found[number] = wall, processor
            shown = f"processor {ours.processor:.3f} s, {processor:.2f} x by hand; wall {wall:.2f} x"
            print(f"    {name} q{number}: {shown}", flush=True)
    wall, processor = (mean(pair[clock] for pair in found.values()) for clock in range(2))
    worst = max(found, key=lambda number: found[number][1])
    shown = f"TPC-H on {name}, scale {SCALES[name]:g}, {len(found)} queries"
    below(f"{shown}: processor's time, geometric mean", processor, 1.05, "x by hand")
    print(f"    by the wall {wall:.2f} x")
    below(f"{shown}: the slowest beside its own (q{worst})", found[worst][1], 1.3, "x by hand")


def fastest(running: Runner, ours: str, by_hand: str) -> tuple[Timed, Timed] | None:
    """The fastest run of each: what others do on the machine only ever adds."""
    pairs, spent = [], 0.0
    for number in range(MOST_REPEATS):
        texts = (ours, by_hand) if number % 2 else (by_hand, ours)
        times = []
        for text in texts:
            time_of = running.timed(text)
            if time_of is None:
                return None
            times.append(time_of)
        pairs.append(times if number % 2 else times[::-1])
        spent += sum(each.wall for each in times)
        if spent > (SHORT if number >= REPEATS else LONG_PAIR):
            break
    first, second = (
        Timed(min(each.wall for each in side), min(each.processor for each in side))
        for side in zip(*pairs, strict=True)
    )
    return first, second


def mean(ratios: Any) -> float:
    """The geometric mean."""
    return math.exp(statistics.fmean(map(math.log, ratios)))


def frame() -> DataFrame:
    columns: list[Any] = [sa.column(name, sa.Integer()) for name in "abc"]
    return DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://"))


def independent(steps: int) -> Any:
    """New columns of the first ones, and filters."""
    base = df = frame()
    for number in range(steps):
        df = df.with_column(f"c{number}", base.a + number) if number % 2 else df.where(base.b > number)
    return df.query


def dependent(steps: int) -> Any:
    """Each step works on the column that the one before made."""
    df = frame()
    for number in range(steps):
        df = df.with_column("a", df.a + number)
    return df.query


def wide() -> Any:
    """1,000 columns, and twenty more of them."""
    columns: list[Any] = [sa.column(f"c{number}", sa.Integer()) for number in range(1000)]
    df = DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://"))
    for number in range(20):
        df = df.with_column(f"n{number}", df[f"c{number}"] + 1)
    return df.query


def chains() -> None:
    for steps in (10, 50, 200, 500):
        found = milliseconds(partial(independent, steps)), milliseconds(partial(dependent, steps))
        print(f"    chains of {steps}: independent {found[0]:.1f} ms, dependent {found[1]:.1f} ms")
    below("500 independent steps", found[0], 15)
    below("500 dependent steps", found[1], 50)
    below("1,000 columns and 20 with_column", milliseconds(wide), 1000)


def catalogue() -> None:
    engine = engine_from("duckdb:///:memory:")
    with engine.begin() as connection:
        for number in range(500):
            connection.exec_driver_sql(f"CREATE TABLE t{number} (a INTEGER, b TEXT, c DATE, d DECIMAL(9, 2))")

    def read() -> None:
        from pydbt.sql.catalog import Catalog

        Catalog(engine).columns(None, "t1")

    below("the catalogue of 500 tables in DuckDB", milliseconds(read), 50)


def peers(engine: Engine) -> None:
    """The same queries by other libraries, where they are installed."""
    if importlib.util.find_spec("ibis") is None:
        print("    no peers: Ibis is in the dependency group bench, which make bench installs")
        return
    from benchmarks.peers_sql import compare

    compare(engine)


def on_database(name: str, url: str, folder: Path) -> None:
    """What was asked for on one database, which TPC-H is brought into."""
    parts = {"duckdb": ("compile", "peers", "duckdb")}.get(name, (name,))
    if ASKED and not set(ASKED) & set(parts):
        return
    engine = engine_from(url)
    load(engine, generated(folder, SCALES[name]))
    if name == "duckdb" and (not ASKED or "compile" in ASKED):
        compiled(Session(engine))
        chains()
        catalogue()
    if name == "duckdb" and (not ASKED or "peers" in ASKED):
        peers(engine)
    if not ASKED or name in ASKED:
        run(engine)
    engine.dispose()


def main() -> None:
    assert PROGRAMS.keys() == QUERIES.keys()
    gc.freeze()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        on_database("duckdb", f"duckdb:///{folder / 'tpch.duckdb'}", folder)
        on_database("sqlite", f"sqlite:///{folder / 'tpch.sqlite'}", folder)
        server = SessionFolder()
        try:
            socket = started_server(server.path)
            on_database("postgresql", f"postgresql+psycopg://postgres@/postgres?host={socket}", folder)
        finally:
            server.close()


if __name__ == "__main__":
    main()
