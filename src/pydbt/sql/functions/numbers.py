"""Functions of numbers."""

from __future__ import annotations

from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import Number, column
from pydbt.sql.functions.rule import NUMBER, Rule, type_of_first

_ABS = Rule("abs", {"number": NUMBER}, type_of_first, {"ansi": "abs({number})"})


def abs(number: Number) -> Call:  # noqa: A001  the name it has in SQL
    """The number without its sign.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.abs(-2))
    2
    """
    return call(_ABS, column(number))
