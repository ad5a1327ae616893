"""States as earlier versions of PyDBT wrote them, statement by statement, and what was in them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from pydbt.core.results import Fingerprint, Run, Status, TaskHistory
from tests.core.state.story import NOON, ended

_VERSION_1 = Path(__file__).with_name("version_1.sql")

RUNS = [
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


def make_version_1(url: str) -> None:
    """Make the state that version 1 left: three runs of three tasks."""
    database = sa.engine.make_url(url).database
    if url.startswith("sqlite"):
        Path(str(database)).parent.mkdir(mode=0o700, exist_ok=True)
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        for statement in _VERSION_1.read_text().split(";\n"):
            if statement:
                connection.exec_driver_sql(statement)
    engine.dispose()
