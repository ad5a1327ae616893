"""Indexes as an option of tasks: of tables, seeds and snapshots, on every database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Run, Status
from pydbt.errors import ColumnNotFoundError
from pydbt.project.project import Project

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import F, Index, Seed, Snapshot, Task


@Task(materialized=Seed("people.csv"), indexes=Index("name", unique=True))
def people(): ...


@Task(materialized="table", indexes=["city", ("city", "people")])
def cities(people):
    return people.group_by("city").agg(people=F.count())


@Task(materialized=Snapshot("name", check="all"), indexes=["valid_to"])
def history(people):
    return people
"""


def opened(folder: Path, url: str, models: str = _MODELS) -> Project:
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "people.py").write_text(models)
    (folder / "people.csv").write_text("name,city\nAda,Ulm\nBob,Ulm\n")
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    return Project.open(folder)


def indexes(project: Project, table: str) -> set[tuple[str, ...]]:
    with project.resources.engine.connect() as connection:
        found = sa.inspect(connection).get_indexes(table)
    return {tuple(str(name) for name in each["column_names"]) for each in found}


def test_tables_have_the_indexes_that_their_tasks_name(tmp_path: Path, database_url: str) -> None:
    """After each run; another list of them is a reason to run."""
    project = opened(tmp_path, database_url)
    runs: list[Run] = [project.run(project.plan()) for _ in range(2)]
    found = {name: indexes(project, name) for name in ("people", "cities", "history")}
    project.close()
    project = opened(tmp_path, database_url, _MODELS.replace('["valid_to"]', '["city"]'))
    plan = project.plan()
    runs.append(project.run(plan))

    assert [run.status for run in runs] == [Status.SUCCESS] * 3
    assert found == {
        "people": {("name",)},
        "cities": {("city",), ("city", "people")},
        "history": {("valid_to",)},
    }
    assert {step.task: step.reason.value for step in plan.steps}["history"] == "settings_changed"
    assert indexes(project, "history") == {("city",)}
    project.close()


def test_a_column_that_is_not_there_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    """At the line of the task."""
    models = _MODELS.replace('"city", ("city"', '"citty", ("city"')

    with pytest.raises(ColumnNotFoundError, match="indexes= names 'citty'") as caught:
        opened(tmp_path, "sqlite://", models).frame("cities")

    assert ("people.py:9" in str(caught.value.where), "city" in str(caught.value)) == (True, True)
