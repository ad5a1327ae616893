"""Rows in and out: PyDBT beside the raw driver, on DuckDB, SQLite and PostgreSQL.

In are a million rows in memory, of a number, a text, a float and a date; out is what a query of them gives.
Rates are of this machine at this hour; the ratios to the driver's count. ``--small`` takes a tenth of it all.
"""

from __future__ import annotations

import datetime as dt
import gc
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own
from sqlalchemy.engine import Engine

from benchmarks.timing import seconds, told
from pydbt import Session
from pydbt.connections import dispose_all, engine_from
from tests.postgresql import SessionFolder, started_server

SMALL = "--small" in sys.argv
ROWS = 100_000 if SMALL else 1_000_000
WRITTEN = ROWS * 10
ROUNDS = 3 if SMALL else 5
START = dt.date(2000, 1, 1).toordinal()
COLUMNS: dict[str, list[Any]] = {
    "n": list(range(ROWS)),
    "s": [f"text {n}" for n in range(ROWS)],
    "x": [n / 7 for n in range(ROWS)],
    "d": [dt.date.fromordinal(START + n % 9000) for n in range(ROWS)],
}
ARROW = pa.table(COLUMNS)
TUPLES = list(zip(*COLUMNS.values(), strict=True))
MOST_WRITE = 1.05
CREATED = "(n BIGINT, s VARCHAR, x DOUBLE PRECISION, d DATE)"


def rates(name: str, rows: int, ours: Callable[[], object], raw: Callable[[], object], least: float) -> None:
    """Time both in turn; print rows a second, and the ratio of the times."""
    pairs = []
    for number in range(ROUNDS + 1):
        gc.collect()
        first, second = seconds(ours), seconds(raw)
        if number:
            pairs.append((first, second))
    rate = rows / statistics.median(first for first, _ in pairs)
    raw_rate = rows / statistics.median(second for _, second in pairs)
    ratio = statistics.median(first / second for first, second in pairs)
    goal = f"at least {least:g} M/s" if least else "none"
    shown = f"{rate / 1e6:.2f} M rows/s, raw {raw_rate / 1e6:.2f} M/s: {ratio:.2f} x its time"
    told(name, shown, goal, is_well=rate >= least * 1e6)


def duckdb_in(session: Session) -> None:
    raw = duckdb.connect()

    def registered() -> None:
        raw.register("given", ARROW)
        raw.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM given")
        raw.unregister("given")

    rates("DuckDB, in from Arrow", ROWS, lambda: session.create_dataframe(ARROW), registered, 1)

    def converted() -> None:
        raw.register("given", pa.table(COLUMNS))
        raw.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM given")
        raw.unregister("given")

    rates("DuckDB, in from Python's tuples", ROWS, lambda: tuples(session), converted, 1)


def tuples(session: Session) -> None:
    session.create_dataframe(TUPLES, schema=list(COLUMNS))


def duckdb_out(session: Session) -> None:
    frame = session.create_dataframe(ARROW)
    frame.write("t")
    table, raw = session.table("t"), session.engine.raw_connection()
    driver: Any = raw.driver_connection
    rates("DuckDB, out to Arrow", ROWS, table.to_arrow, lambda: driver.execute("FROM t").to_arrow_table(), 10)
    rates(
        "DuckDB, out in batches",
        ROWS,
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
    pairs = []
    for number in range(ROUNDS + 3):
        pair = (seconds(lambda: frame.write("w")), seconds(lambda: driver.execute(text).fetchall()))
        if number:
            pairs.append(pair)
    ratio = statistics.median(first / second for first, second in pairs)
    name = f"DuckDB, CREATE TABLE AS of {WRITTEN:,} rows"
    told(name, f"{ratio:.3f} x plain SQL", f"at most {MOST_WRITE:g} x", is_well=ratio <= MOST_WRITE)
    raw.close()


def sqlite_both(session: Session, folder: Path) -> None:
    raw = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    days = [day.isoformat() for day in COLUMNS["d"]]

    def executed() -> None:
        raw.execute("DROP TABLE IF EXISTS t")
        raw.execute(f"CREATE TABLE t {CREATED}")
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", zip(*[*COLUMNS.values()][:3], days, strict=True))
        raw.execute("COMMIT")

    rates("SQLite, in from Python's tuples", ROWS, lambda: tuples(session), executed, 0.3)
    session.create_dataframe(ARROW).write("t")
    table = session.table("t")
    rates("SQLite, out to Arrow", ROWS, table.to_arrow, lambda: raw.execute("SELECT * FROM t").fetchall(), 0)
    raw.close()


def postgresql_both(session: Session, url: str) -> None:
    raw = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)

    def copied() -> None:
        raw.execute("DROP TABLE IF EXISTS r")
        raw.execute(f"CREATE UNLOGGED TABLE r {CREATED}")
        with raw.cursor() as cursor, cursor.copy("COPY r FROM STDIN") as copying:
            for row in TUPLES:
                copying.write_row(row)

    rates("PostgreSQL, in from Python's tuples", ROWS, lambda: tuples(session), copied, 0.2)
    rates("PostgreSQL, in from Arrow", ROWS, lambda: session.create_dataframe(ARROW), copied, 0.2)
    session.create_dataframe(ARROW).write("t")
    table = session.table("t")
    rates(
        "PostgreSQL, out to Arrow", ROWS, table.to_arrow, lambda: raw.execute("SELECT * FROM r").fetchall(), 0
    )
    raw.close()


def session_of(engine: Engine) -> Session:
    return Session(engine)


with tempfile.TemporaryDirectory() as root:
    here = session_of(engine_from(f"duckdb:///{root}/bench.duckdb"))
    duckdb_in(here)
    duckdb_out(here)
    duckdb_write(here)
    sqlite_both(session_of(engine_from(f"sqlite:///{root}/bench.sqlite")), Path(root))
    server = SessionFolder()
    try:
        address = f"postgresql+psycopg://postgres@/postgres?host={started_server(server.path)}"
        postgresql_both(session_of(engine_from(address)), address)
        dispose_all()
    finally:
        server.close()
