"""Times: where a run's clock, waits and chance come in, so that tests can give their own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pydbt.core.results import Outcome

if TYPE_CHECKING:
    from concurrent.futures import Future

Message = tuple[str, "Future[Outcome]"] | None
"""A task and its attempt that is over; None only wakes the runner."""

# Windows handles signals only between two waits.
_LONGEST_WAIT_SECONDS = 1.0


def _now() -> datetime:
    return datetime.now(UTC)


def _wait(messages: SimpleQueue[Message], seconds: float | None) -> Message:
    longest = _LONGEST_WAIT_SECONDS if seconds is None else min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)
    try:
        return messages.get(timeout=longest)
    except Empty:
        return None


@dataclass(frozen=True, slots=True)
class Times:
    """The time and the chance of a run.

    Args:
        clock: The time, in UTC.
        monotonic: Seconds that never jump, for durations and waits.
        random: A number from 0 to 1, for the jitter of waits.
        wait: Gives the next message, or None: after so many seconds, or earlier.
    """

    clock: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random
    wait: Callable[[SimpleQueue[Message], float | None], Message] = _wait
