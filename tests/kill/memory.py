"""What the state says of a run that was killed, held against what is true."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydbt.core.results import Status
from pydbt.core.state import open_state

TARGET = "dev"
_FILE = Path(".pydbt") / "state.db"


@dataclass(frozen=True, slots=True)
class Told:
    """The newest run as the state tells it, and how its tasks ended.

    Args:
        id: The run's; empty where none is known.
        status: How it ended.
        tasks: How its tasks ended, by name.
    """

    id: str
    status: Status | None
    tasks: dict[str, Status]


def told(project: Path) -> Told:
    """Ask the state, as any command does first."""
    state = open_state(root=project)
    try:
        run = state.latest_run(TARGET)
        if run is None:
            return Told("", None, {})
        return Told(run.id, run.status, {each.task: each.status for each in run.task_runs})
    finally:
        state.close()


def rows(project: Path, before: int | None = None) -> list[Any]:
    """All that is written of the runs, or of those up to a number, as it stands in the file."""
    if not (project / _FILE).exists():
        return []
    limit = 10**9 if before is None else before
    with closing(sqlite3.connect(project / _FILE)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_pydbt_runs'").fetchone():
            return []
        runs = connection.execute("SELECT * FROM _pydbt_runs WHERE number <= ? ORDER BY 1", (limit,))
        tasks = connection.execute("SELECT * FROM _pydbt_task_runs WHERE run <= ? ORDER BY 1, 2", (limit,))
        return [runs.fetchall(), tasks.fetchall()]


def newest(project: Path) -> int:
    """The number of the run recorded last; 0 for none."""
    found = rows(project)
    return max((row[0] for row in found[0]), default=0) if found else 0


def outcome(project: Path) -> str | None:
    """How the newest run has ended, as it stands in the file; nobody who asks could settle it."""
    with closing(sqlite3.connect(project / _FILE)) as connection:
        query = "SELECT status FROM _pydbt_runs ORDER BY number DESC LIMIT 1"
        return next((str(row[0]) for row in connection.execute(query)), None)


def integrity(project: Path) -> str:
    """What SQLite says of the file."""
    with closing(sqlite3.connect(project / _FILE)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
