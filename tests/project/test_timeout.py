"""Tasks that take longer than they may, on databases that work, on every executor."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.connections import dispose_all, engine_from
from pydbt.core.results import Run
from pydbt.project.project import Project
from tests.cli.command import pydbt_process

RUNS_ON_MARIADB = True

_ENDLESS = {
    "duckdb": "range(3000000) AS a, range(3000000) AS b WHERE (a.range * b.range) % 7 = 3",
    "postgresql": "generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a * b % 7 = 3",
    "sqlite": "(WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t) AS t",
    "mysql": "(SELECT sleep(300) AS x) AS t",
}
_QUERY = """\
import sqlalchemy as sa
from pydbt import Task
from pathlib import Path

@Task(materialized="table"{options})
def long():
    tries = Path(__file__).with_name("tries.txt")
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    rows = {rows!r} if len(tries.read_text()) <= {failing} else "(SELECT 1 AS x) AS t"
    return sa.select(sa.func.count().label("n")).select_from(sa.text(rows))

@Task(depends_on=[long])
def after(): ...
"""
_STUCK = """\
import re, time
from pathlib import Path
from pydbt import Task

@Task(timeout=0.3, retry={retry})
def hangs():
    with Path(__file__).with_name("tries.txt").open("a") as tries:
        tries.write("x")
    {hang}
    Path(__file__).with_name("ended.txt").write_text("ended")
"""
_SLEEP = "time.sleep(120)"
# It lets no other thread of its process run.
_HOLD = 're.match(r"(a+)+$", "a" * 64 + "b")'


def project(folder: Path, url: str, models: str) -> Path:
    """A project of one file."""
    (folder / "models").mkdir()
    (folder / "models" / "shop.py").write_text(models)
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    return folder


def ran(folder: Path, executor: str = "thread") -> Run:
    """Run all of it."""
    opened = Project.open(folder)
    try:
        return opened.run(opened.plan(), executor=executor)
    finally:
        opened.close()


def running_statements(url: str) -> int:
    """How many statements of others the server is at; none where there is no server."""
    engine = engine_from(url)
    asked = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        " AND pid <> pg_backend_pid() AND query LIKE '%generate_series%'",
        "mysql": "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%sleep(300%'"
        " AND id <> connection_id()",
    }.get(engine.dialect.name, "SELECT 0")
    with engine.connect() as connection:
        found = int(connection.exec_driver_sql(asked.replace("%", "%%")).scalar() or 0)
    dispose_all()
    return found


def test_a_statement_is_cancelled_and_gone(tmp_path: Path, database_url: str) -> None:
    """The failure says so, what depends on it is not run, and nothing is published."""
    rows = _ENDLESS[sa.engine.make_url(database_url).get_backend_name()]
    models = _QUERY.format(rows=rows, options=", timeout=2", failing=9)

    begun = time.monotonic()
    run = ran(project(tmp_path, database_url, models))
    seconds = time.monotonic() - begun

    found = {task_run.task: task_run for task_run in run.task_runs}
    failure = found["long"].failure
    assert failure is not None
    assert failure.message.startswith(
        "it took longer than its timeout of 2 s: its statement was cancelled in"
    )
    assert failure.message.endswith("and is gone")
    assert (found["long"].status.value, found["after"].status.value) == ("failed", "upstream_failed")
    assert running_statements(database_url) == 0
    with engine_from(database_url).connect() as connection:
        assert not sa.inspect(connection).has_table("long")
    dispose_all()
    assert seconds < 20


def test_a_timeout_may_be_tried_again(tmp_path: Path, database_url: str) -> None:
    """retry=1 is for any failure, and the second attempt is quick."""
    rows = _ENDLESS[sa.engine.make_url(database_url).get_backend_name()]
    models = _QUERY.format(rows=rows, options=", timeout=4, retry=1", failing=1)

    run = ran(project(tmp_path, database_url, models))

    assert [(each.status.value, each.attempts) for each in run.task_runs] == [("success", 2), ("success", 1)]


def test_other_tasks_statements_are_left_alone(tmp_path: Path, postgresql_url: str) -> None:
    """Only what the task itself has running is cancelled."""
    models = """\
from pydbt import Task

@Task(timeout=1)
def hangs(session):
    with session.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")

@Task
def beside(session):
    with session.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(2)")
"""
    run = ran(project(tmp_path, postgresql_url, models))

    assert {each.task: each.status.value for each in run.task_runs} == {
        "hangs": "failed",
        "beside": "success",
    }


def test_a_worker_cancels_its_own_statement(tmp_path: Path, postgresql_url: str) -> None:
    """Its process is not ended for it."""
    models = _QUERY.format(rows=_ENDLESS["postgresql"], options=", timeout=2", failing=9)

    run = ran(project(tmp_path, postgresql_url, models), "process")

    failure = run.task_runs[0].failure
    assert failure is not None
    assert failure.message.endswith("and is gone")
    assert running_statements(postgresql_url) == 0


def test_python_that_cannot_be_stopped_is_not_tried_again(tmp_path: Path, sqlite_url: str) -> None:
    """The run goes on without it; a second attempt would run beside the first."""
    folder = project(tmp_path, sqlite_url, _STUCK.format(hang="time.sleep(8)", retry=3))

    run = ran(folder)

    (task_run,) = run.task_runs
    assert task_run.failure is not None
    assert (task_run.attempts, (folder / "models" / "tries.txt").read_text()) == (1, "x")
    assert "cannot be stopped" in task_run.failure.message
    assert task_run.failure.where.endswith("shop.py:9")


def test_the_process_leaves_though_a_task_does_not_end(tmp_path: Path, sqlite_url: str) -> None:
    """With the exit code of a failed task, long before the two minutes are over."""
    folder = project(tmp_path, sqlite_url, _STUCK.format(hang=_SLEEP, retry=0))

    begun = time.monotonic()
    ended = pydbt_process(folder, "run")

    assert (ended.code, time.monotonic() - begun < 40) == (1, True)
    assert "PYDBT-E508" in ended.err
    assert not (folder / "models" / "ended.txt").exists()


def test_a_worker_that_cannot_be_stopped_is_ended(tmp_path: Path, sqlite_url: str) -> None:
    """And the task tried again in another one, as its retry says."""
    folder = project(tmp_path, sqlite_url, _STUCK.format(hang=_SLEEP, retry=1))

    run = ran(folder, "process")

    (task_run,) = run.task_runs
    assert task_run.failure is not None
    assert task_run.failure.message == (
        "it took longer than its timeout of 0.3 s, and was ended with its process"
    )
    assert (task_run.attempts, (folder / "models" / "tries.txt").read_text()) == (2, "xx")


def test_a_worker_that_lets_no_thread_run_is_ended_from_outside(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pattern that never ends holds the interpreter: its own process cannot even look at the clock."""
    monkeypatch.setattr("pydbt.core.runner._PROCESS_SECONDS", 3.0)
    folder = project(tmp_path, sqlite_url, _STUCK.format(hang=_HOLD, retry=0))

    run = ran(folder, "process")

    (task_run,) = run.task_runs
    assert task_run.failure is not None
    assert (task_run.failure.code, "ended with its process" in task_run.failure.message) == (
        "PYDBT-E508",
        True,
    )
