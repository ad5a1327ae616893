"""Values: what a Python object is to a database, and which are none.

Libraries wrap numbers and dates in classes of their own, and drivers take each what it knows: SQLite keeps a
number of NumPy's as bytes, and finds nothing. So a value is unwrapped here before it becomes a parameter.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid
from collections.abc import Callable
from enum import Enum
from typing import Any

from sqlalchemy import types as sqltypes
from sqlalchemy.types import DateTime, TypeEngine

from pydbt.errors import ColumnArgumentError, LiteralError, user_location

LARGEST_INTEGER = 2**63 - 1
IN_UTC = "say which moment is meant: value.astimezone(UTC).replace(tzinfo=None) is it in UTC, without a zone"

OWN_TYPES: dict[type, TypeEngine[Any]] = {
    bool: sqltypes.Boolean(),
    int: sqltypes.Integer(),
    float: sqltypes.Float(),
    decimal.Decimal: sqltypes.Numeric(),
    str: sqltypes.String(),
    dt.datetime: DateTime(),
    dt.date: sqltypes.Date(),
    dt.time: sqltypes.Time(),
    dt.timedelta: sqltypes.Interval(),
    bytes: sqltypes.LargeBinary(),
}
"""Python's classes and the type that one of their values has."""

# The type of a moment with a time zone.
ZONED = DateTime(timezone=True)
PLAIN = frozenset({*OWN_TYPES, type(None)})


def type_of_value(value: Any) -> TypeEngine[Any] | None:
    """The type a Python value has on its own; None when it has none of ours."""
    for kind, type_ in OWN_TYPES.items():
        if isinstance(value, kind):
            return ZONED if kind is dt.datetime and getattr(value, "tzinfo", None) is not None else type_
    return None


def known(value: Any, whose: str = "") -> Any:
    """A value as :func:`plain` gives it, for an expression.

    Args:
        value: What the user gave.
        whose: What was given it, for the error.

    Raises:
        ColumnArgumentError: It is none.
    """
    if value.__class__ in PLAIN:
        return value
    try:
        return plain(value)
    except TypeError:
        told = f"{whose} was given {value!r:.80}," if whose else f"{value!r:.80} is"
        what = f"{told} neither a column nor a value a database knows"
        raise ColumnArgumentError(what, where=user_location(), hint=_hint(value)) from None


def _hint(value: Any) -> str:
    if isinstance(value, Enum):
        return f"give what it stands for: {value}.value"
    if isinstance(value, uuid.UUID):
        return "give it as text: str(value)"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "one of several is df.a.isin([1, 2])"
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return f"call it: {value.__name__}(…)"
    return "give a column, an expression, a number, text or a date"


def check_size(number: int, hint: str = "give it as a decimal.Decimal") -> None:
    """Refuse a whole number that needs more than 64 bits: no type of whole numbers holds it.

    Raises:
        LiteralError: It does.
    """
    if not -LARGEST_INTEGER - 1 <= number <= LARGEST_INTEGER:
        raise LiteralError(f"{number} does not fit into 64 bits", where=user_location(), hint=hint)


def check_zone(value: Any, database: str) -> None:
    """Refuse a moment with a time zone where the database would drop the zone without a word.

    Raises:
        LiteralError: It would.
    """
    if database == "sqlite" and isinstance(value, dt.datetime) and value.tzinfo is not None:
        what = f"{value} has a time zone, and SQLite keeps none"
        raise LiteralError(what, where=user_location(), hint=IN_UTC)


def check_finite(value: Any, database: str) -> None:
    """Refuse what MariaDB has no number for: infinity, and what is none.

    Raises:
        LiteralError: It is one of these.
    """
    if database == "mysql" and isinstance(value, float) and not math.isfinite(value):
        hint = "compare with a finite number; what is missing is None"
        raise LiteralError(f"MariaDB has no number {value}", where=user_location(), hint=hint)


def unwrapped(value: Any) -> Any:
    """A value as :func:`plain` gives it, or itself where it is none: for who checks it anyhow."""
    try:
        return plain(value)
    except TypeError:
        return value


def plain(value: Any) -> Any:
    """A value as one of the classes databases know: what libraries wrapped is unwrapped.

    Raises:
        TypeError: It is none and holds none.

    >>> plain(bytearray(b"ab")), plain(2)
    (b'ab', 2)
    """
    kind = value.__class__
    if kind in PLAIN:
        return value
    if is_missing(value):
        return None
    for method in ("to_pydatetime", "to_pytimedelta", "item"):
        # Asked of the class: a DataFrame takes any name for a column.
        unwrap = getattr(kind, method, None)
        if unwrap is not None:
            return plain(_held(value, unwrap))
    for base, made in _UNWRAPPED:
        if isinstance(value, base):
            return made(value)
    raise TypeError(kind.__name__)


def is_missing(value: Any) -> bool:
    """Whether it is what pandas writes for NULL."""
    return value.__class__.__name__ in {"NAType", "NaTType"}


def _held(value: Any, unwrap: Callable[[Any], Any]) -> Any:
    """What a library's value holds, as Python has it."""
    kind = value.__class__
    try:
        held = unwrap(value)
        if isinstance(held, int) and kind.__name__ in {"datetime64", "timedelta64"}:
            # Python counts no nanoseconds: NumPy would give their number.
            held = value.astype(f"{kind.__name__}[us]").item()
            if isinstance(held, int):
                raise TypeError(kind.__name__)
    except ValueError:  # An array's, which holds more than one.
        raise TypeError(kind.__name__) from None
    if held.__class__ is kind:
        raise TypeError(kind.__name__)
    return held


# Subclasses, such as an IntEnum's, lose what they are besides. Dates keep theirs, which does no harm.
_UNWRAPPED: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((bytes, bytearray, memoryview), bytes),
    (int, int),
    (float, float),
    (str, str.__str__),
    ((dt.date, dt.time, dt.timedelta, decimal.Decimal), lambda value: value),
)
