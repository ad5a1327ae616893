"""Many at once on one state: what is lost, and how long each waits.

``python -m tests.state.load threads URL [ROUNDS]`` and ``… processes URL [RUNS]``; for URL "" a SQLite file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from pydbt.core.results import Status
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import runs
from pydbt.core.state.soundness import check_state
from tests.core.state.child import run_child
from tests.core.state.story import ended, remember

THREADS = 50
PROCESSES = 8


def by_threads(url: str, rounds: int) -> list[float]:
    """50 threads of one process, each reads what is known and writes a run, so often; the seconds of each.

    Raises:
        AssertionError: A run is lost, or two have one number.
        StateError: A thread was refused.
    """
    store = DatabaseStore(url)
    remember(store, "first", ended("task_0"))
    seconds: list[float] = []
    together = threading.Barrier(THREADS)

    def read_then_write(thread: int) -> None:
        together.wait()
        for number in range(rounds):
            begun = time.perf_counter()
            known = store.history("dev")
            assert "task_0" in known
            remember(store, f"t{thread}-{number}", ended("task_0"))
            seconds.append(time.perf_counter() - begun)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(read_then_write, thread) for thread in range(THREADS)]:
            done.result()
    _nothing_lost(store, THREADS * rounds + 1)
    store.close()
    return seconds


def by_processes(url: str, times: int) -> float:
    """8 processes, each writes so many runs; the seconds of all.

    Raises:
        AssertionError: A process failed, a run is lost, or two have one number.
    """
    begun = time.perf_counter()
    children = [run_child("finish", url, f"p{number}-", runs=times, tasks=1) for number in range(PROCESSES)]
    codes = [_end(child) for child in children]
    assert codes == [0] * PROCESSES
    seconds = time.perf_counter() - begun
    store = DatabaseStore(url)
    store.history("dev")
    _nothing_lost(store, PROCESSES * times)
    store.close()
    return seconds


def percentile(seconds: list[float], share: float) -> float:
    """What so great a share of the waits keeps below."""
    return sorted(seconds)[min(int(len(seconds) * share), len(seconds) - 1)]


def _nothing_lost(store: DatabaseStore, expected: int) -> None:
    """The number of a run is one more than the greatest: read, then written. A lost update shows in it."""
    with store._engine.connect() as connection:
        rows = connection.execute(sa.select(runs.c.number, runs.c.status)).all()
    assert sorted(row[0] for row in rows) == list(range(1, expected + 1))
    assert Counter(row[1] for row in rows) == {Status.SUCCESS.value: expected}
    url = store._engine.url.render_as_string(hide_password=False)
    assert check_state(url, Path()).is_sound


def _end(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    child.stdout.close()
    return child.wait(3000)


def main(how: str, url: str = "", times: str = "") -> None:
    """Do it once, and say how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        place = url or f"sqlite:///{folder}/state.db"
        if how == "threads":
            begun = time.perf_counter()
            seconds = by_threads(place, int(times or 40))
            lines = [
                f"{len(seconds)} read-then-write in {time.perf_counter() - begun:.1f} s, 0 errors",
                *(f"p{share * 100:g} {percentile(seconds, share) * 1000:.0f} ms" for share in (0.5, 0.99, 1)),
            ]
        else:
            count = int(times or 1000)
            lines = [f"{PROCESSES} processes x {count} in {by_processes(place, count):.1f} s, nothing lost"]
        sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main(*sys.argv[1:])
