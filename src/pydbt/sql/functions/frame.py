"""The frame of a window, ``ROWS`` and ``RANGE``: what is checked of it, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.sql.elements import FunctionFilter, Over

from pydbt.errors import (
    AggregateError,
    FunctionArgumentError,
    TypeMismatchError,
    UnsupportedFunctionError,
    user_location,
)
from pydbt.sql import semantics
from pydbt.sql.functions.frame_rendering import Roomy, widened
from pydbt.sql.moments import Microseconds, microseconds
from pydbt.sql.query import Query, database_of
from pydbt.sql.tree import cloned, cloned_by
from pydbt.sql.types import Family, family_of, is_integer

End = int | dt.timedelta | None
Frame = tuple[End, End]
# MariaDB refuses them without one, and all others say nothing by them.
_OF_AN_ORDER = frozenset({"rank", "dense_rank", "percent_rank", "cume_dist", "lag", "lead"})
_HINT = "a frame is (from, to), each a whole number, negative for before, or None for the end: rows=(None, 0)"
_TIME_HINT = "by dates and moments it has datetime.timedelta: range=(timedelta(days=-6), 0)"
_LONGEST = dt.timedelta(days=dt.date.max.toordinal())
_MOMENTS = {Family.DATE, Family.DATETIME}


def check_frame(rows: Any, range_: Any) -> None:
    """Raise unless at most one frame is given, and it begins before it ends."""
    if rows is not None and range_ is not None:
        raise FunctionArgumentError("over was given rows and range", where=user_location(), hint="give one")
    if rows is not None and not _is_frame(rows):
        raise FunctionArgumentError(f"over was given rows={rows!r}", where=user_location(), hint=_HINT)
    if range_ is not None and not _is_frame(counted(range_)):
        hint = f"{_HINT}; {_TIME_HINT}"
        raise FunctionArgumentError(f"over was given range={range_!r}", where=user_location(), hint=hint)


def _is_frame(frame: Any) -> bool:
    if not isinstance(frame, (tuple, list)) or len(frame) != 2:  # noqa: PLR2004  from and to
        return False
    if any(isinstance(end, bool) or not isinstance(end, (int, type(None))) for end in frame):
        return False
    start, end = frame
    return start is None or end is None or start <= end


def is_of_time(frame: Any) -> bool:
    """Whether a frame is of durations: zero is the row itself in either kind."""
    ends = frame if isinstance(frame, (tuple, list)) else ()
    is_whole = all(end is None or isinstance(end, dt.timedelta) or end == 0 for end in ends)
    return is_whole and any(isinstance(end, dt.timedelta) for end in ends)


def counted(frame: Any) -> Any:
    """A frame of durations in microseconds; any other as it is.

    >>> counted((dt.timedelta(seconds=-1), 0)), counted((-2, None))
    ((-1000000, 0), (-2, None))
    """
    if not is_of_time(frame):
        return frame
    return tuple(_microseconds(end) if isinstance(end, dt.timedelta) else end for end in frame)


def _microseconds(duration: dt.timedelta) -> int:
    # More would not fit into 64 bits, beside a moment.
    return microseconds(min(max(duration, -_LONGEST), _LONGEST))


def adopt_window(over: Any, visit: Callable[..., Any], query: Query) -> None:
    """Check the keys of a window, and then the window as a whole.

    Args:
        over: A copy of the window function, with the columns of the function in place.
        visit: What puts columns in place.
        query: Whose rows.
    """
    over.__dict__.pop("type", None)  # SQLAlchemy keeps the one of names that are columns by now.
    if over.partition_by is not None:
        over.partition_by = cloned_by(over.partition_by, visit)
    if over.order_by is not None:
        over.order_by = cloned(over.order_by)
        over.order_by.clauses = [semantics.order_key(visit(key)) for key in over.order_by.clauses]
    _check_window(over, query)
    over.rows, over.range_ = widened(over.rows), widened(over.range_)
    is_timed = over.__dict__.pop("is_of_time", False)
    if is_timed or has_distance(over.range_):
        keys: Any = over.order_by
        keys.clauses = [_as_number(key) if is_timed else _with_room(key) for key in keys.clauses]


def _as_number(key: Any) -> Any:
    """A key of moments as one of numbers, between which every database counts the distance."""
    return _with(key, Microseconds(key.element))


def _with_room(key: Any) -> Any:
    """A key of whole numbers to which any distance can be added."""
    return _with(key, Roomy(key.element)) if is_integer(key.type) else key


def _with(key: Any, element: Any) -> Any:
    return semantics.OrderKey(element, descending=key.descending, puts_nulls_first=key.puts_nulls_first)


def _check_window(over: Over[Any], query: Query) -> None:
    """Raise for a window that not every database has, or not the query's."""
    inner = over.element.func if isinstance(over.element, FunctionFilter) else over.element
    rule = getattr(inner, "rule", None)
    if rule is not None and not rule.has_window:
        what = f"F.{rule.public_name} has no window form"
        hint = "not every database has it; use group_by(…).agg(…), and join the result"
        raise AggregateError(what, where=user_location(), hint=hint)
    name = getattr(inner, "name", "") if rule is None else rule.public_name
    if name in _OF_AN_ORDER and (over.order_by is None or not over.order_by.clauses):
        hint = "say what comes first: .over(order_by=…)"
        raise AggregateError(f"{name} over a window without an order", where=user_location(), hint=hint)
    if has_distance(over.range_):
        _check_range(over, query)
    if (
        rule is not None
        and rule.is_supplied_window
        and (_ends_before(over.rows) or _ends_before(over.range_))
    ):
        _check_not_on_sqlite(rule.public_name, query)


def _check_not_on_sqlite(name: str, query: Query) -> None:
    """Python's window functions crash when they are asked for a value before any row came to them."""
    if database_of(query) == "sqlite":
        what = f"F.{name} on sqlite takes no frame that ends before the row"
        hint = "let the frame end with the row, and take the result by F.lag in a second verb"
        raise UnsupportedFunctionError(what, where=user_location(), hint=hint)


def _has_open_end(frame: Any) -> bool:
    """Whether a frame goes to an end of the window, in any version of SQLAlchemy."""
    is_tuple = isinstance(frame, tuple)
    kinds = (
        [getattr(end, "name", "") for end in frame]
        if is_tuple
        else [frame.lower_type.name, frame.upper_type.name]
    )
    return any(kind.endswith("UNBOUNDED") for kind in kinds)


def _ends_before(frame: Any) -> bool:
    """Whether the last row of a frame is before the row itself, in any version of SQLAlchemy."""
    if isinstance(frame, tuple):
        return type(frame[1]) is int and frame[1] < 0
    return frame is not None and frame.upper_type.name == "PRECEDING"


def _check_range(over: Over[Any], query: Query) -> None:
    """A distance is between numbers, or moments that are made numbers: SQLite keeps these as text.

    MariaDB takes one key for a distance, so its NULLs are first: an open end would have them in the frame.
    """
    keys = [] if over.order_by is None else list(over.order_by.clauses)
    is_timed = "is_of_time" in over.__dict__
    families = _MOMENTS if is_timed else {Family.NUMBER, Family.OTHER}
    if len(keys) != 1 or family_of(keys[0].type) not in families:
        kind = (
            "durations needs an order by one date or moment"
            if is_timed
            else "numbers needs an order by one number"
        )
        what, hint = f"a range of {kind}", f"order by one number, or use rows=; {_TIME_HINT}"
        raise TypeMismatchError(what, where=user_location(), hint=hint)
    if database_of(query) == "mysql" and _has_open_end(over.range_):
        what = "a range on mysql is open at one end and has a distance at the other"
        raise UnsupportedFunctionError(what, where=user_location(), hint="give two distances, or use rows=")


def has_distance(frame: Any) -> bool:
    """Whether an end is neither the window's end nor the row itself, in any version of SQLAlchemy."""
    if isinstance(frame, tuple):
        return any(type(end) is int for end in frame)
    return frame is not None and (frame.lower_bind is not None or frame.upper_bind is not None)
