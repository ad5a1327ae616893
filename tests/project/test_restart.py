"""A server that is restarted under a run: its tasks are tried again and end well."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from pydbt.connections import dispose_all, engine_from
from pydbt.core.events import AttemptFailed, Event
from pydbt.core.results import Run
from pydbt.project.project import Project
from tests.conftest import POSTGRESQL_DRIVER
from tests.postgresql import SessionFolder, _group_of_nobody, started_server

_TASKS = 12
_MODELS = f"""\
import sqlalchemy as sa

from pydbt import Task

for number in range({_TASKS}):

    def body(number=number):
        rows = sa.text("generate_series(1, 1000) AS s(n), pg_sleep(1)")
        return sa.select(sa.literal(number).label("task"), sa.column("n")).select_from(rows)

    Task(name=f"t{{number}}", materialized="table")(body)
"""
_BUSY = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    " AND query LIKE '%pg_sleep%'"
)


class Restarted:
    """A PostgreSQL of this test's own, which can be restarted."""

    def __init__(self, home: Path) -> None:
        self.data = home / "data"
        self.url = f"postgresql+{POSTGRESQL_DRIVER}://postgres@/postgres?host={home}"
        # Beside the server's own program, wherever that was taken from.
        self._pg_ctl = Path((self.data / "postmaster.opts").read_text().split()[0]).with_name("pg_ctl")
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": "nobody", "group": _group_of_nobody(), "extra_groups": []}

    def wait_until_busy(self) -> None:
        """Wait until a task's query runs."""
        # What one transaction sees of other sessions does not change.
        engine = sa.create_engine(self.url, poolclass=NullPool, future=True, isolation_level="AUTOCOMMIT")
        deadline = time.monotonic() + 60
        with engine.connect() as connection:
            while not connection.execute(_BUSY).scalar():
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def restart(self, mode: str) -> None:
        """Stop it, "fast" with a word to each session or "immediate" without, and start it again."""
        subprocess.run(
            [self._pg_ctl, "-D", self.data, "-w", "-t", "60", "-m", mode, "-l", "/dev/null", "restart"],
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
            **self._user,
        )


@pytest.fixture
def server() -> Iterator[Restarted]:
    """A server that nobody else uses."""
    folder = SessionFolder("pydbt-re-")
    try:
        yield Restarted(started_server(folder.path))
    finally:
        dispose_all()
        folder.close()


def ran(folder: Path, url: str, events: list[Event], executor: str = "thread") -> Run:
    """Run the twelve tasks, four at once."""
    (folder / "models").mkdir()
    (folder / "models" / "many.py").write_text(_MODELS)
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    opened = Project.open(folder)
    try:
        return opened.run(opened.plan(), listeners=[events.append], threads=4, executor=executor)
    finally:
        opened.close()


def tables(url: str) -> dict[str, int]:
    """The tables that are there, and how many rows they have."""
    with engine_from(url).connect() as connection:
        names = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        counts = [(name, f'SELECT count(*) FROM "{name}"') for name in names.scalars().all()]
        return {name: int(connection.exec_driver_sql(text).scalar() or 0) for name, text in counts}


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_a_restart_under_a_run_fails_no_task(tmp_path: Path, server: Restarted, executor: str) -> None:
    """One with a word to each session and one without; every table is whole, nothing is left beside."""
    events: list[Event] = []

    def trouble() -> None:
        for mode in ("fast", "immediate"):
            server.wait_until_busy()
            server.restart(mode)

    with engine_from(server.url).begin() as connection:
        # The tests' servers are quick to say that something is committed.
        connection.exec_driver_sql("ALTER ROLE postgres SET synchronous_commit = on")
    dispose_all()
    troubling = threading.Thread(target=trouble)
    troubling.start()
    run = ran(tmp_path, server.url, events, executor)
    troubling.join()

    failed = [event.failure for event in events if isinstance(event, AttemptFailed)]
    assert failed
    assert all(failure.transient for failure in failed)
    assert [
        f"{task_run.failure.kind}: {task_run.failure.message}"
        for task_run in run.task_runs
        if task_run.failure
    ] == []
    found = {name: rows for name, rows in tables(server.url).items() if not name.startswith("_pydbt")}
    assert found == {f"t{number}": 1000 for number in range(_TASKS)}
