"""Functions with regular expressions, of the kind that all databases read alike (``pattern.py``)."""

from __future__ import annotations

import re

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import BOOLEAN, STRING, ColumnOrName, column, constant, literal
from pydbt.sql.functions.pattern import read, read_replacement
from pydbt.sql.functions.rule import ANY, TEXT, Rule
from pydbt.sql.values import unwrapped

assert supplied_text.__name__, "importing it lists what SQLite needs"

_MATCHES = Rule(
    "regexp_matches",
    {"text": TEXT, "pattern": ANY, "python": ANY},
    BOOLEAN,
    {
        "ansi": None,
        "duckdb": "regexp_matches({text}, {pattern})",
        "postgresql": "({text} ~ {pattern})",
        "sqlite": "pydbt_regexp_matches({text}, {python})",
    },
)
_EXTRACTED = {"text": TEXT, "pattern": ANY, "python": ANY, "group": ANY, "whole": ANY, "index": ANY}
_ON_OTHERS = {
    "ansi": None,
    "duckdb": "CASE WHEN regexp_matches({text}, {pattern})"
    " THEN regexp_extract({text}, {pattern}, {group}) END",
    "sqlite": "pydbt_regexp_extract({text}, {python}, {group})",
}
_EXTRACT = Rule(
    "regexp_extract",
    _EXTRACTED,
    STRING,
    _ON_OTHERS | {"postgresql": "(regexp_match({text}, {whole}))[{index}]"},
)
_EXTRACT_PERHAPS = Rule(
    "regexp_extract of a group that may be missing",
    _EXTRACTED,
    STRING,
    _ON_OTHERS
    | {
        "postgresql": "CASE WHEN {text} ~ {pattern}"
        " THEN coalesce((regexp_match({text}, {whole}))[{index}], '') END"
    },
)
_REPLACE = Rule(
    "regexp_replace",
    {"text": TEXT, "pattern": ANY, "python": ANY, "re2": ANY, "posix": ANY, "replacement": ANY},
    STRING,
    {
        "ansi": None,
        "duckdb": "regexp_replace({text}, {pattern}, {re2}, 'g')",
        "postgresql": "regexp_replace({text}, {pattern}, {posix}, 'g')",
        "sqlite": "pydbt_regexp_replace({text}, {python}, {replacement})",
    },
)


def regexp_matches(text: ColumnOrName, pattern: str) -> Call:
    r"""Whether the pattern is found somewhere in the text.

    NULL gives NULL. It is found anywhere, unless ``^`` and ``$`` bind it to the beginning and the end.

    >>> from pydbt import F
    >>> result(F.regexp_matches(F.lit("flight 1545"), r"\d{4}$"))
    True
    """
    read_ = read(pattern, "regexp_matches")
    return call(_MATCHES, column(text), literal(read_.sql), literal(read_.python))


def regexp_extract(text: ColumnOrName, pattern: str, group: int = 0) -> Call:
    r"""What the pattern, or one of its groups, finds first in the text.

    NULL gives NULL, and so does a text in which the pattern is not found. A group that took no part in the
    match gives empty text.

    Args:
        text: Where it is looked for.
        pattern: The pattern.
        group: Which group, counted from 1; 0 is all that was found.

    >>> from pydbt import F
    >>> result(F.regexp_extract(F.lit("flight UA-1545"), r"(\w+)-(\d+)", 2))
    '1545'
    """
    read_ = read(pattern, "regexp_extract")
    group = unwrapped(group)
    if not isinstance(group, int) or isinstance(group, bool) or not 0 <= group <= read_.groups:
        what = f"F.regexp_extract was given group {group!r} of {pattern!r}"
        hint = f"the pattern has {read_.groups} groups; 0 is all that was found"
        raise FunctionArgumentError(what, where=user_location(), hint=hint)
    return call(
        _EXTRACT if group == 0 or read_.is_sure else _EXTRACT_PERHAPS,
        column(text),
        literal(read_.sql),
        literal(read_.python),
        constant(group),
        literal(f"({read_.sql})"),
        constant(group + 1),
    )


def regexp_replace(text: ColumnOrName, pattern: str, replacement: str) -> Call:
    r"""The text with everything that the pattern finds replaced.

    NULL gives NULL. A pattern that finds empty text is refused: where it finds it differs.

    Args:
        text: Where it is looked for.
        pattern: The pattern.
        replacement: What takes its place; ``\1`` is the first group, ``\0`` all that was found.

    >>> from pydbt import F
    >>> result(F.regexp_replace(F.lit("30.12.2022"), r"(\d+)\.(\d+)\.(\d+)", r"\3-\2-\1"))
    '2022-12-30'
    """
    read_ = read(pattern, "regexp_replace")
    if re.fullmatch(read_.python, "") is not None:
        what = f"F.regexp_replace: the pattern {pattern!r} finds empty text"
        raise FunctionArgumentError(what, where=user_location(), hint="use + in the place of *")
    made = read_replacement(replacement, read_.groups)
    texts = (read_.sql, read_.python, made.re2, made.postgresql, made.python)
    return call(_REPLACE, column(text), *map(literal, texts))
