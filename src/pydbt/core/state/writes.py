"""What is written of a run, within one transaction that holds the lock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Run, Status, TaskHistory
from pydbt.core.state.base import advanced
from pydbt.core.state.engine import clock, is_postgresql
from pydbt.core.state.recorder import TaskNote
from pydbt.core.state.rows import (
    DamagedRowError,
    Row,
    history_from,
    history_row,
    opened,
    owner_from,
    run_row,
    sealed,
    task_run_row,
)
from pydbt.core.state.schema import runs, task_runs, tasks
from pydbt.core.state.writer import Recording
from pydbt.errors import StateWriteError
from pydbt.failpoints import reached
from pydbt.owner import Owner

# SQLite takes 999 values in one statement before version 3.32.
_CHUNK = 500
_NEWEST = sa.select(sa.func.max(runs.c.number))
_BY_ID = sa.select(runs).where(runs.c.id == sa.bindparam("run_id"))
_OF_TARGET = tasks.c.target == sa.bindparam("of_target")
_NAMES = sa.select(tasks.c.task).where(_OF_TARGET)
_SOME = sa.select(tasks).where(_OF_TARGET, tasks.c.task.in_(sa.bindparam("names", expanding=True)))


def write(connection: Connection, recording: Recording) -> None:
    """Write what a recording holds; writing the same again changes nothing."""
    run = recording.run
    assert run is not None
    number = _number(connection, run, recording.owner, is_announced=recording.is_announced)
    if not recording.is_announced:
        _forget_others(connection, recording)
    row = run_row(
        replace(run, seconds=recording.seconds),
        number,
        recording.owner,
        heartbeat_at=clock(connection),
        pydbt_version=_pydbt_version(),
        task_count=len(recording.task_names),
    )
    put(connection, runs, [row])
    put_tasks(connection, run.target, number, [*recording.tasks.values()])
    _make_known(connection, recording, number)


def put_tasks(connection: Connection, target: str, number: int, notes: Sequence[TaskNote]) -> None:
    """Write task runs of one run, and move the histories of their tasks on."""
    put(connection, task_runs, [task_run_row(note, number) for note in notes])
    # A project whose tasks are all skipped need not read what it will not change.
    tried = [note for note in notes if note.task_run.status not in {Status.RUNNING, Status.SKIPPED}]
    names = [note.task_run.task for note in tried]
    earlier = {history.task: history for history in _histories(connection, target, names)}
    later = [
        advanced(earlier.get(note.task_run.task), note.task_run, note.fingerprint, note.ended_at)
        for note in tried
    ]
    put(connection, tasks, [history_row(history, target, number) for history in later if history])


def _make_known(connection: Connection, recording: Recording, number: int) -> None:
    """Write a history for tasks that are skipped in the first run that has them; others keep theirs."""
    new = [
        note
        for note in recording.tasks.values()
        if note.task_run.status is Status.SKIPPED and note.task_run.task not in recording.known_names
    ]
    first = [advanced(None, note.task_run, note.fingerprint, note.ended_at) for note in new]
    put(connection, tasks, [history_row(known, recording.target, number) for known in first if known])


def put(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, or replace those that have their keys."""
    if not rows:
        return
    statement = _upsert(table, is_on_postgresql=is_postgresql(connection))
    reached("state.before.put")
    connection.execute(statement, [sealed(table, row) for row in rows])
    reached("state.after.put")


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that have their checksums; those whose keys are there already stay as they are."""
    insert = _insert(table, is_on_postgresql=is_postgresql(connection))
    connection.execute(insert.on_conflict_do_nothing(), list(rows))


@cache
def _upsert(table: sa.Table, *, is_on_postgresql: bool) -> Any:
    """The statement of `put`, made once: making it costs more than a row."""
    keys = [column.name for column in table.primary_key]
    insert = _insert(table, is_on_postgresql=is_on_postgresql)
    replaced = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=replaced)


def _insert(table: sa.Table, *, is_on_postgresql: bool) -> Any:
    if is_on_postgresql:
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def newest_number(connection: Connection) -> int:
    """The number of the run recorded last; 0 when there is none."""
    number = connection.execute(_NEWEST).scalar()
    if not isinstance(number, int | None):
        raise DamagedRowError(f"{number!r} is not the number of a run")
    return number or 0


def _number(connection: Connection, run: Run, owner: Owner, *, is_announced: bool) -> int:
    row = connection.execute(_BY_ID, {"run_id": run.id}).mappings().first()
    if row is None and is_announced:
        raise StateWriteError(f"the run {run.id!r} was removed from the state while it went on")
    if row is None:
        return newest_number(connection) + 1
    if opened(runs, row, owner_from) != owner:
        raise StateWriteError(f"the run id {run.id!r} is taken by another process")
    number: int = row["number"]
    return number


def _forget_others(connection: Connection, recording: Recording) -> None:
    """Remove the histories of tasks that the project no longer has."""
    recording.known_names = set(connection.execute(_NAMES, {"of_target": recording.target}).scalars())
    gone = sorted(recording.known_names - recording.fingerprints.keys())
    if gone:
        same = (tasks.c.target == recording.target) & (tasks.c.task == sa.bindparam("gone"))
        connection.execute(sa.delete(tasks).where(same), [{"gone": task} for task in gone])


def _histories(connection: Connection, target: str, names: Sequence[str]) -> Iterator[TaskHistory]:
    for start in range(0, len(names), _CHUNK):
        wanted = {"of_target": target, "names": [*names[start : start + _CHUNK]]}
        for row in connection.execute(_SOME, wanted).mappings():
            yield opened(tasks, row, history_from)


@lru_cache(maxsize=1)
def _pydbt_version() -> str:
    try:
        return version("pydbt")
    except PackageNotFoundError:
        return "unknown"
