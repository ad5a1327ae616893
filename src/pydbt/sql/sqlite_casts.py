"""The casts of SQLite: functions in Python that every connection knows, as its CAST never fails.

``pydbt_cast(value, 'integer(32)')`` reads text by the grammars of ``casts.py`` and raises where it does not
parse; ``pydbt_try_cast`` gives NULL there. They take values as SQLite keeps them: dates are text, decimals
and floats are REAL.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as DecimalContext
from functools import cache
from typing import Any

from pydbt.sql.casts import FALSE, GRAMMARS, TRUE, Kind
from pydbt.sql.functions.supplied import scalar

# Reads a value for a target of these digits: ``(10, 2)`` of a ``decimal(10,2)``.
Reader = Callable[[tuple[int, ...], Any], Any]
_SPELLINGS = {kind: re.compile(grammar.strip("^$")) for kind, grammar in GRAMMARS.items()}
_WORDS: dict[Any, int] = {**dict.fromkeys(TRUE, 1), **dict.fromkeys(FALSE, 0)}
_MIDNIGHT = " 00:00:00"


@scalar("pydbt_cast", 2)
def pydbt_cast(value: Any, target: str) -> Any:
    """The value as the target, or an error.

    Raises:
        ValueError: It cannot be read as the target, or does not fit.

    >>> pydbt_cast(" 12 ", "integer(32)"), pydbt_cast(2.5, "integer(32)"), pydbt_cast(2.5, "integer(32,1)")
    (12, 2, 3)
    """
    read, digits = _target(target)
    return read(digits, value)


@scalar("pydbt_try_cast", 2)
def pydbt_try_cast(value: Any, target: str) -> Any:
    """The value as the target, or None.

    >>> pydbt_try_cast("twelve", "integer(32)")
    """
    try:
        return pydbt_cast(value, target)
    except ValueError:
        return None


@cache
def _target(text: str) -> tuple[Reader, tuple[int, ...]]:
    name, _, digits = text.partition("(")
    return _READERS[name], tuple(int(each) for each in digits.rstrip(")").split(",") if each)


def _refused(value: Any, kind: Kind) -> ValueError:
    return ValueError(f"not {kind.value}: {value!r}")


def _matched(value: Any, kind: Kind) -> str:
    """Text that the grammar of the kind reads, without blanks around."""
    if not isinstance(value, str) or not _SPELLINGS[kind].fullmatch(value):
        raise _refused(value, kind)
    return value.strip(" ")


def _exact(value: Any, kind: Kind) -> Decimal:
    """The number a value is, digit by digit as it is written."""
    number = Decimal(_matched(value, kind) if isinstance(value, str) else repr(value))
    if not number.is_finite():
        raise _refused(value, kind)
    return number


def _integer(digits: tuple[int, ...], value: Any) -> int:
    """A float's half goes to the even number, a decimal's away from zero: as the other databases round."""
    bits, is_decimal = digits[0], len(digits) > 1
    if isinstance(value, str):
        number = int(_matched(value, Kind.INTEGER))
    elif is_decimal:
        number = int(_exact(value, Kind.INTEGER).to_integral_value(ROUND_HALF_UP))
    elif isinstance(value, float) and not math.isfinite(value):
        raise _refused(value, Kind.INTEGER)
    else:
        number = round(value)
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise _refused(value, Kind.INTEGER)
    return number


def _float(_: tuple[int, ...], value: Any) -> float:
    number = float(_matched(value, Kind.FLOAT) if isinstance(value, str) else value)
    if isinstance(value, str) and math.isinf(number):
        raise _refused(value, Kind.FLOAT)
    return number


def _decimal(digits: tuple[int, ...], value: Any) -> float | int:
    """The number that SQLite keeps of a decimal."""
    number = _exact(value, Kind.DECIMAL)
    if digits:
        precision, scale = digits
        if number and number.adjusted() > precision:
            raise _refused(value, Kind.DECIMAL)
        number = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _MANY_DIGITS)
        if abs(number) >= Decimal(10) ** (precision - scale):
            raise _refused(value, Kind.DECIMAL)
    return float(number)


def _text(digits: tuple[int, ...], value: Any) -> str:
    """A decimal with its digits, a float as Python writes it, a moment without its last noughts."""
    if digits and isinstance(value, (int, float)):
        return f"{value:.{digits[0]}f}"
    if not isinstance(value, str):
        return repr(value) if isinstance(value, float) else str(value)
    head, point, fraction = value.partition(".")
    fraction = fraction.rstrip("0")
    return head + point + fraction if fraction else head


def _boolean(_: tuple[int, ...], value: Any) -> int:
    found = _WORDS.get(value.strip(" ").lower()) if isinstance(value, str) else int(value != 0)
    if found is None:
        raise _refused(value, Kind.BOOLEAN)
    return found


def _date(_: tuple[int, ...], value: Any) -> str:
    return dt.date.fromisoformat(_matched(value, Kind.DATE)).isoformat()


def _datetime(_: tuple[int, ...], value: Any) -> str:
    text = _matched(value, Kind.DATETIME)
    moment = dt.datetime.fromisoformat(text if ":" in text else text + _MIDNIGHT)
    return moment.isoformat(" ", "microseconds")


def _time(_: tuple[int, ...], value: Any) -> str:
    return dt.time.fromisoformat(_matched(value, Kind.TIME)).isoformat("microseconds")


def _other(_: tuple[int, ...], value: Any) -> Any:
    return value


_MANY_DIGITS = DecimalContext(prec=1400)
_READERS: dict[str, Reader] = {
    "integer": _integer,
    "float": _float,
    "decimal": _decimal,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "other": _other,
}
