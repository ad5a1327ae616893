"""A task whose database fails: tried again by itself where that is safe, told with what to do where not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.connections import dispose_all, engine_from
from pydbt.core.events import AttemptFailed, Event, TaskStarted
from pydbt.core.results import Run
from pydbt.project.project import Project

# The body is pure but for what the test does in it: it is called before the table is published.
MODELS = """\
import builtins

import sqlalchemy as sa

from pydbt import Task


@Task{options}
def orders(session):
    builtins.during_orders(session)
    return sa.select(sa.text("1 AS id, count(*) AS n")).select_from(sa.text("raw"))
"""
MATERIALIZED = '(materialized="table")'


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the task's attempts do, one after another, each with the session."""
    import builtins

    actions: list[Any] = []
    monkeypatch.setattr(
        builtins,
        "during_orders",
        lambda session: actions.pop(0)(session) if actions else None,
        raising=False,
    )
    yield actions
    dispose_all()


def project(folder: Path, url: str, options: str = MATERIALIZED) -> Path:
    """A project of the one task, with the table it reads."""
    (folder / "models").mkdir()
    (folder / "models" / "orders.py").write_text(MODELS.format(options=options))
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    with engine_from(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE raw (id INTEGER)")
    return folder


def ran(folder: Path, events: list[Event]) -> Run:
    """Run all of it."""
    opened = Project.open(folder)
    try:
        return opened.run(opened.plan(), listeners=[events.append])
    finally:
        opened.close()


def end_session(session: Any) -> None:
    """The server ends the session in the middle of the task's work."""
    with session.engine.connect() as connection:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with session.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        connection.exec_driver_sql("SELECT 1")


def deadlock(session: Any) -> None:
    """Another session holds what this one wants, and the other way round; this one is given up."""
    with session.engine.begin() as mine:
        mine.exec_driver_sql("SET LOCAL deadlock_timeout = '10ms'")
        mine.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
        theirs = session.engine.connect()
        theirs.exec_driver_sql("SET LOCAL deadlock_timeout = '20s'")
        theirs.exec_driver_sql("SELECT pg_advisory_xact_lock(2)")
        lock = sa.text("SELECT pg_advisory_xact_lock(1)")
        waiting = threading.Thread(target=lambda: (theirs.execute(lock), theirs.close()))
        waiting.start()
        try:
            mine.exec_driver_sql("SELECT pg_sleep(0.1)")
            mine.exec_driver_sql("SELECT pg_advisory_xact_lock(2)")
        finally:
            mine.rollback()
            waiting.join(30)


def serialization_failure(session: Any) -> None:
    """Two transactions change what both have read."""
    strict = session.engine.execution_options(isolation_level="SERIALIZABLE")
    with session.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO raw VALUES (1)")
    with strict.begin() as mine:
        mine.exec_driver_sql("SELECT * FROM raw")
        with strict.begin() as theirs:
            theirs.exec_driver_sql("UPDATE raw SET id = 2")
        mine.exec_driver_sql("UPDATE raw SET id = 3")


@pytest.mark.parametrize("trouble", [end_session, deadlock, serialization_failure])
def test_trouble_that_passes_is_tried_again(
    trouble: Any, tmp_path: Path, postgresql_url: str, during: list[Any]
) -> None:
    """Without any retry: the task is materialized, so that nothing of the first attempt is left."""
    during.append(trouble)
    events: list[Event] = []

    run = ran(project(tmp_path, postgresql_url), events)

    (task_run,) = run.task_runs
    assert (task_run.status.value, task_run.attempts, task_run.rows) == ("success", 2, 1)
    (failed,) = [event for event in events if isinstance(event, AttemptFailed)]
    assert failed.failure.transient
    assert 0 <= failed.wait_seconds <= 0.5


def test_a_task_with_effects_of_its_own_is_not_tried_again(
    tmp_path: Path, postgresql_url: str, during: list[Any]
) -> None:
    """It may have sent half of them; the hint says what would try it again."""
    during.append(end_session)
    events: list[Event] = []

    run = ran(project(tmp_path, postgresql_url, options=""), events)

    (task_run,) = run.task_runs
    assert (task_run.status.value, task_run.attempts) == ("failed", 1)
    assert task_run.failure is not None
    assert (task_run.failure.transient, "retry=3" in task_run.failure.hint) == ("", True)


def test_its_own_retry_tries_it_again(tmp_path: Path, postgresql_url: str, during: list[Any]) -> None:
    """At once, as the number says."""
    during.append(end_session)
    events: list[Event] = []

    run = ran(project(tmp_path, postgresql_url, options="(retry=1)"), events)

    assert [(each.status.value, each.attempts) for each in run.task_runs] == [("success", 2)]
    assert [event.wait_seconds for event in events if isinstance(event, AttemptFailed)] == [0.0]


def test_what_does_not_pass_fails_at_once(tmp_path: Path, sqlite_url: str, during: list[Any]) -> None:
    """A missing column is told with what to look at."""

    def reads_a_typo(session: Any) -> None:
        with session.engine.connect() as connection:
            connection.exec_driver_sql("SELECT amuont FROM raw")

    during.append(reads_a_typo)
    events: list[Event] = []

    run = ran(project(tmp_path, sqlite_url), events)

    (task_run,) = run.task_runs
    assert len([event for event in events if isinstance(event, TaskStarted)]) == 1
    assert task_run.failure is not None
    assert task_run.failure.hint.startswith("pydbt sql orders prints the statement")


def test_a_busy_database_passes(tmp_path: Path, sqlite_url: str, during: list[Any]) -> None:
    """Somebody else writes for longer than one waits, and is gone at the second attempt."""
    other = engine_from(sqlite_url, busy_timeout=0.05)
    folder = project(tmp_path, sqlite_url)

    def is_busy(_session: Any) -> None:
        with other.begin(), other.begin():
            pass

    during.append(is_busy)
    events: list[Event] = []

    run = ran(folder, events)

    (failed,) = [event for event in events if isinstance(event, AttemptFailed)]
    assert (failed.failure.transient, run.status.value) == ("the database is locked", "success")


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("window.cover(1)", "did you mean 'covers'?"),
        ("self.id", "in the first run self is None, and without start= so are the ends of the window"),
        (
            "window.start - 1",
            "in the first run self is None, and without start= so are the ends of the window",
        ),
        ("session.has_table()", "it is has_table(name, schema=None)"),
        ("None.id", ""),
        ("1 / 0", ""),
    ],
)
def test_errors_of_python_get_advice(tmp_path: Path, sqlite_url: str, body: str, hint: str) -> None:
    """Where it is known what was meant: by a name of PyDBT's, or by what is None in a first run."""
    given = "session" if body == "None.id" else "session, self, window"
    (tmp_path / "models").mkdir()
    task = f'@Task(materialized=Incremental("append", on="id"))\ndef one({given}):\n    return {body}\n'
    (tmp_path / "models" / "one.py").write_text(f"from pydbt import Incremental, Task\n\n\n{task}")
    (tmp_path / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{sqlite_url}"\n')

    (done,) = ran(tmp_path, []).task_runs

    assert done.failure is not None
    assert done.failure.hint == hint


def test_what_a_publication_refuses_is_told_at_its_task(tmp_path: Path, sqlite_url: str) -> None:
    """No line of the user's is at work by then: it has returned what is published."""
    folder = project(tmp_path, sqlite_url)
    twins = 'return sa.select(sa.literal(1).label("id"), sa.literal(2).label("ID"))'
    models = MODELS.format(options=MATERIALIZED).partition("    builtins.")[0] + f"    {twins}\n"
    (folder / "models" / "orders.py").write_text(models)

    (task_run,) = ran(folder, []).task_runs

    assert task_run.failure is not None
    assert (task_run.failure.code, task_run.failure.where[-11:]) == ("PYDBT-E654", "orders.py:8")
