"""Functions that take characters off the ends of a text, or put some there."""

from __future__ import annotations

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import STRING, ColumnOrName, Count, Text, column, count, value
from pydbt.sql.functions.rule import TEXT, WHOLE, Rule

assert supplied_text.__name__, "importing it lists what SQLite needs"

_TRIMMED = {"text": TEXT, "characters": TEXT}


def _trimming(name: str, side: str, postgresql: str) -> tuple[Rule, Rule]:
    """The rule for one character, and the rule for many: MySQL's takes off a word, not characters."""
    sql = {
        "ansi": f"{name}({{text}}, {{characters}})",
        "postgresql": f"{postgresql}({{text}}, {{characters}})",
    }
    one = sql | {"mysql": f"trim({side} {{characters}} FROM {{text}})"}
    return (
        Rule(f"{name} of one character", _TRIMMED, STRING, one),
        Rule(f"{name} of characters", _TRIMMED, STRING, {**sql, "mysql": None}),
    )


_TRIM = _trimming("trim", "BOTH", "btrim")
_LTRIM = _trimming("ltrim", "LEADING", "ltrim")
_RTRIM = _trimming("rtrim", "TRAILING", "rtrim")


def _trimmed(rules: tuple[Rule, Rule], text: ColumnOrName, characters: Text) -> Call:
    is_one = isinstance(characters, str) and len(characters) == 1
    return call(rules[0] if is_one else rules[1], column(text), value(characters))


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
    return _trimmed(_TRIM, text, characters)


def ltrim(text: ColumnOrName, characters: Text = " ") -> Call:
    """The text without certain characters at its beginning; as ``trim``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.ltrim(F.lit("007"), "0"))
    '7'
    """
    return _trimmed(_LTRIM, text, characters)


def rtrim(text: ColumnOrName, characters: Text = " ") -> Call:
    """The text without certain characters at its end; as ``trim``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.rtrim(F.lit("1.500"), "0"))
    '1.5'
    """
    return _trimmed(_RTRIM, text, characters)


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
