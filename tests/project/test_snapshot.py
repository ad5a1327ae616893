"""Snapshots as tasks: from options to versions, on every database, and what is refused before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Run, Status
from pydbt.errors import ColumnNotFoundError, PyDBTError, TaskResultError, TypeMismatchError, UsageError
from pydbt.project.project import Project

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import Seed, Snapshot, Task
from pydbt.checks import row_count


@Task(materialized=Seed("people.csv"))
def people(): ...


@Task(materialized=Snapshot(key="id", check="all", deletes="invalidate"), checks=row_count(min=2, max=4))
def history(people):
    return people


@Task(materialized="view")
def now(history):
    return history.where(history.valid_to.is_(None)).select("id", "name")
"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Iterator[Project]:
    """A project with a snapshot of a seed."""
    project = made(tmp_path, database_url, _MODELS)
    yield project
    project.close()


def made(folder: Path, url: str, models: str) -> Project:
    (folder / "models").mkdir()
    (folder / "models" / "people.py").write_text(models)
    (folder / "people.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    return Project.open(folder)


def run(project: Project) -> Run:
    # A fingerprint is taken once for a project that is open.
    project.__dict__.pop("fingerprints", None)
    return project.run(project.plan())


def rows(project: Project, name: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, project.resources.session.table(name).collect()), key=str)


def test_a_task_keeps_the_versions_of_its_rows(project: Project, tmp_path: Path) -> None:
    """With the moments of the runs; its checks look at all of them; a view reads those that are current."""
    assert project.frame("now").columns == ["id", "name"]
    first = run(project)
    (tmp_path / "people.csv").write_text("id,name\n1,Ann\n3,Eve\n")
    second = run(project)
    third = run(project)

    assert [each.status for each in (first, second, third)] == [Status.SUCCESS] * 3
    assert [
        {each.task: each.rows for each in done.task_runs}["history"] for done in (first, second, third)
    ] == [2, 2, 0]
    assert rows(project, "now") == [(1, "Ann"), (3, "Eve")]
    table = rows(project, "history")
    assert [row[:2] for row in table if row[3] is not None] == [(1, "Ada"), (2, "Bob")]
    (begun,), (ended,) = ({row[2] for row in table if (row[3] is None) is is_now} for is_now in (False, True))
    assert {row[3] for row in table} == {None, ended}
    assert begun < ended  # type: ignore[operator]  # both are moments
    assert {each.name: each.materialized for each in project.manifest().tasks}["history"] == "snapshot"


@pytest.mark.parametrize("other", ['"table"', '"view"'])
def test_what_a_snapshot_has_kept_is_not_replaced(tmp_path: Path, database_url: str, other: str) -> None:
    """A task that is none any more fails before anything is written, until the table is dropped by hand."""
    project = made(tmp_path, database_url, _MODELS)
    run(project)
    kept = rows(project, "history")
    project.close()
    models = _MODELS.replace('Snapshot(key="id", check="all", deletes="invalidate")', other)
    models = models.partition('@Task(materialized="view")\ndef now')[0]
    (tmp_path / "models" / "people.py").write_text(models)
    project = Project.open(tmp_path)

    failed = next(each for each in run(project).task_runs if each.task == "history").failure
    assert failed is not None
    assert (failed.code, rows(project, "history")) == ("PYDBT-E652", kept)
    assert "people.py:" in failed.where
    with project.resources.session.engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW now"))
        connection.execute(sa.text("DROP TABLE history"))
    assert run(project).status is Status.SUCCESS
    project.close()


def test_a_view_with_the_columns_of_a_snapshot_is_replaced(tmp_path: Path, database_url: str) -> None:
    """It keeps no versions: nothing is gone when it no longer shows when they were valid."""
    project = made(tmp_path, database_url, _MODELS.replace('.select("id", "name")', ""))
    run(project)
    assert "valid_to" in project.resources.session.table("now").columns
    project.close()
    (tmp_path / "models" / "people.py").write_text(_MODELS)

    project = Project.open(tmp_path)

    assert run(project).status is Status.SUCCESS
    assert project.resources.session.table("now").columns == ["id", "name"]
    project.close()


def test_a_key_is_to_be_in_the_table(tmp_path: Path, sqlite_url: str) -> None:
    """Else no version that is there would be found again: all would stay current beside the new ones."""
    first = made(tmp_path, sqlite_url, _MODELS)
    run(first)
    first.close()
    models = tmp_path / "models" / "people.py"
    models.write_text(models.read_text().replace('key="id"', 'key="number"'))
    (tmp_path / "people.csv").write_text("id,name,number\n1,Ada,7\n")
    project = Project.open(tmp_path)
    [failure] = [each.failure for each in run(project).task_runs if each.failure]
    kept = rows(project, "now")
    project.close()

    assert failure.message.startswith("the table 'history' has no column 'number', by which its rows are to")
    assert kept == [(1, "Ada"), (2, "Bob")]


@pytest.mark.parametrize(
    ("options", "query", "error", "told"),
    [
        (
            '"idd", check="all"',
            "people",
            ColumnNotFoundError,
            "key= names 'idd', which the query of the task",
        ),
        ('"id", check=["name", "nam"]', "people", ColumnNotFoundError, "check= names 'nam'"),
        ('"id", updated_at="at"', "people", ColumnNotFoundError, "updated_at= names 'at'"),
        (
            '"id", updated_at="name"',
            "people",
            TypeMismatchError,
            "updated_at='name' of the task 'history' is",
        ),
        ('"id", check="all"', 'people.rename({"name": "Valid_To"})', TaskResultError, "a column 'Valid_To'"),
    ],
)
def test_columns_that_are_not_there_are_told_before_anything_is_sent(
    tmp_path: Path, options: str, query: str, error: type[PyDBTError], told: str
) -> None:
    """At the line of the task."""
    models = _MODELS.replace('key="id", check="all", deletes="invalidate"', options)
    models = models.replace("return people\n", f"return {query}\n")

    with pytest.raises(error, match=told) as caught:
        made(tmp_path, "sqlite://", models).frame("history")

    assert "people.py:10" in str(caught.value.where)


def test_all_may_be_meant_where_no_column_has_the_name(tmp_path: Path) -> None:
    """`check` takes names of columns, and this one word."""
    models = _MODELS.replace('check="all"', 'check="al"')

    with pytest.raises(ColumnNotFoundError) as caught:
        made(tmp_path, "sqlite://", models).frame("history")

    assert caught.value.hint == "did you mean 'all'?"


def test_a_full_refresh_of_a_snapshot_is_refused(tmp_path: Path) -> None:
    """What its source no longer has would be lost; the line of the task is told."""
    with pytest.raises(UsageError) as caught:
        made(tmp_path, "sqlite://", _MODELS).plan(["people", "history"], full_refresh=True)

    assert (caught.value.where.rpartition("/")[2], caught.value.hint) == (
        "people.py:10",
        "the snapshot 'history' keeps what its source no longer has: it is never made anew",
    )
