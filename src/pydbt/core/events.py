"""What a run tells: frozen values, given to listeners one after another by the runner's thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydbt.core.plan import Plan
from pydbt.core.results import Failure, Run, TaskRun


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The plan is made and work begins.

    Args:
        run_id: The run's id.
        at: UTC.
        plan: What will happen.
        slots: How many tasks run at once at most.
    """

    run_id: str
    at: datetime
    plan: Plan
    slots: int


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """An attempt at a task begins; ``attempt`` counts from 1."""

    task: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """An attempt failed and another one follows in ``wait_seconds``."""

    task: str
    attempt: int
    failure: Failure
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """A task has ended: well, failed, skipped, with a failed upstream, or interrupted."""

    task_run: TaskRun


@dataclass(frozen=True, slots=True)
class RunFinished:
    """All is over; ``run`` holds every task's run."""

    run: Run


Event = RunStarted | TaskStarted | AttemptFailed | TaskFinished | RunFinished


class Listener(Protocol):
    """Whoever wants to know: called with each event, in order, never from two threads at once."""

    def __call__(self, event: Event, /) -> None:
        """Take note of the event, quickly: the run waits meanwhile."""
