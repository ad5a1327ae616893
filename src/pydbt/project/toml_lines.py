"""Where a key stands in a TOML text: the parser gives values without their lines."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*="""
)
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*\.?""")
_POSITION = re.compile(r"^(.*?) \(at line (\d+), column (\d+)\)$", re.DOTALL)


def lines_of(text: str, path: tuple[str, ...]) -> list[int]:
    r"""The lines, from 1, on which the key or table of that path is written; empty when nowhere.

    >>> lines_of('threads = 2\n[targets.dev]\nurl = "x"\n', ("targets", "dev", "url"))
    [3]
    >>> lines_of("a = 1\nb = 2\na = 3\n", ("a",))
    [1, 3]
    """
    return [number for number, found in _keys(text) if found == path]


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line of the key, or of the first key below it, or of the nearest table around it."""
    keys = _keys(text)
    for length in range(len(path), 0, -1):
        part = path[:length]
        exact = [number for number, found in keys if found == part]
        below = [number for number, found in keys if found[:length] == part]
        if exact or below:
            return (exact or below)[0]
    return None


def key_at(text: str, line: int) -> tuple[str, ...] | None:
    """The path of the key that is written on that line, None where there is none."""
    return next((path for number, path in _keys(text) if number == line), None)


def position_of(message: str) -> tuple[str, int, int] | None:
    """A parser's message without its place, and the place: line and column.

    >>> position_of("Invalid value (at line 2, column 5)")
    ('Invalid value', 2, 5)
    >>> position_of("Invalid value (at end of document)") is None
    True
    """
    found = _POSITION.match(message)
    return (found[1], int(found[2]), int(found[3])) if found else None


def _keys(text: str) -> list[tuple[int, tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            table = _parts(header[1])
            found.append((number, table))
        elif key:
            found.append((number, table + _parts(key[1])))
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))
