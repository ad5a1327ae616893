"""Operators on numbers: by the rules of Python, whatever the database has."""

from __future__ import annotations

from decimal import Decimal

from pydbt.testing.backend.case import each

_INTEGERS = each(
    "arithmetic",
    "numbers",
    "integer",
    {
        "+ of whole numbers": (lambda t: t.a + t.b, [9, -5, 5, 5, None]),
        "- of whole numbers": (lambda t: t.a - t.b, [5, -9, 9, 5, None]),
        "* of whole numbers": (lambda t: t.a * t.b, [14, -14, -14, 0, None]),
        "minus one number": (lambda t: -t.a, [-7, 7, -7, -5, None]),
        "minus a minus": (lambda t: t.b - -t.a, [9, -5, 5, 5, None]),
        "// floors, and by zero is NULL": (lambda t: t.a // t.b, [3, -4, -4, None, None]),
        "// by a value": (lambda t: t.a // 2, [3, -4, 3, 2, None]),
        "// by a negative value": (lambda t: t.a // -2, [-4, 3, -4, -3, None]),
        "// of a value": (lambda t: 10 // t.b, [5, 5, -5, None, 3]),
        "% has the sign of the divisor, and by zero is NULL": (lambda t: t.a % t.b, [1, 1, -1, None, None]),
        "% by a value": (lambda t: t.a % 3, [1, 2, 1, 2, None]),
        "% by a negative value": (lambda t: t.a % -3, [-2, -1, -2, -1, None]),
        "% of a value": (lambda t: 10 % t.b, [0, 0, 0, None, 1]),
        "// and % give the number back": (lambda t: t.a // t.b * t.b + t.a % t.b, [7, -7, 7, None, None]),
        "* before +": (lambda t: t.a + t.b * 2, [11, -3, 3, 5, None]),
        "brackets before *": (lambda t: (t.a + t.b) * 2, [18, -10, 10, 10, None]),
        "- of a difference": (lambda t: t.a - (t.b - 1), [6, -8, 10, 6, None]),
        "NULL swallows": (lambda t: t.a + None, [None] * 5),
        "a computed operand": (lambda t: (t.a + 1) % (t.b + 1), [2, 0, 0, 0, None]),
        "a large number stays whole": (lambda t: t.id + 2**53, [2**53 + number for number in range(1, 6)]),
    },
)
_FLOATS = each(
    "arithmetic",
    "numbers",
    "float",
    {
        "/ never cuts, and by zero is NULL": (lambda t: t.a / t.b, [3.5, -3.5, -3.5, None, None]),
        "/ by a value": (lambda t: t.a / 4, [1.75, -1.75, 1.75, 1.25, None]),
        "/ of a value": (lambda t: 1 / t.b, [0.5, 0.5, -0.5, None, 1 / 3]),
        "/ of decimals": (lambda t: t.d / 3, [0.5, -0.75, 0.0, 10 / 3, None]),
        "/ of floats": (lambda t: t.x / 2, [0.75, -0.75, 0.0, 1.125, None]),
        "/ by a float that is zero": (lambda t: t.a / t.x, [7 / 1.5, 7 / 1.5, None, 5 / 2.25, None]),
        "/ twice": (lambda t: t.a / t.b / 2, [1.75, -1.75, -1.75, None, None]),
        "/ of a quotient": (lambda t: t.a / (t.b / 2), [7.0, -7.0, -7.0, None, None]),
        "+ of a float": (lambda t: t.x + t.a, [8.5, -8.5, 7.0, 7.25, None]),
        "* of floats": (lambda t: t.x * t.x, [2.25, 2.25, 0.0, 5.0625, None]),
        "// of floats floors": (lambda t: t.x // 1, [1.0, -2.0, 0.0, 2.0, None]),
        "% of floats has the sign of the divisor": (lambda t: t.x % 1, [0.5, 0.5, 0.0, 0.25, None]),
        "minus one float": (lambda t: -t.x, [-1.5, 1.5, 0.0, -2.25, None]),
    },
)
_DECIMALS = each(
    "arithmetic",
    "numbers",
    "decimal",
    {
        "+ of decimals": (
            lambda t: t.d + t.d,
            [Decimal("3.00"), Decimal("-4.50"), Decimal(0), Decimal("20.00"), None],
        ),
        "- of a whole number": (
            lambda t: t.d - 1,
            [Decimal("0.50"), Decimal("-3.25"), Decimal(-1), Decimal(9), None],
        ),
        "* of a decimal and a whole number": (
            lambda t: t.d * t.a,
            [Decimal("10.50"), Decimal("15.75"), Decimal(0), Decimal(50), None],
        ),
        "minus one decimal": (
            lambda t: -t.d,
            [Decimal("-1.50"), Decimal("2.25"), Decimal(0), Decimal(-10), None],
        ),
    },
)
CASES = _INTEGERS + _FLOATS + _DECIMALS
