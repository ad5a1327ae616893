"""Names as a database keeps them: one that is too long is an error, never cut in silence."""

from __future__ import annotations

from collections.abc import Iterable

from pydbt.errors import InvalidNameError, user_location
from pydbt.sql.dialects import Dialect


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


def shortened(name: str, size: int) -> str:
    """The beginning of a name, of at most so many bytes.

    >>> shortened("ééé", 5)
    'éé'
    """
    return name.encode()[:size].decode(errors="ignore")
