"""What is written of runs, within one transaction that holds the lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Status, TaskHistory
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

_Key = tuple[str, str]
"""A target and a task."""

# SQLite takes 999 values in one statement before version 3.32.
_CHUNK = 500
_NEWEST = sa.select(sa.func.max(runs.c.number))
_BY_ID = sa.select(runs).where(runs.c.id.in_(sa.bindparam("ids", expanding=True)))
_OF_TARGET = tasks.c.target == sa.bindparam("of_target")
_NAMES = sa.select(tasks.c.task).where(_OF_TARGET)
_SOME = sa.select(tasks).where(_OF_TARGET, tasks.c.task.in_(sa.bindparam("names", expanding=True)))


class TasksOfRun(NamedTuple):
    """What is told of the tasks of one run."""

    target: str
    number: int
    notes: Sequence[TaskNote]


def write(connection: Connection, recordings: Sequence[Recording]) -> None:
    """Write what recordings hold; writing the same again changes nothing."""
    numbers = _numbers(connection, recordings)
    for recording in recordings:
        if not recording.is_announced:
            _forget_others(connection, recording)
    now = clock(connection)
    put(connection, runs, [_run_row(recording, number, now) for recording, number in numbers.items()])
    put_tasks(
        connection,
        [
            TasksOfRun(recording.target, number, [*recording.tasks.values()])
            for recording, number in numbers.items()
        ],
    )
    _make_known(connection, numbers)


def put_tasks(connection: Connection, told: Sequence[TasksOfRun]) -> None:
    """Write task runs, and move the histories of their tasks on, run after run."""
    put(connection, task_runs, [task_run_row(note, each.number) for each in told for note in each.notes])
    # A project whose tasks are all skipped need not read what it will not change.
    tried = [
        (each, note)
        for each in told
        for note in each.notes
        if note.task_run.status not in {Status.RUNNING, Status.SKIPPED}
    ]
    known = _histories(connection, [(each.target, note.task_run.task) for each, note in tried])
    rows: dict[_Key, Row] = {}
    for each, note in tried:
        key = each.target, note.task_run.task
        history = advanced(known.get(key), note.task_run, note.fingerprint, note.ended_at)
        if history is not None:
            known[key] = history
            rows[key] = history_row(history, each.target, each.number)
    put(connection, tasks, [*rows.values()])


def _run_row(recording: Recording, number: int, now: int) -> Row:
    assert recording.run is not None
    return run_row(
        replace(recording.run, seconds=recording.seconds),
        number,
        recording.owner,
        heartbeat_at=now,
        pydbt_version=_pydbt_version(),
        task_count=len(recording.task_names),
    )


def _make_known(connection: Connection, numbers: Mapping[Recording, int]) -> None:
    """Write a history for tasks that are skipped in the first run that has them; others keep theirs."""
    rows = [
        history_row(first, recording.target, number)
        for recording, number in numbers.items()
        for note in recording.tasks.values()
        if note.task_run.status is Status.SKIPPED and note.task_run.task not in recording.known_names
        if (first := advanced(None, note.task_run, note.fingerprint, note.ended_at))
    ]
    put(connection, tasks, rows)


def put(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
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


def _numbers(connection: Connection, recordings: Sequence[Recording]) -> dict[Recording, int]:
    """The number of each run: the one it has, or the next."""
    known = {
        row["id"]: row
        for ids in _chunks([recording.run.id for recording in recordings if recording.run])
        for row in connection.execute(_BY_ID, {"ids": ids}).mappings()
    }
    newest = 0 if len(known) == len(recordings) else newest_number(connection)
    numbers: dict[Recording, int] = {}
    for recording in recordings:
        assert recording.run is not None
        row = known.get(recording.run.id)
        if row is None:
            newest += 1
        numbers[recording] = newest if row is None else row["number"]
        _check_own(recording, row)
    return numbers


def _check_own(recording: Recording, row: Row | None) -> None:
    """Raise where the run is no longer there, or is another process' run."""
    assert recording.run is not None
    if row is None and recording.is_announced:
        raise StateWriteError(f"the run {recording.run.id!r} was removed from the state while it went on")
    if row is not None and opened(runs, row, owner_from) != recording.owner:
        raise StateWriteError(f"the run id {recording.run.id!r} is taken by another process")


def _forget_others(connection: Connection, recording: Recording) -> None:
    """Remove the histories of tasks that the project no longer has."""
    recording.known_names = set(connection.execute(_NAMES, {"of_target": recording.target}).scalars())
    gone = sorted(recording.known_names - recording.fingerprints.keys())
    if gone:
        same = (tasks.c.target == recording.target) & (tasks.c.task == sa.bindparam("gone"))
        connection.execute(sa.delete(tasks).where(same), [{"gone": task} for task in gone])


def _histories(connection: Connection, keys: Iterable[_Key]) -> dict[_Key, TaskHistory]:
    """What is known of tasks on targets."""
    by_target: dict[str, dict[str, None]] = {}
    for target, task in keys:
        by_target.setdefault(target, {})[task] = None
    return {
        (target, row["task"]): opened(tasks, row, history_from)
        for target, names in by_target.items()
        for some in _chunks([*names])
        for row in connection.execute(_SOME, {"of_target": target, "names": some}).mappings()
    }


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


@lru_cache(maxsize=1)
def _pydbt_version() -> str:
    try:
        return version("pydbt")
    except PackageNotFoundError:
        return "unknown"
