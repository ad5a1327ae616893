"""Chance in an expression: what may have another value each time it is written."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.elements import ColumnElement, TextClause
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate


def may_change(element: ColumnElement[Any]) -> bool:
    """Whether an expression, written three times, may have three values: chance is in it, or text is.

    Then one of the functions that every connection of ours brings along takes it once. For all else SQL does,
    so that views work for everybody.
    """
    from pydbt.sql.functions.known import VOLATILE

    return any(
        isinstance(part, (TextClause, SelectBase))
        or getattr(part, "is_literal", False)
        or getattr(part, "name", None) in VOLATILE
        for part in iterate(element)
    )
