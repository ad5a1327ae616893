"""The primary key of a task's table, on every database and in every way to publish."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.task import Task
from pydbt.errors import ColumnNotFoundError, TaskOptionError
from pydbt.project.project import Project
from tests.project.shop import Rows, given, make_shop, opened, run, table
from tests.project.test_indexes import indexes

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import Incremental, Seed, Snapshot, Task

@Task(materialized=Seed("people.csv"), primary_key="id")
def people(): ...

@Task(materialized="table", primary_key=KEY)
def whole(session):
    return session.table("raw")

@Task(materialized=Incremental("append", on="day", start="2026-01-01"), primary_key=KEY)
def added(session):
    return session.table("raw")

@Task(materialized=Incremental("delete_insert", key="amount"), primary_key=KEY)
def replaced(session):
    return session.table("raw")

@Task(materialized=Snapshot("id", check="all"), primary_key=["id", "valid_from"])
def history(session):
    return session.table("raw")
"""
_FIRST: Rows = [(1, 1, 10), (2, 2, 20)]
_SECOND: Rows = [*_FIRST, (3, 3, 30)]
_TABLES = ("people", "whole", "added", "replaced", "history")


def shop(folder: Path, url: str, key: str = '"id"') -> Path:
    (folder / "people.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    return make_shop(folder, url, "", _MODELS.replace("KEY", key))


def keys(project: Project) -> dict[str, tuple[str, ...]]:
    """The columns of the key of each table: PostgreSQL's constraint, elsewhere the index."""
    engine = project.resources.engine
    if engine.dialect.name != "postgresql":
        found = {name: indexes(project, name) for name in _TABLES}
        return {name: next(iter(each), ()) for name, each in found.items()}
    with engine.connect() as connection:
        looked = {name: sa.inspect(connection).get_pk_constraint(name) for name in _TABLES}
    return {name: tuple(each["constrained_columns"]) for name, each in looked.items()}


def expected(*key: str) -> dict[str, tuple[str, ...]]:
    return {**dict.fromkeys(_TABLES, key), "people": ("id",), "history": ("id", "valid_from")}


def test_tables_have_their_key_run_after_run(tmp_path: Path, database_url: str) -> None:
    """Another one takes its place, in tables that are made anew and in those that are added to."""
    with opened(shop(tmp_path, database_url)) as project:
        given(project, _FIRST)
        failures = [each.failure for each in run(project, on=3).task_runs if each.failure]
        first = keys(project)
        given(project, _SECOND)
        failures += [each.failure for each in run(project, on=4).task_runs if each.failure]
        second, rows = keys(project), table(project, "added")
    with opened(shop(tmp_path, database_url, '("id", "amount")')) as project:
        given(project, [*_SECOND, (4, 4, 40)])
        failures += [each.failure for each in run(project, on=5).task_runs if each.failure]
        third = keys(project)

    assert failures == []
    assert (first, second, rows) == (expected("id"), expected("id"), _SECOND)
    assert third == expected("id", "amount")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((3, None, 30), "NULL in its key: id=NULL"),
        ((3, 1, 30), "2 rows have the same values in the primary key"),
    ],
)
def test_rows_that_the_key_refuses_are_not_published(
    tmp_path: Path, database_url: str, row: tuple[int, int | None, int], told: str
) -> None:
    """The tables stay as they were; the error shows the row where a table is made anew."""
    with opened(shop(tmp_path, database_url)) as project:
        given(project, _FIRST)
        run(project, on=3)
        given(project, [*_FIRST, row])
        failures = {each.task: str(each.failure) for each in run(project, on=4).task_runs if each.failure}
        found = {name: table(project, name) for name in ("whole", "added", "replaced")}

    assert set(failures) >= {"whole", "added", "replaced"}
    assert told in failures["whole"]
    assert found == dict.fromkeys(found, _FIRST)


def test_a_key_is_checked_at_the_line_of_its_task(tmp_path: Path) -> None:
    """Where there is no table for it, where it names nothing, and where the query has no such column."""
    for options, told in (
        ({"primary_key": "id"}, "a plain task has no primary key"),
        ({"primary_key": "id", "materialized": "view"}, "materialized='view' has no primary key"),
        ({"primary_key": 1, "materialized": "table"}, "primary_key=1 names no columns"),
        ({"primary_key": ("id", "id"), "materialized": "table"}, "primary_key names 'id' twice"),
    ):
        with pytest.raises(TaskOptionError, match=told) as caught:
            Task(**options)(keys)
        assert "test_primary_keys.py" in str(caught.value.where)
    with opened(shop(tmp_path, "sqlite://", '"idd"')) as project:
        given(project, _FIRST)
        with pytest.raises(ColumnNotFoundError, match="primary_key= names 'idd'"):
            project.frame("whole")
