"""Timeout: an attempt that takes longer than it may is stopped, and what cannot be stopped is left behind.

A statement is cancelled in its database, and ends the body with the driver's error. A body that is at
something else cannot be ended: Python has no way to stop a thread. It runs in a thread of its own, so that
the run can go on without it.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import replace

from pydbt.core.attempt import Explain, attempt, failure_of
from pydbt.core.results import Failure, Outcome
from pydbt.errors import Location, TaskTimeoutError, is_users_file

GRACE_SECONDS = 5.0
"""How long a body has to end after its statements were cancelled."""

CANCEL_AGAIN_SECONDS = 0.5
"""How long after all statements were cancelled it is done again: one may have begun just then."""
_THREAD_NAME = "pydbt-body"


class Gate:
    """What a result passes on its way to be published, as long as there is time. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self.is_passed = False

    def enter(self) -> None:
        """Go on and publish.

        Raises:
            TaskTimeoutError: It is too late: the result is thrown away.
        """
        with self._lock:
            if self._is_closed:
                raise TaskTimeoutError("it came too late, and was thrown away")
            self.is_passed = True

    def close(self) -> None:
        """Let nothing more pass."""
        with self._lock:
            self._is_closed = True


def attempt_within(
    seconds: float | None,
    body: Callable[[Gate], int | None],
    explain: Explain | None = None,
    *,
    cancel: Callable[[], Iterable[str]],
    grace: float = GRACE_SECONDS,
) -> Outcome:
    """One attempt, which has so many seconds. Never raises.

    What was published in time is a success, whatever the clock says then. Anything else that ends late has
    failed. What does not end at all is left behind, and must not be tried again while it may still do things.

    Args:
        seconds: Its time; None for as long as it takes.
        body: The task's work; it enters the gate before it publishes.
        explain: As for `attempt`.
        cancel: Cancels what the body has running in databases, and tells what that was.
        grace: How long it has to end after that.

    >>> attempt_within(0.01, lambda gate: time.sleep(0.1), cancel=list).failure.kind
    'TaskTimeoutError'
    """
    gate = Gate()
    if seconds is None:
        return attempt(lambda: body(gate), explain)
    ended = threading.Event()
    outcomes: list[Outcome] = []

    def work() -> None:
        outcomes.append(attempt(lambda: body(gate), explain))
        ended.set()

    thread = threading.Thread(target=copy_context().run, args=(work,), name=_THREAD_NAME, daemon=True)
    begun = time.perf_counter()
    thread.start()
    if ended.wait(seconds):
        return outcomes[0]
    gate.close()
    cancelled = _cancel_until(ended, cancel, grace)
    if not ended.is_set():
        return Outcome(time.perf_counter() - begun, failure=_left_behind(thread, seconds, gate), is_left=True)
    outcome = outcomes[0]
    if outcome.failure is None and gate.is_passed:
        return outcome
    return _late(outcome, seconds, cancelled)


def is_any_left_behind() -> bool:
    """Whether a body goes on in this process that its run no longer waits for."""
    return any(thread.name == _THREAD_NAME for thread in threading.enumerate())


def ended_with_its_process(outcome: Outcome, seconds: float | None) -> Outcome:
    """What is told of a body left behind whose process is ended now: it may be tried again."""
    what = f"it took longer than its timeout of {seconds or 0:g} s, and was ended with its process"
    failure = failure_of(TaskTimeoutError(what, hint=_MORE_TIME))
    left = outcome.failure
    return replace(
        outcome, failure=replace(failure, where=left.where, traceback=left.traceback) if left else failure
    )


_MORE_TIME = "give it a longer timeout, or less to do"


def _cancel_until(ended: threading.Event, cancel: Callable[[], Iterable[str]], grace: float) -> list[str]:
    """Cancel again and again, for a body may go on with another statement; what was cancelled, in order."""
    cancelled: dict[str, None] = {}
    deadline = time.monotonic() + grace
    while not ended.is_set() and time.monotonic() < deadline:
        cancelled.update(dict.fromkeys(cancel()))
        ended.wait(min(CANCEL_AGAIN_SECONDS, max(0.0, deadline - time.monotonic())))
    return list(cancelled)


def _late(outcome: Outcome, seconds: float, cancelled: list[str]) -> Outcome:
    what = f"it took longer than its timeout of {seconds:g} s: "
    if cancelled:
        what += f"its statement was cancelled in {' and '.join(cancelled)}, and is gone"
    else:
        what += f"it ended after {outcome.seconds:.1f} s"
    failure = failure_of(TaskTimeoutError(what, hint=_MORE_TIME))
    own = outcome.failure
    if own is not None:
        failure = replace(failure, where=own.where, traceback=own.traceback)
    return replace(outcome, rows=None, failure=failure)


def _left_behind(thread: threading.Thread, seconds: float, gate: Gate) -> Failure:
    what = f"it took longer than its timeout of {seconds:g} s and cannot be stopped: "
    if gate.is_passed:
        what += "its statement was cancelled and has not ended, so that nobody knows whether it will publish"
    else:
        what += "its Python code goes on in a thread, and what it returns is thrown away"
    hint = (
        "with --executor process it can be ended; a timeout of the library that it waits for is better still"
    )
    where, stack = _place_of(thread)
    failure = failure_of(TaskTimeoutError(what, where=where, hint=hint))
    # Of no kind: no retry is for it. A second attempt would run beside the first.
    return replace(failure, traceback=stack or failure.traceback, kinds=())


def _place_of(thread: threading.Thread) -> tuple[Location | None, str]:
    """The user's line that a thread is at, and its whole stack."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  the documented way to see where a thread is
    where = None
    for found, line in traceback.walk_stack(frame):
        if is_users_file(found.f_code.co_filename):
            where = Location(found.f_code.co_filename, line)
            break
    return where, "".join(traceback.format_stack(frame)) if frame else ""
