"""Which rows of an incremental task can be made once more or anew, and which tasks are incremental."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pydbt.core.dag import Dag
from pydbt.core.incremental import Incremental
from pydbt.core.intervals import Span, begins
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


def checked_range(task: Task, first: date, last: date) -> Span:
    """The time from the first day to the end of the last.

    Raises:
        UsageError: The task is not incremental, no column tells the day of its rows, or the days are not
            whole intervals of it.
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
    start, end = (datetime.combine(day, time()) for day in (first, last + timedelta(days=1)))
    for moment, option in ((start, "--from"), (end, "--to")):
        if options.start is not None and not begins(moment, options.interval, options.begins_at):
            raise UsageError(
                f"{option} cuts a {options.interval} of the task {task.name!r} in two",
                where=task.location,
                hint=f"give the first day of a {options.interval} for --from, and the last of one for --to",
            )
    return start, end
