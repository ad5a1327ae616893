"""Threads of this process: the default, since databases do the work and Python waits for them."""

from __future__ import annotations

from concurrent.futures import Executor as Pool
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pydbt.core.executors.base import check_slots


@dataclass(frozen=True, slots=True)
class ThreadExecutor:
    """Runs tasks in threads.

    Args:
        slots: How many at once, 1 to 1024.

    Raises:
        SlotsError: ``slots`` is out of its range.

    >>> with ThreadExecutor(2).pool() as pool:
    ...     pool.submit(max, 1, 2).result()
    2
    """

    slots: int = 4
    in_process: bool = True

    def __post_init__(self) -> None:
        check_slots(self.slots)

    def pool(self) -> Pool:
        """As many threads."""
        return ThreadPoolExecutor(self.slots, thread_name_prefix="pydbt-task")
