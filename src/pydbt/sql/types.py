"""Literals meet columns: what a Python value becomes beside a column of a type, and which types compare.

A database that compares a date with text does so in its own way, or finds nothing, or fails. So values are
read here, in Python, at the user's line: ISO text becomes a date, 0 and 1 become booleans, and what
cannot be read is an error.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from sqlalchemy.types import (
    BigInteger,
    Float,
    Integer,
    Interval,
    NullType,
    Numeric,
    SmallInteger,
    TypeDecorator,
    TypeEngine,
)
from sqlalchemy.types import (
    Enum as EnumType,
)

from pydbt.errors import LiteralError, TypeMismatchError, user_location
from pydbt.sql.values import IN_UTC, LARGEST_INTEGER, check_size, known


class Family(Enum):
    """The kinds of types that matter when two values meet."""

    NUMBER = "a number"
    TEXT = "text"
    BOOLEAN = "a boolean"
    DATE = "a date"
    DATETIME = "a date with time"
    TIME = "a time"
    INTERVAL = "an interval"
    BINARY = "binary"
    OTHER = "something else"

    # Enum's own is Python, and every operand is looked up by its family.
    __hash__ = object.__hash__


_OF_PYTHON = {
    bool: Family.BOOLEAN,
    int: Family.NUMBER,
    float: Family.NUMBER,
    decimal.Decimal: Family.NUMBER,
    str: Family.TEXT,
    dt.datetime: Family.DATETIME,
    dt.date: Family.DATE,
    dt.time: Family.TIME,
    dt.timedelta: Family.INTERVAL,
    bytes: Family.BINARY,
}
_known: dict[type, Family] = {}

# Databases that bound their decimals keep 38 digits.
LONGEST_DECIMAL = 38


def family_of(type_: TypeEngine[Any]) -> Family:
    """The family of a SQLAlchemy type; OTHER is never checked.

    >>> from sqlalchemy.types import Date
    >>> family_of(Integer()), family_of(Date()), family_of(NullType())
    (<Family.NUMBER: 'a number'>, <Family.DATE: 'a date'>, <Family.OTHER: 'something else'>)
    """
    kind = type_.__class__
    found = _known.get(kind)
    if found is None:
        found = _known[kind] = _family_of(type_)
    return found


def _family_of(type_: TypeEngine[Any]) -> Family:
    if isinstance(type_, (TypeDecorator, EnumType)):
        return Family.OTHER  # Only the type itself knows which Python values it takes.
    try:
        return _OF_PYTHON.get(type_.python_type, Family.OTHER)
    except NotImplementedError:
        return Family.OTHER


def family_of_value(value: Any) -> Family:
    """The family of a plain Python value.

    >>> family_of_value(True), family_of_value(dt.date(2024, 1, 31)), family_of_value(None)
    (<Family.BOOLEAN: 'a boolean'>, <Family.DATE: 'a date'>, <Family.OTHER: 'something else'>)
    """
    family = _OF_PYTHON.get(value.__class__)
    if family is not None:
        return family
    return next((of for kind, of in _OF_PYTHON.items() if isinstance(value, kind)), Family.OTHER)


def is_integer(type_: TypeEngine[Any]) -> bool:
    """Whether values of the type are whole numbers by declaration."""
    return isinstance(type_, Integer)


def is_float(type_: TypeEngine[Any]) -> bool:
    """Whether values of the type are binary floating-point numbers."""
    return isinstance(type_, Float)


def is_decimal(type_: TypeEngine[Any]) -> bool:
    """Whether values of the type are exact numbers with digits after the point."""
    return isinstance(type_, Numeric) and not isinstance(type_, Float)


def is_interval(type_: TypeEngine[Any]) -> bool:
    """Whether values of the type are lengths of time, also where a database keeps them as something else."""
    return isinstance(type_, Interval) or family_of(type_) is Family.INTERVAL


def is_fraction(type_: TypeEngine[Any]) -> bool:
    """Whether values of the type are numbers that need not be whole."""
    return is_decimal(type_) or is_float(type_)


def meet(value: Any, type_: TypeEngine[Any]) -> Any:
    """The value as a column of this type takes it.

    Raises:
        LiteralError: The text is not a date, time or the like, or a whole number needs more than 64 bits.
        TypeMismatchError: The two do not compare.
        ColumnArgumentError: It is no value at all.

    >>> from sqlalchemy.types import Boolean, Date, String
    >>> meet("2022-12-30", Date()), meet(1, Boolean()), meet("b", String())
    (datetime.date(2022, 12, 30), True, 'b')
    """
    family = family_of(type_)
    if family is Family.OTHER:
        return value
    value = known(value)
    return None if value is None else _MEET[family](value, type_)


def _mismatch(value: Any, family: Family, hint: str = "") -> TypeMismatchError:
    what = f"{family.value} does not compare with {value!r}"
    return TypeMismatchError(what, where=user_location(), hint=hint or "cast one of the two")


def _number(value: Any, type_: TypeEngine[Any]) -> Any:
    if value.__class__ is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return value  # Most are.
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (str, bytes, dt.date, dt.time, dt.timedelta)):
        raise _mismatch(value, Family.NUMBER, "write the number without quotes, or cast the column to text")
    if isinstance(value, int) and is_integer(type_):
        check_size(value, "cast the column to a decimal first")
    elif isinstance(value, int):
        return _float(value) if is_float(type_) else decimal.Decimal(value)
    return _decimal(value) if isinstance(value, float) and is_decimal(type_) else value


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        what = f"a whole number of {value.bit_length()} bits does not fit into a float"
        hint = "cast the column to a decimal first"
        raise LiteralError(what, where=user_location(), hint=hint) from None


def _decimal(value: float) -> Any:
    """A float beside a decimal as the decimal it was written as: exact, and without a cast of the column."""
    decimals = decimal.Decimal(repr(value)) if math.isfinite(value) else None
    return value if decimals is None or len(format(decimals, "f")) > LONGEST_DECIMAL else decimals


def _text(value: Any, _: TypeEngine[Any]) -> Any:
    if isinstance(value, (bool, int, float, decimal.Decimal, bytes, dt.date, dt.time, dt.timedelta)):
        raise _mismatch(value, Family.TEXT, "write the value as text, or cast the column")
    return value


def _boolean(value: Any, _: TypeEngine[Any]) -> Any:
    if isinstance(value, bool) or value not in (0, 1):
        if not isinstance(value, bool):
            raise _mismatch(value, Family.BOOLEAN, "use True or False")
        return value
    return bool(value)


def _read(value: str, read: Callable[[str], Any], family: Family, example: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        what = f"{value!r} is not {family.value}: {error}"
        raise LiteralError(what, where=user_location(), hint=f"write it as {example!r}") from None


def _date(value: Any, _: TypeEngine[Any]) -> Any:
    if isinstance(value, str):
        return _read(value, _date_from_text, Family.DATE, "2022-12-30")
    if isinstance(value, dt.datetime):
        if value.time() == dt.time() and value.tzinfo is None:
            return value.date()
        raise _mismatch(value, Family.DATE, "compare with a date, or cast the column to a DateTime")
    if isinstance(value, dt.date):
        return value
    raise _mismatch(value, Family.DATE)


def _date_from_text(text: str) -> dt.date:
    moment = dt.datetime.fromisoformat(text.strip())
    if moment.time() != dt.time():
        raise ValueError("it has a time of day")
    return moment.date()


def _datetime(value: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(value, str):
        value = _read(value.strip(), dt.datetime.fromisoformat, Family.DATETIME, "2022-12-30 17:45:00")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  a date has no zone, nor has its midnight
    if isinstance(value, dt.date):
        return _of_zone(value, type_)
    raise _mismatch(value, Family.DATETIME)


def _time(value: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(value, str):
        value = _read(value.strip(), dt.time.fromisoformat, Family.TIME, "17:45:00")
    if isinstance(value, dt.time):
        return _of_zone(value, type_)
    raise _mismatch(value, Family.TIME)


def _of_zone(value: Any, type_: Any) -> Any:
    """The moment, unless it has a time zone where the column has none: which moment is meant is not said."""
    if value.tzinfo is not None and not type_.timezone:
        what = f"{value} has a time zone, and what it stands beside has none"
        raise TypeMismatchError(what, where=user_location(), hint=IN_UTC)
    return value


def _interval(value: Any, _: TypeEngine[Any]) -> Any:
    if isinstance(value, dt.timedelta):
        return value
    raise _mismatch(value, Family.INTERVAL, "use a datetime.timedelta")


def _binary(value: Any, _: TypeEngine[Any]) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return value
    raise _mismatch(value, Family.BINARY, "use bytes")


_MEET: dict[Family, Callable[[Any, TypeEngine[Any]], Any]] = {
    Family.NUMBER: _number,
    Family.TEXT: _text,
    Family.BOOLEAN: _boolean,
    Family.DATE: _date,
    Family.DATETIME: _datetime,
    Family.TIME: _time,
    Family.INTERVAL: _interval,
    Family.BINARY: _binary,
}

_MOMENTS = {Family.DATE, Family.DATETIME}


def can_compare(left: TypeEngine[Any], right: TypeEngine[Any]) -> bool:
    """Whether values of the two types compare the same way on every database.

    >>> from sqlalchemy.types import String
    >>> can_compare(Integer(), Float()), can_compare(Integer(), String())
    (True, False)
    """
    one, other = family_of(left), family_of(right)
    return one is other or Family.OTHER in (one, other) or {one, other} == _MOMENTS


def common_type(left: TypeEngine[Any], right: TypeEngine[Any]) -> TypeEngine[Any] | None:
    """The type that holds values of both, of decimals every digit, or None where there is none.

    >>> from sqlalchemy.types import Date, String
    >>> common_type(Integer(), Numeric(10, 2)), common_type(Numeric(10, 2), Numeric(6, 4))
    (Numeric(precision=10, scale=2), Numeric(precision=12, scale=4))
    >>> common_type(String(), Date()) is None
    True
    """
    if isinstance(left, NullType):
        return right
    if isinstance(right, NullType):
        return left
    one, other = family_of(left), family_of(right)
    if {one, other} == _MOMENTS:
        return left if one is Family.DATETIME else right
    if one is not other:
        return None if Family.OTHER not in (one, other) else left
    return _wider_number(left, right) if one is Family.NUMBER else left


def _wider_number(left: TypeEngine[Any], right: TypeEngine[Any]) -> TypeEngine[Any]:
    if is_decimal(left) and is_decimal(right):
        return _wider_decimal(left, right)
    return max(left, right, key=_width)


def _wider_decimal(one: Any, other: Any) -> TypeEngine[Any]:
    """The decimal with room for the digits of both; without bounds where one of them has none."""
    if one.scale == other.scale and one.precision == other.precision:
        return one  # type: ignore[no-any-return]
    if one.scale is None or other.scale is None:
        return Numeric()
    scale = max(one.scale, other.scale)
    if one.precision is None or other.precision is None:
        return Numeric(None, scale)
    before = max(one.precision - one.scale, other.precision - other.scale)
    return Numeric(min(before + scale, LONGEST_DECIMAL), scale)


def _width(type_: TypeEngine[Any]) -> int:
    """Numbers from narrow to wide: a short integer, one, a long one, a decimal, a float."""
    if is_float(type_):
        return 4
    if isinstance(type_, Numeric):
        return 3
    if isinstance(type_, BigInteger):
        return 2
    return 0 if isinstance(type_, SmallInteger) else 1


def whole_type(left: TypeEngine[Any], right: TypeEngine[Any]) -> TypeEngine[Any] | None:
    """The wider of two whole numbers' types, which is that of their sum; None where one is no whole number.

    >>> whole_type(SmallInteger(), BigInteger()), whole_type(Integer(), Numeric())
    (BigInteger(), None)
    """
    if not (is_integer(left) and is_integer(right)):
        return None
    return left if left.__class__ is right.__class__ else max(left, right, key=_width)
