"""Which rows of an incremental task can be made once more or anew, and which tasks are incremental."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from pydbt.core.dag import Dag
from pydbt.core.incremental import Incremental
from pydbt.core.intervals import Span, begins, whole
from pydbt.core.materialization import Snapshot
from pydbt.core.task import Task
from pydbt.errors import UsageError


def incremental_of(dag: Dag, names: Iterable[str], *, is_kept: bool = False) -> tuple[str, ...]:
    """Those of the tasks that are incremental; or those of them alone that keep a ledger."""
    found = ((name, dag.tasks[name].materialized) for name in names)
    return tuple(
        name for name, kind in found if isinstance(kind, Incremental) and not (is_kept and kind.start is None)
    )


def refreshed(dag: Dag, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the tasks whose tables a full refresh makes anew.

    Raises:
        UsageError: There are tasks, and none of them is incremental.
    """
    names = tuple(names)
    found = incremental_of(dag, names)
    if found or not names:
        return found
    kept = next((name for name in names if isinstance(dag.tasks[name].materialized, Snapshot)), None)
    raise UsageError(
        "no selected task is incremental: there is nothing to refresh",
        where=dag.tasks[kept].location if kept else None,
        hint=f"the snapshot {kept!r} keeps what its source no longer has: it is never made anew"
        if kept
        else "other tables are made anew whenever their task runs; --force runs it",
    )


def checked_range(task: Task, first: date, last: date, until: datetime) -> Span:
    """The time from the first day to the end of the last; for a task with a start, what it may note of that.

    Args:
        task: The task.
        first: The first day.
        last: The last one, itself included.
        until: The moment, in UTC, by which it has to be over.

    Raises:
        UsageError: The task is not incremental, no column tells the day of its rows, the days are not whole
            intervals of it, or none of them is in its time.
    """
    options = task.materialized
    if not isinstance(options, Incremental):
        raise UsageError(
            f"the task {task.name!r} is not incremental",
            where=task.location,
            hint=f"pydbt run {task.name} --force makes all that it makes",
        )
    if options.on is None:
        doubled = ", and append would add them a second time" if options.strategy == "append" else ""
        raise UsageError(
            f"which rows of the task {task.name!r} are of these days is not known{doubled}",
            where=task.location,
            hint='name its column of time: on="day"; '
            f"pydbt run --full-refresh {task.name} makes all rows anew",
        )
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}", hint="give the earlier day first")
    asked = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    return asked if options.begins_at is None else _kept(task, options, options.begins_at, asked, until)


def left_out(task: Task, first: date, last: date, span: Span) -> Iterator[str]:
    """What of the days a range leaves out, and why.

    >>> inc = Incremental("append", on="day", start="2026-01-05")
    >>> span = datetime(2026, 1, 5), datetime(2026, 1, 8)
    >>> one = Task(name="one", materialized=inc)(lambda: None)
    >>> for line in left_out(one, date(2026, 1, 1), date(2026, 1, 9), span):
    ...     print(line)
    not made: what is before 2026-01-05, the start of 'one'
    not made: what is from 2026-01-08 on, which is not over yet; a run takes it when it is
    """
    start, end = span
    if datetime.combine(first, time()) < start:
        yield f"not made: what is before {_shown(start)}, the start of {task.name!r}"
    if end < datetime.combine(last + timedelta(days=1), time()):
        yield f"not made: what is from {_shown(end)} on, which is not over yet; a run takes it when it is"


def _kept(task: Task, options: Incremental, begin: datetime, asked: Span, until: datetime) -> Span:
    """What a ledger may note of the days: whole intervals, from the start of all, over by then."""
    for moment, option in zip(asked, ("--from", "--to"), strict=True):
        if not begins(moment, options.interval, begin):
            as_start = (
                f", which begins on a {begin:%A} as its start does" if options.interval == "week" else ""
            )
            raise UsageError(
                f"{option} cuts a {options.interval} of the task {task.name!r} in two{as_start}",
                where=task.location,
                hint=f"give the first day of a {options.interval} for --from, and the last of one for --to",
            )
    if asked[1] <= begin:
        raise UsageError(
            f"all of these days are before {_shown(begin)}, the start of the task {task.name!r}",
            where=task.location,
            hint="nothing was done; with an earlier start= the next run takes what is missing",
        )
    end = min(asked[1], whole(begin, options.interval, until)[1])
    if end <= max(asked[0], begin):
        raise UsageError(
            f"none of these {options.interval}s is over yet",
            where=task.location,
            hint="nothing was done; a run takes each when it is over",
        )
    return max(asked[0], begin), end


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
