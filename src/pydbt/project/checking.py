"""A task's checks, carried out on the rows it publishes: errors stop it, warnings are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydbt.checks.check import check_of
from pydbt.core.attempt import failure_of, task_failed
from pydbt.core.incremental import Incremental
from pydbt.errors import CheckFailedError, PyDBTError, TableNotFoundError

if TYPE_CHECKING:
    from pydbt.checks.verdict import Verdict
    from pydbt.core.task import Task
    from pydbt.sql.inspection import Inspect, Rows
    from pydbt.sql.session import Session


def inspection(task: Task, session: Session, warnings: list[str]) -> Inspect | None:
    """What looks at the rows of a task before readers see them; None where the task has no checks.

    Args:
        task: The task.
        session: Where its checks find other tables.
        warnings: Takes what failed checks of the severity ``warn`` say.

    Raises:
        CheckFailedError: Raised by what is given back, when a check of the severity ``error`` fails.
    """
    if not task.checks:
        return None

    def inspect(rows: Rows) -> None:
        found = verdicts_of(task, rows, session)
        # A publication that is tried again is checked again.
        warnings[:] = [str(each) for each in found if each.failing and each.severity == "warn"]
        failed = [each for each in found if each.failing and each.severity == "error"]
        if failed:
            left, hint = _left(task, rows)
            raise CheckFailedError(
                f"{len(failed)} of {len(found)} checks failed, {left}. {'. '.join(map(str, failed))}",
                where=task.location,
                hint=hint,
            )

    return inspect


def _left(task: Task, rows: Rows) -> tuple[str, str]:
    """What a failed check means for what is published: in the error, and in its hint."""
    if rows.is_published:
        return "and no new rows had come", f"the rows are in the table {task.name!r}, which is as it was"
    if task.materialized == "ephemeral":
        return "nothing was published", "what uses it is not run"
    if task.materialized == "view":
        return "nothing was published", f"no view {task.name!r} was made; one that was there is as it was"
    if rows.kind is None:
        return "nothing was published", f"there is still no table {task.name!r}"
    left = f"the {rows.kind} {task.name!r} is as it was"
    if isinstance(task.materialized, Incremental):
        # Each window is published by itself.
        return "the new rows were not published", f"{left} before they came"
    return "nothing was published", left


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of a task's checks on what is published under its name.

    Args:
        task: The task's name.
        verdicts: One for each check; none where there is an error.
        error: Why they could not be asked; None where they were.
    """

    task: str
    verdicts: tuple[Verdict, ...] = ()
    error: PyDBTError | None = None


def tested(task: Task, session: Session) -> Tested:
    """Ask the checks of a task of what is published under its name. Never raises."""
    try:
        return Tested(task.name, tuple(_published_verdicts(task, session)))
    except PyDBTError as error:
        return Tested(task.name, error=error)
    except Exception as error:  # noqa: BLE001  a check of the user's may raise anything, and the others are asked
        failed = task_failed(task.name, failure_of(error))
        failed.__cause__ = error
        return Tested(task.name, error=failed)


def _published_verdicts(task: Task, session: Session) -> list[Verdict]:
    from pydbt.sql.inspection import look_at

    try:
        frame = session.table(task.name)
    except TableNotFoundError:
        raise TableNotFoundError(
            f"no table and no view {task.name!r} is there to test",
            where=task.location,
            hint=f"pydbt run {task.name}",
        ) from None
    found: list[Verdict] = []
    look_at(frame, lambda rows: found.extend(verdicts_of(task, rows, session)))
    return found


def verdicts_of(task: Task, rows: Rows, session: Session) -> list[Verdict]:
    """The verdicts of a task's checks on rows."""
    from pydbt.checks.verdict import verdicts

    try:
        return verdicts([check_of(check) for check in task.checks], rows, session, task.severity, task.name)
    except PyDBTError as error:
        # What a check names is looked up only now, far from where it was written.
        error.where = error.where or str(task.location or "")
        raise
