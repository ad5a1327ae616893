"""PostgreSQL's CSV format, made by Arrow: what `copy_text` makes, several times as fast, where pyarrow is.

Arrow puts every text in quotes and writes nothing for NULL, which is how PostgreSQL tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pydbt.sql.transfer.copy_text import refused_nul, text_maker
from pydbt.sql.transfer.fitting import arrow_array
from pydbt.sql.transfer.incoming import Incoming
from pydbt.sql.transfer.kinds import AnyType, is_exact, to_arrow_type

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own


def as_csv(rows: Incoming) -> bytes:
    r"""The rows as PostgreSQL's COPY reads them with ``FORMAT csv``; needs pyarrow.

    >>> as_csv(Incoming(("a", "b"), (sa.Integer(), sa.String()), 3, ([1, None, 3], ["x", "", None])))
    b'1,"x"\n,""\n3,\n'
    """
    import pyarrow as pa
    from pyarrow import csv

    given = rows.arrow.columns if rows.arrow is not None else rows.values or ()
    make = _of_values if rows.arrow is None else _of_arrow
    columns = [make(*column) for column in zip(given, rows.types, rows.names, strict=True)]
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    csv.write_csv(pa.table(columns, names=list(map(str, range(len(columns))))), sink, options)
    made: bytes = sink.getvalue().to_pybytes()
    if b"\x00" in made:
        raise refused_nul(next(text for column in columns for text in _texts(column) if "\x00" in text))
    return made


def _of_arrow(column: pa.ChunkedArray, type_: AnyType, name: str) -> pa.ChunkedArray | pa.Array:
    if isinstance(type_, (sa.LargeBinary, sa.Interval)):
        return _of_values(column.to_pylist(), type_, name)
    return column


def _of_values(column: Sequence[Any], type_: AnyType, name: str) -> pa.Array:
    """A column of what Arrow writes as PostgreSQL reads it; all else as text, of which it makes a value."""
    import pyarrow as pa

    if isinstance(type_, sa.Integer):
        return arrow_array(column, pa.int64(), type_, name)
    if isinstance(type_, _WRITTEN_ALIKE) and not is_exact(type_):
        return arrow_array(column, to_arrow_type(type_), type_, name)
    make = text_maker(type_)
    return pa.array([None if value is None else make(value) for value in column], pa.string())


def _texts(column: pa.Array | pa.ChunkedArray) -> Iterable[str]:
    import pyarrow as pa

    return (text for text in column.to_pylist() if text) if pa.types.is_string(column.type) else ()


_WRITTEN_ALIKE = (sa.Boolean, sa.Float, sa.Numeric, sa.String, sa.Date, sa.DateTime, sa.Time)
