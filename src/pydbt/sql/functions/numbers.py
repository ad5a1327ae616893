"""Functions of numbers: rounding, signs, remainders, bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import NullType, TypeEngine

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_numbers
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import INTEGER, LONG, Element, Number, column, constant, literal
from pydbt.sql.functions.rule import ANY, NUMBER, WHOLE, Rule, Types, type_of_first
from pydbt.sql.types import is_decimal, is_float, is_integer
from pydbt.sql.values import unwrapped

assert supplied_numbers.__name__, "importing it lists what SQLite needs"

_ONE = {"number": NUMBER}


def _rounded(types: Types, digits: int = 0) -> Any:
    """A number's type with at most so many digits after the point."""
    type_: Any = types[0]
    is_finer = is_decimal(type_) and type_.scale is not None and type_.scale > digits
    return sa.Numeric(type_.precision, digits) if is_finer else type_


class _RoundedDecimal(Rule):
    """A decimal rounded to a number of digits that its type says."""

    def type_of(self, arguments: Sequence[Any]) -> TypeEngine[Any]:
        """The type of the number, with no more digits after the point than asked for."""
        number, digits, *_ = arguments
        found: TypeEngine[Any] = _rounded([number.type], max(digits.value, 0))
        return found


def _of_fractions(name: str, *, sqlite: str, mysql: str = "") -> Rule:
    """A rule for numbers with a fraction, which gives a whole number back as it is."""
    whole = Rule(f"{name} of a whole number", _ONE, type_of_first, {"ansi": "{number}"})
    sql = {"ansi": f"{name}({{number}})", "sqlite": f"{sqlite}({{number}})"}
    fraction = Rule(f"{name} of a fraction", _ONE, _rounded, sql | ({"mysql": mysql} if mysql else {}))
    return Rule(
        name, _ONE, type_of_first, {}, variant=lambda types: whole if is_integer(types[0]) else fraction
    )


_ABS = Rule("abs", _ONE, type_of_first, {"ansi": "abs({number})"})
# MariaDB makes whole numbers of decimals: adding nothing of their type makes decimals of them again, with its
# digits after the point, which go then.
_CEIL = _of_fractions("ceil", sqlite="pydbt_ceil", mysql="truncate(ceil({number}) + 0 * {number}, 0)")
_FLOOR = _of_fractions("floor", sqlite="pydbt_floor", mysql="truncate(floor({number}) + 0 * {number}, 0)")
_TRUNC = _of_fractions("trunc", sqlite="pydbt_trunc", mysql="truncate({number}, 0)")
_SIGN = Rule(
    "sign",
    _ONE,
    INTEGER,
    {"ansi": "CAST(sign({number}) AS INTEGER)", "sqlite": "sign({number})", "mysql": "sign({number})"},
)


def abs(number: Number) -> Call:  # noqa: A001  the name it has in SQL
    """The number without its sign.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.abs(-2))
    2
    """
    return call(_ABS, column(number))


def ceil(number: Number) -> Call:
    """The smallest whole number not below the number, of the number's own type.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.ceil(-2.5))
    -2.0
    """
    return call(_CEIL, column(number))


def floor(number: Number) -> Call:
    """The largest whole number not above the number, of the number's own type.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.floor(-2.5))
    -3.0
    """
    return call(_FLOOR, column(number))


def trunc(number: Number) -> Call:
    """The number without its fraction, of the number's own type.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.trunc(-2.5))
    -2.0
    """
    return call(_TRUNC, column(number))


def sign(number: Number) -> Call:
    """-1, 0 or 1, as the number is below zero, zero or above.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.sign(-2.5))
    -1
    """
    return call(_SIGN, column(number))


def _of_kind(whole: Rule, decimal: Rule, floating: Rule) -> Any:
    """The rule for a number of a type; one of no known type is a float."""

    def variant(types: Types) -> Rule:
        if is_integer(types[0]):
            return whole
        return floating if is_float(types[0]) or isinstance(types[0], NullType) else decimal

    return variant


def _rounding(words: str, whole: dict[str, str], scaled: str, back: str) -> Rule:
    """A rule for rounding; a float is rounded ``scaled``, and scaled ``back``.

    PostgreSQL and MySQL take halves of floats to even numbers, of decimals away from zero.
    """
    takes = {"number": NUMBER, "digits": ANY, "power": ANY}
    returns = type_of_first if whole == _AS_IT_IS else LONG
    of_whole = Rule(f"round {words} of a whole number", takes, returns, whole)
    decimal = {"ansi": "round({number}, {digits})", "sqlite": "pydbt_round_decimal({number}, {digits})"}
    of_decimal = _RoundedDecimal(f"round {words} of a decimal", takes, type_of_first, decimal)
    exact = f"CAST(round(CAST(CAST({scaled} AS TEXT) AS NUMERIC)) AS DOUBLE PRECISION)"
    # From 1e18 on floats have no digits after the point.
    near = f"CAST(round(CAST({scaled} AS DECIMAL(40, 20))) AS DOUBLE)"
    floating = {
        "ansi": "round({number}, {digits})",
        "sqlite": "pydbt_round_float({number}, {digits})",
        "postgresql": back.replace("#", exact),
        "mysql": f"CASE WHEN abs({scaled}) < 1e18 THEN {back.replace('#', near)} ELSE {{number}} END",
    }
    of_float = Rule(f"round {words} of a float", takes, type_of_first, floating)
    variant = _of_kind(of_whole, of_decimal, of_float)
    return Rule(f"round {words}", takes, type_of_first, {}, variant=variant)


_AS_IT_IS = {"ansi": "{number}"}
_IN_TENS = {
    "ansi": "round({number}, {digits})",
    "postgresql": "CAST(round(CAST({number} AS NUMERIC), {digits}) AS BIGINT)",
    "sqlite": "pydbt_round_whole({number}, {digits})",
    "mysql": "CAST(round({number}, {digits}) AS SIGNED)",
}
_ROUND = _rounding("to the whole", _AS_IT_IS, "{number}", "#")
_ROUND_TO_DIGITS = _rounding("to digits", _AS_IT_IS, "{number} * {power}", "(# / {power})")
_ROUND_TO_TENS = _rounding("to tens", _IN_TENS, "{number} / {power}", "(# * {power})")
_MOST_DIGITS = 15


def round(number: Number, digits: int = 0) -> Call:  # noqa: A001  the name it has in SQL
    """The number rounded to so many digits after the point, halves away from zero.

    NULL gives NULL. It is of the number's own type, a decimal's with no more digits after the point than
    asked for. A float is multiplied by the power of ten, rounded to a whole number and divided again: so
    1.005, which is a little less than it looks, rounds to 1.0.

    Args:
        number: What is rounded.
        digits: How many, from -15 to 15; -2 rounds to hundreds.

    >>> from pydbt import F
    >>> result(F.round(2.5)), result(F.round(-0.125, 2)), result(F.round(1450, -2))
    (3.0, -0.13, 1500)
    """
    digits = unwrapped(digits)
    if not isinstance(digits, int) or isinstance(digits, bool) or not -_MOST_DIGITS <= digits <= _MOST_DIGITS:
        hint = f"give a whole number from {-_MOST_DIGITS} to {_MOST_DIGITS}"
        raise FunctionArgumentError(f"F.round was given {digits!r} digits", where=user_location(), hint=hint)
    rule = _ROUND_TO_DIGITS if digits > 0 else _ROUND_TO_TENS if digits < 0 else _ROUND
    power = 10 ** (digits if digits > 0 else -digits)
    # DuckDB rounds decimals to a constant only.
    return call(rule, column(number), constant(digits), literal(float(power)))


def mod(number: Number, divisor: Number) -> Element:
    """The remainder, with the sign of the divisor: ``number % divisor``.

    NULL gives NULL, and so does a divisor of 0.

    >>> from pydbt import F
    >>> result(F.mod(-7, 3))
    2
    """
    remainder: Element = column(number) % column(divisor)
    return remainder


def _bits(name: str, **sql: str) -> Rule:
    # MySQL's bits are those of numbers without a sign.
    sql = {"mysql": f"CAST({sql['ansi']} AS SIGNED)"} | sql
    return Rule(name, {"number": WHOLE, "other": WHOLE}, type_of_first, sql)


_BITWISE_AND = _bits("bitwise_and", ansi="({number} & {other})")
_BITWISE_OR = _bits("bitwise_or", ansi="({number} | {other})")
_BITWISE_XOR = _bits(
    "bitwise_xor",
    ansi="({number} ^ {other})",
    postgresql="({number} # {other})",
    duckdb="xor({number}, {other})",
    sqlite="(({number} | {other}) - ({number} & {other}))",
)
_BITWISE_NOT = Rule(
    "bitwise_not", {"number": WHOLE}, type_of_first, {"ansi": "(~{number})", "mysql": "(-1 - {number})"}
)


def bitwise_and(number: Number, other: Number) -> Call:
    """The bits that are set in both whole numbers.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.bitwise_and(12, 10))
    8
    """
    return call(_BITWISE_AND, column(number), column(other))


def bitwise_or(number: Number, other: Number) -> Call:
    """The bits that are set in one of the whole numbers, or in both.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.bitwise_or(12, 10))
    14
    """
    return call(_BITWISE_OR, column(number), column(other))


def bitwise_xor(number: Number, other: Number) -> Call:
    """The bits that are set in one of the whole numbers, and not in the other.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.bitwise_xor(12, 10))
    6
    """
    return call(_BITWISE_XOR, column(number), column(other))


def bitwise_not(number: Number) -> Call:
    """The whole number with every bit turned: ``-1 - number``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.bitwise_not(12))
    -13
    """
    return call(_BITWISE_NOT, column(number))
