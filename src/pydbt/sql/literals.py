"""Values as the text of SQL literals, in the form that each database reads back as what they were."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import re
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect as SQLAlchemyDialect
from sqlalchemy.types import TypeEngine

from pydbt.errors import UnwritableValueError, user_location
from pydbt.sql.dialects.mysql import without_zone

_MYSQL = frozenset({"mysql", "mariadb"})


def literal(value: Any, kind: TypeEngine[Any], dialect: SQLAlchemyDialect) -> str:
    """A value as the text of an SQL literal of the database, in the form the driver would have sent it.

    Raises:
        UnwritableValueError: It has none.
    """
    if isinstance(kind, sa.JSON) and value is not None:
        return _text(json.dumps(value), dialect)
    if isinstance(value, (bytes, bytearray, memoryview)):
        # Drivers wrap bytes in objects of their own.
        return _bytes(bytes(value), dialect)
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    sent = process(value) if process else value
    if isinstance(sent, (list, tuple)):
        item = getattr(kind, "item_type", sa.types.NULLTYPE)
        parts = ", ".join(literal(part, item, dialect) for part in sent)
        return f"ARRAY[{parts}]" if dialect.name == "postgresql" else f"[{parts}]"
    for kinds, written in _WRITTEN:
        if isinstance(sent, kinds):
            return written(sent, dialect)
    raise UnwritableValueError(
        f"a value of type {type(sent).__name__!r} cannot be written into a view",
        where=user_location(),
        hint="make it a table, or cast the value from text: cast('…', type)",
    )


def _text(value: str, dialect: SQLAlchemyDialect) -> str:
    if "\x00" in value:
        raise UnwritableValueError(
            "a text with a NUL character cannot be written into SQL", where=user_location()
        )
    doubled = value.replace("'", "''")
    if dialect.name == "postgresql" and "\\" in value:
        # Right whatever standard_conforming_strings says.
        return "E'" + doubled.replace("\\", "\\\\") + "'"
    if dialect.name in _MYSQL:
        # Its own signs, which the connection's sql_mode leaves as they are.
        doubled = doubled.replace("\\", "\\\\")
    return f"'{doubled}'"


def _bytes(value: bytes, dialect: SQLAlchemyDialect) -> str:
    if dialect.name == "postgresql":
        return f"CAST('\\x{value.hex()}' AS BYTEA)"
    if dialect.name == "duckdb":
        return "CAST('" + re.sub("(..)", r"\\x\1", value.hex()) + "' AS BLOB)"
    return f"X'{value.hex()}'"


def _number(value: float, dialect: SQLAlchemyDialect) -> str:
    if dialect.name in _MYSQL:
        # With an exponent it is a float from the first.
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    if dialect.name != "sqlite":
        # As text: a number with a point would be read as a decimal first, and lose its last digits.
        return f"CAST('{value!r}' AS DOUBLE PRECISION)"
    if math.isfinite(value):
        return repr(value)
    return "NULL" if math.isnan(value) else f"{'-' if value < 0 else ''}9e999"


def _bool(value: bool, dialect: SQLAlchemyDialect) -> str:  # noqa: FBT001  it is the value
    return str(value).upper() if getattr(dialect, "supports_native_boolean", True) else str(int(value))


def _decimal(value: decimal.Decimal, dialect: SQLAlchemyDialect) -> str:
    if not value.is_finite():
        return _text(str(value), dialect)
    written = format(value, "f")
    # Without a point it would be read as a whole number, and so would sums of it.
    return written if "." in written else f"{written}.0"


def _datetime(value: dt.datetime, dialect: SQLAlchemyDialect) -> str:
    if dialect.name in _MYSQL:
        return f"TIMESTAMP{_text(without_zone(value).isoformat(' '), dialect)}"
    name = "TIMESTAMP WITH TIME ZONE" if value.tzinfo else "TIMESTAMP"
    return f"CAST({_text(value.isoformat(' '), dialect)} AS {name})"


def _cast(value: dt.date | dt.time | uuid.UUID, dialect: SQLAlchemyDialect) -> str:
    if dialect.name in _MYSQL and not isinstance(value, uuid.UUID):
        return f"{type(value).__name__.upper()}{_text(str(value), dialect)}"
    return f"CAST({_text(str(value), dialect)} AS {type(value).__name__.upper()})"


def _interval(value: dt.timedelta, dialect: SQLAlchemyDialect) -> str:
    if dialect.name in _MYSQL:
        raise UnwritableValueError("MariaDB has no intervals", where=user_location())
    return f"CAST('{value.days} days {value.seconds}.{value.microseconds:06d} seconds' AS INTERVAL)"


# In this order: a bool is an int, and a datetime is a date.
_WRITTEN: tuple[tuple[tuple[type, ...], Callable[[Any, SQLAlchemyDialect], str]], ...] = (
    ((type(None),), lambda _value, _dialect: "NULL"),
    ((bool,), _bool),
    ((int,), lambda value, _dialect: str(int(value))),
    ((float,), _number),
    ((decimal.Decimal,), _decimal),
    ((str,), _text),
    ((dt.datetime,), _datetime),
    ((dt.date, dt.time, uuid.UUID), _cast),
    ((dt.timedelta,), _interval),
)
