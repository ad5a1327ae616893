"""What a task's failure means: what its database's error is, whether it passes by itself, and what to do."""

from __future__ import annotations

from dataclasses import replace

from pydbt.connections import diagnose
from pydbt.core.incremental import PARAMETERS
from pydbt.core.results import Failure
from pydbt.core.task import Task
from pydbt.errors import OutcomeUnknownError, did_you_mean, names_at
from pydbt.project.signature import signature_in

_TRY_AGAIN = "retry=3 would try it again: only you know whether it may run twice"


def explained(task: Task, database: str, error: BaseException, failure: Failure) -> Failure:
    """The failure with a place and a hint where its exception has none, and with what passes by itself.

    What a materialized task did is undone with its transaction, or is the whole table once more: another try
    is safe. A task with effects of its own may have sent half of them; only its ``retry`` tries it again.

    Args:
        task: The task that failed.
        database: What its database is called: the file, or the URL without its password.
        error: The exception.
        failure: The same as text.
    """
    # What a publication raises was raised under no line of the user's: what is published stands in the task.
    failure = replace(failure, where=failure.where or str(task.location or ""))
    if isinstance(error, OutcomeUnknownError):
        # Of no kind: no retry is for it. It may be done already.
        return replace(failure, kinds=())
    diagnosis = diagnose(error)
    if diagnosis is None:
        return replace(failure, hint=failure.hint or _advice(task, error, failure.message))
    is_undone = task.materialized is not None
    if diagnosis.is_transient:
        hint = failure.hint if is_undone or task.retry.times else failure.hint or _TRY_AGAIN
        return replace(failure, hint=hint, transient=diagnosis.what if is_undone else "")
    # What a hint says of the task's SQL is said of a query; other tasks have none to print.
    hint = diagnosis.hint if is_undone or "{task}" not in diagnosis.hint else ""
    return replace(failure, hint=failure.hint or hint.format(task=task.name, database=database))


def _advice(task: Task, error: BaseException, message: str) -> str:
    """What was meant, where Python alone has told what is not so."""
    if isinstance(error, TypeError) and (signature := signature_in(message, names_at(error))):
        return signature
    if isinstance(error, AttributeError) and error.name and type(error.obj).__module__.startswith("pydbt."):
        return did_you_mean(error.name, (name for name in dir(error.obj) if not name.startswith("_")))
    if "NoneType" in message and PARAMETERS & task.provided & {*task.parameters}:
        return "in the first run self is None, and without start= so are the ends of the window"
    return ""
