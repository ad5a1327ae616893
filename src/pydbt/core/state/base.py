"""What a store of runs promises, and the one rule by which a task's history moves on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from pydbt.core.results import Fingerprint, Run, Status, TaskHistory, TaskRun
from pydbt.core.state.recorder import Recorder


class StateStore(Protocol):
    """The memory between runs.

    One store serves several targets; what it knows of a task is kept for each target apart. Every read
    first settles the runs whose process is gone: they read as interrupted, never as running for ever.
    All methods may be called from any thread. Every failure is a ``StateError``.
    """

    def history(self, target: str) -> dict[str, TaskHistory]:
        """What is known of each task on this target, by name; tasks that never ran are not in it."""

    def latest_run(self, target: str) -> Run | None:
        """The run recorded last on this target, with its task runs."""

    def runs(self, target: str | None = None, limit: int = 20) -> list[Run]:
        """The latest runs, newest first, without their task runs."""

    def run(self, run_id: str) -> Run | None:
        """The run of this id with its task runs, in the order they ended, running ones last."""

    def record(self, target: str, fingerprints: Mapping[str, Fingerprint]) -> Recorder:
        """A listener that remembers one run.

        Args:
            target: The target the run works on.
            fingerprints: Those of *all* tasks of the project, selected or not: what the store knows of
                others is forgotten as soon as the run starts; what they did in earlier runs stays.
        """

    def close(self) -> None:
        """Write what is left and let go of files and connections; a second call does nothing."""


def advanced(
    earlier: TaskHistory | None, task_run: TaskRun, fingerprint: Fingerprint, ended_at: datetime | None
) -> TaskHistory | None:
    """A task's history after one more task run; a start alone changes nothing, nor does a skip.

    The first skip of a task that never ran makes it known, so that the next run finds it equal.

    The fingerprint moves on only when the body ran to an end, good or bad: an upstream that failed says
    nothing about the task's own code. The time of success and the duration come from successes alone,
    so a failed attempt never uses up a ``ttl_minutes``.

    >>> from datetime import UTC
    >>> old = Fingerprint("a1", "s1")
    >>> success = TaskRun("orders", Status.SUCCESS, seconds=2.0)
    >>> history = advanced(None, success, old, datetime(2026, 1, 31, tzinfo=UTC))
    >>> failed = advanced(history, TaskRun("orders", Status.FAILED), Fingerprint("a2", "s1"), None)
    >>> failed.last_status.value, failed.fingerprint.code, failed.last_success_at.day, failed.seconds
    ('failed', 'a2', 31, 2.0)
    """
    status = task_run.status
    if status is Status.RUNNING or (status is Status.SKIPPED and earlier is not None):
        return earlier
    success = status is Status.SUCCESS
    ran = success or status is Status.FAILED
    return TaskHistory(
        task=task_run.task,
        fingerprint=fingerprint if ran or earlier is None else earlier.fingerprint,
        last_status=status,
        last_success_at=ended_at if success else (earlier.last_success_at if earlier else None),
        seconds=task_run.seconds if success else (earlier.seconds if earlier else 0.0),
    )
