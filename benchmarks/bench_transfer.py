"""Rows in and out: PyDBT beside the raw driver, on DuckDB, SQLite and PostgreSQL.

In are a million rows in memory of five columns: a whole number, a float, a text, a date and a boolean; out is
what a query of them gives. Beside the wall's rates stand the processor's, PostgreSQL's server counted in.
Rates are of this machine at this hour; the ratios to the driver's count. ``--small`` takes a tenth of it all;
the name of a database takes that one.
"""

from __future__ import annotations

import datetime as dt
import gc
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

from benchmarks.timing import Clock, Timed, of_process, timed, told
from pydbt import Session
from pydbt.connections import dispose_all, engine_from
from tests.postgresql import SessionFolder, started_server

SMALL = "--small" in sys.argv
ASKED = [name for name in sys.argv[1:] if not name.startswith("-")]
ROWS = 100_000 if SMALL else 1_000_000
WRITTEN = ROWS * 10
ROUNDS = 3 if SMALL else 5
START = dt.date(2000, 1, 1).toordinal()
COLUMNS: dict[str, list[Any]] = {
    "n": list(range(ROWS)),
    "x": [n / 7 for n in range(ROWS)],
    "s": [f"text {n}" for n in range(ROWS)],
    "d": [dt.date.fromordinal(START + n % 9000) for n in range(ROWS)],
    "b": [n % 3 == 0 for n in range(ROWS)],
}
ARROW = pa.table(COLUMNS)
TUPLES = list(zip(*COLUMNS.values(), strict=True))
MOST_WRITE = 1.05
CREATED = "(n BIGINT, x DOUBLE PRECISION, s VARCHAR, d DATE, b BOOLEAN)"


Pair = tuple[Timed, Timed]
Clocks = tuple[Clock, Clock]
OWN = (time.process_time, time.process_time)


def pairs_of(ours: Callable[[], object], raw: Callable[[], object], clocks: Clocks = OWN) -> list[Pair]:
    """Time both in turn, each first in every other round, after one round to warm up."""
    pairs = []
    for number in range(ROUNDS + 1):
        gc.collect()
        if number % 2:
            first, second = timed(ours, clocks[0]), timed(raw, clocks[1])
        else:
            second, first = timed(raw, clocks[1]), timed(ours, clocks[0])
        pairs.append((first, second))
    return pairs[1:]


def ratios(pairs: list[Pair]) -> tuple[float, float]:
    """Ours to the driver's, of the wall's and of the processor's time: medians of the pairs'."""
    wall = statistics.median(first.wall / second.wall for first, second in pairs)
    return wall, statistics.median(first.processor / second.processor for first, second in pairs)


def _by_clock(pairs: list[Pair]) -> Iterator[tuple[list[float], list[float]]]:
    """Ours and the driver's, by the wall and then by the processor."""
    for clock in range(2):
        yield [first[clock] for first, _ in pairs], [second[clock] for _, second in pairs]


def rates(
    name: str,
    ours: Callable[[], object],
    raw: Callable[[], object],
    least: float = 0,
    clocks: Clocks = OWN,
) -> None:
    """Time both in turn; print rows a second, and the ratios of the times."""
    pairs = pairs_of(ours, raw, clocks)
    first, second = (
        (
            ROWS / statistics.median(each.wall for each in side) / 1e6,
            ROWS / statistics.median(each.processor for each in side) / 1e6,
        )
        for side in zip(*pairs, strict=True)
    )
    wall, processor = ratios(pairs)
    goal = f"at least {least:g} M/s" if least else "none"
    told(
        name, f"{first[0]:.2f} M rows/s, {wall:.2f} x the raw driver's time", goal, is_well=first[0] >= least
    )
    print(
        f"    of the processor {first[1]:.2f} M rows/s, {processor:.2f} x;"
        f" raw {second[0]:.2f} M rows/s, of the processor {second[1]:.2f}"
    )


def duckdb_in(session: Session) -> None:
    raw = duckdb.connect()

    def registered() -> None:
        raw.register("given", ARROW)
        raw.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM given")
        raw.unregister("given")

    rates("DuckDB, in from Arrow", lambda: session.create_dataframe(ARROW), registered, 1)

    def converted() -> None:
        columns = {name: [row[at] for row in TUPLES] for at, name in enumerate(COLUMNS)}
        raw.register("given", pa.table(columns))
        raw.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM given")
        raw.unregister("given")

    rates("DuckDB, in from Python's tuples", lambda: tuples(session), converted, 1)


def tuples(session: Session) -> None:
    session.create_dataframe(TUPLES, schema=list(COLUMNS))


def duckdb_out(session: Session) -> None:
    frame = session.create_dataframe(ARROW)
    frame.write("t")
    table, raw = session.table("t"), session.engine.raw_connection()
    driver: Any = raw.driver_connection
    rates("DuckDB, out to Arrow", table.to_arrow, lambda: driver.execute("FROM t").to_arrow_table(), 10)
    rates(
        "DuckDB, out in batches",
        lambda: sum(batch.num_rows for batch in table.to_batches()),
        lambda: sum(batch.num_rows for batch in driver.execute("FROM t").to_arrow_reader(65_536)),
        10,
    )
    raw.close()


def duckdb_write(session: Session) -> None:
    """CREATE TABLE AS of ten million rows."""
    numbers = session.range(WRITTEN)
    frame = numbers.select(n=numbers.id, k=numbers.id * 2, x=numbers.id / 7)
    raw = session.engine.raw_connection()
    driver: Any = raw.driver_connection
    select = f"SELECT range AS n, range * 2 AS k, range / 7 AS x FROM range({WRITTEN})"
    text = f"CREATE OR REPLACE TABLE w AS {select}"
    pairs = pairs_of(lambda: frame.write("w"), lambda: driver.execute(text).fetchall())
    # The fastest of each: this is bound by the disk, and what others do on the machine only ever adds.
    wall, processor = (min(side) / min(other) for side, other in _by_clock(pairs))
    name = f"DuckDB, CREATE TABLE AS of {WRITTEN:,} rows"
    found = f"{wall:.3f} x plain SQL, of the processor {processor:.3f} x"
    told(name, found, f"at most {MOST_WRITE:g} x", is_well=wall <= MOST_WRITE)
    raw.close()


def sqlite_both(session: Session, folder: Path) -> None:
    raw = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")

    def executed() -> None:
        days = map(dt.date.isoformat, COLUMNS["d"])
        raw.execute("DROP TABLE IF EXISTS t")
        raw.execute(f"CREATE TABLE t {CREATED}")
        raw.execute("BEGIN IMMEDIATE")
        rows = zip(*(COLUMNS[name] for name in "nxs"), days, COLUMNS["b"], strict=True)
        raw.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
        raw.execute("COMMIT")

    rates("SQLite, in from Python's tuples", lambda: tuples(session), executed, 0.3)
    rates("SQLite, in from Arrow", lambda: session.create_dataframe(ARROW), executed, 0.3)
    session.create_dataframe(ARROW).write("t")
    table = session.table("t")
    rates("SQLite, out to Arrow", table.to_arrow, lambda: raw.execute("SELECT * FROM t").fetchall())
    raw.close()


def with_server(driver: Any) -> Clock:
    """This process' time and that of the server's process for a connection."""
    server = of_process(driver.info.backend_pid)
    return lambda: time.process_time() + server()


def postgresql_both(session: Session, url: str) -> None:
    raw = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
    with session.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        # The pool gives this very connection every time.
        clocks = with_server(driver), with_server(raw)

    def copied() -> None:
        raw.execute("DROP TABLE IF EXISTS r")
        raw.execute(f"CREATE UNLOGGED TABLE r {CREATED}")
        with raw.cursor() as cursor, cursor.copy("COPY r FROM STDIN") as copying:
            for row in TUPLES:
                copying.write_row(row)

    rates("PostgreSQL, in from Python's tuples", lambda: tuples(session), copied, 0.2, clocks)
    rates("PostgreSQL, in from Arrow", lambda: session.create_dataframe(ARROW), copied, 0.2, clocks)
    session.create_dataframe(ARROW).write("t")
    table = session.table("t")

    def fetched() -> None:
        raw.execute("SELECT * FROM r").fetchall()

    rates("PostgreSQL, out to Arrow", table.to_arrow, fetched, clocks=clocks)
    raw.close()


def main() -> None:
    parts: dict[str, Callable[[Path], None]] = {
        "duckdb": on_duckdb,
        "sqlite": lambda root: sqlite_both(Session(engine_from(f"sqlite:///{root}/bench.sqlite")), root),
        "postgresql": on_postgresql,
    }
    gc.freeze()
    for name in ASKED or parts:
        with tempfile.TemporaryDirectory() as root:
            parts[name](Path(root))
    dispose_all()


def on_duckdb(root: Path) -> None:
    session = Session(engine_from(f"duckdb:///{root}/bench.duckdb"))
    duckdb_in(session)
    duckdb_out(session)
    duckdb_write(session)


def on_postgresql(_root: Path) -> None:
    server = SessionFolder()
    try:
        address = f"postgresql+psycopg://postgres@/postgres?host={started_server(server.path)}"
        postgresql_both(Session(engine_from(address)), address)
        dispose_all()
    finally:
        server.close()


if __name__ == "__main__":
    main()
