"""What a task's failure means: what its database's error is, whether it passes by itself, and what to do."""

from __future__ import annotations

from dataclasses import replace

from pydbt.connections import diagnose
from pydbt.core.results import Failure
from pydbt.core.task import Task
from pydbt.errors import OutcomeUnknownError, names_at
from pydbt.project.signature import signature_in

_TRY_AGAIN = "retry=3 would try it again: only you know whether it may run twice"


def explained(task: Task, database: str, error: BaseException, failure: Failure) -> Failure:
    """The failure with a hint where its exception has none, and with what passes by itself.

    What a materialized task did is undone with its transaction, or is the whole table once more: another try
    is safe. A task with effects of its own may have sent half of them; only its ``retry`` tries it again.

    Args:
        task: The task that failed.
        database: What its database is called: the file, or the URL without its password.
        error: The exception.
        failure: The same as text.
    """
    if isinstance(error, OutcomeUnknownError):
        # Of no kind: no retry is for it. It may be done already.
        return replace(failure, kinds=())
    diagnosis = diagnose(error)
    if diagnosis is None:
        is_call = failure.kind == "TypeError" and not failure.hint
        return replace(failure, hint=signature_in(failure.message, names_at(error))) if is_call else failure
    is_undone = task.materialized is not None
    if diagnosis.is_transient:
        hint = failure.hint if is_undone or task.retry.times else failure.hint or _TRY_AGAIN
        return replace(failure, hint=hint, transient=diagnosis.what if is_undone else "")
    # What a hint says of the task's SQL is said of a query; other tasks have none to print.
    hint = diagnosis.hint if is_undone or "{task}" not in diagnosis.hint else ""
    return replace(failure, hint=failure.hint or hint.format(task=task.name, database=database))
