"""What the state says of a run that was killed, held against what is true."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from pydbt.core.results import Status
from pydbt.core.state import DEFAULT_URL, open_state
from pydbt.core.state.location import state_url
from pydbt.core.state.soundness import check_state
from tests.kill.places import sessions

TARGET = "dev"
_RUNS = sa.text("SELECT * FROM _pydbt_runs WHERE number <= :newest ORDER BY number")
_TASK_RUNS = sa.text("SELECT * FROM _pydbt_task_runs WHERE run <= :newest ORDER BY run, task")
_OUTCOME = "SELECT status FROM _pydbt_runs ORDER BY number DESC LIMIT 1"


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


class Memory:
    """The state of a project, seen by a process that has nothing to do with PyDBT's.

    Args:
        project: The project's folder.
        url: The setting ``state``.
    """

    def __init__(self, project: Path, url: str = DEFAULT_URL) -> None:
        self._project = project
        self.url = url
        address = state_url(url, project)
        self._path = Path(str(address.database)) if address.drivername == "sqlite" else None
        self._engine = sa.create_engine(address, poolclass=NullPool, future=True)

    def told(self) -> Told:
        """Ask the state, as any command does first."""
        state = open_state(self.url, self._project)
        try:
            run = state.latest_run(TARGET)
            if run is None:
                return Told("", None, {})
            return Told(run.id, run.status, {each.task: each.status for each in run.task_runs})
        finally:
            state.close()

    def rows(self, newest: int = 2**31 - 1) -> list[Any]:
        """All that is written of the runs, or of those up to a number, as it stands there."""
        # To ask for a file that is not there would make it.
        if self._path and not self._path.exists():
            return [[], []]
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table("_pydbt_runs"):
                return [[], []]
            found = [connection.execute(query, {"newest": newest}) for query in (_RUNS, _TASK_RUNS)]
            return [[tuple(row) for row in each] for each in found]

    def newest(self) -> int:
        """The number of the run recorded last; 0 for none."""
        runs, _ = self.rows()
        return max((row[0] for row in runs), default=0)

    def outcome(self) -> str | None:
        """How the newest run has ended, as it stands there: nobody who asks could settle it."""
        with self._engine.connect() as connection:
            outcome: str | None = connection.exec_driver_sql(_OUTCOME).scalar()
            return outcome

    def damage(self) -> tuple[str, ...]:
        """What is wrong with it: a page, a row, or what rows say of each other."""
        return tuple(finding.what for finding in check_state(self.url, self._project).findings)

    def sessions(self) -> int:
        """How many sessions others have open, after a while to end in."""
        return sessions(self._engine, known=0)
