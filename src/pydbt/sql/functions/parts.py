"""Functions that take parts of a text, or look for one in it."""

from __future__ import annotations

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import (
    BOOLEAN,
    LONG,
    STRING,
    ColumnOrName,
    Count,
    Text,
    column,
    count,
    literal,
    value,
)
from pydbt.sql.functions.rule import ANY, TEXT, WHOLE, Rule
from pydbt.sql.values import unwrapped

assert supplied_text.__name__, "importing it lists what SQLite needs"

_PART = {"text": TEXT, "part": TEXT}
_CONTAINS = Rule(
    "contains",
    _PART,
    BOOLEAN,
    {
        "ansi": "(position({part} IN {text}) > 0)",
        "duckdb": "contains({text}, {part})",
        "postgresql": "(strpos({text}, {part}) > 0)",
        "sqlite": "(instr({text}, {part}) > 0)",
        # Its comparisons know no capitals, unless the bytes are compared.
        "mysql": "(instr(CAST({text} AS BINARY), CAST({part} AS BINARY)) > 0)",
    },
)
_STARTS_WITH = Rule(
    "starts_with",
    _PART,
    BOOLEAN,
    {
        "ansi": "(substring({text} FROM 1 FOR char_length({part})) = {part})",
        "duckdb": "starts_with({text}, {part})",
        "postgresql": "starts_with({text}, {part})",
        "sqlite": "(substr({text}, 1, length({part})) = {part})",
        "mysql": "(CAST(left({text}, char_length({part})) AS BINARY) = CAST({part} AS BINARY))",
    },
)
_ENDS_WITH = Rule(
    "ends_with",
    _PART,
    BOOLEAN,
    {
        "ansi": "(right({text}, char_length({part})) = {part})",
        "duckdb": "ends_with({text}, {part})",
        "sqlite": "pydbt_ends_with({text}, {part})",
        "mysql": "(CAST(right({text}, char_length({part})) AS BINARY) = CAST({part} AS BINARY))",
    },
)
_STRPOS = Rule(
    "strpos",
    _PART,
    LONG,
    {
        "ansi": "position({part} IN {text})",
        "duckdb": "strpos({text}, {part})",
        "postgresql": "strpos({text}, {part})",
        "sqlite": "instr({text}, {part})",
    },
)
_COUNTED = {"text": TEXT, "count": WHOLE}
_LEFT = Rule(
    "left",
    _COUNTED,
    STRING,
    {
        "ansi": "left({text}, {count!i})",
        "duckdb": "left({text}, {count})",
        "sqlite": "pydbt_left({text}, {count})",
        "mysql": "left({text}, CASE WHEN {count} < 0 THEN char_length({text}) ELSE 0 END + {count})",
    },
)
# Where nothing has to be looked at, SQLite's own is four times as fast as a function in Python.
_BEGINNING = Rule(
    "left of a count",
    _COUNTED,
    STRING,
    {
        "ansi": "left({text}, {count!i})",
        "duckdb": "left({text}, {count})",
        "sqlite": "substr({text}, 1, {count})",
        "mysql": "left({text}, {count})",
    },
)
_RIGHT = Rule(
    "right",
    _COUNTED,
    STRING,
    {
        "ansi": "right({text}, {count!i})",
        "duckdb": "right({text}, {count})",
        "sqlite": "pydbt_right({text}, {count})",
        "mysql": "right({text}, CASE WHEN {count} < 0 THEN char_length({text}) ELSE 0 END + {count})",
    },
)
_SPLIT_PART = Rule(
    "split_part",
    {"text": TEXT, "separator": TEXT, "number": ANY},
    STRING,
    {
        "ansi": "split_part({text}, {separator}, {number})",
        "sqlite": "pydbt_split_part({text}, {separator}, {number})",
        "mysql": "CASE WHEN abs({number}) * char_length({separator})"
        " <= char_length({text}) - char_length(replace({text}, {separator}, '')) + char_length({separator})"
        " THEN substring_index(substring_index({text}, {separator}, {number}), {separator}, -sign({number}))"
        " WHEN {text} IS NOT NULL AND {separator} IS NOT NULL THEN '' END",
    },
)
_FROM = {"text": TEXT, "start": WHOLE}
_FROM_FOR = {"text": TEXT, "start": WHOLE, "length": WHOLE}
_SUBSTRING = Rule("substring", _FROM, STRING, {"ansi": "substr({text}, {start})"})
_SUBSTRING_FOR = Rule(
    "substring of a length", _FROM_FOR, STRING, {"ansi": "substr({text}, {start}, {length})"}
)
_SUBSTRING_ANYWHERE = Rule(
    "substring from a column",
    _FROM,
    STRING,
    {"ansi": "CASE WHEN {start} > 0 THEN substr({text}, {start!i}) END"},
)
_SUBSTRING_ANYWHERE_FOR = Rule(
    "substring of a length in a column",
    _FROM_FOR,
    STRING,
    {"ansi": "CASE WHEN {start} > 0 AND {length} >= 0 THEN substr({text}, {start!i}, {length!i}) END"},
)


def contains(text: ColumnOrName, part: Text) -> Call:
    """Whether the part is somewhere in the text; capitals matter.

    NULL gives NULL; empty text is in every text.

    >>> from pydbt import F
    >>> result(F.contains(F.lit("banana"), "nan"))
    True
    """
    return call(_CONTAINS, column(text), value(part))


def starts_with(text: ColumnOrName, part: Text) -> Call:
    """Whether the text begins with the part; capitals matter.

    NULL gives NULL; every text begins with empty text.

    >>> from pydbt import F
    >>> result(F.starts_with(F.lit("banana"), "ba"))
    True
    """
    return call(_STARTS_WITH, column(text), value(part))


def ends_with(text: ColumnOrName, part: Text) -> Call:
    """Whether the text ends with the part; capitals matter.

    NULL gives NULL; every text ends with empty text.

    >>> from pydbt import F
    >>> result(F.ends_with(F.lit("banana"), "na"))
    True
    """
    return call(_ENDS_WITH, column(text), value(part))


def strpos(text: ColumnOrName, part: Text) -> Call:
    """Where a part begins in the text, counted from 1; 0 where it is not in it.

    NULL gives NULL; empty text begins at 1.

    >>> from pydbt import F
    >>> result(F.strpos(F.lit("banana"), "na"))
    3
    """
    return call(_STRPOS, column(text), value(part))


def left(text: ColumnOrName, characters: Count) -> Call:
    """The first characters.

    NULL gives NULL.

    Args:
        text: Of which text.
        characters: How many; below zero it is all but so many at the end.

    >>> from pydbt import F
    >>> result(F.left(F.lit("banana"), 2)), result(F.left(F.lit("banana"), -2))
    ('ba', 'bana')
    """
    characters = unwrapped(characters)
    is_plain = isinstance(characters, int) and characters >= 0
    return call(_BEGINNING if is_plain else _LEFT, column(text), count(characters, "left"))


def right(text: ColumnOrName, characters: Count) -> Call:
    """The last characters.

    NULL gives NULL.

    Args:
        text: Of which text.
        characters: How many; below zero it is all but so many at the beginning.

    >>> from pydbt import F
    >>> result(F.right(F.lit("banana"), 2)), result(F.right(F.lit("banana"), -2))
    ('na', 'nana')
    """
    return call(_RIGHT, column(text), count(characters, "right"))


def split_part(text: ColumnOrName, separator: Text, number: int) -> Call:
    """One of the parts between separators.

    NULL gives NULL, a part that is not there is empty text.

    Args:
        text: What is split.
        separator: What stands between the parts, not empty.
        number: Which part: 1 is the first, -1 the last.

    >>> from pydbt import F
    >>> result(F.split_part(F.lit("2022-12-30"), "-", 2))
    '12'
    """
    number = unwrapped(number)
    if not isinstance(number, int) or isinstance(number, bool) or number == 0:
        hint = "1 is the first part, -1 the last"
        what = f"F.split_part was given {number!r} for the number of a part"
        raise FunctionArgumentError(what, where=user_location(), hint=hint)
    if isinstance(separator, str) and not separator:
        hint = "use F.slice to take single characters"
        raise FunctionArgumentError(
            "F.split_part was given an empty separator", where=user_location(), hint=hint
        )
    return call(_SPLIT_PART, column(text), value(separator), literal(number))


def substring(text: ColumnOrName, start: Count, length: Count | None = None) -> Call:
    """The characters from a position on, as SQL counts them, from 1; ``F.slice`` counts as Python.

    NULL gives NULL, and so do a start below 1 and a length below 0 that come out of columns.

    Args:
        text: Of which text.
        start: The position of the first, from 1 on.
        length: How many; None for all to the end.

    >>> from pydbt import F
    >>> result(F.substring(F.lit("banana"), 2, 3))
    'ana'
    """
    start, length = unwrapped(start), unwrapped(length)
    is_known = isinstance(start, int) and (length is None or isinstance(length, int))
    first = count(start, "substring", 1)
    if length is None:
        return call(_SUBSTRING if is_known else _SUBSTRING_ANYWHERE, column(text), first)
    rule = _SUBSTRING_FOR if is_known else _SUBSTRING_ANYWHERE_FOR
    return call(rule, column(text), first, count(length, "substring", 0))
