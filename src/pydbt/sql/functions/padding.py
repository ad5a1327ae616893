"""Functions that take characters off the ends of a text, or put some there."""

from __future__ import annotations

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import STRING, ColumnOrName, Count, Text, column, count, value
from pydbt.sql.functions.rule import TEXT, WHOLE, Rule

assert supplied_text.__name__, "importing it lists what SQLite needs"

_TRIMMED = {"text": TEXT, "characters": TEXT}
# MySQL's takes whole words off, not characters.
_TRIM = Rule(
    "trim",
    _TRIMMED,
    STRING,
    {"ansi": "trim({text}, {characters})", "postgresql": "btrim({text}, {characters})", "mysql": None},
)
_LTRIM = Rule("ltrim", _TRIMMED, STRING, {"ansi": "ltrim({text}, {characters})", "mysql": None})
_RTRIM = Rule("rtrim", _TRIMMED, STRING, {"ansi": "rtrim({text}, {characters})", "mysql": None})
_PADDED = {"text": TEXT, "width": WHOLE, "fill": TEXT}
_LPAD = Rule(
    "lpad",
    _PADDED,
    STRING,
    {
        "ansi": "lpad({text}, {width!i}, {fill})",
        "sqlite": "pydbt_lpad({text}, {width}, {fill})",
        "mysql": "lpad({text}, greatest({width}, 0), {fill})",
    },
)
_RPAD = Rule(
    "rpad",
    _PADDED,
    STRING,
    {
        "ansi": "rpad({text}, {width!i}, {fill})",
        "sqlite": "pydbt_rpad({text}, {width}, {fill})",
        "mysql": "rpad({text}, greatest({width}, 0), {fill})",
    },
)


def trim(text: ColumnOrName, characters: Text = " ") -> Call:
    """The text without certain characters at both ends.

    NULL gives NULL.

    Args:
        text: Of which text.
        characters: Which characters; spaces, and no other white space, unless told.

    >>> from pydbt import F
    >>> result(F.trim(F.lit("  abc "))), result(F.trim(F.lit("-=abc=-"), "=-"))
    ('abc', 'abc')
    """
    return call(_TRIM, column(text), value(characters))


def ltrim(text: ColumnOrName, characters: Text = " ") -> Call:
    """The text without certain characters at its beginning; as ``trim``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.ltrim(F.lit("007"), "0"))
    '7'
    """
    return call(_LTRIM, column(text), value(characters))


def rtrim(text: ColumnOrName, characters: Text = " ") -> Call:
    """The text without certain characters at its end; as ``trim``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.rtrim(F.lit("1.500"), "0"))
    '1.5'
    """
    return call(_RTRIM, column(text), value(characters))


def lpad(text: ColumnOrName, width: Count, fill: Text = " ") -> Call:
    """The text filled on its left up to a width, or cut on its right down to it.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.lpad(F.lit("7"), 3, "0"))
    '007'
    """
    return call(_LPAD, column(text), count(width, "lpad"), _fill(fill, "lpad"))


def rpad(text: ColumnOrName, width: Count, fill: Text = " ") -> Call:
    """The text filled on its right up to a width, or cut there down to it.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.rpad(F.lit("ab"), 4, "."))
    'ab..'
    """
    return call(_RPAD, column(text), count(width, "rpad"), _fill(fill, "rpad"))


def _fill(fill: Text, function: str) -> Text:
    if isinstance(fill, str) and not fill:
        hint = "give at least one character"
        raise FunctionArgumentError(
            f"F.{function} cannot fill with empty text", where=user_location(), hint=hint
        )
    return value(fill)
