"""Rows as text and as HTML: what ``show`` prints, a notebook draws and errors tell."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

WIDEST = 60


def as_text(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, more: bool = False) -> str:
    """Rows as an aligned table; numbers to the right, what is too wide is cut.

    >>> print(as_text(["a", "b"], [(1, "x"), (22, None)], more=True))
     a | b
    ---+-----
     1 | x
    22 | NULL
    only the first 2 rows
    """
    cells = [[_shown(value) for value in row] for row in rows]
    widths = [max(map(_width, each)) for each in zip(columns, *cells, strict=True)]
    right = [all(_is_number(row[i]) for row in rows) and bool(rows) for i in range(len(columns))]
    lines = [_line(columns, widths, right), "-+-".join("-" * width for width in widths)]
    lines += [_line(each, widths, right) for each in cells]
    if more:
        lines.append(f"only the first {len(rows)} rows")
    elif not rows:
        lines.append("no rows")
    return "\n".join(line.rstrip() for line in lines)


def as_html(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, more: bool = False) -> str:
    """Rows as an HTML table, everything escaped.

    >>> as_html(["a"], [("<b>",)])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row) + "</tr>" for row in rows
    )
    note = "<p>only the first rows</p>" if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def as_read(value: Any) -> str:
    """A value as one reads it in a sentence: text in quotes, NULL, days and numbers as they are written.

    >>> from datetime import date
    >>> as_read([date(2024, 1, 1), "late", None, Decimal("1.50")])
    "[2024-01-01, 'late', NULL, 1.50]"
    """
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"[{', '.join(map(as_read, value))}]"
    if isinstance(value, dict):
        pairs = (f"{as_read(key)}: {as_read(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    return repr(value) if isinstance(value, (str, bytes)) else str(value)


def row_as_read(names: Iterable[str], row: Iterable[Any]) -> str:
    """The values of a row by name.

    >>> row_as_read(["id", "day"], [1, None])
    'id=1, day=NULL'
    """
    return ", ".join(f"{name}={as_read(value)}" for name, value in zip(names, row, strict=False))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float, Decimal)) and not isinstance(value, bool))


def _shown(value: Any) -> str:
    if value is None:
        return "NULL"
    text = "".join(ch if ch.isprintable() else repr(ch)[1:-1] for ch in str(value))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _width(text: str) -> int:
    """How many places of a terminal a text takes: a wide letter two, an accent on its own none."""
    return sum(
        0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        for ch in text
    )


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(cells, widths, right, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if to_right else cell + space)
    return " | ".join(padded)
