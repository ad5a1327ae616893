"""The DataFrame: TPC-H beside SQL written by hand, long chains, wide frames and the catalogue.

By default DuckDB holds TPC-H of scale 1, SQLite and PostgreSQL of 0.1; ``--small`` takes a tenth of each.
"""

from __future__ import annotations

import gc
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.timing import told
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
LONGEST_RUN = 20.0


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


def _length(sql: str) -> int:
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
    ratios = {n: _length(p(session).sql()) / _length(query(n, "duckdb")) for n, p in PROGRAMS.items()}
    below("TPC-H: length of the SQL, geometric mean", _mean(ratios.values()), 1.2, "x by hand")
    print(f"    longest: q{max(ratios, key=ratios.__getitem__)} {max(ratios.values()):.2f} x")


def run(engine: Engine) -> None:
    """Each program's text and the text by hand, in turn, through the same driver."""
    session = Session(engine)
    name = engine.dialect.name
    ratios: dict[int, float] = {}
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection

        def fetch(text: str) -> float:
            begun = time.perf_counter()
            if name == "postgresql":
                with driver.cursor() as cursor:
                    cursor.execute(text.encode())
                    cursor.fetchall()
            else:
                driver.execute(text).fetchall()
            return time.perf_counter() - begun

        for number, program in PROGRAMS.items():
            ours, by_hand = program(session).sql(), query(number, name)
            first = fetch(ours), fetch(by_hand)
            rounds = REPEATS if max(first) < LONGEST_RUN else 1
            pairs = [(fetch(ours), fetch(by_hand)) for _ in range(rounds)]
            # The fastest of each: what others do on the machine only ever adds.
            ratios[number] = min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)
    worst = max(ratios, key=ratios.__getitem__)
    scale = SCALES[name]
    below(
        f"TPC-H on {name}, scale {scale:g}: run time, geometric mean",
        _mean(ratios.values()),
        1.05,
        "x by hand",
    )
    below(f"TPC-H on {name}: the slowest beside its own (q{worst})", ratios[worst], 1.3, "x by hand")


def _mean(ratios: Any) -> float:
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


def main() -> None:
    gc.freeze()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        server = SessionFolder()
        socket = started_server(server.path)
        urls = {
            "duckdb": f"duckdb:///{folder / 'tpch.duckdb'}",
            "sqlite": f"sqlite:///{folder / 'tpch.sqlite'}",
            "postgresql": f"postgresql+psycopg://postgres@/postgres?host={socket}",
        }
        assert PROGRAMS.keys() == QUERIES.keys()
        try:
            for name, url in urls.items():
                engine = engine_from(url)
                load(engine, generated(folder, SCALES[name]))
                if name == "duckdb":
                    compiled(Session(engine))
                    chains()
                    catalogue()
                run(engine)
                engine.dispose()
        finally:
            server.close()


if __name__ == "__main__":
    main()
