"""Comments as an option of tasks: of all that is published, on every database, run after run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pydbt.core.results import Run
from pydbt.core.task import Task
from pydbt.errors import ColumnNotFoundError, TaskOptionError
from pydbt.project.project import Project
from tests.project.shop import Rows, given, make_shop, opened, run, table
from tests.sql.comments import comments

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import Incremental, Seed, Snapshot, Task

TOLD = {"comment": "What NAME is", "column_comments": {"id": "Whose it is"}}

@Task(materialized=Seed("people.csv"), **TOLD)
def people(): ...

@Task(materialized="table", indexes=["id"], grants={}, **TOLD)
def whole(session):
    return session.table("raw")

@Task(materialized="view", **TOLD)
def seen(people):
    return people

@Task(materialized=Incremental("merge", key="id", on_schema_change="sync"), **TOLD)
def merged(session):
    return session.table("raw")

@Task(materialized=Snapshot("id", check="all"), primary_key=["id", "valid_from"], **TOLD)
def history(session):
    return session.table("raw")
"""
_FIRST: Rows = [(1, 1, 10), (2, 2, 20)]
_SECOND: Rows = [*_FIRST, (3, 3, 30)]
_RELATIONS = ("people", "whole", "seen", "merged", "history")


def shop(folder: Path, url: str, name: str = "it", column: str = "id") -> Path:
    (folder / "people.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    models = _MODELS.replace("NAME", name).replace('"id": ', f'"{column}": ')
    return make_shop(folder, url, "", models)


def told(project: Project) -> dict[str, dict[str | None, str]]:
    return {name: comments(project.resources.engine, name) for name in _RELATIONS}


def expected(url: str, text: str) -> dict[str, dict[str | None, str]]:
    kept = {None: text, "id": "Whose it is"}
    without = {"sqlite": _RELATIONS, "mysql": ("seen",)}
    left_out = next((names for database, names in without.items() if url.startswith(database)), ())
    return {name: {} if name in left_out else kept for name in _RELATIONS}


def failures(*runs: Run) -> list[str]:
    return [str(each.failure) for run in runs for each in run.task_runs if each.failure]


def warnings(url: str) -> dict[str, tuple[str, ...]]:
    """What a run tells of what the database cannot have."""
    database = url.partition(":")[0].partition("+")[0]
    found: dict[str, tuple[str, ...]] = {}
    for name, kept in expected(url, "").items():
        told = f"a {'view' if name == 'seen' else 'table'} of {database} has no comments"
        found[name] = () if kept else (f"comment= and column_comments= left out: {told}",)
    if database in {"sqlite", "duckdb"}:
        found["whole"] += (f"grants= left out: {database} has no roles to grant anything to",)
    return found


def test_what_is_published_says_what_it_is(tmp_path: Path, database_url: str) -> None:
    """After each run, where a column came, where a table is made anew; another text is a reason to run.

    What a database cannot have is a warning: the same project may have another target.
    """
    with opened(shop(tmp_path, database_url)) as project:
        given(project, _FIRST)
        runs = [run(project, on=2)]
        first = told(project)
        given(project, [(*row, 7) for row in _SECOND], id=int, amount=int, size=int)
        runs += [run(project, on=3)]
        second = told(project)
    with opened(shop(tmp_path, database_url, "this")) as project:
        reasons = {step.reason.value for step in project.plan().steps}
        runs += [run(project, on=3, full_refresh=True)]
        third, rows = told(project), table(project, "merged")

    assert failures(*runs) == []
    assert (first, second) == (expected(database_url, "What it is"),) * 2
    assert (third, rows, reasons) == (expected(database_url, "What this is"), _SECOND, {"settings_changed"})
    assert {each.task: each.warnings for each in runs[0].task_runs} == warnings(database_url)


def test_a_comment_of_a_column_that_is_not_there_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    """At the line of the task, with the names that are nearest."""
    with opened(shop(tmp_path, "sqlite://", column="idd")) as project:
        given(project, _FIRST)
        with pytest.raises(ColumnNotFoundError, match="column_comments= names 'idd'") as caught:
            project.frame("whole")

    assert ("shop.py:9" in str(caught.value.where), "did you mean 'id'" in str(caught.value)) == (True, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"comment": "x"}, "a plain task has no comment"),
        ({"comment": "x", "materialized": "ephemeral"}, "materialized='ephemeral' has no comment"),
        ({"comment": 5, "materialized": "view"}, "comment is 5, which is no text"),
        ({"comment": "a\0", "materialized": "view"}, "comment holds a NUL character"),
        ({"comment": "\ud83d", "materialized": "view"}, "comment holds half a character"),
        ({"column_comments": {"id": "x"}}, "a plain task has no column comments"),
        ({"column_comments": ["id"], "materialized": "table"}, "names no columns"),
        ({"column_comments": {"": "x"}, "materialized": "table"}, "names no columns"),
        ({"column_comments": {"id": None}, "materialized": "table"}, "column_comments of 'id' is None"),
    ],
)
def test_comments_are_checked_at_the_line_of_their_task(options: dict[str, object], told: str) -> None:
    """Where nothing is published, and where they are no texts that a database takes."""
    with pytest.raises(TaskOptionError, match=told) as caught:
        Task(**options)(shop)  # type: ignore[call-overload]  # that is what is tested

    assert "test_comments.py" in str(caught.value.where)
