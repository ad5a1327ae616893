"""Columns by name, literals, and values that depend on conditions."""

from __future__ import annotations

from typing import Any

from pydbt.errors import ColumnArgumentError, user_location
from pydbt.sql.functions.operands import Element, column, literal


def col(name: str) -> Element:
    """The column of that name, of whichever DataFrame the expression is used in.

    >>> from pydbt import F
    >>> games().select(double=F.col("goals") * 2).first()
    (6,)
    """
    if not isinstance(name, str):
        hint = 'give its name: F.col("goals")'
        raise ColumnArgumentError(f"F.col was given {name!r}", where=user_location(), hint=hint)
    return column(name)


def lit(value: Any) -> Element:
    """A Python value as an expression: text, a number, a date, a boolean, None.

    >>> from pydbt import F
    >>> games().select("team", year=F.lit(2022)).first()
    ('a', 2022)
    """
    return literal(value)
