"""How things ended, as values: an outcome of one attempt, a task's run, a whole run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """How a task or a run ended; RUNNING only while it has not."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    UPSTREAM_FAILED = "upstream_failed"
    INTERRUPTED = "interrupted"


_WITHOUT_ATTEMPT = {Status.INTERRUPTED: "not run", Status.RUNNING: "waiting"}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: text only, so it travels between processes and into the state.

    Args:
        kind: The exception's class, ``ColumnNotFoundError``.
        message: What it said.
        code: PyDBT's code, empty for other exceptions.
        where: ``file:line`` in the user's code, empty when unknown.
        hint: What to do, empty when unknown.
        traceback: The whole traceback, for ``--debug``.
        kinds: The full names of the exception's class and its bases, by which a ``Retry`` chooses.
        transient: What passes by itself, ``deadlock``, where all that the attempt did is undone; else empty.
    """

    kind: str
    message: str
    code: str = ""
    where: str = ""
    hint: str = ""
    traceback: str = ""
    kinds: tuple[str, ...] = ()
    transient: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt at a task gave: rows published, or the failure; and what there is to warn of.

    ``is_left``: its body has not ended, cannot be stopped, and is no longer waited for.
    """

    seconds: float
    rows: int | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task within one run.

    Args:
        task: The task's name.
        status: How it ended.
        reason: Why it ran or was skipped: the name of the plan's reason.
        attempts: How often its body was called.
        started_at: UTC; None when it never started.
        seconds: Duration of the last attempt.
        rows: Rows it published, where known.
        failure: Why it failed.
        warnings: What checks of the severity ``warn`` say of what it published, and what of its options the
            database cannot have.
    """

    task: str
    status: Status
    reason: str = ""
    attempts: int = 0
    started_at: datetime | None = None
    seconds: float = 0.0
    rows: int | None = None
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()

    @property
    def ending(self) -> str:
        """How it ended, in words: ``not run`` when the run was interrupted before it came to the task.

        >>> TaskRun("orders", Status.INTERRUPTED).ending
        'not run'
        >>> TaskRun("orders", Status.INTERRUPTED, attempts=1).ending
        'interrupted'
        >>> TaskRun("orders", Status.RUNNING).ending
        'waiting'
        """
        if not self.attempts and self.status in _WITHOUT_ATTEMPT:
            return _WITHOUT_ATTEMPT[self.status]
        return self.status.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a plan.

    Args:
        id: Unique, sorts by time: ``20260131T061500Z-1f3a``.
        target: The settings' target it ran against.
        started_at: UTC.
        status: RUNNING until it has ended.
        seconds: Its duration so far.
        task_runs: Its tasks, in the order they ended.
        on: What its plan was for: a moment with its zone, or a whole day; None where that was not kept.
    """

    id: str
    target: str
    started_at: datetime
    status: Status
    seconds: float = 0.0
    task_runs: tuple[TaskRun, ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a task is made of: two digests, of its code and of its options."""

    code: str
    settings: str


@dataclass(frozen=True, slots=True)
class TaskHistory:
    """What earlier runs left to know about a task on one target.

    Args:
        task: The task's name.
        fingerprint: That of the task when it last ran.
        last_status: How it last ended; SKIPPED only when it was never more than skipped.
        last_success_at: UTC, when it last ended well; None if never.
        seconds: How long its last success took; the plan's measure of path length.
    """

    task: str
    fingerprint: Fingerprint
    last_status: Status
    last_success_at: datetime | None
    seconds: float
