"""The values of an expression over all rows at once; windows see all rows anyway."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from tests.sql.oracle.program import Agg, Call, Col, Key, Lit, Right, Sub, Window
from tests.sql.oracle.reference.frame import Frame, Groups
from tests.sql.oracle.reference.scalars import SCALARS


def values(expr: Any, over: Any) -> list[Any]:  # noqa: PLR0911  one form each
    """What the expression is in each row of a :class:`Frame`, or in each of :class:`Groups`."""
    if isinstance(expr, Col):
        found: list[Any] = over.column(expr.name)
        return found
    if isinstance(expr, Lit):
        return [expr.value] * len(over.rows)
    if isinstance(expr, Call):
        columns = [values(each, over) for each in expr.args]
        return [SCALARS[expr.name](*args) for args in zip(*columns, strict=True)]
    if isinstance(expr, Window):
        return window(expr, over)
    if isinstance(expr, Right):
        return list(over.right_column(expr.name))
    if isinstance(expr, Sub):
        return subquery(expr, over)
    assert isinstance(expr, Agg), expr
    assert isinstance(over, Groups), expr
    return [_aggregated(expr, rows) for rows in over.members]


def subquery(expr: Sub, over: Any) -> list[Any]:
    """What another frame says in each row: whether a value, or a row that matches, is in it; or its value."""
    other: Any = expr.other
    if expr.name == "scalar":
        return [other.rows[0][0] if other.rows else None] * len(over.rows)
    if expr.name == "isin":
        known = {row[0] for row in other.rows} - {None}
        return [each in known for each in values(expr.arg, over)]
    matched = {one for one, _ in matches(expr.names, expr.condition, over, other)}
    return [place in matched for place in range(len(over.rows))]


def matches(names: Sequence[str], condition: Any, left: Frame, right: Frame) -> list[tuple[int, int]]:
    """Which rows of the two match: their columns of these names are equal, and the condition is true."""
    pairs = [(one, other) for one in range(len(left.rows)) for other in range(len(right.rows))]
    for name in names:
        ours, theirs = left.column(name), right.column(name)
        pairs = [(a, b) for a, b in pairs if ours[a] is not None and ours[a] == theirs[b]]
    if condition is None:
        return pairs
    both = Frame(left.names, [left.rows[a] + right.rows[b] for a, b in pairs], right=right.names)
    return [pair for pair, is_met in zip(pairs, values(condition, both), strict=True) if is_met is True]


def _aggregated(expr: Agg, rows: Frame) -> Any:
    if expr.where is not None:
        rows = rows.kept([each is True for each in values(expr.where, rows)])
    if expr.arg is None:
        return len(rows.rows)
    found = values(expr.arg, rows)
    return aggregate(expr.name, list(dict.fromkeys(found)) if expr.is_distinct else found)


def aggregate(name: str, found: Sequence[Any]) -> Any:
    """The aggregate of these values; NULLs do not count."""
    known = [each for each in found if each is not None]
    if name == "count":
        return len(known)
    if name == "count_if":
        return known.count(True)
    return _AGGREGATES[name](known) if known else None


_AGGREGATES: dict[str, Any] = {
    "sum": sum,
    "avg": lambda known: float(sum(known)) / len(known),
    "min": min,
    "max": max,
    "median": lambda known: float(median(known)),
    "bool_and": all,
    "bool_or": any,
}


def ranked(keys: Sequence[Key], over: Frame) -> tuple[list[int], list[int]]:
    """The positions of the rows in the order of the keys, and a number for each place: one for equal keys."""
    columns = [values(key.expr, over) for key in keys]
    order = list(range(len(over.rows)))
    for key, column in reversed(list(zip(keys, columns, strict=True))):
        known = [each for each in order if column[each] is not None]
        known.sort(key=column.__getitem__, reverse=key.descending)
        missing = [each for each in order if column[each] is None]
        order = missing + known if key.nulls_first else known + missing
    ties: list[int] = []
    for place, position in enumerate(order):
        previous = order[place - 1]
        is_same = place > 0 and all(column[position] == column[previous] for column in columns)
        ties.append(ties[-1] if is_same else place)
    return order, ties


def window(expr: Window, over: Frame) -> list[Any]:
    """A window function in each row."""
    partitions: dict[Any, list[int]] = {}
    keys = [values(each, over) for each in expr.partition]
    for position in range(len(over.rows)):
        partitions.setdefault(tuple(key[position] for key in keys), []).append(position)
    found: list[Any] = [None] * len(over.rows)
    for positions in partitions.values():
        part = Frame(over.names, [over.rows[each] for each in positions])
        for position, value in zip(positions, _in_partition(expr, part), strict=True):
            found[position] = value
    return found


def _in_partition(expr: Window, part: Frame) -> list[Any]:
    order, ties = ranked(expr.order, part)
    arguments = [values(each, part) for each in expr.args]
    found: list[Any] = [None] * len(order)
    for place, position in enumerate(order):
        found[position] = _at(expr, place, order, ties, arguments)
    return found


def _at(
    expr: Window, place: int, order: list[int], ties: list[int], arguments: Sequence[Sequence[Any]]
) -> Any:
    if expr.name in _PLACES:
        return _PLACES[expr.name](place, ties, len(order), *(each[0] for each in arguments))
    if expr.name in {"lag", "lead"}:
        distance = arguments[1][0] if len(arguments) > 1 else 1
        other = place - distance if expr.name == "lag" else place + distance
        return arguments[0][order[other]] if 0 <= other < len(order) else None
    framed = [order[each] for each in _frame(expr, place, ties)]
    if not arguments:
        return len(framed)
    seen = [arguments[0][each] for each in framed]
    if expr.name in {"first_value", "nth_value", "last_value"}:
        number = arguments[1][0] - 1 if len(arguments) > 1 else 0 if expr.name == "first_value" else -1
        return seen[number] if number < len(seen) and seen else None
    return aggregate(expr.name, seen)


def _frame(expr: Window, place: int, ties: list[int]) -> list[int]:
    """The places that the window sees: all, up to the last of the same keys, or so many rows."""
    if expr.rows is None:
        return [each for each in range(len(ties)) if not expr.order or ties[each] <= ties[place]]
    low, high = expr.rows
    return [
        each
        for each in range(len(ties))
        if (low is None or each >= place + low) and (high is None or each <= place + high)
    ]


def _bucket(place: int, _ties: list[int], count: int, buckets: int) -> int:
    """NTILE: the first buckets take one more each where the rows do not come out even."""
    size, larger = divmod(count, buckets)
    in_larger = larger * (size + 1)
    if place < in_larger:
        return place // (size + 1) + 1
    return larger + (place - in_larger) // size + 1


_PLACES: dict[str, Any] = {
    "row_number": lambda place, _ties, _count: place + 1,
    "rank": lambda place, ties, _count: ties[place] + 1,
    "percent_rank": lambda place, ties, count: ties[place] / (count - 1) if count > 1 else 0.0,
    "cume_dist": lambda place, ties, count: sum(tie <= ties[place] for tie in ties) / count,
    "dense_rank": lambda place, ties, _count: len(set(ties[: place + 1])),
    "ntile": _bucket,
}
