"""States as earlier versions of PyDBT wrote them, statement by statement, and what was in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from pydbt.core.results import Fingerprint, Run, Status, TaskHistory
from tests.core.state.story import NOON, ended

VERSIONS = (1, 2)


def runs_of(version: int) -> list[Run]:
    """What is known of the runs in the state of a version, of which the first kept no warnings."""
    warnings = ("unique(id): 2 rows fail",) if version > 1 else ()
    return [
        replace(run, task_runs=(replace(run.task_runs[0], warnings=warnings), *run.task_runs[1:]))
        for run in _RUNS
    ]


_RUNS = [
    Run(
        f"r{number}",
        "dev",
        NOON + timedelta(days=number),
        Status.FAILED,
        9.0,
        (ended("a"), ended("b", Status.FAILED), ended("c", Status.SKIPPED)),
    )
    for number in range(3)
]
_PRINT = Fingerprint("c1", "s1")
HISTORY = {
    "a": TaskHistory("a", _PRINT, Status.SUCCESS, NOON + timedelta(days=2, seconds=2.5), 2.5),
    "b": TaskHistory("b", _PRINT, Status.FAILED, None, 0.0),
    "c": TaskHistory("c", _PRINT, Status.SKIPPED, None, 0.0),
}


def make_version(version: int, url: str) -> None:
    """Make the state that a version left: three runs of three tasks."""
    database = sa.engine.make_url(url).database
    if url.startswith("sqlite"):
        Path(str(database)).parent.mkdir(mode=0o700, exist_ok=True)
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        written = Path(__file__).with_name(f"version_{version}.sql").read_text()
        for statement in written.split(";\n"):
            if statement:
                connection.exec_driver_sql(statement)
    engine.dispose()
