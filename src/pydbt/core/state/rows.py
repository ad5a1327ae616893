"""Values to rows and back, each row sealed with a checksum.

A byte that rotted in a fingerprint or a time would make PyDBT skip what it ought to run, and no database
notices it; so every row carries the CRC of its other columns, and one that does not fit is damage.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Table

from pydbt.core.results import Failure, Fingerprint, Run, Status, TaskHistory, TaskRun
from pydbt.core.state.recorder import TaskNote
from pydbt.core.state.schema import runs, task_runs, tasks
from pydbt.owner import Owner

Row = Mapping[Any, Any]
T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FAILURE = ("kind", "message", "code", "where", "hint", "traceback")


class DamagedRowError(Exception):
    """A row is not as PyDBT wrote it; the store turns this into an error that names the state."""


def sealed(table: Table, row: Row) -> dict[str, Any]:
    """The row with its checksum."""
    return {**row, "checksum": _checksum(table, row)}


def opened(table: Table, row: Row, parse: Callable[[Row], T]) -> T:
    """What the row says, if its checksum fits.

    Raises:
        DamagedRowError: It does not, or its words mean nothing.
    """
    if row["checksum"] != _checksum(table, row):
        raise DamagedRowError(f"a row of {table.name} has changed on the disk")
    try:
        return parse(row)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DamagedRowError(f"a row of {table.name} cannot be read ({error})") from error


def _checksum(table: Table, row: Row) -> int:
    first, later = _sealed_columns(table)
    values = first(row)
    for name in later:
        if row[name] is not None:
            values += (name, row[name])
    return zlib.crc32(repr(values).encode(errors="backslashreplace"))


@cache
def _sealed_columns(table: Table) -> tuple[Callable[[Row], tuple[Any, ...]], tuple[str, ...]]:
    """The values of the first version's columns, and the names of those that later versions added."""
    names = [column.name for column in table.columns]
    end = names.index("checksum")
    return itemgetter(*names[:end]), tuple(names[end + 1 :])


def microseconds(at: datetime) -> int:
    """The time as the state keeps it; a time without a zone is taken as UTC.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def moment(kept: int) -> datetime:
    """The time of so many microseconds, in UTC."""
    return _EPOCH + kept * _MICROSECOND


def run_row(run: Run, number: int, owner: Owner, **more: object) -> dict[str, Any]:
    """A row of ``runs`` but for its checksum; `more` is the heartbeat, the version and the count of tasks."""
    return {
        "number": number,
        "id": run.id,
        "target": run.target,
        "started_at": microseconds(run.started_at),
        "seconds": float(run.seconds),
        "status": run.status.value,
        "host": owner.host,
        "machine": owner.machine,
        "pid": owner.pid,
        "process_started": owner.started,
        "planned_for": None if run.on is None else run.on.isoformat(),
        **more,
    }


def run_from(row: Row, task_runs: tuple[TaskRun, ...] = ()) -> Run:
    """The run of a row of ``runs``."""
    started_at, on = moment(row["started_at"]), _planned_for(row["planned_for"])
    return Run(row["id"], row["target"], started_at, Status(row["status"]), row["seconds"], task_runs, on)


def _planned_for(kept: str | None) -> date | None:
    """A day, or a moment with its zone."""
    if kept is None or "T" not in kept:
        return None if kept is None else date.fromisoformat(kept)
    at = datetime.fromisoformat(kept)
    if at.tzinfo is None:
        raise ValueError(f"{kept!r} has no zone")
    return at


def owner_from(row: Row) -> Owner:
    """The process that a row of ``runs`` belongs to."""
    return Owner(row["host"], row["machine"], row["pid"], row["process_started"])


def task_run_row(note: TaskNote, run: int) -> dict[str, Any]:
    """A row of ``task_runs`` but for its checksum."""
    task_run = note.task_run
    return {
        "run": run,
        "task": task_run.task,
        "place": note.position,
        "status": task_run.status.value,
        "reason": str(task_run.reason),
        "attempts": int(task_run.attempts),
        "started_at": None if task_run.started_at is None else microseconds(task_run.started_at),
        "seconds": float(task_run.seconds),
        "row_count": None if task_run.rows is None else int(task_run.rows),
        "code": note.fingerprint.code,
        "settings": note.fingerprint.settings,
        **{f"failure_{part}": getattr(task_run.failure, part, None) for part in _FAILURE},
        "warnings": json.dumps(task_run.warnings) if task_run.warnings else None,
    }


def task_run_from(row: Row) -> TaskRun:
    """The task run of a row of ``task_runs``."""
    failed = row["failure_kind"] is not None
    return TaskRun(
        task=row["task"],
        status=Status(row["status"]),
        reason=row["reason"],
        attempts=row["attempts"],
        started_at=None if row["started_at"] is None else moment(row["started_at"]),
        seconds=row["seconds"],
        rows=row["row_count"],
        failure=Failure(**{part: row[f"failure_{part}"] for part in _FAILURE}) if failed else None,
        warnings=() if row["warnings"] is None else _texts(row["warnings"]),
    )


def _texts(kept: str) -> tuple[str, ...]:
    texts = json.loads(kept)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise TypeError("no list of texts")
    return tuple(texts)


def history_row(history: TaskHistory, target: str, run: int) -> dict[str, Any]:
    """A row of ``tasks`` but for its checksum."""
    success_at = history.last_success_at
    return {
        "target": target,
        "task": history.task,
        "code": history.fingerprint.code,
        "settings": history.fingerprint.settings,
        "last_status": history.last_status.value,
        "last_success_at": None if success_at is None else microseconds(success_at),
        "seconds": float(history.seconds),
        "run": run,
    }


def history_from(row: Row) -> TaskHistory:
    """The history in a row of ``tasks``."""
    success_at = row["last_success_at"]
    return TaskHistory(
        task=row["task"],
        fingerprint=Fingerprint(row["code"], row["settings"]),
        last_status=Status(row["last_status"]),
        last_success_at=None if success_at is None else moment(success_at),
        seconds=row["seconds"],
    )


# How the rows of each table are read, by its name.
PARSERS: Mapping[str, Callable[[Row], object]] = {
    runs.name: run_from,
    task_runs.name: task_run_from,
    tasks.name: history_from,
}
