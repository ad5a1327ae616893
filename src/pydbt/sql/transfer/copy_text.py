r"""PostgreSQL's COPY format: a line for each row, tabs between the values, ``\N`` for NULL.

Made column by column: a value costs a call of C code at best, and no more than one of Python's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from pydbt.errors import IncomingError, user_location

NULL = "\\N"
_SPECIAL = re.compile("[\\\\\t\n\r\x00]")
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def as_lines(columns: Sequence[Sequence[Any]], types: Sequence[TypeEngine[Any]]) -> bytes:
    r"""The rows of these columns, as COPY reads them.

    >>> as_lines([[1, None], ["a\tb", "c"]], [sa.Integer(), sa.String()])
    b'1\ta\\tb\n\\N\tc\n'
    """
    texts = [_texts(column, type_) for column, type_ in zip(columns, types, strict=True)]
    # One more, empty, column of ends would be one more join: the last line's end is added by hand.
    lines = "\n".join(map("\t".join, zip(*texts, strict=True)))
    return (lines + "\n").encode() if lines or (columns and len(columns[0])) else b""


def text_maker(type_: TypeEngine[Any]) -> Callable[[Any], str]:
    r"""How PostgreSQL writes a value of this type, whatever stands around it.

    >>> text_maker(sa.LargeBinary())(b"a"), text_maker(sa.Boolean())(True)
    ('\\x61', 't')
    """
    return next((make for kind, make in _MAKERS if isinstance(type_, kind)), str)


def refused_nul(text: str) -> IncomingError:
    """The error about a text that PostgreSQL has not."""
    return IncomingError(
        f"a text holds a NUL character, which PostgreSQL has not: {text!r:.80}",
        where=user_location(),
        hint="take it out, or give bytes",
    )


def _texts(column: Sequence[Any], type_: TypeEngine[Any]) -> Iterable[str]:
    make = text_maker(type_)
    # Not `None in column`, which would ask each date whether it equals None.
    kinds = set(map(type, column))
    if isinstance(type_, _NEVER_SPECIAL):
        escaped = make
    elif kinds == {str} and not _SPECIAL.search("".join(column)):
        return column
    else:

        def escaped(value: Any) -> str:
            return _SPECIAL.sub(_escape, make(value))

    if type(None) not in kinds:
        return map(escaped, column)
    return [NULL if value is None else escaped(value) for value in column]


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\x00":
        raise refused_nul(found.string)
    return _ESCAPED[found[0]]


def _boolean(value: Any) -> str:
    return "t" if value else "f"


def _bytes(value: Any) -> str:
    return "\\x" + bytes(value).hex()


def _interval(value: dt.timedelta) -> str:
    return f"{value.days} days {value.seconds}.{value.microseconds:06d} seconds"


_NEVER_SPECIAL = (
    sa.Boolean,
    sa.Integer,
    sa.Numeric,
    sa.Float,  # No Numeric from SQLAlchemy 2.1 on.
    sa.Date,
    sa.DateTime,
    sa.Time,
    sa.Interval,
)
_MAKERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (sa.Boolean, _boolean),
    (sa.LargeBinary, _bytes),
    (sa.Interval, _interval),
)
