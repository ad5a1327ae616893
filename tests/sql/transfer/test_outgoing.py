"""Results leave with the types of their frame: to Arrow, in batches, to pandas, to polars, to files."""

from __future__ import annotations

import datetime as dt
import decimal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import FileReadError, OutgoingError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

# SQLAlchemy 1.4 says so for each decimal that SQLite gives.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
parquet = pytest.importorskip("pyarrow.parquet")

SCHEMA = {
    "n": int,
    "x": float,
    "price": sa.Numeric(12, 3),
    "flag": bool,
    "text": str,
    "day": dt.date,
    "moment": dt.datetime,
    "raw": bytes,
}
DAY, MOMENT = dt.date(2024, 2, 29), dt.datetime.fromisoformat("1999-12-31 23:59:59.123456")
ROW = (7, 0.1, decimal.Decimal("12.500"), True, "é", DAY, MOMENT, b"\x00\xff")
ARROW = ["int64", "double", "decimal128(12, 3)", "bool", "string", "date32[day]", "timestamp[us]", "binary"]


@pytest.fixture
def frame(engine: Engine) -> DataFrame:
    return Session(engine).create_dataframe([ROW, (None,) * len(ROW), ROW], schema=SCHEMA)


def test_arrow_has_the_frames_types(frame: DataFrame) -> None:
    """Also of no rows at all."""
    full, empty = frame.to_arrow(), frame.limit(0).to_arrow()

    assert [str(kind) for kind in full.schema.types] == ARROW
    assert [str(kind) for kind in empty.schema.types] == ARROW
    assert full.to_pylist() == [dict(zip(SCHEMA, row, strict=True)) for row in (ROW, (None,) * len(ROW), ROW)]


def test_batches_have_the_frames_types(frame: DataFrame) -> None:
    """Each of so many rows, the last of the rest; of no rows there is none."""
    batches = list(frame.to_batches(2))

    assert [batch.num_rows for batch in batches] == [2, 1]
    assert {str(batch.schema.field("price").type) for batch in batches} == {"decimal128(12, 3)"}
    assert pa.Table.from_batches(batches).to_pylist() == frame.to_arrow().to_pylist()
    assert list(frame.limit(0).to_batches()) == []


def test_batches_that_nobody_takes_give_their_connection_back(frame: DataFrame) -> None:
    """And the next query runs."""
    batches = frame.to_batches(1)
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # an iterator of ours is a generator

    assert frame.count() == 3


@pytest.mark.parametrize("size", [0, -1, 1.5, "9", True])
def test_batches_of_no_size_are_refused_at_once(frame: DataFrame, size: Any) -> None:
    """Not when the first one is taken."""
    with pytest.raises(OutgoingError, match="to_batches was given size"):
        frame.to_batches(size)


def test_pandas_has_the_frames_types(frame: DataFrame) -> None:
    """Whole numbers and booleans stay what they are beside NULLs; without any they are plain."""
    found, plain, empty = frame.to_pandas(), frame.limit(1).to_pandas(), frame.limit(0).to_pandas()

    assert found.dtypes.astype(str).to_dict() | {"text": ""} == {
        "n": "Int64",
        "x": "float64",
        "price": "object",
        "flag": "boolean",
        "text": "",
        "day": "datetime64[ms]",
        "moment": "datetime64[us]",
        "raw": "object",
    }
    assert found["price"].tolist() == [ROW[2], None, ROW[2]]
    assert [str(plain.dtypes["n"]), str(plain.dtypes["flag"])] == ["int64", "bool"]
    assert str(empty.dtypes["moment"]) == "datetime64[us]"
    assert list(empty.columns) == list(SCHEMA)


def test_polars_has_the_frames_types(frame: DataFrame) -> None:
    """And the same rows."""
    found, empty = frame.to_polars(), frame.limit(0).to_polars()

    assert found.schema == empty.schema
    assert found.schema["price"] == pl.Decimal(12, 3)
    assert [found.schema["day"], found.schema["flag"]] == [pl.Date, pl.Boolean]
    assert found.rows() == [ROW, (None,) * len(ROW), ROW]


def test_without_pyarrow_the_types_are_the_same(frame: DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra. DuckDB's decimals are floats in pandas then, as DuckDB has it."""
    from pydbt.sql.transfer import outgoing

    with_arrow = frame.to_pandas().dtypes.astype(str).to_dict()
    monkeypatch.setattr(outgoing, "has_pyarrow", lambda: False)
    without = frame.to_pandas()

    if frame.engine.dialect.name != "duckdb":
        assert without.dtypes.astype(str).to_dict() | {"text": ""} == with_arrow | {"text": ""}
    assert without["text"].tolist()[0] == "é"
    assert frame.to_polars().rows() == [ROW, (None,) * len(ROW), ROW]
    assert frame.limit(0).to_polars().schema["day"] == pl.Date


def test_a_sum_that_has_no_scale_keeps_its_digits(engine: Engine) -> None:
    """PostgreSQL's decimals without one may have more digits than a type leaves room for."""
    if engine.dialect.name != "postgresql":
        return
    frame = Session(engine).sql("SELECT 1::numeric / 3 AS third, 10::numeric(6,2) AS ten")

    table = frame.to_arrow()

    assert table.column("third")[0].as_py() == decimal.Decimal("0.33333333333333333333")
    assert str(table.schema.field("ten").type) == "decimal128(6, 2)"


def test_a_file_is_whole_or_not_there(frame: DataFrame, tmp_path: Path) -> None:
    """Parquet and CSV; a query that fails leaves the old file."""
    assert frame.to_parquet(tmp_path / "a.parquet") == 3
    assert frame.to_csv(tmp_path / "a.csv") == 3
    assert frame.limit(0).to_parquet(tmp_path / "none.parquet") == 0
    failing = frame.with_column("n", sa.func.nosuch(frame.n))

    with pytest.raises(Exception, match="nosuch"):
        failing.to_csv(tmp_path / "a.csv")
    with pytest.raises(FileReadError, match="there is no folder"):
        frame.to_csv(tmp_path / "no" / "a.csv")

    read = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert [row["price"] for row in read] == [ROW[2], None, ROW[2]]
    assert [str(kind) for kind in parquet.read_schema(tmp_path / "none.parquet").types] == ARROW
    assert (
        (tmp_path / "a.csv")
        .read_text(encoding="utf-8")
        .startswith("n,x,price,flag,text,day,moment,raw\n7,0.1,12.5")
    )
    assert sorted(path.name for path in tmp_path.glob("*a.*")) == ["a.csv", "a.parquet"]


def test_csv_tells_null_from_empty_text(engine: Engine, tmp_path: Path) -> None:
    """And quotes what needs it."""
    rows = [{"n": 1, "s": ""}, {"n": 2, "s": None}, {"n": 3, "s": 'a"b,c\nd'}, {"n": 4, "s": " x "}]

    Session(engine).create_dataframe(rows).order_by("n").to_csv(tmp_path / "a.csv")

    expected = '1,""\n2,\n3,"a""b,c\nd"\n4, x \n'
    assert (tmp_path / "a.csv").read_text() == f"n,s\n{expected}"


STREAMED = """
import resource, sys
from pydbt.connections import engine_from
from pydbt.sql.session import Session

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

session = Session(engine_from(sys.argv[1]))
frame = session.sql(sys.argv[2])
next(frame.limit(1).to_batches(1))
before, rows = peak(), 0
for batch in frame.to_batches(20_000):
    rows += batch.num_rows
print(rows, peak() - before)
"""
MILLION = {
    "duckdb": "SELECT range AS n, 'text number ' || range AS s, range / 3 AS x FROM range(1000000)",
    "postgresql": "SELECT n, 'text number ' || n AS s, n / 3.0::float8 AS x"
    " FROM generate_series(1, 1000000) AS g(n)",
    "sqlite": "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 1000000)"
    " SELECT n, 'text number ' || n AS s, n / 3.0 AS x FROM g",
}


def test_a_million_rows_pass_through_little_memory(database_url: str) -> None:
    """They take 150 MB and more as rows; in batches a process grows by less than 40."""
    text = MILLION[database_url.partition(":")[0].partition("+")[0]]

    done = subprocess.run(
        [sys.executable, "-c", STREAMED, database_url, text], capture_output=True, text=True, check=True
    )

    rows, grown = done.stdout.split()
    assert int(rows) == 1_000_000
    assert float(grown) < 40


def test_an_engine_in_autocommit_gives_its_rows_in_parts(database_url: str) -> None:
    """PostgreSQL's cursors need a transaction; the connection is in AUTOCOMMIT again after it."""
    engine = sa.create_engine(database_url, isolation_level="AUTOCOMMIT", future=True)
    frame = Session(engine).range(5).order_by("id")

    found = [batch.column(0).to_pylist() for batch in frame.to_batches(2)], frame.to_arrow().num_rows
    frame.write("kept")
    engine.dispose()

    assert found[1] == 5
    assert [number for part in found[0] for number in part] == [0, 1, 2, 3, 4]
