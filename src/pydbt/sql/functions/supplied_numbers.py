"""Functions of numbers for SQLite, which keeps decimals as floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from pydbt.sql.functions import supplied

_Number = int | float


def _keeping_whole(function: Callable[[float], int]) -> Callable[[_Number], _Number]:
    """A function that makes whole numbers, as a float where it was given one; infinity stays."""

    def computed(number: _Number) -> _Number:
        if isinstance(number, int):
            return number
        return float(function(number)) if math.isfinite(number) else number

    return computed


supplied.scalar("pydbt_ceil", 1)(_keeping_whole(math.ceil))
supplied.scalar("pydbt_floor", 1)(_keeping_whole(math.floor))
supplied.scalar("pydbt_trunc", 1)(_keeping_whole(math.trunc))


def _half_away_from_zero(number: float) -> float:
    """As C's round()."""
    if not math.isfinite(number):
        return number
    whole = float(math.trunc(number))
    return whole + math.copysign(1.0, number) if abs(number - whole) >= 0.5 else whole  # noqa: PLR2004  a half


@supplied.scalar("pydbt_round_float", 2)
def round_float(number: float, digits: int) -> float:
    """A float rounded as DuckDB does: scaled, rounded, and scaled back.

    >>> round_float(-2.5, 0), round_float(1.005, 2), round_float(1450.0, -2)
    (-3.0, 1.0, 1500.0)
    """
    power = 10.0 ** abs(digits)
    if digits < 0:
        return _half_away_from_zero(number / power) * power
    scaled = number * power
    return _half_away_from_zero(scaled) / power if math.isfinite(scaled) else number


@supplied.scalar("pydbt_round_decimal", 2)
def round_decimal(number: float, digits: int) -> float:
    """A decimal, which is the shortest one that the float stands for, rounded exactly.

    >>> round_decimal(1.005, 2)
    1.01
    """
    if not math.isfinite(number):
        return number
    exact = Decimal(repr(number))
    # Digits that it does not have cannot be cut.
    is_longer = -int(exact.as_tuple().exponent) > digits
    return float(round_half_up(exact, digits)) if is_longer else float(number)


def round_half_up(number: Decimal, digits: int) -> Decimal:
    """Rounded to so many digits after the point, halves away from zero."""
    return (number.scaleb(digits)).quantize(Decimal(1), rounding=ROUND_HALF_UP).scaleb(-digits)


@supplied.scalar("pydbt_round_whole", 2)
def round_whole(number: int, digits: int) -> int:
    """A whole number rounded to tens, hundreds and so on.

    >>> round_whole(-1450, -2)
    -1500
    """
    return int(round_half_up(Decimal(number), digits))


def or_none(function: Callable[..., float]) -> Callable[..., float | None]:
    """The function, with None where mathematics or floats have no answer."""

    def computed(*numbers: _Number) -> float | None:
        try:
            found = function(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        # A complex number: a negative number to the power of a fraction.
        return found if isinstance(found, float) and math.isfinite(found) else None

    return computed


for _name in ("sqrt", "exp", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "degrees", "radians"):
    supplied.scalar(f"pydbt_{_name}", 1)(or_none(getattr(math, _name)))
supplied.scalar("pydbt_ln", 1)(or_none(math.log))
supplied.scalar("pydbt_log", 2)(or_none(lambda number, base: math.log(number) / math.log(base)))
supplied.scalar("pydbt_power", 2)(or_none(lambda number, exponent: float(number) ** exponent))
supplied.scalar("pydbt_atan2", 2)(or_none(math.atan2))
