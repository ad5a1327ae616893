"""Functions that make other text of a text."""

from __future__ import annotations

from functools import reduce
from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, Grouping

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_text
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import LONG, STRING, ColumnOrName, Count, Text, column, count, value
from pydbt.sql.functions.rule import TEXT, WHOLE, Rule

assert supplied_text.__name__, "importing it lists what SQLite needs"

_ONE = {"text": TEXT}
_LENGTH = Rule(
    "length",
    _ONE,
    LONG,
    {"ansi": "char_length({text})", "duckdb": "length({text})", "sqlite": "length({text})"},
)
_UPPER = Rule("upper", _ONE, STRING, {"ansi": "upper({text})", "sqlite": "pydbt_upper({text})"})
_LOWER = Rule("lower", _ONE, STRING, {"ansi": "lower({text})", "sqlite": "pydbt_lower({text})"})
_INITCAP = Rule(
    "initcap",
    _ONE,
    STRING,
    {
        "ansi": "initcap({text})",
        "duckdb": "array_to_string(list_transform(regexp_extract_all({text},"
        " '[\\pL\\pN]+|[^\\pL\\pN]+'), lambda word: upper(word[1]) || lower(word[2:])), '')",
        "sqlite": "pydbt_initcap({text})",
        "mysql": None,
    },
)
_REVERSE = Rule(
    "reverse",
    _ONE,
    STRING,
    {
        "ansi": "reverse({text})",
        # Its own keeps accents and flags together, which the others do not.
        "duckdb": "array_to_string(list_reverse(string_split({text}, '')), '')",
        "sqlite": "pydbt_reverse({text})",
    },
)
_MD5 = Rule("md5", _ONE, STRING, {"ansi": "md5({text})", "sqlite": "pydbt_md5({text})"})
_REPEAT = Rule(
    "repeat",
    {"text": TEXT, "times": WHOLE},
    STRING,
    {
        "ansi": "repeat({text}, {times!i})",
        "duckdb": "repeat({text}, {times})",
        "sqlite": "pydbt_repeat({text}, {times})",
    },
)
_REPLACE = Rule(
    "replace", {"text": TEXT, "old": TEXT, "new": TEXT}, STRING, {"ansi": "replace({text}, {old}, {new})"}
)
_CONCAT_WS = Rule(
    "concat_ws",
    {"separator": TEXT, "*texts": TEXT},
    STRING,
    {"ansi": "concat_ws({separator}, {*texts})", "sqlite": "pydbt_concat_ws({separator}, {*texts})"},
)
_ASCII = Rule(
    "ascii",
    _ONE,
    LONG,
    {
        "ansi": "ascii({text})",
        "sqlite": "pydbt_ascii({text})",
        # The number of its first bytes, which in this encoding is the code point.
        "mysql": "ord(convert(left({text}, 1) USING utf32))",
    },
)
_CHR = Rule(
    "chr",
    {"code": WHOLE},
    STRING,
    {
        "ansi": "CASE WHEN {code} BETWEEN 1 AND 55295 OR {code} BETWEEN 57344 AND 1114111"
        " THEN chr({code!i}) END",
        "sqlite": "pydbt_chr({code})",
        "mysql": "CASE WHEN {code} BETWEEN 1 AND 55295 OR {code} BETWEEN 57344 AND 1114111"
        " THEN convert(char({code} USING utf32) USING utf8mb4) END",
    },
)


def _joined(*texts: Any) -> Any:
    joined = reduce(lambda one, other: BinaryExpression(one, other, operators.concat_op, type_=STRING), texts)
    return Grouping(joined)


_CONCAT = Rule("concat", {"*texts": TEXT}, STRING, {"ansi": _joined})


def length(text: ColumnOrName) -> Call:
    """How many characters the text has, code points and not bytes.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.length(F.lit("é🙂")))
    2
    """
    return call(_LENGTH, column(text))


def upper(text: ColumnOrName) -> Call:
    """The text in capital letters, one for each letter: ``ß`` becomes ``ẞ``.

    NULL gives NULL. On PostgreSQL the locale of the database says what the capitals are, and ``ß`` stays.

    >>> from pydbt import F
    >>> result(F.upper(F.lit("élan")))
    'ÉLAN'
    """
    return call(_UPPER, column(text))


def lower(text: ColumnOrName) -> Call:
    """The text in small letters, one for each letter.

    NULL gives NULL. On PostgreSQL the locale of the database says what the small letters are.

    >>> from pydbt import F
    >>> result(F.lower(F.lit("ÉLAN")))
    'élan'
    """
    return call(_LOWER, column(text))


def initcap(text: ColumnOrName) -> Call:
    """Each word, a run of letters and digits, with a capital first and small letters after it.

    NULL gives NULL. On PostgreSQL the locale of the database says what letters are.

    >>> from pydbt import F
    >>> result(F.initcap(F.lit("new YORK, 5th")))
    'New York, 5th'
    """
    return call(_INITCAP, column(text))


def reverse(text: ColumnOrName) -> Call:
    """The characters from the last to the first.

    NULL gives NULL. They are code points: an accent of its own comes to stand on another letter.

    >>> from pydbt import F
    >>> result(F.reverse(F.lit("abc")))
    'cba'
    """
    return call(_REVERSE, column(text))


def repeat(text: ColumnOrName, times: Count) -> Call:
    """The text so many times over.

    NULL gives NULL; below 1 it is empty text.

    >>> from pydbt import F
    >>> result(F.repeat(F.lit("ab"), 3))
    'ababab'
    """
    return call(_REPEAT, column(text), count(times, "repeat"))


def replace(text: ColumnOrName, old: Text, new: Text) -> Call:
    """The text with each part ``old`` replaced by ``new``.

    NULL gives NULL; where ``old`` is empty the text stays.

    >>> from pydbt import F
    >>> result(F.replace(F.lit("banana"), "na", "NA"))
    'baNANA'
    """
    return call(_REPLACE, column(text), value(old), value(new))


def concat(*texts: ColumnOrName) -> Call:
    """The texts one after the other: ``a || b``.

    NULL among them gives NULL; ``concat_ws`` passes over it.

    >>> from pydbt import F
    >>> result(F.concat(F.lit("a"), F.lit("b"), F.lit("c")))
    'abc'
    """
    return call(_CONCAT, *_some(texts, "concat"))


def concat_ws(separator: Text, *texts: ColumnOrName) -> Call:
    """The texts that are not NULL one after the other, with a separator between them.

    All NULL give empty text, a separator that is NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.concat_ws(", ", F.lit("a"), F.lit(None), F.lit("b")))
    'a, b'
    """
    return call(_CONCAT_WS, value(separator), *_some(texts, "concat_ws"))


def _some(texts: tuple[ColumnOrName, ...], function: str) -> list[Any]:
    if not texts:
        hint = (
            f'name columns: F.{function}("a", "b")' if function == "concat" else 'F.concat_ws(", ", "a", "b")'
        )
        raise FunctionArgumentError(f"F.{function} was given no texts", where=user_location(), hint=hint)
    return [column(text) for text in texts]


def ascii(text: ColumnOrName) -> Call:  # noqa: A001  the name it has in SQL
    """The number of the first character, its code point.

    NULL gives NULL, empty text 0.

    >>> from pydbt import F
    >>> result(F.ascii(F.lit("é")))
    233
    """
    return call(_ASCII, column(text))


def chr(code: Count) -> Call:  # noqa: A001  the name it has in SQL
    """The character of a code point.

    NULL gives NULL, and so does a number that stands for no character.

    >>> from pydbt import F
    >>> result(F.chr(233))
    'é'
    """
    return call(_CHR, column(code))


def md5(text: ColumnOrName) -> Call:
    """The MD5 digest of the text in UTF-8, 32 small hexadecimal digits.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.md5(F.lit("a")))
    '0cc175b9c0f1b6a831c399e269772661'
    """
    return call(_MD5, column(text))
