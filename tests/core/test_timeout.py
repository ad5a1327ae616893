"""An attempt that takes longer than it may, with real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from queue import SimpleQueue

from pydbt.core.results import Outcome
from pydbt.core.retry import Retry
from pydbt.core.timeout import Gate, attempt_within, is_any_left_behind

KNOWN: ContextVar[str] = ContextVar("known", default="")


def nothing() -> list[str]:
    return []


def message(outcome: Outcome) -> str:
    assert outcome.failure is not None
    return outcome.failure.message


def ending(body: Callable[[Gate], int | None], cancelled: threading.Event, seconds: float = 0.05) -> Outcome:
    """An attempt whose one statement can be cancelled."""

    def cancel() -> list[str]:
        cancelled.set()
        return ["sqlite:///shop.db"]

    return attempt_within(seconds, body, cancel=cancel)


def test_what_ends_in_time_is_as_without_a_timeout() -> None:
    """The rows, or the body's own failure."""
    well = attempt_within(60, lambda _gate: 3, cancel=nothing)
    failed = attempt_within(60, lambda _gate: int("three"), cancel=nothing)

    assert (well.rows, well.failure) == (3, None)
    assert message(failed).startswith("invalid literal")


def test_a_body_sees_the_variables_of_its_caller() -> None:
    """It runs in another thread, with the same context."""
    KNOWN.set("yes")
    seen: list[str] = []

    attempt_within(60, lambda _gate: seen.append(KNOWN.get()), cancel=nothing)

    assert seen == ["yes"]


def test_a_cancelled_statement_is_a_timeout() -> None:
    """Whatever its driver raises, the failure says what happened and may be tried again."""
    cancelled = threading.Event()

    def body(_gate: Gate) -> None:
        assert cancelled.wait(30)
        raise RuntimeError("interrupted")

    outcome = ending(body, cancelled)

    assert outcome.failure is not None
    assert outcome.failure.message == (
        "it took longer than its timeout of 0.05 s: "
        "its statement was cancelled in sqlite:///shop.db, and is gone"
    )
    assert (outcome.failure.code, outcome.is_left) == ("PYDBT-E508", False)
    assert Retry(1, on=TimeoutError).is_for(outcome.failure.kinds)
    assert "RuntimeError: interrupted" in outcome.failure.traceback


def test_what_comes_too_late_is_not_published() -> None:
    """The gate is closed before anything is cancelled."""
    cancelled = threading.Event()
    published: list[int] = []

    def body(gate: Gate) -> int:
        assert cancelled.wait(30)
        gate.enter()
        published.append(1)
        return 1

    outcome = ending(body, cancelled)

    assert (published, outcome.rows, outcome.failure is not None) == ([], None, True)


def test_what_was_published_in_time_is_a_success() -> None:
    """The gate was passed and the transaction ended well: it cannot be called failed."""

    def body(gate: Gate) -> int:
        gate.enter()
        time.sleep(0.3)
        return 7

    assert attempt_within(0.05, body, cancel=nothing).rows == 7


def test_what_ends_well_and_late_without_publishing_has_failed() -> None:
    """A task with effects of its own keeps its promise or breaks it."""
    outcome = attempt_within(0.05, lambda _gate: time.sleep(0.3), cancel=nothing)

    assert message(outcome).startswith("it took longer than its timeout of 0.05 s: it ended after 0.3")


def test_a_body_that_goes_on_with_another_statement_is_cancelled_again() -> None:
    """Until it ends."""
    cancels: SimpleQueue[int] = SimpleQueue()

    def body(_gate: Gate) -> None:
        for _ in range(3):
            cancels.get(timeout=30)

    def cancel() -> list[str]:
        cancels.put(1)
        return ["a"]

    outcome = attempt_within(0.05, body, cancel=cancel)

    assert "cancelled in a, and is gone" in message(outcome)


def test_what_cannot_be_stopped_is_left_behind_and_its_result_thrown_away() -> None:
    """It says at which line it is, and no retry is for it: a second attempt would run beside the first."""
    go_on = threading.Event()
    published: list[int] = []
    ended = threading.Event()

    def body(gate: Gate) -> int:
        try:
            go_on.wait(60)  # the line it is at
            gate.enter()
            published.append(1)
        finally:
            ended.set()
        return 1

    begun = time.monotonic()
    outcome = attempt_within(0.05, body, cancel=nothing, grace=0.2)
    seconds = time.monotonic() - begun
    was_left = is_any_left_behind()
    go_on.set()
    assert ended.wait(30)

    failure = outcome.failure
    assert failure is not None
    assert "cannot be stopped: its Python code goes on in a thread" in failure.message
    assert "test_timeout.py:" in failure.where
    assert "# the line it is at" in failure.traceback
    assert not Retry(1000, on=BaseException).is_for(failure.kinds)
    assert (outcome.is_left, was_left, published, seconds < 10) == (True, True, [], True)
