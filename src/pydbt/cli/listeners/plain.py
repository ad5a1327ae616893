"""The plain log, in the form it has had from the beginning.

People and programs search these lines, so their wording, a double blank and a lost letter included, is
a public interface: new lines may come, these do not change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydbt.core.events import AttemptFailed, Event, RunFinished, RunStarted, TaskFinished, TaskStarted
from pydbt.core.plan import Plan, Reason
from pydbt.core.results import Failure, Status, TaskRun


class PlainLog:
    """Writes ``INFO 02/03/2023 05:13:50 PM: task task_one is scheduled to be run`` and the like.

    Args:
        write: Takes one line.
        now: The wall clock, asked for each line.
    """

    def __init__(self, write: Callable[[str], None], now: Callable[[], datetime] = datetime.now) -> None:
        self._write = write
        self._now = now
        self._levels: dict[str, int] = {}
        self._by_level: dict[int, list[str]] = {}
        self._slots = 1

    def __call__(self, event: Event) -> None:
        """Write the lines of an event."""
        match event:
            case RunStarted(plan=plan, slots=slots):
                self._start(plan, slots)
            case TaskStarted(task=task, attempt=1):
                self._level(task)
                self._info(f"task {task} is scheduled to be run")
            case AttemptFailed(task=task, attempt=attempt, failure=failure, wait_seconds=seconds):
                if failure.transient:
                    self._info(f"task {task}: {failure.transient}, which passes: again in {seconds:.1f} s")
                self._info(f"retrying task {task} try number: {attempt - 1}")
            case TaskFinished(task_run=task_run):
                self._level(task_run.task)
                self._finish(task_run)
            case RunFinished(run=run):
                self._info(f"run {run.id} ended in {run.seconds:.2f} s: {run.status.value}")

    def _start(self, plan: Plan, slots: int) -> None:
        self._slots = slots
        for step in plan.steps:
            self._levels[step.task] = step.level
            self._by_level.setdefault(step.level, []).append(step.task)
            self._info(f"registring task {step.task}")
        compared = plan.comparison
        self._info("cache enable fetch latest file")
        self._info(
            f"using latest run {compared.previous_run}" if compared.previous_run else "no previous run"
        )
        self._info("comparing tasks")
        for task in compared.added:
            self._info(f"added task {task}")
        if not compared.added:
            self._info("no added task")
        for task in compared.removed:
            self._info(f"removed task {task}")
        for task in compared.changed:
            self._info(f"{task} is different from previous run using new task")
        for task in compared.equal:
            self._info(f"{task} is equal to previous run keeping old task")

    def _level(self, task: str) -> None:
        """Announce a level with the first of its tasks: levels describe the DAG, nothing waits for them."""
        level = self._levels[task]
        names = self._by_level.pop(level, None)
        if names:
            self._info(f"exploring dag level {level}")
            self._info(f"collected tasks set {names} using {min(self._slots, len(names))} threads")

    def _finish(self, task_run: TaskRun) -> None:
        task = task_run.task
        match task_run.status, task_run.reason:
            case Status.SKIPPED, "not_due":
                self._info(f"task {task} is not scheduled to be run: skipping")
            case Status.SKIPPED, "within_ttl":
                self._info(f"task {task} is scheduled to be run")
                self._info(f"task {task}: ttl not elasped: skipping")
            case Status.SKIPPED, reason:
                self._info(f"task {task}: {Reason[reason.upper()].text}: skipping")
            case Status.FAILED, _:
                failed = f"task  {task} failed after {max(task_run.attempts - 1, 0)} attempts"
                self._error(f"{failed}: {_message(task_run.failure)}")
                if task_run.failure and task_run.failure.hint:
                    self._error(f"task  {task}: {_one_line(task_run.failure.hint)}")
            case Status.UPSTREAM_FAILED, _:
                self._error(f"task  {task} is not run: a task it depends on failed")
            case Status.INTERRUPTED, _ if not task_run.attempts:
                self._error(f"task  {task} is not run: the run was interrupted")
            case Status.INTERRUPTED, _:
                self._error(f"task  {task} was interrupted")
            case _:
                for warning in task_run.warnings:
                    self._line("WARNING", f"task {task}: {warning}")
                rows = "" if task_run.rows is None else f": {task_run.rows} rows"
                self._info(f"task {task} succeeded in {task_run.seconds:.2f} s{rows}")

    def _info(self, text: str) -> None:
        self._line("INFO", text)

    def _error(self, text: str) -> None:
        self._line("ERROR", text)

    def _line(self, level: str, text: str) -> None:
        self._write(f"{level} {self._now():%m/%d/%Y %I:%M:%S %p}: {text}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _message(failure: Failure | None) -> str:
    if failure is None:
        return ""
    code = f"{failure.code}: " if failure.code else ""
    where = f" ({failure.where})" if failure.where else ""
    return f"{code}{failure.message}{where}"
