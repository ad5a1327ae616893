"""How a task is tried again."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.retry import Retry
from pydbt.errors import TaskOptionError


@given(
    st.integers(1, 1000),
    st.floats(0, 1e6),
    st.floats(1, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_a_part_of_the_capped_exponential(
    attempt: int, first: float, factor: float, longest: float, chance: float
) -> None:
    """Never negative, never over the cap, never over the whole wait, whatever the numbers."""
    retry = Retry(5, wait_seconds=first, factor=factor, max_wait_seconds=longest)
    whole = Retry(5, wait_seconds=first, factor=factor, max_wait_seconds=longest, jitter=False)

    wait = retry.wait(attempt, lambda: chance)

    assert 0 <= wait <= whole.wait(attempt, lambda: chance) <= longest


def test_waits_double_up_to_the_cap() -> None:
    """1, 2, 4, 8 and then the longest wait."""
    retry = Retry(6, wait_seconds=1, max_wait_seconds=10, jitter=False)

    assert [retry.wait(attempt, lambda: 0.5) for attempt in range(1, 7)] == [1, 2, 4, 8, 10, 10]


def test_full_jitter_spreads_those_who_failed_together() -> None:
    """Of 1,000 tasks that come back after the same failure, the fullest second has under 3 times the mean."""
    chance = random.Random(11)
    retry = Retry(1, wait_seconds=10)

    seconds = Counter(int(retry.wait(1, chance.random)) for _ in range(1000))

    assert max(seconds.values()) < 3 * 1000 / 10


def test_a_number_of_times_tries_again_at_once() -> None:
    """Without a wait there is no wait, at any attempt."""
    assert {Retry(1000).wait(attempt, lambda: 1.0) for attempt in (1, 2, 1000)} == {0.0}


def test_a_retry_is_for_its_exceptions_and_their_subclasses() -> None:
    """Chosen by full names, since a failure may come from another process."""
    retry = Retry(1, on=(ConnectionError, TimeoutError))

    assert retry.is_for(["builtins.BrokenPipeError", "builtins.ConnectionError", "builtins.OSError"])
    assert not retry.is_for(["builtins.ValueError", "builtins.Exception"])
    assert not Retry(1).is_for(["builtins.SystemExit", "builtins.BaseException"])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("times", [-1, 1001, 1.0, True, None]),
        ("transient", [-1, 1001, 1.0, True, None]),
        ("total_seconds", [-1, float("nan"), "5", True]),
        ("wait_seconds", [-1, float("nan"), "5", True]),
        ("factor", [0.5, float("inf")]),
        ("max_wait_seconds", [-1, "5"]),
        ("jitter", [1]),
        ("on", ["ValueError", (), (int,), None]),
    ],
)
def test_a_retry_out_of_range_is_refused_at_the_users_line(name: str, values: list[Any]) -> None:
    """The error names the argument, its value and the line of the project."""
    for value in values:
        with pytest.raises(TaskOptionError, match=rf"Retry\({name}=") as caught:
            Retry(**{name: value})

        assert "test_retry.py:" in caught.value.where
