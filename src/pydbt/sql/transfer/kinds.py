"""Types on the way in and out: Python's, SQLAlchemy's and Arrow's, each to the next."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import types as sqltypes
from sqlalchemy.types import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Time,
    TypeEngine,
)

from pydbt.errors import ColumnArgumentError, IncomingError, user_location
from pydbt.sql.semantics import Double
from pydbt.sql.type_names import PYTHON_TYPES, instance, type_of_argument
from pydbt.sql.values import LARGEST_INTEGER

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # no types of its own

AnyType = TypeEngine[Any]

MOST_DIGITS = 38
# What a decimal without a declared scale gets in Arrow, which has no decimals without one.
DEFAULT_SCALE = 18

_NONE = type(None)
# Which kinds of values meet in one column, and as what.
_TOGETHER: dict[frozenset[type], type] = {
    frozenset({int, float}): float,
    frozenset({int, decimal.Decimal}): decimal.Decimal,
    frozenset({dt.date, dt.datetime}): dt.datetime,
}
_NAMES = {
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    decimal.Decimal: "a decimal",
    str: "text",
    dt.datetime: "a date with time",
    dt.date: "a date",
    dt.time: "a time",
    dt.timedelta: "an interval",
    bytes: "bytes",
}


def declared(kind: Any, column: str) -> AnyType:
    """The type a schema names: a SQLAlchemy type, its class, a Python class, or a name as ``cast`` takes it.

    >>> declared(int, "a"), declared(Date, "a"), declared("decimal(10,2)", "a")
    (BigInteger(), Date(), Numeric(precision=10, scale=2))
    """
    made = _named(kind, column) if isinstance(kind, str) else instance(kind)
    if not isinstance(made, TypeEngine):
        raise IncomingError(
            f"schema: {kind!r} is no type for column {column!r}",
            where=user_location(),
            hint='give a name, a Python class or a SQLAlchemy type: "decimal(10,2)", str, Integer()',
        )
    # SQLAlchemy's Float is 32 bits on DuckDB.
    return Double() if isinstance(made, Float) and not isinstance(made, sqltypes.REAL) else made


def _named(name: str, column: str) -> AnyType:
    try:
        return type_of_argument(name, f"schema: column {column!r}")
    except ColumnArgumentError as error:
        raise IncomingError(error.what, where=error.where, hint=error.hint) from None


def kind_of_values(values: Sequence[Any], column: str, classes: Iterable[type] = ()) -> AnyType:
    """The narrowest type that holds all these plain values, whose classes may be known already.

    Raises:
        IncomingError: There is none, or no value to tell it.

    >>> kind_of_values([1, None, 2.5], "a"), kind_of_values([decimal.Decimal("1.50")], "b")
    (Double(), Numeric(precision=18, scale=2))
    """
    kinds = frozenset(base_of(kind) for kind in classes or set(map(type, values)) if kind is not _NONE)
    if not kinds:
        raise IncomingError(
            f"column {column!r} has no value that tells its type",
            where=user_location(),
            hint=f"name it: schema={{{column!r}: Integer()}}",
        )
    kind = next(iter(kinds)) if len(kinds) == 1 else _TOGETHER.get(kinds)
    if kind is None:
        raise _mixed(values, column, kinds)
    if kind is int:
        return _whole(values, column)
    if kind is decimal.Decimal:
        return _exact(values, column)
    if kind is dt.datetime:
        return DateTime(timezone=_has_zone(values, column))
    return PYTHON_TYPES[kind]()


def base_of(kind: type) -> type:
    """The class of ours that a class of values is, or comes from."""
    return (
        kind
        if kind in PYTHON_TYPES
        else next((base for base in PYTHON_TYPES if issubclass(kind, base)), kind)
    )


def _mixed(values: Sequence[Any], column: str, kinds: frozenset[type]) -> IncomingError:
    firsts = sorted(
        next(row for row, value in enumerate(values) if base_of(type(value)) is kind) for kind in kinds
    )
    shown = ", ".join(
        f"{_NAMES[base_of(type(values[row]))]} in row {row + 1} ({values[row]!r})" for row in firsts
    )
    return IncomingError(
        f"column {column!r} mixes {shown[:300]}", where=user_location(), hint="make its values alike"
    )


def _whole(values: Sequence[Any], column: str) -> AnyType:
    if is_within_64_bits(values):
        return BigInteger()
    if max(abs(value) for value in values if value is not None) < 10**MOST_DIGITS:
        return Numeric(MOST_DIGITS, 0)
    raise IncomingError(
        f"column {column!r} holds a whole number of more than {MOST_DIGITS} digits",
        where=user_location(),
        hint="give it as text, or as a float",
    )


def is_within_64_bits(values: Sequence[Any]) -> bool:
    """Whether whole numbers, NULLs among them, all fit into 64 bits."""
    numbers = values if None not in values else [value for value in values if value is not None]
    return not numbers or (min(numbers) >= -LARGEST_INTEGER - 1 and max(numbers) <= LARGEST_INTEGER)


def _exact(values: Sequence[Any], column: str) -> AnyType:
    whole = scale = 0
    for value in values:
        if value is None:
            continue
        digits, exponent = decimal.Decimal(value).as_tuple()[1:]
        if not isinstance(exponent, int):
            raise IncomingError(
                f"column {column!r} holds {value}, which no decimal of a database is",
                where=user_location(),
                hint="use None, or floats",
            )
        scale = max(scale, -exponent)
        whole = max(whole, len(digits) + exponent)
    if whole + scale > MOST_DIGITS:
        raise IncomingError(
            f"column {column!r} needs decimals of {whole + scale} digits, and databases have {MOST_DIGITS}",
            where=user_location(),
            hint="round them, or give floats",
        )
    return Numeric(18 if whole + scale <= 18 else MOST_DIGITS, scale)  # noqa: PLR2004  what fits into 64 bits


def _has_zone(values: Sequence[Any], column: str) -> bool:
    zoned = {getattr(value, "tzinfo", None) is not None for value in values if value is not None}
    if len(zoned) > 1:
        raise IncomingError(
            f"column {column!r} mixes moments with and without a time zone",
            where=user_location(),
            hint="give all of them one, or none",
        )
    return True in zoned


def is_exact(type_: AnyType) -> bool:
    """Whether the values of a type are decimals: in some SQLAlchemy a Float is a Numeric, too."""
    return isinstance(type_, Numeric) and not isinstance(type_, Float) and type_.asdecimal is True


def to_arrow_type(type_: AnyType) -> pa.DataType | None:
    """The Arrow type of a column's values, whatever they are; None where only the values can tell it."""
    import pyarrow as pa

    if isinstance(type_, sqltypes.ARRAY):
        item = to_arrow_type(type_.item_type)
        return None if item is None else pa.list_(item)
    if isinstance(type_, DateTime):
        return pa.timestamp("us", "UTC" if type_.timezone else None)
    if is_exact(type_):
        assert isinstance(type_, Numeric), "only those are exact"
        if type_.precision is not None and type_.precision > MOST_DIGITS:
            return None
        scale = DEFAULT_SCALE if type_.precision is None else type_.scale or 0
        return pa.decimal128(type_.precision or MOST_DIGITS, scale)
    simple: tuple[tuple[Any, Any], ...] = (
        (SmallInteger, pa.int16()),
        (BigInteger, pa.int64()),
        (Integer, pa.int32()),
        ((Numeric, Float), pa.float64()),
        (Boolean, pa.bool_()),
        (String, pa.string()),
        (Date, pa.date32()),
        (Time, pa.time64("us")),
        (Interval, pa.duration("us")),
        (LargeBinary, pa.binary()),
    )
    return next((arrow for kind, arrow in simple if isinstance(type_, kind)), None)


def from_arrow_type(kind: pa.DataType, column: str) -> AnyType:
    """The type that holds an Arrow column.

    Raises:
        IncomingError: Databases have none that all of them know.
    """
    from pyarrow import types as of

    if of.is_dictionary(kind):
        return from_arrow_type(kind.value_type, column)
    if of.is_decimal(kind) and kind.precision <= MOST_DIGITS and kind.scale >= 0:
        return Numeric(kind.precision, kind.scale)
    if of.is_timestamp(kind):
        return DateTime(timezone=kind.tz is not None)
    simple: tuple[tuple[Callable[[Any], bool], AnyType], ...] = (
        (of.is_boolean, Boolean()),
        (lambda kind: of.is_int8(kind) or of.is_int16(kind) or of.is_uint8(kind), SmallInteger()),
        (lambda kind: of.is_int32(kind) or of.is_uint16(kind), Integer()),
        (of.is_uint64, Numeric(20, 0)),
        (of.is_integer, BigInteger()),
        (of.is_floating, Double()),
        (lambda kind: of.is_string(kind) or of.is_large_string(kind) or of.is_string_view(kind), String()),
        (of.is_date, Date()),
        (of.is_time, Time()),
        (of.is_duration, Interval()),
        (
            lambda kind: of.is_binary(kind) or of.is_large_binary(kind) or of.is_fixed_size_binary(kind),
            LargeBinary(),
        ),
    )
    for is_kind, type_ in simple:
        if is_kind(kind):
            return type_
    if of.is_null(kind):
        raise IncomingError(
            f"column {column!r} has no value that tells its type",
            where=user_location(),
            hint=f"name it: schema={{{column!r}: Integer()}}",
        )
    raise IncomingError(
        f"column {column!r} holds Arrow's {kind}, which is no type of every database",
        where=user_location(),
        hint="make it text, a number, a date or the like first",
    )
