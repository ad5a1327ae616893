"""Names as a database keeps them: one that is too long is an error, never cut in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeGuard

import sqlalchemy as sa

from pydbt.errors import InvalidNameError, LiteralError, user_location
from pydbt.sql.dialects import Dialect
from pydbt.sql.dialects.mysql import COLLATION

# What MariaDB keeps in the key of a table; no database of ours has longer names.
_NAME = 255
_HALF = re.compile("[\ud800-\udfff]")


def relation_name() -> sa.types.TypeEngine[str]:
    """The type of a column that holds names of tables and views, which tells them apart by code point."""
    exact = sa.String(_NAME, collation=COLLATION)
    # One by one: SQLAlchemy 1.4 takes no more.
    return sa.String(_NAME).with_variant(exact, "mysql").with_variant(exact, "mariadb")


def is_name(name: object) -> TypeGuard[str]:
    r"""Whether any database could call something so: text without NUL and halves of characters, not empty.

    >>> [is_name(name) for name in ("a b", "", "a\0", "\ud800", 5)]
    [True, False, False, False, False]
    """
    return isinstance(name, str) and bool(name) and (name.isascii() or is_whole(name)) and "\0" not in name


def is_whole(text: str) -> bool:
    """Whether each of its characters is one: a half, of a UTF-16 that was cut, can be sent nowhere."""
    return _HALF.search(text) is None


def check_whole(value: object) -> None:
    """Refuse a text, or a list of such, that not every database takes: NUL, or half a character.

    PostgreSQL has no text with NUL, and to SQLite's functions the text ends there.

    Raises:
        LiteralError: It does.
    """
    for text in value if isinstance(value, (list, tuple, set, frozenset)) else (value,):
        if not isinstance(text, str):
            continue
        if "\0" in text:
            what = f"{text!r:.80} holds a NUL character, which not every database takes"
            raise LiteralError(what, where=user_location(), hint=r'text.replace("\0", "") is without it')
        if not text.isascii() and not is_whole(text):
            raise LiteralError(
                f"{text!r:.80} holds half a character, which no database takes",
                where=user_location(),
                hint='text.encode("utf-8", "replace").decode() puts a ? in its place',
            )


def check_length(names: Iterable[str], dialect: Dialect, kind: str) -> None:
    """Raise for the first name that is longer than the database keeps.

    PostgreSQL cuts such a name without a word, and two of them may become one.

    Args:
        names: As they are written.
        dialect: What the database keeps.
        kind: What they name, for the error.

    >>> from pydbt.sql.dialects import POSTGRESQL, SQLITE
    >>> check_length(["x" * 64], SQLITE, "column")
    >>> check_length(["é" * 32], POSTGRESQL, "column")
    Traceback (most recent call last):
    pydbt.errors.InvalidNameError: PYDBT-E654: the column name 'éé...' has 64 bytes; postgresql keeps 63...
      shorten it
    """
    in_bytes, in_characters = dialect.max_identifier_bytes, dialect.max_identifier_characters
    if in_bytes is None and in_characters is None:
        return
    for name in names:
        sizes = ((in_bytes, len(name.encode()), "bytes"), (in_characters, len(name), "characters"))
        for limit, size, unit in sizes:
            if limit is not None and size > limit:
                what = f"the {kind} name {name!r} has {size} {unit}; {dialect.name} keeps {limit}"
                raise InvalidNameError(what, where=user_location(), hint="shorten it")


_DONE = "limited|distinct|combined|grouped|windowed|filtered|computed"
_AFTER = re.compile(rf"(?P<root>.+?)(?:_(?:{_DONE})(?:_\d+)?)*_(?P<last>{_DONE})(?:_\d+)?")


def name_after(name: str, done: str) -> str:
    """The name of a table or a CTE to which something more is done; of many things, the last two.

    >>> name_after("orders", "filtered")
    'orders_filtered'
    >>> name_after("orders_filtered_grouped_2", "limited")
    'orders_grouped_limited'
    >>> name_after("orders_limited_2", "limited")
    'orders_limited'
    """
    if name.endswith(f"_{done}"):
        return name
    found = _AFTER.fullmatch(name)
    if found is None:
        return f"{name}_{done}"
    before = "" if found["last"] == done else f"_{found['last']}"
    return f"{found['root']}{before}_{done}"


def shortened(name: str, size: int) -> str:
    """The beginning of a name, of at most so many bytes.

    >>> shortened("ééé", 5)
    'éé'
    """
    return name.encode()[:size].decode(errors="ignore")
