"""The frame of a window, ``ROWS`` and ``RANGE``: what is checked of it, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import FunctionFilter, Over

from pydbt.errors import (
    AggregateError,
    FunctionArgumentError,
    TypeMismatchError,
    UnsupportedFunctionError,
    user_location,
)
from pydbt.sql import semantics
from pydbt.sql.query import Query, database_of
from pydbt.sql.tree import cloned, cloned_by
from pydbt.sql.types import Family, family_of

Frame = tuple[int | None, int | None]
# MariaDB refuses them without one, and all others say nothing by them.
_OF_AN_ORDER = frozenset({"rank", "dense_rank", "percent_rank", "cume_dist", "lag", "lead"})
_HINT = "a frame is (from, to), each a whole number, negative for before, or None for the end: rows=(None, 0)"


def check_frame(rows: Any, range_: Any) -> None:
    """Raise unless at most one frame is given, and it begins before it ends."""
    if rows is not None and range_ is not None:
        raise FunctionArgumentError("over was given rows and range", where=user_location(), hint="give one")
    for name, frame in (("rows", rows), ("range", range_)):
        if frame is not None and not _is_frame(frame):
            raise FunctionArgumentError(f"over was given {name}={frame!r}", where=user_location(), hint=_HINT)


def _is_frame(frame: Any) -> bool:
    if not isinstance(frame, (tuple, list)) or len(frame) != 2:  # noqa: PLR2004  from and to
        return False
    if any(isinstance(end, bool) or not isinstance(end, (int, type(None))) for end in frame):
        return False
    start, end = frame
    return start is None or end is None or start <= end


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
    """SQLite keeps dates as text and would count no distance between them.

    MariaDB takes one key for a distance, so its NULLs are first: an open end would have them in the frame.
    """
    keys = [] if over.order_by is None else list(over.order_by.clauses)
    if len(keys) != 1 or family_of(keys[0].type) not in {Family.NUMBER, Family.OTHER}:
        what = "a range with a distance needs an order by one number"
        raise TypeMismatchError(what, where=user_location(), hint="order by one number, or use rows=")
    if database_of(query) == "mysql" and _has_open_end(over.range_):
        what = "a range on mysql is open at one end and has a distance at the other"
        raise UnsupportedFunctionError(what, where=user_location(), hint="give two distances, or use rows=")


def has_distance(frame: Any) -> bool:
    """Whether an end is neither the window's end nor the row itself, in any version of SQLAlchemy."""
    if isinstance(frame, tuple):
        return any(type(end) is int for end in frame)
    return frame is not None and (frame.lower_bind is not None or frame.upper_bind is not None)


def _framed_last(over: Over[Any], compiler: Any, **kw: Any) -> str:
    """SQLAlchemy 1.4 renders the frame before the keys, and counts the parameters as they are rendered."""
    frame = over.range_ or over.rows
    if frame is None:
        rendered: str = compiler.visit_over(over, **kw)
        return rendered
    bare = cloned(over)
    bare.range_ = bare.rows = None
    keys = compiler.visit_over(bare, **kw).removesuffix(")")
    blank = "" if keys.endswith("(") else " "
    word = "RANGE" if over.range_ else "ROWS"
    return f"{keys}{blank}{word} BETWEEN {compiler._format_frame_clause(frame, **kw)})"  # noqa: SLF001  as 1.4 does


if sqlalchemy.__version__.startswith("1.4."):
    compiles(Over)(_framed_last)
