"""Compare the rows of a table with the expected ones, whatever their order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from pydbt import Session

Row = dict[str, Any]
Values = tuple[Any, ...]

MOST_SHOWN = 5


@dataclass(frozen=True)
class Table:
    """Rows as a database gives them: the columns' names once, then tuples."""

    names: tuple[str, ...]
    rows: list[Values]


def read_table(url: str, name: str) -> Table:
    """All rows of a table or view, by SQLAlchemy; SQLite's views call the functions that PyDBT supplies."""
    engine = create_engine(url, poolclass=NullPool)
    Session(engine)
    with engine.connect() as connection:
        result = connection.execute(text(f'SELECT * FROM "{name}"'))
        return Table(tuple(result.keys()), [tuple(row) for row in result])


def differences(found: Table, expected: Sequence[Row]) -> list[str]:
    """What differs, as text; nothing when both hold the same rows of the same types.

    Numbers with a fraction may differ in their last digits, as a mean depends on the order of its summands.
    """
    names = found.names
    if sorted(names) != sorted(expected[0]):
        return [f"columns {names}, expected {tuple(expected[0])}"]
    if len(found.rows) != len(expected):
        return [f"{len(found.rows)} rows, expected {len(expected)}"]
    wanted = [tuple(row[name] for name in names) for row in expected]
    types = zip(names, _types(found.rows), _types(wanted), strict=True)
    wrong = [f"{name} holds {one}, expected {other}" for name, one, other in types if one != other]
    if wrong:
        return wrong[:MOST_SHOWN]
    # Most rows are equal to the last digit; the others are put side by side.
    left = Counter(wanted)
    left.subtract(found.rows)
    missing, unexpected = sorted((+left).elements(), key=_sort_key), sorted((-left).elements(), key=_sort_key)
    pairs = zip(unexpected, missing, strict=True)
    return [f"{one}, expected {other}" for one, other in pairs if not _is_same_row(one, other)][:MOST_SHOWN]


def _types(rows: Iterable[Values]) -> list[list[str]]:
    return [sorted({type(value).__name__ for value in column}) for column in zip(*rows, strict=True)]


def _sort_key(row: Values) -> Values:
    """Exact values first: numbers with a fraction only order rows that are the same otherwise."""
    exact = tuple((value is not None, value) for value in row if not isinstance(value, float))
    return exact, tuple(value for value in row if isinstance(value, float))


def _is_same_row(one: Values, other: Values) -> bool:
    return all(_is_same(a, b) for a, b in zip(one, other, strict=True))


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other
