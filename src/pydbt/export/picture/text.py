"""Free text, made fit to be written into a file that other programs read."""

from __future__ import annotations

import unicodedata
from html import escape

_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    r"""The text with ``\n`` for every line break, and a mark in the place of what no file may hold.

    Control characters, lone surrogates and non-characters are refused by XML; a NUL ends a text in C.

    >>> printable("a\r\nb\tc\x00d")
    'a\nb c�d'
    """
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(letter if letter == "\n" or _is_safe(letter) else _REPLACEMENT for letter in lines)


def _is_safe(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cs", "Cn")


def markup(text: str) -> str:
    """The text as XML and Graphviz's markup read it, on one line.

    >>> markup("a < b & c")
    'a &lt; b &amp; c'
    """
    return escape(" ".join(printable(text).split()))
