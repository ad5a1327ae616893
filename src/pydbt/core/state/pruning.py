"""Old runs are removed, a few at a time; what is known of each task stays."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Status
from pydbt.core.state.engine import reading, writing
from pydbt.core.state.failures import told
from pydbt.core.state.migrations import lock, migrate
from pydbt.core.state.place import Place, opened_place
from pydbt.core.state.rows import microseconds, moment, opened, run_from
from pydbt.core.state.schema import runs, task_runs

# So few that whoever wants to write meanwhile waits for some hundredths of a second.
_TASK_RUNS_AT_ONCE = 1_000
_RUNS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning of the state has removed, or would remove.

    Args:
        state: Its file, or its URL without the password.
        runs: How many runs.
        task_runs: How many task runs, all of those runs.
        kept: How many runs stay.
        latest: When the latest of the removed runs began; None when there are none.
    """

    state: str
    runs: int = 0
    task_runs: int = 0
    kept: int = 0
    latest: datetime | None = None


def prune_state(
    url: str,
    root: Path,
    *,
    keep: int | None = None,
    before: datetime | None = None,
    target: str | None = None,
    dry_run: bool = False,
) -> Pruned:
    """Remove runs from the history.

    What plans ask for stays: what is known of each task, above all its last success; the latest run on each
    target; runs that go on.

    Args:
        url: The setting ``state``.
        root: The project's folder, where a relative path begins.
        keep: How many of the latest runs on each target stay.
        before: Runs that began earlier go.
        target: Only runs on this target.
        dry_run: Say what would go, and remove nothing.

    Raises:
        StateError: It cannot be reached, or is damaged.
    """
    with opened_place(url, root) as place:
        if not place.version():
            return Pruned(place.name)
        with told(place.name):
            migrate(place.engine, place.name)
            with reading(place.engine) as connection:
                old, kept = _old_runs(connection, keep, before, target)
                latest = max((began for _, _, began in old), default=None)
            count = sum(each for _, each, _ in old)
            if not dry_run:
                count = sum(_removed(place, numbers) for numbers in _batches(old))
            return Pruned(place.name, len(old), count, kept, moment(latest) if latest is not None else None)


_Old = tuple[int, int, int]  # The number of a run, of its task runs, and its beginning.


def _old_runs(
    connection: Connection, keep: int | None, before: datetime | None, target: str | None
) -> tuple[list[_Old], int]:
    limit = None if before is None else microseconds(before)
    newer, old, kept = Counter[str](), list[_Old](), 0
    query = sa.select(runs).order_by(runs.c.number.desc()).execution_options(stream_results=True)
    if target is not None:
        query = query.where(runs.c.target == target)
    with closing(connection.execute(query)) as found:
        for row in found.mappings():
            run = opened(runs, row, run_from)
            place = newer[run.target]
            newer[run.target] += 1
            is_surplus = keep is not None and place >= keep
            is_early = limit is not None and row["started_at"] < limit
            if place and run.status is not Status.RUNNING and (is_surplus or is_early):
                old.append((row["number"], row["task_count"], row["started_at"]))
            else:
                kept += 1
    return old[::-1], kept


def _batches(old: Sequence[_Old]) -> Iterator[list[int]]:
    batch, size = list[int](), 0
    for number, count, _ in old:
        if batch and (size + count > _TASK_RUNS_AT_ONCE or len(batch) == _RUNS_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(number)
        size += count
    if batch:
        yield batch


def _removed(place: Place, numbers: Sequence[int]) -> int:
    """Remove some runs, each whole; then leave the state to others for as long as that took."""
    begun = time.monotonic()
    with writing(place.engine) as connection:
        lock(connection, place.name)
        # One that was settled in error, because its machine slept, may be running again.
        over = sa.select(runs.c.number).where(
            runs.c.number.in_(numbers), runs.c.status != Status.RUNNING.value
        )
        gone = connection.execute(over).scalars().all()
        count = connection.execute(sa.delete(task_runs).where(task_runs.c.run.in_(gone))).rowcount
        connection.execute(sa.delete(runs).where(runs.c.number.in_(gone)))
    time.sleep(time.monotonic() - begun)
    return int(count)
