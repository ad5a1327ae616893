"""Chance in an expression: what may have another value each time it is written."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, TextClause
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate

from pydbt.errors import FunctionArgumentError, user_location

_CALLED = re.compile(r"(\w+)\s*\(")


def check_drawn_once(element: Any, times: int, what: str) -> None:
    """Raise for chance in what is written more than once: each would draw another value."""
    if times > 1 and has_chance(element):
        hint = "compute the chance in a with_column, then use the column"
        raise FunctionArgumentError(
            f"{what} would draw chance {times} times", where=user_location(), hint=hint
        )


def has_chance(element: Any) -> bool:
    """Whether a function is in it that gives another value each time it is called; in SQL text, too."""
    from pydbt.sql.functions.known import VOLATILE

    return any(not VOLATILE.isdisjoint(_called(part)) for part in iterate(element))


def _called(part: Any) -> list[str]:
    """The functions that a node calls by itself, in small letters."""
    if isinstance(part, FunctionElement):
        return [getattr(part, "name", "").lower()]
    text = part.text if isinstance(part, TextClause) else part.name if _is_text(part) else ""
    return [name.lower() for name in _CALLED.findall(text)]


def _is_text(part: Any) -> bool:
    return bool(getattr(part, "is_literal", False))


def check_operands(op: Any, left: Any, right: Any, *, is_whole: bool) -> None:
    """Raise for chance in what ``//`` and ``%`` write more than once, which depends on their numbers."""
    if op is operators.truediv:
        return
    is_rest = op is operators.mod
    check_drawn_once(left, 1 if is_rest == is_whole else 2, "%" if is_rest else "//")
    check_drawn_once(right, 3 if is_rest or is_whole else 1, "%" if is_rest else "//")


def may_change(element: ColumnElement[Any]) -> bool:
    """Whether an expression, written three times, may have three values: chance is in it, or text is.

    Then one of the functions that every connection of ours brings along takes it once. For all else SQL does,
    so that views work for everybody.
    """
    from pydbt.sql.functions.known import VOLATILE

    return any(
        isinstance(part, (TextClause, SelectBase)) or _is_text(part) or not VOLATILE.isdisjoint(_called(part))
        for part in iterate(element)
    )
