"""Timing by pairs: on shared, noisy machines two things are timed in turn, and only their ratio counts."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class Timed(NamedTuple):
    """What one call took, in seconds.

    Args:
        wall: By the clock.
        processor: What the processor spent on it.
    """

    wall: float
    processor: float


Clock = Callable[[], float]


def timed(work: Callable[[], object], clock: Clock = time.process_time) -> Timed:
    """One call, by the wall and by the processor: this process', unless the clock counts more."""
    wall, processor = time.perf_counter(), clock()
    work()
    return Timed(time.perf_counter() - wall, clock() - processor)


def of_process(number: int) -> Clock:
    """The processor's seconds of another process, as Linux counts them."""
    account = Path(f"/proc/{number}/schedstat")
    return lambda: int(account.read_text().split()[0]) / 1e9


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def process(command: Sequence[str], folder: Path) -> Callable[[], object]:
    """A whole process as something to time; it has to end well."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

    return run


def paired(
    name: str,
    ours: Callable[[], object],
    bare: Callable[[], object],
    *,
    rounds: int,
    most: float,
    before: Callable[[], object] = lambda: None,
) -> None:
    """Time both in turn after one warm-up and print the medians and the median of the ratios.

    Args:
        name: What is measured.
        ours: PyDBT's way.
        bare: The limit it is held against.
        rounds: How many pairs.
        most: The ratio it should not exceed.
        before: Brings both to the same start, untimed.
    """
    pairs = []
    for number in range(rounds + 1):
        before()
        first = seconds(ours)
        before()
        second = seconds(bare)
        if number:
            pairs.append((first, second))
    ratio = statistics.median(first / second for first, second in pairs)
    told(name, f"{ratio:.2f} x bare", f"at most {most:g} x", is_well=ratio <= most)
    ours_all, bare_all = zip(*pairs, strict=True)
    print(f"    ours {_spread(ours_all)}, bare {_spread(bare_all)}")


def told(name: str, found: str, goal: str, *, is_well: bool) -> None:
    """Print one figure beside its goal."""
    print(f"{'ok  ' if is_well else 'MISS'} {name}: {found} (goal: {goal})")


def _spread(values: Sequence[float]) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle * 1000:.0f} ms [{low * 1000:.0f} to {high * 1000:.0f}]"
