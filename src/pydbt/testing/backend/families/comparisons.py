# ruff: noqa: E711  NULL is asked for with == None, as one means it
"""Comparisons: true, false or NULL, and what a filter keeps of them."""

from __future__ import annotations

from sqlalchemy import literal

from pydbt.testing.backend.case import each

CASES = each(
    "comparisons",
    "numbers",
    "boolean",
    {
        "= of columns": (lambda t: t.a == t.b, [False, False, False, False, None]),
        "= of a value": (lambda t: t.a == 7, [True, False, True, False, None]),
        "<> of a value": (lambda t: t.a != 7, [False, True, False, True, None]),
        "<": (lambda t: t.a < t.b, [False, True, False, False, None]),
        "<=": (lambda t: t.a <= 5, [False, True, False, True, None]),
        ">": (lambda t: t.a > 5, [True, False, True, False, None]),
        ">=": (lambda t: t.a >= 5, [True, False, True, True, None]),
        "a value on the left": (lambda t: literal(5) < t.a, [True, False, True, False, None]),
        "a whole number and a float": (lambda t: t.a > t.x, [True, False, True, True, None]),
        "a whole number and a decimal": (lambda t: t.b >= t.d, [True, True, False, False, None]),
        "between": (lambda t: t.a.between(5, 7), [True, False, True, True, None]),
        "not between": (lambda t: ~t.a.between(6, 7), [False, True, False, True, None]),
        "in a list": (lambda t: t.a.in_([5, 7]), [True, False, True, True, None]),
        "not in a list": (lambda t: ~t.a.in_([5, -7]), [True, False, True, False, None]),
        "= None is IS NULL": (lambda t: t.a == None, [False, False, False, False, True]),
        "<> None is IS NOT NULL": (lambda t: t.a != None, [True, True, True, True, False]),
        "is null": (lambda t: t.a.is_null(), [False, False, False, False, True]),
        "is not null": (lambda t: t.a.is_not_null(), [True, True, True, True, False]),
        "of an expression": (lambda t: t.a + t.b == t.a - t.b, [False, False, False, True, None]),
    },
)
