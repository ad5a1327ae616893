"""Whether another attempt follows, and when: the counting alone, with the tests' own clock and chance."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.results import Failure
from pydbt.core.retry import Retry
from pydbt.core.tries import Tries
from tests.core.building import NOW

PASSES = Failure("OperationalError", "deadlock detected", kinds=("builtins.Exception",), transient="deadlock")
STAYS = Failure("ProgrammingError", "no such column", kinds=("builtins.Exception",))
FINAL = Failure("TaskTimeoutError", "cannot be stopped")


def waits(retry: Retry, failures: list[Failure], chance: float = 1.0) -> list[float]:
    """The waits after these failures, up to the one after which no attempt follows."""
    tries = Tries(retry, NOW, 0.0)
    now = 0.0
    found: list[float] = []
    for failure in failures:
        tries.begin(now)
        wait = tries.wait_after(failure, now, lambda: chance)
        if wait is None:
            return found
        found.append(wait)
        now += wait
    return found


def test_what_passes_is_tried_again_without_being_asked() -> None:
    """Seven times, after twice as long each time, up to half a minute."""
    assert waits(Retry(), [PASSES] * 9) == [0.5, 1, 2, 4, 8, 16, 30]


def test_what_stays_is_not_tried_again() -> None:
    """A missing column is there no sooner in a second."""
    assert waits(Retry(), [STAYS]) == []


def test_a_retry_counts_beside_what_passes() -> None:
    """retry=2 makes two further tries of its own, at once, whatever else was tried again."""
    assert waits(Retry(2), [STAYS, PASSES, PASSES, STAYS, PASSES, STAYS]) == [0, 0.5, 1, 0, 2]
    assert waits(Retry(2), [PASSES] * 9) == [0.5, 1, 2, 4, 8, 16, 30, 0, 0]


def test_what_passes_may_be_left_alone() -> None:
    """transient=0 for those who want each failure at once."""
    assert waits(Retry(transient=0), [PASSES]) == []


def test_no_further_try_begins_after_the_whole_time() -> None:
    """Neither of a retry nor of what passes: 0.5 + 1 + 2 s fit into 5, another 4 s do not."""
    assert waits(Retry(transient=99, total_seconds=5), [PASSES] * 99) == [0.5, 1, 2]
    assert waits(Retry(99, wait_seconds=3, factor=1, total_seconds=10), [STAYS] * 99) == [3, 3, 3]


def test_waits_are_no_longer_than_half_a_minute() -> None:
    """However often it is tried."""
    assert max(waits(Retry(transient=20), [PASSES] * 20)) == 30


def test_a_failure_of_no_kind_is_final() -> None:
    """What cannot be stopped must not run twice at once, whatever the retry says."""
    assert waits(Retry(1000, on=BaseException), [FINAL]) == []


@given(st.lists(st.sampled_from([PASSES, STAYS]), max_size=60), st.integers(0, 9), st.integers(0, 9))
def test_there_are_never_more_attempts_than_both_counts_allow(
    failures: list[Failure], times: int, transient: int
) -> None:
    """In any order of failures."""
    assert len(waits(Retry(times, transient=transient), failures)) <= times + transient


@pytest.mark.parametrize("attempt", [1, 3, 5])
def test_a_thousand_that_failed_together_are_spread(attempt: int) -> None:
    """The fullest tenth of the wait has less than 3 times the mean: nobody comes back in a crowd."""
    chance = random.Random(7)
    found: list[float] = []
    for _client in range(1000):
        tries = Tries(Retry(), NOW, 0.0)
        for _ in range(attempt - 1):
            tries.wait_after(PASSES, 0.0, chance.random)
        wait = tries.wait_after(PASSES, 0.0, chance.random)
        assert wait is not None
        found.append(wait)

    whole = 0.5 * 2 ** (attempt - 1)
    crowd = Counter(int(wait / whole * 10) for wait in found)
    assert max(crowd.values()) < 3 * 1000 / 10
