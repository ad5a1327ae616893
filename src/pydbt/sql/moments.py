"""Moments as numbers, so that the time between two of them is a difference on every database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import Cast
from sqlalchemy.sql.expression import extract, literal_column
from sqlalchemy.types import BigInteger, DateTime

from pydbt.sql.semantics import Portable

_MILLION: Any = literal_column("1000000")


class Microseconds(Portable):
    """A date or a date with time as the microseconds since 1970."""

    inherit_cache = True
    __visit_name__ = "pydbt_microseconds"

    def __init__(self, element: Any) -> None:
        super().__init__(element, BigInteger())


def microseconds(duration: dt.timedelta) -> int:
    """A duration in microseconds.

    >>> import datetime as dt
    >>> microseconds(dt.timedelta(minutes=1))
    60000000
    """
    return duration // dt.timedelta(microseconds=1)


@compiles(Microseconds)
def _of_epoch(node: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(Cast(extract("epoch", node.element) * _MILLION, BigInteger()), **kw)


@compiles(Microseconds, "duckdb")
def _duckdb(node: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(functions.func.epoch_us(Cast(node.element, DateTime())), **kw)


@compiles(Microseconds, "mysql", "mariadb")
def _mysql(node: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    return f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {compiler.process(node.element, **kw)})"


@compiles(Microseconds, "sqlite")
def _sqlite(node: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    """Moments are text there, ``2022-12-30 17:45:00.000000``; dates end before the time."""
    # Of the whole text, strftime would round the fraction, and give the next second.
    # Each time anew: SQLAlchemy 1.4 counts the parameters as they are rendered.
    seconds, fraction = (compiler.process(node.element, **kw) for _ in range(2))
    return (
        f"(CAST(strftime('%s', substr({seconds}, 1, 19)) AS INTEGER) * 1000000"
        f" + CAST(substr(substr({fraction}, 21) || '000000', 1, 6) AS INTEGER))"
    )
