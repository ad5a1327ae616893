"""Fifty threads and eight processes on one state: nothing lost, nobody refused; a tenth of the whole load."""

from __future__ import annotations

from tests.state.load import THREADS, by_processes, by_threads, percentile

_ROUNDS = 4
_RUNS = 100
# The gate is 0.25 s on a machine of its own. Here others work, too; one that waits for a lock in vain, or for
# the end of all others, takes ten times as long.
_SECONDS = 10


def test_fifty_threads_read_and_write_without_an_error(state_url: str) -> None:
    """Each reads what is known and writes a run: every run has its number, and no wait is long."""
    seconds = by_threads(state_url, _ROUNDS)

    assert len(seconds) == THREADS * _ROUNDS
    assert percentile(seconds, 0.99) < _SECONDS


def test_eight_processes_lose_no_update(state_url: str) -> None:
    """Each writes a hundred runs of the same task; the numbers have no gap, and the state is sound."""
    by_processes(state_url, _RUNS)
