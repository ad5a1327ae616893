"""Runs to tell a store about: the events a runner would send, made in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pydbt.core.events import RunFinished, RunStarted, TaskFinished, TaskStarted
from pydbt.core.plan import Action, Plan, PlanStep, Reason
from pydbt.core.results import Failure, Fingerprint, Run, Status, TaskRun
from pydbt.core.state.base import StateStore
from pydbt.core.state.recorder import Recorder

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
BROKEN = Failure("ValueError", "no such day", "PYDBT-E400", "models/a.py:3", "fix it", "Traceback ...")
ONE_SECOND = timedelta(seconds=1)


def prints(*tasks: str, code: str = "c1", settings: str = "s1") -> dict[str, Fingerprint]:
    """A fingerprint for each task, all the same."""
    return dict.fromkeys(tasks, Fingerprint(code, settings))


def plan(*tasks: str) -> Plan:
    """A plan that runs them all."""
    return Plan(NOON, tuple(PlanStep(task, Action.RUN, Reason.DUE, "", 1) for task in tasks))


def ended(task: str, status: Status = Status.SUCCESS, at: datetime = NOON, seconds: float = 2.5) -> TaskRun:
    """A task run as a runner reports it."""
    if status in {Status.SKIPPED, Status.UPSTREAM_FAILED}:
        return TaskRun(task, status, "within_ttl")
    failed = status is Status.FAILED
    return TaskRun(
        task,
        status,
        "due",
        attempts=1,
        started_at=at,
        seconds=seconds,
        rows=None if failed else 7,
        failure=BROKEN if failed else None,
    )


def start(recorder: Recorder, run_id: str, *tasks: str, at: datetime = NOON) -> None:
    """The run and these tasks start."""
    recorder(RunStarted(run_id, at, plan(*tasks), 4))
    for task in tasks:
        recorder(TaskStarted(task, 1, at))


def finish(
    recorder: Recorder, run_id: str, task_runs: Iterable[TaskRun], at: datetime = NOON, seconds: float = 9.0
) -> Run:
    """These tasks end, and the run with them."""
    task_runs = tuple(task_runs)
    failed = any(task_run.status is Status.FAILED for task_run in task_runs)
    for task_run in task_runs:
        recorder(TaskFinished(task_run))
    status = Status.FAILED if failed else Status.SUCCESS
    run = Run(run_id, "dev", at, status, seconds, task_runs, NOON)
    recorder(RunFinished(run))
    return run


def remember(
    store: StateStore,
    run_id: str,
    *task_runs: TaskRun,
    target: str = "dev",
    fingerprints: Mapping[str, Fingerprint] | None = None,
    at: datetime = NOON,
) -> Run:
    """A whole run, told from its start to its end."""
    tasks = [task_run.task for task_run in task_runs]
    started = [task_run.task for task_run in task_runs if task_run.attempts]
    with store.record(target, prints(*tasks) if fingerprints is None else fingerprints) as recorder:
        start(recorder, run_id, *started, at=at)
        return replace(finish(recorder, run_id, task_runs, at), target=target)
