"""Compare the rows of a table with the expected ones, whatever their order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

Row = dict[str, Any]

MOST_SHOWN = 5


def read_table(url: str, name: str) -> list[Row]:
    """All rows of a table, by SQLAlchemy alone."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()]


def differences(found: Sequence[Row], expected: Sequence[Row]) -> list[str]:
    """What differs, as text; nothing when both hold the same rows of the same types.

    Numbers with a fraction may differ in their last digits, as a mean depends on the order of its summands.
    """
    if len(found) != len(expected):
        return [f"{len(found)} rows, expected {len(expected)}"]
    names = sorted(expected[0])
    wrong = [
        f"columns {sorted(row)}, expected {names}" for row in (*found, *expected) if sorted(row) != names
    ]
    if wrong:
        return wrong[:MOST_SHOWN]
    pairs = zip(_in_order(found, names), _in_order(expected, names), strict=True)
    return [f"{one}, expected {other}" for one, other in pairs if not _same_row(one, other)][:MOST_SHOWN]


def _in_order(rows: Iterable[Row], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row[name] for name in names) for row in rows), key=_sort_key)


def _sort_key(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Exact values first: numbers with a fraction only order rows that are the same otherwise."""
    exact = tuple(
        (value is not None, type(value).__name__, value) for value in row if not isinstance(value, float)
    )
    return exact, tuple(value for value in row if isinstance(value, float))


def _same_row(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(_same(a, b) for a, b in zip(one, other, strict=True))


def _same(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other
