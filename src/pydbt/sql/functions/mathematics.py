"""Functions that give floats: roots, powers, logarithms, angles.

Where mathematics has no answer, the square root of -1, the logarithm of 0, the answer is NULL, as it is for a
division by zero; also where the answer is too large for a float.
"""

from __future__ import annotations

import math

from pydbt.sql.functions import supplied_numbers
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import DOUBLE, Element, Number, column, literal
from pydbt.sql.functions.rule import NUMBER, Rule

assert supplied_numbers.__name__, "importing it lists what SQLite needs"

_ONE = {"number": NUMBER}


def _rule(name: str, domain: str = "", sql: str = "") -> Rule:
    """A function of one number, which is NULL outside its domain.

    Only PostgreSQL makes of a decimal something else than a float.
    """
    call_, cast = sql or f"{name}({{number}})", "CAST({number} AS DOUBLE PRECISION)"
    made = {"ansi": call_, "postgresql": call_.replace("{number}", cast)}
    if domain:
        made = {dialect: f"CASE WHEN {domain} THEN {text} END" for dialect, text in made.items()}
    return Rule(name, _ONE, DOUBLE, made | {"sqlite": f"pydbt_{name}({{number}})"})


_SQRT = _rule("sqrt", "{number} >= 0")
_LN = _rule("ln", "{number} > 0")
_LOG10 = _rule("log10", "{number} > 0")
_LOG = Rule(
    "log",
    {"number": NUMBER, "base": NUMBER},
    DOUBLE,
    {
        "ansi": "CASE WHEN {number} > 0 AND {base} > 0 AND {base} <> 1 THEN ln({number}) / ln({base}) END",
        "postgresql": "CASE WHEN {number} > 0 AND {base} > 0 AND {base} <> 1 THEN"
        " ln(CAST({number} AS DOUBLE PRECISION)) / ln(CAST({base} AS DOUBLE PRECISION)) END",
        "sqlite": "pydbt_log({number}, {base})",
    },
)
# Beyond these the answer is no float any more: an error on PostgreSQL, infinity on DuckDB.
_EXP = Rule(
    "exp",
    _ONE,
    DOUBLE,
    {
        "ansi": "CASE WHEN {number} < 709.782712893384 THEN exp({number}) END",
        "postgresql": "CASE WHEN {number} < -745.13 THEN 0.0 WHEN {number} < 709.782712893384 THEN"
        " exp(CAST({number} AS DOUBLE PRECISION)) END",
        "sqlite": "pydbt_exp({number})",
    },
)
_POWER = Rule(
    "power",
    {"number": NUMBER, "exponent": NUMBER},
    DOUBLE,
    {
        "ansi": "power({number}, {exponent})",
        "duckdb": "CASE WHEN isfinite(power({number}, {exponent})) THEN power({number}, {exponent}) END",
        "postgresql": "CASE WHEN {number} = 0 THEN CASE WHEN {exponent} = 0 THEN 1.0"
        " WHEN {exponent} > 0 THEN 0.0 END WHEN ({number} > 0 OR {exponent} = floor({exponent})) AND"
        " {exponent} * ln(abs(CAST({number} AS DOUBLE PRECISION))) < 709.782712893384 THEN"
        " CASE WHEN {exponent} * ln(abs(CAST({number} AS DOUBLE PRECISION))) < -745.13 THEN 0.0"
        " ELSE power(CAST({number} AS DOUBLE PRECISION), {exponent}) END END",
        "sqlite": "pydbt_power({number}, {exponent})",
        "mysql": "CASE WHEN {number} = 0 THEN CASE WHEN {exponent} = 0 THEN 1.0e0"
        " WHEN {exponent} > 0 THEN 0.0e0 END WHEN ({number} > 0 OR {exponent} = floor({exponent})) AND"
        " {exponent} * ln(abs({number})) < 709.782712893384 THEN power({number}, {exponent}) END",
    },
)
_SIN, _COS, _TAN = _rule("sin"), _rule("cos"), _rule("tan")
_ASIN, _ACOS = _rule("asin", "abs({number}) <= 1"), _rule("acos", "abs({number}) <= 1")
_ATAN, _DEGREES, _RADIANS = _rule("atan"), _rule("degrees"), _rule("radians")
_ATAN2 = Rule(
    "atan2",
    {"y": NUMBER, "x": NUMBER},
    DOUBLE,
    {
        "ansi": "atan2({y}, {x})",
        "postgresql": "atan2(CAST({y} AS DOUBLE PRECISION), CAST({x} AS DOUBLE PRECISION))",
        "sqlite": "pydbt_atan2({y}, {x})",
    },
)


def sqrt(number: Number) -> Call:
    """The square root, a float.

    NULL and numbers below zero give NULL.

    >>> from pydbt import F
    >>> result(F.sqrt(9))
    3.0
    """
    return call(_SQRT, column(number))


def exp(number: Number) -> Call:
    """Euler's number to the power of the number, a float.

    NULL gives NULL, and so does what is too large for a float.

    >>> from pydbt import F
    >>> result(F.exp(0))
    1.0
    """
    return call(_EXP, column(number))


def ln(number: Number) -> Call:
    """The natural logarithm, a float.

    NULL, zero and numbers below zero give NULL.

    >>> from pydbt import F
    >>> result(F.ln(1))
    0.0
    """
    return call(_LN, column(number))


def log10(number: Number) -> Call:
    """The logarithm to the base of 10, a float.

    NULL, zero and numbers below zero give NULL.

    >>> from pydbt import F
    >>> result(F.log10(1000))
    3.0
    """
    return call(_LOG10, column(number))


def log(number: Number, base: Number) -> Call:
    """The logarithm to a base, a float: ``ln(number) / ln(base)``.

    NULL, zero and numbers below zero give NULL, and so does the base 1.

    >>> from pydbt import F
    >>> result(F.log(8, 2))
    3.0
    """
    return call(_LOG, column(number), column(base))


def power(number: Number, exponent: Number) -> Call:
    """The number to the power of another, a float.

    NULL gives NULL, and so does what is no real number, 0 to the power of -1, or too large for a float.

    >>> from pydbt import F
    >>> result(F.power(2, 10))
    1024.0
    """
    return call(_POWER, column(number), column(exponent))


def pi() -> Element:
    """The number pi.

    >>> from pydbt import F
    >>> result(F.round(F.pi(), 4))
    3.1416
    """
    return literal(math.pi)


def sin(angle: Number) -> Call:
    """The sine of an angle in radians, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.sin(0))
    0.0
    """
    return call(_SIN, column(angle))


def cos(angle: Number) -> Call:
    """The cosine of an angle in radians, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.cos(0))
    1.0
    """
    return call(_COS, column(angle))


def tan(angle: Number) -> Call:
    """The tangent of an angle in radians, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.tan(0))
    0.0
    """
    return call(_TAN, column(angle))


def asin(number: Number) -> Call:
    """The angle in radians with that sine, a float.

    NULL gives NULL, and so does what is not from -1 to 1.

    >>> from pydbt import F
    >>> result(F.asin(0))
    0.0
    """
    return call(_ASIN, column(number))


def acos(number: Number) -> Call:
    """The angle in radians with that cosine, a float.

    NULL gives NULL, and so does what is not from -1 to 1.

    >>> from pydbt import F
    >>> result(F.acos(1))
    0.0
    """
    return call(_ACOS, column(number))


def atan(number: Number) -> Call:
    """The angle in radians with that tangent, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.atan(0))
    0.0
    """
    return call(_ATAN, column(number))


def atan2(y: Number, x: Number) -> Call:
    """The angle in radians of the point (x, y), a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.degrees(F.atan2(1, 0)))
    90.0
    """
    return call(_ATAN2, column(y), column(x))


def degrees(angle: Number) -> Call:
    """An angle in radians as degrees, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.degrees(F.pi()))
    180.0
    """
    return call(_DEGREES, column(angle))


def radians(angle: Number) -> Call:
    """An angle in degrees as radians, a float.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.radians(0))
    0.0
    """
    return call(_RADIANS, column(angle))
