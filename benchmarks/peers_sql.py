"""PyDBT beside Ibis and SQLAlchemy Core: ten TPC-H queries written in each, run by one DuckDB connection.

Compared are building a query and rendering it to SQL text with its values in it, and the length and run time
of that text beside the one by hand, whose rows it has to give. Each has seen the tables before any timing.
"""

from __future__ import annotations

import decimal
import statistics
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.bench_sql import dependent, fastest, mean, milliseconds, runner, text_length
from benchmarks.tpch import programs, with_ibis, with_sqlalchemy
from benchmarks.tpch.data import INDEXES
from benchmarks.tpch.handwritten import query
from pydbt import Session

Make = Callable[[], str]
STEPS = (10, 50, 200)


def compare(engine: Engine) -> None:
    """Print a line for each peer; DuckDB holds TPC-H."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        makers = _makers(engine, driver)
        for name, texts in makers.items():
            _line(name, texts, driver)
    _chains()


def _makers(engine: Engine, driver: Any) -> dict[str, Mapping[int, Make]]:
    import ibis

    session = Session(engine)
    metadata = sa.MetaData()
    tables = {name: sa.Table(name, metadata, *_columns(session, name)) for name in INDEXES}
    backend = ibis.duckdb.from_connection(driver)
    theirs = {name: backend.table(name) for name in INDEXES}
    numbers = with_ibis.PROGRAMS

    def core(number: int) -> str:
        options = {"literal_binds": True}
        return str(with_sqlalchemy.PROGRAMS[number](tables).compile(engine, compile_kwargs=options))

    return {
        "PyDBT": {number: partial(_ours, session, number) for number in numbers},
        f"Ibis {ibis.__version__}": {
            number: partial(lambda n: str(backend.compile(with_ibis.PROGRAMS[n](theirs))), number)
            for number in numbers
        },
        f"SQLAlchemy Core {sa.__version__}": {number: partial(core, number) for number in numbers},
    }


def _ours(session: Session, number: int) -> str:
    return programs.PROGRAMS[number](session).sql()


def _columns(session: Session, name: str) -> list[sa.Column[Any]]:
    return [sa.Column(column, type_) for column, type_ in session.table(name).schema.items()]


def _line(name: str, texts: Mapping[int, Make], driver: Any) -> None:
    times = [milliseconds(make, 20) for make in texts.values()]
    made = {number: make() for number, make in texts.items()}
    lengths = [text_length(text) / text_length(query(number, "duckdb")) for number, text in made.items()]
    running = runner("duckdb", driver)
    ratios = []
    for number, text in made.items():
        by_hand = query(number, "duckdb")
        assert _alike(driver.execute(text).fetchall()) == _alike(driver.execute(by_hand).fetchall()), number
        pair = fastest(running, text, by_hand)
        assert pair is not None, "none of the ten takes so long"
        ratios.append(pair[0].processor / pair[1].processor)
    print(
        f"    {name}: build and render {statistics.median(times):.2f} ms, worst {max(times):.2f};"
        f" text {mean(lengths):.2f} x by hand; run {mean(ratios):.2f} x, worst {max(ratios):.2f}",
        flush=True,
    )


def _alike(rows: list[Any]) -> list[list[Any]]:
    """Rows that a sum of floats and one of decimals give alike."""
    kinds = (float, decimal.Decimal)
    return [[round(float(value), 2) if isinstance(value, kinds) else value for value in row] for row in rows]


def _chains() -> None:
    import ibis

    table = ibis.table({"a": "int32", "b": "int32", "c": "int32"}, name="t")
    for steps in STEPS:
        repeats = 3
        ours = milliseconds(partial(lambda n: str(dependent(n)), steps), repeats)
        theirs = milliseconds(
            partial(lambda n: ibis.to_sql(with_ibis.chain(table, n), "duckdb"), steps), repeats
        )
        print(
            f"    {steps} dependent steps, to SQL text: PyDBT {ours:.1f} ms, Ibis {theirs:.1f} ms", flush=True
        )
