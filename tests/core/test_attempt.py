"""One attempt at a task."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from pydbt.core.attempt import attempt
from pydbt.core.results import Failure
from pydbt.core.retry import Retry
from pydbt.errors import SelectorError


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError


class RudeError(Exception):
    def __str__(self) -> str:
        return sys.exit(9)


def thrower(error: BaseException) -> Callable[[], int]:
    def body() -> int:
        raise error

    return body


def failure_of(body: Callable[[], int | None]) -> Failure:
    outcome = attempt(body)
    assert outcome.failure is not None
    assert outcome.rows is None
    assert outcome.seconds >= 0
    return outcome.failure


def test_an_attempt_that_ends_well_gives_its_rows() -> None:
    """Rows where the body knows them, None where not."""
    assert attempt(lambda: 5).rows == 5
    assert attempt(lambda: None).rows is None
    assert attempt(lambda: 5).failure is None


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ValueError("bad"), "ValueError", "bad"),
        (KeyError("matchDate"), "KeyError", "'matchDate'"),
        (ValueError(), "ValueError", "raised ValueError"),
        (SystemExit(3), "SystemExit", "called sys.exit(3)"),
        (SystemExit(), "SystemExit", "called sys.exit()"),
        (KeyboardInterrupt(), "KeyboardInterrupt", "raised KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit", "raised GeneratorExit"),
        (MuteError(), "MuteError", "its message cannot be read: str() raised ValueError"),
        (RudeError(), "RudeError", "its message cannot be read: str() raised SystemExit"),
        (ExceptionGroup("many", [ValueError("a")]), "ExceptionGroup", "many (1 sub-exception)"),
    ],
)
def test_whatever_a_task_throws_is_a_failure(error: BaseException, kind: str, message: str) -> None:
    """The class, what it said, the line, and the whole traceback."""
    failure = failure_of(thrower(error))

    assert (failure.kind, failure.message) == (kind, message)
    assert "test_attempt.py" in failure.traceback
    assert "test_attempt.py:" in failure.where


def test_an_error_of_ours_keeps_its_code_place_and_hint() -> None:
    """What PyDBT knows about the error is not lost on the way."""
    failure = failure_of(thrower(SelectorError("no", where="pydbt.toml:3", hint="do this")))

    assert (failure.code, failure.message, failure.where, failure.hint) == (
        ("PYDBT-E121", "no", "pydbt.toml:3", "do this")
    )


def test_the_place_is_the_innermost_line_of_the_user() -> None:
    """Not the library's line that raised: the line of the project that called it."""

    def body() -> None:
        json.loads("{")

    failure = failure_of(body)

    line = body.__code__.co_firstlineno + 1
    assert failure.where.endswith(f"test_attempt.py:{line}")


def test_a_failure_names_its_classes_for_the_retry() -> None:
    """A retry on OSError is for a ConnectionResetError, and not for a ValueError or sys.exit."""
    retry = Retry(1, on=OSError)

    assert retry.is_for(failure_of(thrower(ConnectionResetError())).kinds)
    assert not retry.is_for(failure_of(thrower(ValueError())).kinds)
    assert not Retry(1).is_for(failure_of(thrower(SystemExit(3))).kinds)


def test_an_endless_recursion_is_a_failure() -> None:
    """The stack is back when the failure is written."""

    def body() -> None:
        body()

    assert failure_of(body).kind == "RecursionError"


def test_a_failure_holds_no_password() -> None:
    """What a driver says is shown in logs, on terminals and with --debug: the password in it is not."""
    failure = attempt(thrower(ValueError("no way to postgresql://ann:s3cret@db/shop"))).failure

    assert failure is not None
    assert "postgresql://ann:***@db/shop" in failure.message
    assert "s3cret" not in failure.message + failure.traceback
