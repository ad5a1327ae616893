"""Rows from a damaged state into a new one: what cannot be trusted stays behind, and is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Status
from pydbt.core.state.rows import Row
from pydbt.core.state.salvage import Tally, salvaged
from pydbt.core.state.schema import TABLES, runs, schema_version, task_runs, tasks
from pydbt.core.state.settle import dead_runs
from pydbt.core.state.writes import insert_new, put
from pydbt.errors import StateLockedError

CARRIED = tuple(table for table in TABLES if table is not schema_version)
_BATCH = 500
_THEREFORE = "tasks that are not known any more: they count as never run, and the next run runs them"


@dataclass(frozen=True, slots=True)
class NewState:
    """A state made of what could be read of another.

    Args:
        kept: Where the other one is.
        carried: How many rows each table has.
        left_out: What could not be carried over.
    """

    kept: str
    carried: Mapping[str, int]
    left_out: tuple[str, ...]


def carry(source: Connection, table: sa.Table, new: Connection, named: sa.Table) -> Tally:
    """Copy the rows of a table that are as PyDBT wrote them.

    Args:
        source: Reads the damaged state.
        table: The table, as it is called there.
        new: Writes the new state.
        named: The table, as it is called in the new state.
    """
    tally = Tally()
    rows: Iterator[dict[str, Any]] = salvaged(source, table, named, tally)
    while batch := list(islice(rows, _BATCH)):
        insert_new(new, named, batch)
    return tally


def refuse_live_runs(connection: Connection, state: str) -> None:
    """See that nobody writes into the state that is to be set aside.

    Raises:
        StateLockedError: A run is going on.
    """
    dead = dead_runs(connection)
    query = sa.select(runs).where(runs.c.status == Status.RUNNING.value, runs.c.number.not_in(dead))
    row = connection.execute(query).mappings().first()
    if row is not None:
        raise StateLockedError(
            f"the state {state} is in use: the run {row['id']} is going on on {row['host']}, "
            f"process {row['pid']}",
            where="state",
            hint="wait for its end, or end it, and repair then",
        )


def agree(connection: Connection, tallies: Mapping[str, Tally], doubt: str) -> NewState:
    """Make the rows of a new state fit together, and say what was left out.

    Args:
        connection: The new state.
        tallies: What became of the rows of each table.
        doubt: Why what is known of the tasks may be older than the runs; empty when it is not.
    """
    told = [line for table in CARRIED for line in _told(table, tallies[table.name])]
    orphans = sa.delete(task_runs).where(task_runs.c.run.not_in(sa.select(runs.c.number)))
    gone = connection.execute(orphans).rowcount
    if gone:
        told.append(f"{gone} task runs of runs that could not be read")
    told += [*_count_again(connection), *_end_ghosts(connection)]
    lost = _distrust(connection, tallies, doubt)
    told += lost
    counts = {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in CARRIED
    }
    if lost or tallies[tasks.name].is_cut or tallies[tasks.name].changed:
        told.append(_THEREFORE)
    return NewState("", counts, tuple(told))


def _told(table: sa.Table, tally: Tally) -> Iterator[str]:
    if tally.changed:
        rows = "1 row" if tally.changed == 1 else f"{tally.changed} rows"
        yield f"{rows} of {table.name} that had changed"
    if tally.is_cut:
        yield f"what could not be read of {table.name}, a part or the whole"


def _count_again(connection: Connection) -> Iterator[str]:
    """Let runs that lost task runs say how many they have."""
    join = runs.outerjoin(task_runs, task_runs.c.run == runs.c.number)
    number = sa.func.count(task_runs.c.task)
    query = sa.select(runs.c.number, number).select_from(join).group_by(runs.c.number, runs.c.task_count)
    short = connection.execute(query.having(number != runs.c.task_count)).all()
    for run, count in short:
        row = _row(connection, runs, run)
        put(connection, runs, [{**row, "task_count": count}])
        yield f"of the run {row['id']} all but {count} of its {row['task_count']} task runs"


def _end_ghosts(connection: Connection) -> Iterator[str]:
    """Tasks that read as running in a run that is over were interrupted."""
    over = sa.select(runs.c.number).where(runs.c.status != Status.RUNNING.value)
    is_ghost = (task_runs.c.status == Status.RUNNING.value) & task_runs.c.run.in_(over)
    ghosts = connection.execute(sa.select(task_runs).where(is_ghost)).mappings().all()
    for ghost in ghosts:
        last = sa.select(sa.func.max(task_runs.c.place)).where(task_runs.c.run == ghost["run"])
        place = (connection.execute(last).scalar_one() or 0) + 1
        put(connection, task_runs, [{**ghost, "place": place, "status": Status.INTERRUPTED.value}])
        yield f"that {ghost['task']} was running in a run that is over: it reads as interrupted now"


def _distrust(connection: Connection, tallies: Mapping[str, Tally], doubt: str) -> list[str]:
    """Forget what is known of tasks where a later run of theirs may be lost: too many runs are no harm."""
    tally = tallies[tasks.name]
    if not doubt and not tally.is_cut:
        return []
    rows = connection.execute(sa.select(tasks)).mappings().all()
    is_proved = not doubt and not any(tallies[table.name].is_cut for table in (runs, task_runs))
    newest = _newest_runs(connection) if is_proved else {}
    stale = [row for row in rows if newest.get((row["target"], row["task"])) != row["run"]]
    for row in stale:
        same = (tasks.c.target == row["target"]) & (tasks.c.task == row["task"])
        connection.execute(sa.delete(tasks).where(same))
    if not stale:
        return []
    reason = doubt or "its table could be read in part only"
    return [f"what was known of {len(stale)} tasks, for it may be older than their last run: {reason}"]


def _newest_runs(connection: Connection) -> dict[tuple[str, str], int]:
    """The last run in which each task was tried, by target and task."""
    join = task_runs.join(runs, task_runs.c.run == runs.c.number)
    tried = task_runs.c.status.not_in([Status.SKIPPED.value, Status.RUNNING.value])
    query = sa.select(runs.c.target, task_runs.c.task, sa.func.max(task_runs.c.run)).select_from(join)
    found = connection.execute(query.where(tried).group_by(runs.c.target, task_runs.c.task)).all()
    return {(row[0], row[1]): row[2] for row in found}


def _row(connection: Connection, table: sa.Table, number: int) -> Row:
    return connection.execute(sa.select(table).where(table.c.number == number)).mappings().one()
