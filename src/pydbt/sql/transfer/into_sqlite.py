"""Rows into a table of SQLite: INSERTs of many rows each, of values that its driver takes as they are.

Each column is made at once what SQLAlchemy would store, so that it reads it back. A value of another class
than SQLite's own, a boolean's even, costs the driver a search for an adapter.
"""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import TableClause

from pydbt.sql.rendering import render
from pydbt.sql.transfer.incoming import Incoming
from pydbt.sql.transfer.kinds import AnyType
from pydbt.sql.transfer.statements import InsertRows

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

# A statement of fifty rows takes less than half the time of fifty statements; a hundred gain no more.
MOST_ROWS = 50
# What every SQLite takes in a statement.
MOST_VALUES = 999
_BITS = {True: 1, False: 0, None: None}


def insert(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    """Put the rows into a table whose columns have these names."""
    width = len(names)
    together = min(MOST_ROWS, MOST_VALUES // width) or 1
    many, one = (render(InsertRows(table, names, count), connection.dialect) for count in (together, 1))
    driver: Any = connection.connection.dbapi_connection
    for part in rows.parts():
        columns = _of_arrow(part, connection) if part.arrow is not None else _of_values(part, connection)
        values = itertools.chain.from_iterable(zip(*columns, strict=True))
        whole, rest = divmod(part.count, together)
        driver.executemany(many, itertools.islice(_grouped(values, width * together), whole))
        driver.executemany(one, itertools.islice(_grouped(values, width), rest))


def _grouped(values: Iterable[Any], size: int) -> Iterable[tuple[Any, ...]]:
    return zip(*[iter(values)] * size, strict=False)


def _of_values(part: Incoming, connection: Connection) -> list[Iterable[Any]]:
    pairs = zip(part.values or (), part.types, strict=True)
    return [_stored(column, type_, connection) for column, type_ in pairs]


def _stored(column: Sequence[Any], type_: AnyType, connection: Connection) -> Iterable[Any]:
    """Plain values as SQLAlchemy stores them in SQLite."""
    if isinstance(type_, sa.Boolean):
        return map(_BITS.__getitem__, column)
    make = _maker(type_, connection)
    if make is None:
        return column
    if type(None) in set(map(type, column)):
        return [None if value is None else make(value) for value in column]
    return map(make, column)


def _of_arrow(part: Incoming, connection: Connection) -> list[Iterable[Any]]:
    """Days and moments as Arrow writes them, which is as SQLAlchemy does; all else by way of plain values."""
    import pyarrow as pa

    columns: list[Iterable[Any]] = []
    for column, type_ in zip(part.as_arrow().columns, part.types, strict=True):
        if isinstance(type_, (sa.Date, sa.DateTime)) and _is_in_pythons_years(column):
            columns.append(column.cast(pa.string()).to_pylist())
        else:
            columns.append(_stored(column.to_pylist(), type_, connection))
    return columns


def _is_in_pythons_years(column: pa.ChunkedArray) -> bool:
    """Whether the days or moments would be read back: their years have four digits, the first is 1."""
    import pyarrow as pa
    from pyarrow import compute

    kind = dt.date if pa.types.is_date(column.type) else dt.datetime
    ends = compute.min_max(column)
    is_early = compute.less(ends["min"], pa.scalar(kind.min, column.type)).as_py()
    is_late = compute.greater(ends["max"], pa.scalar(kind.max, column.type)).as_py()
    return not is_early and not is_late


def _maker(type_: AnyType, connection: Connection) -> Callable[[Any], Any] | None:
    """How SQLAlchemy stores a value; None for as it is."""
    if isinstance(type_, (sa.Integer, sa.String, sa.LargeBinary, sa.Float)):
        return None
    if isinstance(type_, sa.Numeric):
        return _number
    if isinstance(type_, sa.DateTime):
        return methodcaller("isoformat", " ", "microseconds")
    if isinstance(type_, sa.Date):
        return dt.date.isoformat
    processor: Callable[[Any], Any] | None = type_.dialect_impl(connection.dialect).bind_processor(
        connection.dialect
    )
    return processor


def _number(value: decimal.Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
