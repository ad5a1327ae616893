"""The remainder of a run: the tasks that it planned to run and that did not end well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydbt.core.incremental import Incremental
from pydbt.core.plan import Plan, Reason, make_plan
from pydbt.core.results import Run, Status
from pydbt.errors import UsageError
from pydbt.project.project import Project

_NOT_WELL = frozenset({Status.FAILED, Status.UPSTREAM_FAILED, Status.INTERRUPTED})


def latest_run(project: Project, target: str | None) -> Run | None:
    """The run recorded last, with its task runs: on that target, or on any.

    Raises:
        UsageError: It has not ended yet.
    """
    found = project.state.runs(target, 1)
    if not found:
        return None
    run = project.past_run(found[0].id)
    if run.status is Status.RUNNING:
        raise UsageError(
            f"the run {run.id} has not ended yet", hint="wait for it: pydbt history lists the runs"
        )
    return run


def remainder(run: Run) -> dict[str, str]:
    """How the tasks of a run ended that did not end well, by name.

    >>> from datetime import UTC
    >>> from pydbt.core.results import TaskRun
    >>> ended = (TaskRun("a", Status.SUCCESS), TaskRun("b", Status.FAILED), TaskRun("c", Status.INTERRUPTED))
    >>> remainder(Run("r1", "dev", datetime(2026, 1, 31, tzinfo=UTC), Status.FAILED, task_runs=ended))
    {'b': 'failed', 'c': 'not run'}
    """
    return {each.task: each.ending for each in run.task_runs if each.status in _NOT_WELL}


def _with_reason(run: Run, reason: Reason) -> frozenset[str]:
    return frozenset(each.task for each in run.task_runs if each.reason == reason.value)


def plan_remainder(project: Project, run: Run) -> Plan:
    """The plan that goes on from a run: all of its remainder that the project still has, and nothing else.

    What was due then runs now, and is made for the day that the run was for, whatever day it is.

    Args:
        project: The project.
        run: The run that is gone on from.

    Raises:
        UsageError: It was a backfill, whose days are not known any more; or an older PyDBT's, which did not
            keep the day that it was for, and that matters.
    """
    endings = remainder(run)
    if run.on is None:
        _check_no_day_matters(project, run, endings)
    backfilled = _with_reason(run, Reason.BACKFILLED)
    if backfilled:
        raise UsageError(
            f"the run {run.id} was a backfill, and which days it was for is not kept",
            hint=f"give it again: pydbt backfill {min(backfilled)} --from … --to …",
        )
    now = datetime.now().astimezone()
    return make_plan(
        project.dag,
        on=run.on or now,
        now=now,
        selected=frozenset(endings.keys() & project.dag.tasks.keys()),
        fingerprints=project.fingerprints,
        history=project.state.history(project.target.name),
        retried=endings,
        rebuilt=_with_reason(run, Reason.FULL_REFRESH),
        previous_run=run.id,
    )


def _check_no_day_matters(project: Project, run: Run, names: Iterable[str]) -> None:
    """Refuse to guess how far a ledger was to go: days whose rows had not come yet would count as done."""
    tasks = (project.dag.tasks[name] for name in names if name in project.dag.tasks)
    for task in tasks:
        if isinstance(task.materialized, Incremental) and task.materialized.start is not None:
            raise UsageError(
                f"the task {task.name!r} takes the intervals up to the day of its run,"
                f" and which day the run {run.id} was for an earlier PyDBT did not keep",
                hint=f"name it, as in pydbt run {task.name} --date {run.started_at.astimezone():%Y-%m-%d}",
            )
