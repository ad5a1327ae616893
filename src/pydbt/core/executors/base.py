"""What an executor is: how many tasks run at once, and where."""

from __future__ import annotations

from concurrent.futures import Executor as Pool
from typing import Protocol

from pydbt.errors import SlotsError, user_location

MOST_SLOTS = 1024


class Executor(Protocol):
    """Where tasks run. A new one is a file in this folder and needs no more than this."""

    @property
    def slots(self) -> int:
        """How many tasks run at once at most."""

    @property
    def in_process(self) -> bool:
        """Whether tasks run in this process, so that they share its connections and can be cancelled here."""

    def pool(self) -> Pool:
        """Something to submit to, used as a context manager, once a run.

        ``shutdown(cancel_futures=True)`` on it means that the run is interrupted: where ``in_process`` is
        False, it ends the processes too.
        """


def check_slots(slots: object) -> None:
    """Refuse a number of slots that is not a whole number from 1 to `MOST_SLOTS`.

    Raises:
        SlotsError: At the user's line.
    """
    if isinstance(slots, bool) or not isinstance(slots, int) or not 1 <= slots <= MOST_SLOTS:
        raise SlotsError(
            f"slots={slots!r} is out of range",
            where=user_location(),
            hint=f"a whole number from 1 to {MOST_SLOTS}",
        )
