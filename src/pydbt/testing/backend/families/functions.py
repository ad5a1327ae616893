"""Functions of numbers and of conditions."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlalchemy import case, func

from pydbt.sql import functions as F
from pydbt.testing.backend.case import each

_INTEGERS = each(
    "functions",
    "numbers",
    "integer",
    {
        "abs": (lambda t: F.abs("a"), [7, 7, 7, 5, None]),
        "sign": (lambda t: F.sign("a"), [1, -1, 1, 1, None]),
        "mod": (lambda t: F.mod("a", 3), [1, 2, 1, 2, None]),
        "floor of a whole number": (lambda t: F.floor("a"), [7, -7, 7, 5, None]),
        "coalesce": (lambda t: F.coalesce("a", "b"), [7, -7, 7, 5, 3]),
        "coalesce with a value": (lambda t: F.coalesce("a", 0), [7, -7, 7, 5, 0]),
        "if_null": (lambda t: F.if_null("a", 9), [7, -7, 7, 5, 9]),
        "nullif": (lambda t: F.nullif("a", 7), [None, -7, None, 5, None]),
        "greatest leaves NULL out": (lambda t: F.greatest("a", "b"), [7, 2, 7, 5, 3]),
        "least leaves NULL out": (lambda t: F.least("a", "b"), [2, -7, -2, 0, 3]),
        "when and otherwise": (
            lambda t: F.when(t.a > 5, 1).when(t.a > 0, 2).otherwise(3),
            [1, 3, 1, 2, 3],
        ),
        "when without otherwise is NULL": (lambda t: F.when(t.a > 5, t.b), [2, None, -2, None, None]),
        "SQLAlchemy's case": (lambda t: case((t.b > 0, t.b), else_=-t.b), [2, 2, 2, 0, 3]),
        "SQLAlchemy's abs and coalesce": (lambda t: func.coalesce(func.abs(t.a), 1), [7, 7, 7, 5, 1]),
        "bitwise and": (lambda t: F.bitwise_and("b", 1), [0, 0, 0, 0, 1]),
    },
)
_FLOATS = each(
    "functions",
    "numbers",
    "float",
    {
        "abs of a float": (lambda t: F.abs("x"), [1.5, 1.5, 0.0, 2.25, None]),
        "floor of a float": (lambda t: F.floor("x"), [1.0, -2.0, 0.0, 2.0, None]),
        "ceil of a float": (lambda t: F.ceil("x"), [2.0, -1.0, 0.0, 3.0, None]),
        "trunc of a float": (lambda t: F.trunc("x"), [1.0, -1.0, 0.0, 2.0, None]),
        "round goes away from zero at a half": (lambda t: F.round("x"), [2.0, -2.0, 0.0, 2.0, None]),
        "round to digits": (lambda t: F.round(t.x * 1.1, 1), [1.7, -1.7, 0.0, 2.5, None]),
        "sqrt": (lambda t: F.sqrt(F.abs("x")), [math.sqrt(1.5), math.sqrt(1.5), 0.0, 1.5, None]),
        "exp": (lambda t: F.exp("x"), [math.exp(1.5), math.exp(-1.5), 1.0, math.exp(2.25), None]),
        "ln": (lambda t: F.ln(F.abs("a")), [math.log(7), math.log(7), math.log(7), math.log(5), None]),
        "power": (lambda t: F.power("x", 2), [2.25, 2.25, 0.0, 5.0625, None]),
        "sin and cos": (
            lambda t: F.power(F.sin("x"), 2) + F.power(F.cos("x"), 2),
            [1.0, 1.0, 1.0, 1.0, None],
        ),
        "pi": (lambda _: F.pi(), [math.pi] * 5),
    },
)
_DECIMALS = each(
    "functions",
    "numbers",
    "decimal",
    {
        "abs of a decimal": (
            lambda t: F.abs("d"),
            [Decimal("1.50"), Decimal("2.25"), Decimal(0), Decimal(10), None],
        ),
        "round of a decimal": (
            lambda t: F.round("d", 1),
            [Decimal("1.5"), Decimal("-2.3"), Decimal(0), Decimal(10), None],
        ),
        "floor of a decimal": (
            lambda t: F.floor("d"),
            [Decimal(1), Decimal(-3), Decimal(0), Decimal(10), None],
        ),
        "coalesce of a decimal": (
            lambda t: F.coalesce("d", 0),
            [Decimal("1.50"), Decimal("-2.25"), Decimal(0), Decimal(10), Decimal(0)],
        ),
    },
)
CASES = _INTEGERS + _FLOATS + _DECIMALS
