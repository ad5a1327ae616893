"""Whether two lots of rows are the same, and whether a DataFrame keeps what it announces."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.types import TypeEngine

from pydbt.sql.dataframe import DataFrame
from tests.sql.oracle.reference.frame import Frame, Row

_DIGITS = 9
_LARGE = 2.0**50


class DifferenceError(AssertionError):
    """Two ways of computing the same rows gave different ones."""


def same(found: Sequence[Row], expected: Sequence[Row]) -> bool:
    """Whether the rows are the same in no order, floats within a billionth.

    >>> same([(1, 0.1 + 0.2), (2, None)], [(2, None), (1, 0.3)])
    True
    """
    if len(found) != len(expected):
        return False
    one, other = Counter(map(_rounded, found)), Counter(map(_rounded, expected))
    if one == other:
        return True
    # Of two floats that are nearly the same one may be rounded up and the other down.
    left = [(one - other).elements(), (other - one).elements()]
    first, second = (sorted(each, key=_sortable) for each in left)
    return all(map(_close, first, second))


def _rounded(row: Row) -> Row:
    return tuple(
        float(f"{value:.{_DIGITS}g}") if isinstance(value, float) and _is_inexact(value) else value
        for value in row
    )


def _is_inexact(value: float) -> bool:
    """Whether it may be a little beside the number that it stands for: a large one is whole by chance."""
    return not value.is_integer() or abs(value) >= _LARGE


def _sortable(row: Row) -> tuple[tuple[bool, str, float, str], ...]:
    return tuple(
        (value is None, "", float(value), "")
        if isinstance(value, (int, float, Decimal))
        else (value is None, type(value).__name__, 0.0, str(value))
        for value in row
    )


def _close(one: Row, other: Row) -> bool:
    return all(
        math.isclose(a, b, rel_tol=10**-_DIGITS, abs_tol=10**-_DIGITS)
        if isinstance(a, float) and isinstance(b, float)
        else a == b
        for a, b in zip(one, other, strict=True)
    )


def in_order(found: Sequence[Row], expected: Frame) -> bool:
    """Whether the rows come in the order of the frame, those of equal keys in any."""
    if expected.ties is None:
        return True
    places: dict[int, list[int]] = {}
    for place, tie in enumerate(expected.ties):
        places.setdefault(tie, []).append(place)
    return all(
        same([found[each] for each in group], [expected.rows[each] for each in group])
        for group in places.values()
    )


def check(frame: DataFrame, expected: Frame) -> list[Row]:
    """Raise unless the frame gives the rows, in order, under the names and of the types it announces."""
    rows = frame.collect()
    found = [tuple(row) for row in rows]
    if not same(found, expected.rows):
        raise DifferenceError("the rows differ", found)
    if not in_order(found, expected):
        raise DifferenceError("the order differs", found)
    if frame.columns != list(expected.names) or (rows and list(rows[0]._fields) != frame.columns):
        raise DifferenceError("the names differ", frame.columns, rows[:1] and rows[0]._fields)
    check_types(frame, found)
    return found


def check_types(frame: DataFrame, rows: Sequence[Row]) -> None:
    """Raise unless every value is of the type that is announced for its column."""
    for position, (name, type_) in enumerate(frame.schema.items()):
        wanted = python_type(type_)
        for row in rows:
            if row[position] is not None and type(row[position]) is not wanted:
                what = f"column {name!r} is announced as {type_!r}, and holds {row[position]!r}"
                raise DifferenceError(what, rows)


def python_type(type_: TypeEngine[Any]) -> type:
    """The Python type of the values of a column."""
    found = type_.python_type
    known = {int, float, Decimal, str, bool, dt.date, dt.datetime}
    assert found in known, type_
    return found
