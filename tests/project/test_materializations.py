"""Ephemeral tasks and seeds, on every database: what is published, what is not, and what the plan says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Run, Status
from pydbt.errors import TableNotFoundError, TaskOptionError, TaskResultError
from pydbt.project.project import Project

RUNS_ON_MARIADB = True

_MODELS = '''
from pydbt import F, Seed, Task
from pydbt.checks import not_null, unique


@Task(materialized=Seed("seeds/countries.csv", schema={"code": str}), checks=unique("code"))
def countries():
    """The countries we know."""


@Task(materialized="ephemeral", checks=not_null("code"))
def large(countries):
    return countries.where(countries.people > 10)


@Task(materialized="ephemeral")
def named(large):
    return large.with_column("title", F.upper(large.name))


@Task(materialized="table")
def report(large, named):
    return named.join(large, "code").select("code", "title")


@Task(materialized="view")
def count(report):
    return report.agg(n=F.count())

'''
_COUNTRIES = "code,name,people\n001,Ada,8\n002,Babel,12\n003,Camelot,20\n"


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Iterator[Project]:
    """A project with a file of three countries."""
    folder = tmp_path / "world"
    (folder / "models").mkdir(parents=True)
    (folder / "seeds").mkdir()
    (folder / "models" / "world.py").write_text(_MODELS)
    (folder / "seeds" / "countries.csv").write_text(_COUNTRIES)
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{database_url}"\n')
    project = Project.open(folder)
    yield project
    project.close()


def run(project: Project) -> Run:
    # A fingerprint is taken once for a project that is open.
    project.__dict__.pop("fingerprints", None)
    return project.run(project.plan())


def reasons(project: Project) -> dict[str, str]:
    project.__dict__.pop("fingerprints", None)
    return {step.task: step.reason.value for step in project.plan().steps}


def rows(project: Project, name: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, project.resources.session.table(name).collect()))


def test_an_ephemeral_task_is_a_part_of_whoever_uses_it(project: Project) -> None:
    """It is no table and no view; its rows are in the tables that use it, and asked for once."""
    done = run(project)

    assert done.status is Status.SUCCESS
    inspector = sa.inspect(project.resources.engine)
    assert {*inspector.get_table_names(), *inspector.get_view_names()} == {"countries", "report", "count"}
    assert rows(project, "report") == [("002", "BABEL"), ("003", "CAMELOT")]
    assert rows(project, "count") == [(2,)]
    assert {each.task: each.rows for each in done.task_runs}["large"] is None
    assert project.frame("report").sql().count("people > 10") == 1


def test_an_ephemeral_task_can_be_looked_at(project: Project) -> None:
    """`pydbt show` and `pydbt sql` know its query, before anything has run, too."""
    assert project.frame("named").columns == ["code", "name", "people", "title"]
    assert project.frame("report").columns == ["code", "title"]
    assert project.frame("count").columns == ["n"]


def test_rows_are_shown_through_ephemeral_tasks(project: Project) -> None:
    """`pydbt show` asks for the tables that are read, and for no table of an ephemeral task."""
    with pytest.raises(TableNotFoundError, match="it reads 'countries', which is not written"):
        Project.open(project.settings.root, is_reading=False).rows("report")
    run(project)

    assert sorted(map(tuple, project.rows("report").collect())) == [("002", "BABEL"), ("003", "CAMELOT")]


def test_its_checks_are_made_of_its_query(project: Project, tmp_path: Path) -> None:
    """A failure stops what uses it."""
    (tmp_path / "world" / "seeds" / "countries.csv").write_text(_COUNTRIES + ",Nowhere,99\n")

    done = run(project)
    status = {each.task: each.status for each in done.task_runs}

    assert (status["countries"], status["large"]) == (Status.SUCCESS, Status.FAILED)
    assert status["report"] is Status.UPSTREAM_FAILED


def test_a_seed_is_loaded_when_its_file_changes(project: Project, tmp_path: Path) -> None:
    """And when its table is gone, or it is asked for; else it is left as it is."""
    file = tmp_path / "world" / "seeds" / "countries.csv"
    assert reasons(project)["countries"] == "never_succeeded"
    run(project)
    assert rows(project, "countries") == [("001", "Ada", 8), ("002", "Babel", 12), ("003", "Camelot", 20)]
    assert reasons(project) == {
        "countries": "unchanged",
        **dict.fromkeys(("large", "report", "count"), "due"),
        "named": "upstream_ran",
        **dict.fromkeys(("report", "count"), "upstream_ran"),
    }

    file.write_text("code,name,people\n004,Delos,40\n")
    assert reasons(project)["countries"] == "settings_changed"
    assert project.plan().steps[0].detail == "or its file"
    run(project)
    assert rows(project, "report") == [("004", "DELOS")]

    with project.resources.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE countries")
    assert reasons(project)["countries"] == "table_gone"


@pytest.mark.parametrize(
    ("path", "told"),
    [("seeds/nope.csv", "there is no file seeds/nope.csv"), ("seeds", "seeds is a folder")],
)
def test_a_plan_tells_of_a_file_that_is_not_there(tmp_path: Path, path: str, told: str) -> None:
    """The task is to run, and will fail, at its own line."""
    (tmp_path / "models").mkdir()
    (tmp_path / "seeds").mkdir()
    seed = f"from pydbt import Seed, Task\n\n@Task(materialized=Seed({path!r}))\ndef one(): ...\n"
    (tmp_path / "models" / "a.py").write_text(seed)
    (tmp_path / "pydbt.toml").write_text('[targets.dev]\nurl = "sqlite://"\n')
    project = Project.open(tmp_path)

    (step,) = project.plan().steps
    (done,) = project.run(project.plan()).task_runs
    project.close()

    assert (step.reason.value, step.detail) == ("never_succeeded", f"no run of it is known; {told}")
    assert done.failure is not None
    assert done.failure.where.endswith("models/a.py:3")


@pytest.mark.parametrize("broken", ["", "code,name\n001\n"])
def test_a_file_that_cannot_be_read_leaves_the_table(project: Project, tmp_path: Path, broken: str) -> None:
    """The old rows stay, and the error names the file."""
    run(project)
    file = tmp_path / "world" / "seeds" / "countries.csv"
    if broken:
        file.write_text(broken)
    else:
        file.unlink()

    done = run(project)
    failure = {each.task: each.failure for each in done.task_runs}["countries"]

    assert done.status is Status.FAILED
    assert failure is not None
    assert "countries.csv" in failure.message
    assert len(rows(project, "countries")) == 3


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ("@Task(materialized=Seed(''))\ndef one(): ...", "names no file"),
        ("@Task(materialized=Seed)\ndef one(): ...", "is not known"),
        ("@Task(materialized='ephemerel')\ndef one(): ...", "'ephemerel' is not known"),
        ("@Task(materialized=Seed('a.csv'))\ndef one(session): ...", "the seed 'one' has parameters"),
        ("@Task(materialized=Snapshot)\ndef one(): ...", "materialized=Snapshot is not known"),
        ("@Task(materialized='view', indexes='id')\ndef one(): ...", "materialized='view' has no indexes"),
        ("@Task(indexes=['id'])\ndef one(): ...", "a plain task has no indexes"),
        ("@Task(materialized='table', indexes=3)\ndef one(): ...", "indexes=3 is no list of indexes"),
        ("@Task(materialized='table', indexes=[3])\ndef one(): ...", "indexes holds 3, which is no index"),
        ("@Task(materialized='table', indexes=['a', Index('a')])\ndef one(): ...", "has two on a"),
        ("@Task(materialized='table', indexes=[()])\ndef one(): ...", "Index was given no columns"),
        ("@Task(materialized='table', indexes=Index('a', 'a'))\ndef one(): ...", "names 'a' twice"),
        ("@Task(materialized='table', indexes=Index('a', unique=1))\ndef one(): ...", "unique=1 is neither"),
        ("@Task(materialized='snapshot')\ndef one(): ...", "'snapshot' is not known"),
        ("@Task(materialized=Snapshot([], check='all'))\ndef one(): ...", "key=.. names no columns"),
        ("@Task(materialized=Snapshot(['a', 'a'], check='all'))\ndef one(): ...", "key names 'a' twice"),
        ("@Task(materialized=Snapshot('id'))\ndef one(): ...", "neither updated_at= nor check="),
        ("@Task(materialized=Snapshot('id', 'at', 'all'))\ndef one(): ...", "both updated_at= and check="),
        ("@Task(materialized=Snapshot('id', 3))\ndef one(): ...", "updated_at=3 is not the name of a column"),
        ("@Task(materialized=Snapshot('id', check=[1]))\ndef one(): ...", "check=.1. names no columns"),
        ("@Task(materialized=Snapshot('id', 'at', deletes='end'))\ndef one(): ...", "deletes='end' is not"),
    ],
)
def test_what_is_no_materialization_is_refused_at_its_line(tmp_path: Path, task: str, told: str) -> None:
    """When the file is loaded."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.py").write_text(f"from pydbt import Index, Seed, Snapshot, Task\n\n{task}\n")
    (tmp_path / "pydbt.toml").write_text('[targets.dev]\nurl = "sqlite://"\n')

    with pytest.raises(TaskOptionError, match=told) as caught:
        _ = Project.open(tmp_path).dag

    assert "a.py:3" in str(caught.value.where)


def test_a_seed_returns_nothing(tmp_path: Path) -> None:
    """What it would return would be lost."""
    (tmp_path / "models").mkdir()
    models = "from pydbt import Seed, Task\n\n@Task(materialized=Seed('a.csv'))\ndef one():\n    return 3\n"
    (tmp_path / "models" / "a.py").write_text(models)
    (tmp_path / "pydbt.toml").write_text('[targets.dev]\nurl = "sqlite://"\n')

    with pytest.raises(TaskResultError, match="the seed 'one' returned an int"):
        Project.open(tmp_path).frame("one")


def test_columns_of_a_seed_that_differ_in_capitals_alone(project: Project, tmp_path: Path) -> None:
    """Are two where the database tells them apart, and elsewhere told by their names."""
    (tmp_path / "world" / "seeds" / "countries.csv").write_text("code,name,Name,people\n1,Ada,ADA,20\n")

    first = run(project).task_runs[0]

    if project.resources.engine.dialect.name == "postgresql":
        assert rows(project, "countries") == [("1", "Ada", "ADA", 20)]
    else:
        assert first.failure is not None
        assert re.search("columns 'name' and 'Name'(, which DuckDB takes)? for one", first.failure.message)
