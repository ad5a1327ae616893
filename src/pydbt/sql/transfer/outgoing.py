"""Results on their way out: Arrow tables and batches, pandas, polars, files.

DuckDB gives Arrow as it is. What other databases give as rows becomes columns of the frame's types, so many
rows at a time, so that a result of any size passes through a memory of one size.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.types import TypeEngine

from pydbt.errors import MissingPackageError, OutgoingError, user_location
from pydbt.sql.compile import Statement
from pydbt.sql.rendering import render
from pydbt.sql.transfer.incoming import has_pyarrow
from pydbt.sql.transfer.kinds import to_arrow_type
from pydbt.sql.transfer.passing import sweep

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # no types of its own
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

Schema = Mapping[str, TypeEngine[Any]]
# Rows of a batch where nobody says: small enough for any memory, large enough for any speed.
BATCH = 65_536
_IDLE = 0  # What psycopg and psycopg2 call a connection in no transaction.


def needed(package: str) -> Any:
    """A package that is an extra of ours.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        hint = f"pip install {package}"
        raise MissingPackageError(f"{package} is not installed", where=user_location(), hint=hint) from None


def to_batches(engine: Engine, statement: Statement, schema: Schema, size: int) -> Iterator[pa.RecordBatch]:
    """The rows as Arrow record batches of so many rows at most, read while they are taken."""
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise OutgoingError(
            f"to_batches was given size={size!r}", where=user_location(), hint="give a whole number from 1 on"
        )
    needed("pyarrow")
    sweep(engine)
    return _batches(engine, statement, schema, size)


def _batches(engine: Engine, statement: Statement, schema: Schema, size: int) -> Iterator[pa.RecordBatch]:
    if engine.dialect.name == "duckdb":
        with duckdb_result(engine, statement) as result:
            yield from result.to_arrow_reader(size)
        return
    kinds = arrow_types(engine, schema)
    for columns in columns_in_parts(engine, statement, size):
        yield _batch(columns, kinds, list(schema))


def columns_in_parts(engine: Engine, statement: Statement, size: int) -> Iterator[list[Sequence[Any]]]:
    """The columns of so many rows at a time, by a cursor of the server where there is one."""
    with engine.connect() as connection, _in_transaction(connection):
        streaming = connection.execution_options(stream_results=True, max_row_buffer=size)
        with closing(streaming.execute(statement)) as result:
            for rows in result.partitions(size):
                yield list(zip(*rows, strict=True))


@contextmanager
def _in_transaction(connection: Connection) -> Iterator[None]:
    """A transaction for an engine that is in AUTOCOMMIT: PostgreSQL has cursors in none but that."""
    driver = _driver(connection) if connection.dialect.name == "postgresql" else None
    if driver is None or not driver.autocommit or driver.info.transaction_status != _IDLE:
        yield
        return
    # Past SQLAlchemy, whose 1.4 would not set the engine's own level again.
    driver.autocommit = False
    try:
        yield
    finally:
        driver.rollback()
        driver.autocommit = True


@contextmanager
def duckdb_result(engine: Engine, statement: Statement) -> Iterator[Any]:
    """DuckDB's result of the statement, before SQLAlchemy makes rows of it."""
    with engine.connect() as connection:
        yield _driver(connection).execute(render(statement, connection.dialect))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def arrow_types(engine: Engine, schema: Schema) -> list[pa.DataType | None]:
    """The Arrow types of the columns; None where only the values can tell."""
    import pyarrow as pa

    kinds = [to_arrow_type(type_) for type_ in schema.values()]
    if engine.dialect.name == "sqlite":
        # Whatever a column is declared to be, its whole numbers have 64 bits.
        return [pa.int64() if kind is not None and pa.types.is_integer(kind) else kind for kind in kinds]
    return kinds


def _batch(columns: list[Sequence[Any]], kinds: list[pa.DataType | None], names: list[str]) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = []
    for position, (name, column) in enumerate(zip(names, columns, strict=True)):
        try:
            array = pa.array(column, kinds[position])
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
            raise OutgoingError(
                f"column {name!r} holds what is no {kinds[position] or 'type of Arrow'}: {error}",
                where=user_location(),
                hint="cast it before it leaves",
            ) from None
        # What the first values tell is what all batches have to keep to.
        kinds[position] = array.type
        arrays.append(array)
    return pa.record_batch(arrays, names=names)


def to_arrow(engine: Engine, statement: Statement, schema: Schema) -> pa.Table:
    """All rows as an Arrow table."""
    pyarrow = needed("pyarrow")
    sweep(engine)
    if engine.dialect.name == "duckdb":
        with duckdb_result(engine, statement) as result:
            return result.to_arrow_table()
    kinds = arrow_types(engine, schema)
    parts = list(columns_in_parts(engine, statement, BATCH))
    columns = [
        _chunked([part[position] for part in parts], kind, name)
        for position, (name, kind) in enumerate(zip(schema, kinds, strict=True))
    ]
    return pyarrow.table(columns, names=list(schema))


def _chunked(parts: list[Sequence[Any]], kind: pa.DataType | None, name: str) -> pa.ChunkedArray:
    """One column; its values' own type where they do not have the one that was announced."""
    import pyarrow as pa

    if kind is not None:
        try:
            return pa.chunked_array([pa.array(part, kind) for part in parts], kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            pass  # A decimal with more digits than a type without a scale leaves room for, and the like.
    try:
        return pa.chunked_array([pa.array([value for part in parts for value in part])])
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise OutgoingError(
            f"column {name!r} holds values that Arrow has no one type for: {error}",
            where=user_location(),
            hint="cast it before it leaves",
        ) from None


def to_pandas(engine: Engine, statement: Statement, schema: Schema) -> pd.DataFrame:
    """All rows as a pandas DataFrame."""
    pandas = needed("pandas")
    if has_pyarrow():
        table = to_arrow(engine, statement, schema)
        made = {position: _series(column, pandas) for position, column in enumerate(table.columns)}
    elif engine.dialect.name == "duckdb":
        sweep(engine)
        with duckdb_result(engine, statement) as result:
            return result.df()
    else:
        columns = _columns(engine, statement, len(schema))
        made = {
            position: pandas.Series(list(column), dtype=_pandas_type(type_, has_null=None in column))
            for position, (column, type_) in enumerate(zip(columns, schema.values(), strict=True))
        }
    frame = pandas.DataFrame(made)
    frame.columns = list(schema)
    return frame


def _columns(engine: Engine, statement: Statement, count: int) -> list[Sequence[Any]]:
    sweep(engine)
    parts = list(columns_in_parts(engine, statement, BATCH))
    return [[value for part in parts for value in part[position]] for position in range(count)]


def _series(column: pa.ChunkedArray, pandas: Any) -> pd.Series:
    """A column as pandas has it: whole numbers and booleans keep their type beside NULLs."""
    import pyarrow as pa

    nullable: dict[pa.DataType, Any] = {}
    if column.null_count:
        nullable = {
            pa.bool_(): pandas.BooleanDtype(),
            pa.int8(): pandas.Int8Dtype(),
            pa.int16(): pandas.Int16Dtype(),
            pa.int32(): pandas.Int32Dtype(),
            pa.int64(): pandas.Int64Dtype(),
        }
    return column.to_pandas(types_mapper=nullable.get, date_as_object=False)


def _pandas_type(type_: TypeEngine[Any], *, has_null: bool) -> str:
    """As `_series` does it, where there is no pyarrow."""
    if isinstance(type_, sa.Boolean):
        return "boolean" if has_null else "bool"
    if isinstance(type_, sa.Integer):
        return "Int64" if has_null else "int64"
    if isinstance(type_, sa.Float):
        return "float64"
    if isinstance(type_, sa.DateTime):
        return "datetime64[us, UTC]" if type_.timezone else "datetime64[us]"
    if isinstance(type_, sa.Date):
        return "datetime64[ms]"
    return "timedelta64[us]" if isinstance(type_, sa.Interval) else "object"


def to_polars(engine: Engine, statement: Statement, schema: Schema) -> pl.DataFrame:
    """All rows as a polars DataFrame."""
    polars = needed("polars")
    if has_pyarrow():
        frame: pl.DataFrame = polars.from_arrow(to_arrow(engine, statement, schema))
        return frame
    columns = _columns(engine, statement, len(schema))
    series = [
        polars.Series(name, list(column), dtype=_polars_type(polars, type_), strict=False)
        for (name, type_), column in zip(schema.items(), columns, strict=True)
    ]
    made: pl.DataFrame = polars.DataFrame(series)
    return made


def _polars_type(polars: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, sa.DateTime):
        return polars.Datetime("us", "UTC" if type_.timezone else None)
    simple: tuple[tuple[Any, Any], ...] = (
        (sa.Boolean, polars.Boolean),
        (sa.Integer, polars.Int64),
        (sa.Float, polars.Float64),
        (sa.String, polars.String),
        (sa.Date, polars.Date),
        (sa.Time, polars.Time),
        (sa.Interval, polars.Duration("us")),
        (sa.LargeBinary, polars.Binary),
    )
    return next((kind for ours, kind in simple if isinstance(type_, ours)), None)
