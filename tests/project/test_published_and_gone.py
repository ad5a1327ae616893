"""Nothing is skipped for what it has published unless that is still there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.project.project import Project

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import Seed, Task


@Task(materialized=Seed("codes.csv"))
def codes(): ...


@Task(materialized="table", ttl_minutes=60)
def numbers(session):
    return session.range(3)


@Task(materialized="view", ttl_minutes=60, depends_on=[numbers])
def shown(session):
    return session.range(2)


@Task(ttl_minutes=60)
def told(): ...
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Iterator[Project]:
    """A project whose tasks have all run, and would all be skipped."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "all.py").write_text(_MODELS)
    (tmp_path / "codes.csv").write_text("code\n7\n")
    (tmp_path / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{database_url}"\n')
    project = Project.open(tmp_path)
    project.run(project.plan())
    yield project
    project.close()


def reasons(project: Project) -> dict[str, str]:
    return {step.task: step.reason.value for step in project.plan().steps}


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that the engine is sent in the block."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_what_is_gone_is_made_again(project: Project) -> None:
    """By whoever it was dropped, while the project is open; what is there stays skipped."""
    skipped = {"codes": "unchanged", "numbers": "within_ttl", "shown": "within_ttl", "told": "within_ttl"}
    whole = reasons(project)
    with project.resources.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE codes")
        connection.exec_driver_sql("DROP VIEW shown")

    without = reasons(project)
    project.run(project.plan())

    assert whole == skipped
    assert without == {**skipped, "codes": "table_gone", "shown": "table_gone"}
    assert reasons(project) == skipped


def test_the_catalogue_is_asked_once(project: Project) -> None:
    """However many tasks would be skipped; and not at all where none would, or none has a table."""
    with statements(project.resources.engine) as sent:
        reasons(project)
    with statements(project.resources.engine) as unasked:
        project.plan(force=True)
        project.plan(["told"])

    assert ([text.split()[0] for text in sent if text != "BEGIN"], unasked) == (["SELECT"], [])
