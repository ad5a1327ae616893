"""Workers in other processes see what other workers have made."""

from __future__ import annotations

from pathlib import Path

from pydbt.core.results import Status
from pydbt.project.project import Project

MODELS = """\
import time

import sqlalchemy as sa

from pydbt import Task


@Task
def source(session):
    with session.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS source (id INTEGER)")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS wide (id INTEGER)")


@Task(materialized="table")
def narrow(source):
    return source


@Task(materialized="table")
def wide(source):
    time.sleep(2)  # until another worker has looked at the tables
    return source.with_column("b", sa.literal(1))


@Task(materialized="table")
def left(wide):
    return wide.select("b")


@Task(materialized="table")
def right(wide):
    return wide.select("b")


@Task(materialized="table")
def third(wide, narrow):
    return wide.select("b")
"""


def test_a_worker_sees_the_columns_that_another_worker_gave_a_table(tmp_path: Path) -> None:
    """Each worker has a catalog; a table that changes during the run is looked at again."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.py").write_text(MODELS)
    (tmp_path / "pydbt.toml").write_text('[targets.dev]\nurl = "sqlite:///a.db"\n')
    project = Project.open(tmp_path)
    try:
        run = project.run(project.plan(), executor="process", threads=3)
    finally:
        project.close()

    assert {task_run.task: task_run.status for task_run in run.task_runs} == dict.fromkeys(
        ["source", "narrow", "wide", "left", "right", "third"], Status.SUCCESS
    )
