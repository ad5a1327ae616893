"""Tries: a task's attempts so far, and whether another one follows. No clock and no chance of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydbt.core.results import Failure
from pydbt.core.retry import BACK_OFF, Retry


@dataclass(slots=True)
class Tries:
    """A task's attempts within one run.

    Two counts, each with its own limit: failures that pass by themselves, and all others.

    Args:
        retry: The task's.
        started_at: UTC, when the first attempt began.
        first_begun: The same by the clock that never jumps.
    """

    retry: Retry
    started_at: datetime
    first_begun: float
    begun: float = 0.0
    count: int = 0
    _transient: int = 0
    _others: int = 0

    def begin(self, now: float) -> int:
        """Note that an attempt begins; its number, from 1."""
        self.begun = now
        self.count += 1
        return self.count

    def wait_after(self, failure: Failure, now: float, random: Callable[[], float]) -> float | None:
        """The seconds until the next attempt; None when there is to be none.

        Args:
            failure: Why the last attempt failed.
            now: By the clock that never jumps.
            random: Gives a number from 0 to 1.
        """
        retry = self.retry
        if failure.transient and self._transient < retry.transient:
            self._transient += 1
            wait = BACK_OFF.wait(self._transient, random)
        elif self._others < retry.times and retry.is_for(failure.kinds):
            self._others += 1
            wait = retry.wait(self._others, random)
        else:
            return None
        is_too_late = retry.total_seconds is not None and now + wait - self.first_begun > retry.total_seconds
        return None if is_too_late else wait
