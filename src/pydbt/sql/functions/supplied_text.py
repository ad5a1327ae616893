"""Functions of text for SQLite, whose own know no letters beyond a to z and no padding."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import groupby

from pydbt.sql.functions import supplied


def _capital(letter: str) -> str:
    """One letter for one: the capital sharp s, and the Greek letters that have one for titles only."""
    if letter == "ß":
        return "ẞ"
    upper = letter.upper()
    if len(upper) == 1:
        return upper
    title = letter.title()
    return title if len(title) == 1 else letter


@supplied.scalar("pydbt_upper", 1)
def upper(text: str) -> str:
    """Every letter in capitals, one for one.

    >>> upper("straße é")
    'STRAẞE É'
    """
    return text.upper() if text.isascii() else "".join(map(_capital, text))


@supplied.scalar("pydbt_lower", 1)
def lower(text: str) -> str:
    """Every letter small, one for one.

    >>> lower("ÀΣ")
    'àσ'
    """
    return text.lower() if text.isascii() else "".join(letter.lower()[0] for letter in text)


@supplied.scalar("pydbt_initcap", 1)
def initcap(text: str) -> str:
    """Each word, a run of letters and digits, with a capital and small letters.

    >>> initcap("hello wORLD, it's 3rd")
    "Hello World, It'S 3rd"
    """
    words = ("".join(word) for _, word in groupby(text, _is_of_a_word))
    return "".join(upper(word[0]) + lower(word[1:]) for word in words)


def _is_of_a_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN"


@supplied.scalar("pydbt_lpad", 3)
def lpad(text: str, width: int, fill: str) -> str:
    """As wide as asked, filled or cut.

    >>> lpad("7", 3, "0"), lpad("abcd", 3, "0")
    ('007', 'abc')
    """
    return _padding(text, width, fill) + text[: max(width, 0)]


@supplied.scalar("pydbt_rpad", 3)
def rpad(text: str, width: int, fill: str) -> str:
    """As :func:`lpad`, filled on the right."""
    return text[: max(width, 0)] + _padding(text, width, fill)


def _padding(text: str, width: int, fill: str) -> str:
    missing = max(width - len(text), 0)
    return (fill * (missing // len(fill) + 1))[:missing] if fill else ""


@supplied.scalar("pydbt_left", 2)
def left(text: str, count: int) -> str:
    """The first characters; all but the last for a number below zero."""
    return text[:count]


@supplied.scalar("pydbt_right", 2)
def right(text: str, count: int) -> str:
    """The last characters; all but the first for a number below zero.

    >>> right("abc", 2), right("abc", -1), right("abc", 0)
    ('bc', 'bc', '')
    """
    return text[-count:] if count else ""


@supplied.scalar_of_nulls("pydbt_slice", 3)
def slice_of(text: str | None, start: int | None, stop: int | None) -> str | None:
    """Python's slice."""
    return None if text is None else text[start:stop]


@supplied.scalar("pydbt_split_part", 3)
def split_part(text: str, separator: str, number: int) -> str:
    """The part of that number, counted from 1, or from -1 at the end; empty where there is none.

    >>> split_part("a,b", ",", 2), split_part("a,b", ",", -2), split_part("a,b", ",", 3)
    ('b', 'a', '')
    """
    parts = text.split(separator) if separator else [text]
    position = number - 1 if number > 0 else len(parts) + number
    return parts[position] if 0 <= position < len(parts) else ""


@supplied.scalar("pydbt_repeat", 2)
def repeat(text: str, times: int) -> str:
    """The text so many times over."""
    return text * times


@supplied.scalar("pydbt_reverse", 1)
def reverse(text: str) -> str:
    """The characters from the last to the first."""
    return text[::-1]


@supplied.scalar_of_nulls("pydbt_concat_ws", -1)
def concat_ws(separator: str | None, *texts: str | None) -> str | None:
    """The texts that are not NULL, with a separator between them."""
    return None if separator is None else separator.join(text for text in texts if text is not None)


@supplied.scalar("pydbt_ends_with", 2)
def ends_with(text: str, part: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(part)


@supplied.scalar("pydbt_ascii", 1)
def code_of_first(text: str) -> int:
    """The number of the first character; 0 of empty text."""
    return ord(text[0]) if text else 0


@supplied.scalar("pydbt_chr", 1)
def character(code: int) -> str | None:
    """The character of that number; None where there is none."""
    is_one = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF  # noqa: PLR2004  Unicode's bounds, and its surrogates
    return chr(code) if is_one else None


@supplied.scalar("pydbt_md5", 1)
def md5(text: str) -> str:
    """The MD5 digest of the text's UTF-8 form."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@supplied.scalar("pydbt_regexp_matches", 2)
def regexp_matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found."""
    return re.search(pattern, text) is not None


@supplied.scalar("pydbt_regexp_extract", 3)
def regexp_extract(text: str, pattern: str, group: int) -> str | None:
    """What a group found first; empty where it took no part, None without a match."""
    found = re.search(pattern, text)
    return None if found is None else found.group(group) or ""


@supplied.scalar("pydbt_regexp_replace", 3)
def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """Everything that is found replaced."""
    return re.sub(pattern, replacement, text)
