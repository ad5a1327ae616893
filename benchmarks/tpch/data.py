"""TPC-H data in a database: Parquet files by `tpchgen-cli`, the specification's types, indexes on keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own
import sqlalchemy as sa
from pyarrow import csv, parquet
from sqlalchemy.engine import Engine

INDEXES = {
    "customer": ("c_custkey",),
    "lineitem": ("l_orderkey", "l_partkey"),
    "nation": ("n_nationkey",),
    "orders": ("o_orderkey", "o_custkey"),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "region": ("r_regionkey",),
    "supplier": ("s_suppkey",),
}
_TYPES: tuple[tuple[Any, Any], ...] = (
    (pa.types.is_int64, sa.BigInteger()),
    (pa.types.is_integer, sa.Integer()),
    (pa.types.is_decimal, sa.Numeric(15, 2)),
    (pa.types.is_date, sa.Date()),
)
_BATCH = 50_000


def generated(folder: Path, scale: float) -> Path:
    """The folder with the files of that scale, made when they are not there; 1 is a gigabyte of text."""
    made = folder / f"tpch-{scale:g}"
    if not (made / "done").exists():
        program = Path(sys.executable).with_name("tpchgen-cli")
        command = [str(program), "parquet", "-s", f"{scale:g}", "--output-dir", str(made)]
        subprocess.run(command, check=True, capture_output=True)
        (made / "done").touch()
    return made


def load(engine: Engine, files: Path) -> None:
    """Make the eight tables, fill them, index their keys, and gather statistics."""
    with engine.begin() as connection:
        for name in INDEXES:
            _load_table(connection, name, files / f"{name}.parquet")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _load_table(connection: Any, name: str, file: Path) -> None:
    table = _table(name, parquet.read_schema(file))
    table.create(connection)
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect.name
    if dialect == "duckdb":
        text = str(sa.insert(table).from_select(list(table.columns.keys()), sa.select(sa.text("*"))))
        driver.execute(f"{text} FROM read_parquet(?)", [str(file)])
        return
    for batch in parquet.ParquetFile(file).iter_batches(_BATCH):
        if dialect == "postgresql":
            _copy(driver, name, batch)
        else:
            _insert(driver, table, batch)
    for column in INDEXES[name]:
        sa.Index(f"{name}_{column}", table.c[column]).create(connection)


def _table(name: str, schema: Any) -> sa.Table:
    columns: list[sa.Column[Any]] = [
        sa.Column(field.name, next((kind for is_it, kind in _TYPES if is_it(field.type)), sa.Text()))
        for field in schema
    ]
    return sa.Table(name, sa.MetaData(), *columns)


def _copy(driver: Any, name: str, batch: Any) -> None:
    written = pa.BufferOutputStream()
    # Its CSV writer knows text of the older form only.
    columns = [
        each.cast(pa.string()) if pa.types.is_string_view(each.type) else each for each in batch.columns
    ]
    plain = pa.record_batch(columns, names=batch.schema.names)
    csv.write_csv(plain, written, csv.WriteOptions(include_header=False))
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
        copy.write(written.getvalue().to_pybytes())


def _insert(driver: Any, table: sa.Table, batch: Any) -> None:
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_decimal(field.type):
            columns.append(column.cast(pa.float64()).to_pylist())
        elif pa.types.is_date(field.type):
            columns.append(column.cast(pa.string()).to_pylist())
        else:
            columns.append(column.to_pylist())
    marks = ", ".join("?" for _ in columns)
    driver.executemany(f"INSERT INTO {table.name} VALUES ({marks})", zip(*columns, strict=True))
