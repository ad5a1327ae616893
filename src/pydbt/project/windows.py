"""The windows of incremental tasks: their ends in the type of the column that they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydbt.core.incremental import Incremental
from pydbt.core.intervals import Span, moved
from pydbt.core.window import Window
from pydbt.errors import TaskResultError

if TYPE_CHECKING:
    from pydbt.core.task import Task


def window_of(span: Span, kind: Any, task: Task, *, is_of_table: bool) -> Window:
    """The window of a time, for a column of a type.

    Args:
        span: The time, in UTC.
        kind: The column's type: its ends are dates, moments without zone, or moments in UTC.
        task: Whose column it is.
        is_of_table: Whether the type is that of its table's column, not of its query's.

    Raises:
        TaskResultError: The column is neither a date nor a moment, or a date cut into hours.
    """
    from pydbt.sql.types import Family, family_of

    options = _options(task)
    family = family_of(kind)
    if family is Family.DATETIME:
        is_aware = bool(getattr(kind, "timezone", False))
        start, end = (each.replace(tzinfo=UTC) if is_aware else each for each in span)
        return Window(start, end)
    if family is Family.DATE and options.interval != "hour":
        return Window(span[0].date(), span[1].date())
    what = "has no known type" if family is Family.OTHER else f"is {family.value}"
    hint = "cast it to a DateTime" if family is Family.DATE else "cast it to a Date or a DateTime"
    if is_of_table:
        hint += f" in the query; pydbt run --full-refresh {task.name} makes the table of it anew"
    raise TaskResultError(
        f"on={options.on!r} of the {'table' if is_of_table else 'task'} {task.name!r} {what},"
        f" which cannot be divided into {options.interval}s",
        where=task.location,
        hint=hint,
    )


def check_ordered(kind: Any, task: Task) -> None:
    """Refuse a column whose largest value does not tell which rows are new.

    Raises:
        TaskResultError: It is a boolean.
    """
    from pydbt.sql.types import Family, family_of

    if family_of(kind) is Family.BOOLEAN:
        raise TaskResultError(
            f"on={_options(task).on!r} of the task {task.name!r} is a boolean: it does not tell new rows",
            where=task.location,
            hint="name a date, a moment or a number",
        )


def window_from(mark: Any, task: Task) -> Window:
    """The window from the largest value that a table has, or as far below as the task looks back.

    Raises:
        TaskResultError: The task looks back from something that cannot be counted back.
    """
    options = _options(task)
    if mark is None:
        return Window()
    if not options.lookback:
        return Window(mark, is_after_start=options.strategy == "append")
    if isinstance(mark, datetime):
        return Window(moved(mark, options.interval, -options.lookback))
    if isinstance(mark, date):
        midnight = datetime.combine(mark, datetime.min.time())
        return Window(moved(midnight, options.interval, -options.lookback).date())
    if isinstance(mark, (int, float, Decimal)):
        return Window(mark - options.lookback)
    raise TaskResultError(
        f"on={options.on!r} of the task {task.name!r} is {type(mark).__name__}: "
        "there is no looking back from it",
        where=task.location,
        hint="cast it to a date, a moment or a number, or leave out lookback",
    )


def _options(task: Task) -> Incremental:
    assert isinstance(task.materialized, Incremental), "others have no windows"
    return task.materialized
