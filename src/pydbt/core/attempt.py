"""One attempt at a task: call its body, and turn whatever comes of it into an Outcome."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable

from pydbt.core.results import Failure, Outcome
from pydbt.core.retry import full_name
from pydbt.errors import PyDBTError, TaskFailedError, hide_passwords, location_of

_NOTHING_SAID = "raised "
# SQLAlchemy's pages about its exceptions say nothing of the statement that failed.
_BACKGROUND = re.compile(
    r"(\n\[SQL parameters hidden [^\n]*\])?(\n\(Background on this error at: https://sqlalche\.me/\S+\))?$"
)


Explain = Callable[[BaseException, Failure], Failure]
"""Says more about a failure than its exception does: a hint, and whether it passes by itself."""


def attempt(body: Callable[[], int | None], explain: Explain | None = None) -> Outcome:
    """Call the body. Never raises: ``sys.exit``, ``KeyboardInterrupt`` and worse are failures of the task.

    Args:
        body: Gives the number of rows it published, or None.
        explain: Adds to the failure what is known of its exception.

    >>> attempt(lambda: 3).rows
    3
    >>> attempt(lambda: exit(3)).failure.message
    'called sys.exit(3)'
    """
    started = time.perf_counter()
    try:
        rows = body()
    except BaseException as error:  # noqa: BLE001  a task may throw anything, and the run goes on
        seconds = time.perf_counter() - started
        failure = failure_of(error)
        return Outcome(seconds, failure=explain(error, failure) if explain else failure)
    return Outcome(time.perf_counter() - started, rows=rows)


def failure_of(error: BaseException) -> Failure:
    """The exception as text: what it is, what it said, and the user's line it came from."""
    ours = error if isinstance(error, PyDBTError) else None
    return Failure(
        kind=type(error).__name__,
        message=hide_passwords(_message(error)),
        code=ours.code if ours else "",
        where=(ours.where if ours else "") or str(location_of(error) or ""),
        hint=hide_passwords(ours.hint) if ours else "",
        traceback=hide_passwords("".join(traceback.format_exception(error))),
        kinds=tuple(full_name(kind) for kind in type(error).__mro__ if issubclass(kind, BaseException)),
    )


def task_failed(name: str, failure: Failure) -> TaskFailedError:
    """The error that tells a task's failure.

    >>> print(task_failed("orders", failure_of(ValueError("no good"))).what)
    the task 'orders' failed: ValueError: no good
    """
    said = failure.message.strip()
    kind = "" if failure.kind == "SystemExit" or said.startswith(_NOTHING_SAID) else f"{failure.kind}: "
    return TaskFailedError(
        f"the task {name!r} failed: {f'{failure.code}: ' if failure.code else kind}{said}",
        where=failure.where or None,
        hint=failure.hint or "--debug shows its traceback",
    )


def _message(error: BaseException) -> str:
    if isinstance(error, PyDBTError):
        return error.what
    if isinstance(error, SystemExit):
        return f"called sys.exit({'' if error.code is None else repr(error.code)})"
    try:
        said = str(error)
    except BaseException as broken:  # noqa: BLE001  it is the user's code that runs here
        return f"its message cannot be read: str() raised {type(broken).__name__}"
    return _BACKGROUND.sub("", said) or f"{_NOTHING_SAID}{type(error).__name__}"
