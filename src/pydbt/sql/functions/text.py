"""Functions of text."""

from __future__ import annotations

from pydbt.sql.functions import supplied
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import LONG, STRING, ColumnOrName, Text, column, value
from pydbt.sql.functions.rule import TEXT, Rule

_UPPER = Rule("upper", {"text": TEXT}, STRING, {"ansi": "upper({text})", "sqlite": "pydbt_upper({text})"})
_STRPOS = Rule(
    "strpos",
    {"text": TEXT, "part": TEXT},
    LONG,
    {
        "ansi": "position({part} IN {text})",
        "duckdb": "strpos({text}, {part})",
        "postgresql": "strpos({text}, {part})",
        "sqlite": "instr({text}, {part})",
        "mysql": "instr({text}, {part})",
    },
)

supplied.scalar("pydbt_upper", 1)(str.upper)


def upper(text: ColumnOrName) -> Call:
    """The text in capital letters.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.upper(F.lit("é")))
    'É'
    """
    return call(_UPPER, column(text))


def strpos(text: ColumnOrName, part: Text) -> Call:
    """Where a part begins in the text, counted from 1; 0 where it is not in it.

    NULL gives NULL, empty text begins at 1.

    >>> from pydbt import F
    >>> result(F.strpos(F.lit("banana"), "na"))
    3
    """
    return call(_STRPOS, column(text), value(part))
