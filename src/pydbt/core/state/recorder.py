"""A run's events become notes, which any store can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from pydbt.core.events import Event, RunFinished, RunStarted, TaskFinished, TaskStarted
from pydbt.core.results import Failure, Fingerprint, Run, Status, TaskRun
from pydbt.errors import StateError, hide_passwords

_UNKNOWN = Fingerprint("", "")
_LONGEST_TEXT = 10_000
_LONGEST_TRACEBACK = 100_000


@dataclass(frozen=True, slots=True)
class TaskNote:
    """How one task stands in a run.

    Args:
        task_run: What is known of it so far.
        fingerprint: That of the task in this run.
        position: Its place in the order of ending; None while it runs.
        ended_at: UTC, when its last attempt ended; None while it runs and when it never started.
    """

    task_run: TaskRun
    fingerprint: Fingerprint
    position: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """How a run stands, and the task that gave the occasion, if one did."""

    run: Run
    task: TaskNote | None = None


class Recorder:
    """A listener that turns events into notes: one recorder for one run.

    As a context manager it sees to the end: a run that leaves the block without having finished is
    interrupted, its running tasks too, and everything is written when the block ends.

    Args:
        target: The target the run works on.
        fingerprints: Those of all tasks of the project.
        keep: Takes a note at once, whatever it does with it later.
        finish: Returns when everything is written.

    Raises:
        StateWriteError: At the end of the block, when not all could be written; the run is over by then.
    """

    def __init__(
        self,
        target: str,
        fingerprints: Mapping[str, Fingerprint],
        keep: Callable[[Note], None],
        finish: Callable[[], None],
    ) -> None:
        self._target = target
        self._fingerprints = fingerprints
        self._keep = keep
        self._finish = finish
        self._run: Run | None = None
        self._running: dict[str, TaskNote] = {}
        self._attempt_at: dict[str, datetime] = {}
        self._reasons: dict[str, str] = {}
        self._ended = 0

    def __call__(self, event: Event, /) -> None:
        """Note the event; nothing is written on the caller's time."""
        match event:
            case RunStarted():
                self._reasons = {step.task: step.reason.value for step in event.plan.steps}
                self._note_run(Run(event.run_id, self._target, event.at, Status.RUNNING, on=event.plan.on))
                # Of a run that is killed, too, one shall know what it did not come to.
                for step in event.plan.to_run:
                    self._note_running(TaskRun(step.task, Status.RUNNING, step.reason.value))
            case TaskStarted():
                self._note_start(event)
            case TaskFinished():
                self._note_end(event.task_run)
            case RunFinished():
                self._note_run(replace(event.run, target=self._target, task_runs=()))
            case _:  # A failed attempt with another to come: the next TaskStarted counts it.
                pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._run is not None and self._run.status is Status.RUNNING:
            for note in list(self._running.values()):
                self._note_end(replace(note.task_run, status=Status.INTERRUPTED))
            self._note_run(replace(self._run, status=Status.INTERRUPTED))
        try:
            self._finish()
        except StateError as failure:
            if error is None:
                raise
            error.add_note(str(failure))

    def _note_run(self, run: Run) -> None:
        self._run = run
        self._keep(Note(run))

    def _note_start(self, event: TaskStarted) -> None:
        self._attempt_at[event.task] = event.at
        first = self._running.get(event.task)
        started_at = (first.task_run.started_at if first else None) or event.at
        reason = self._reasons.get(event.task, "")
        self._note_running(TaskRun(event.task, Status.RUNNING, reason, event.attempt, started_at))

    def _note_running(self, task_run: TaskRun) -> None:
        note = TaskNote(task_run, self._fingerprints.get(task_run.task, _UNKNOWN))
        self._running[task_run.task] = note
        self._note_task(note)

    def _note_end(self, task_run: TaskRun) -> None:
        self._running.pop(task_run.task, None)
        started_at = self._attempt_at.get(task_run.task) or task_run.started_at
        # The duration is of the monotonic clock: start plus duration holds when the wall clock jumps.
        ended_at = started_at + timedelta(seconds=task_run.seconds) if started_at else self._run_started_at
        fingerprint = self._fingerprints.get(task_run.task, _UNKNOWN)
        self._note_task(TaskNote(_presentable(task_run), fingerprint, self._ended, ended_at))
        self._ended += 1

    def _note_task(self, note: TaskNote) -> None:
        if self._run is not None:
            self._keep(Note(self._run, note))

    @property
    def _run_started_at(self) -> datetime | None:
        return self._run.started_at if self._run else None


def _presentable(task_run: TaskRun) -> TaskRun:
    failure = task_run.failure
    if task_run.warnings:
        task_run = replace(task_run, warnings=tuple(map(_text, task_run.warnings)))
    if failure is None:
        return task_run
    return replace(
        task_run,
        failure=Failure(
            kind=_text(failure.kind),
            message=_text(failure.message),
            code=_text(failure.code),
            where=_text(failure.where),
            hint=_text(failure.hint),
            traceback=_text(failure.traceback, _LONGEST_TRACEBACK),
        ),
    )


def _text(given: str, longest: int = _LONGEST_TEXT) -> str:
    r"""The text as any database takes it: no passwords, no lone surrogates, no NUL, of bounded size.

    >>> _text("at postgresql://ann:s3cret@db\0")
    'at postgresql://ann:***@db\\x00'
    """
    # Hidden before it is cut: half a URL would not be recognised.
    text = hide_passwords(given).replace("\0", "\\x00").encode(errors="backslashreplace").decode()
    return text if len(text) <= longest else f"{text[: longest // 2]}\n[…]\n{text[-longest // 2 :]}"
