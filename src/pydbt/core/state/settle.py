"""Runs whose process is gone become interrupted: nothing is ever running that does not run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter, itemgetter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Fingerprint, Status
from pydbt.core.state.engine import clock
from pydbt.core.state.recorder import TaskNote
from pydbt.core.state.rows import Row, opened, owner_from, task_run_from
from pydbt.core.state.schema import runs, task_runs
from pydbt.core.state.writes import TasksOfRun, put, put_tasks
from pydbt.owner import is_gone

# A run says that it lives every 10 seconds.
SILENCE_SECONDS = 60
# Made once, as all statements that are asked often: making one costs more than SQLite's answer.
_RUNNING = sa.select(runs).where(runs.c.status == Status.RUNNING.value)


def dead_runs(connection: Connection) -> list[int]:
    """The numbers of the runs that read as running and whose process is gone."""
    rows = connection.execute(_RUNNING).mappings().all()
    return [opened(runs, row, itemgetter("number")) for row in rows if _is_dead(connection, row)]


def settle(connection: Connection, numbers: Iterable[int]) -> None:
    """Mark the runs, and what they were at, as interrupted; the transaction holds the lock."""
    for number in numbers:
        row = connection.execute(sa.select(runs).where(runs.c.number == number)).mappings().one()
        # Another process may have settled it in the meantime.
        if row["status"] == Status.RUNNING.value and _is_dead(connection, row):
            notes = _interrupted(connection, number)
            put_tasks(connection, [TasksOfRun(row["target"], number, notes)])
            put(connection, runs, [{**row, "status": Status.INTERRUPTED.value}])


def _interrupted(connection: Connection, number: int) -> list[TaskNote]:
    rows = connection.execute(sa.select(task_runs).where(task_runs.c.run == number)).mappings().all()
    running = {opened(task_runs, row, task_run_from): row for row in rows if row["place"] is None}
    ended = len(rows) - len(running)
    return [
        TaskNote(
            replace(task_run, status=Status.INTERRUPTED),
            Fingerprint(running[task_run]["code"], running[task_run]["settings"]),
            place,
        )
        for place, task_run in enumerate(sorted(running, key=attrgetter("task")), start=ended)
    ]


def _is_dead(connection: Connection, row: Row) -> bool:
    gone = is_gone(opened(runs, row, owner_from))
    if gone is not None:
        return gone
    # A sign of life far in the future tells of a clock set back, not of life. Whoever is settled in error
    # takes it back with the next sign of life.
    silence: int = abs(clock(connection) - row["heartbeat_at"])
    return silence > SILENCE_SECONDS * 1_000_000
