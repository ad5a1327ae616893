"""Checks before publication: rows that fail are never published, on any database, in any way to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from pydbt.core.results import Run, Status, TaskRun
from pydbt.project.project import Project
from pydbt.sql.session import Session

RUNS_ON_MARIADB = True

_MODELS = """
from pydbt import Task
from pydbt.checks import expression, not_null, relationships, row_count, unique


@Task(materialized="KIND", checks=[unique("id"), not_null("id"), row_count(change=1)], severity="SEVERITY")
def orders(session):
    return session.table("raw_orders")


@Task(materialized="table", checks=relationships("id", orders))
def lines(session):
    return session.table("raw_orders").limit(2)


@Task
def after(orders):
    print("after", orders.count())
"""
_GOOD = [(1, "a"), (2, "b"), (3, "c")]
_BAD = [(1, "a"), (1, "b"), (None, "c")]


@pytest.fixture
def project(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[Project]:
    """A project with good rows, which the test may spoil."""
    folder = tmp_path / "shop"
    (folder / "models").mkdir(parents=True)
    kind, severity = getattr(request, "param", ("table", "error"))
    models = _MODELS.replace("KIND", kind).replace("SEVERITY", severity)
    (folder / "models" / "shop.py").write_text(models)
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{database_url}"\n')
    project = Project.open(folder)
    given(project, _GOOD)
    yield project
    project.close()


def given(project: Project, rows: Sequence[tuple[int | None, str | None]]) -> None:
    project.resources.session.create_dataframe(rows, schema={"id": int, "name": str}).write("raw_orders")


def run(project: Project) -> tuple[Run, dict[str, TaskRun]]:
    done = project.run(project.plan(force=True), threads=2)
    return done, {task_run.task: task_run for task_run in done.task_runs}


def published(engine: Engine, name: str) -> list[tuple[object, ...]]:
    return sorted(map(tuple, Session(engine).table(name).collect()), key=str)


def relations(engine: Engine) -> set[str]:
    from sqlalchemy import inspect

    inspector = inspect(engine)
    return {*inspector.get_table_names(), *inspector.get_view_names()}


@pytest.mark.parametrize("project", [("table", "error"), ("view", "error")], indirect=True)
def test_rows_that_fail_are_not_published(project: Project) -> None:
    """The first time there is no table; later the old one stays; what depends on it is not run."""
    given(project, _BAD)
    done, by_name = run(project)
    before = relations(project.resources.engine)
    assert done.status is Status.FAILED
    assert before == {"raw_orders"}

    failure = by_name["orders"].failure
    assert failure is not None
    assert failure.code == "PYDBT-E506"
    assert failure.message.startswith("2 of 3 checks failed, nothing was published. unique(id): 1 row fails")
    assert "not_null(id): 1 row fails, such as id=NULL, name='c'" in failure.message
    assert "shop.py:" in failure.where
    assert {by_name[name].status for name in ("lines", "after")} == {Status.UPSTREAM_FAILED}

    given(project, _GOOD)
    assert run(project)[0].status is Status.SUCCESS
    project.resources.session.create_dataframe(_BAD, schema={"id": int, "name": str}).write("raw_orders")
    rows = published(project.resources.engine, "orders")
    done, by_name = run(project)

    assert by_name["orders"].status is Status.FAILED
    assert relations(project.resources.engine) == {"raw_orders", "orders", "lines"}
    if project.dag.tasks["orders"].materialized == "table":
        assert published(project.resources.engine, "orders") == rows == sorted(_GOOD, key=str)


@pytest.mark.parametrize("project", [("table", "warn"), ("view", "warn")], indirect=True)
def test_a_warning_publishes_and_is_told(project: Project) -> None:
    """The rows are there, and the run says what is wrong with them."""
    given(project, _BAD)
    done, by_name = run(project)

    assert done.status is Status.SUCCESS
    assert published(project.resources.engine, "orders") == sorted(_BAD, key=str)
    assert [warning.partition(":")[0] for warning in by_name["orders"].warnings] == [
        "unique(id)",
        "not_null(id)",
    ]
    assert project.past_run(done.id) == done


def test_a_change_is_held_to_the_published_rows(project: Project) -> None:
    """Three rows may become six, and not seven."""
    run(project)
    given(project, [(number, "x") for number in range(6)])
    assert run(project)[1]["orders"].status is Status.SUCCESS

    given(project, [(number, "x") for number in range(13)])
    failure = run(project)[1]["orders"].failure

    assert failure is not None
    assert "row_count(change=1): 1 row fails, such as rows=13, before=6" in failure.message
    assert len(published(project.resources.engine, "orders")) == 6


_TREE = """
from pydbt import F, Task
from pydbt.checks import relationships


@Task(materialized="table", checks=relationships("parent", "tree", "id"))
def tree(session):
    return session.table("raw_orders").select("id", parent=F.cast("name", "bigint"))
"""


@pytest.mark.parametrize(
    ("rows", "ends"),
    [([(4, "3"), (3, None)], Status.SUCCESS), ([(2, "1")], Status.FAILED)],
    ids=["within", "outside"],
)
def test_a_relationship_with_its_own_table_is_one_of_the_new_rows(
    project: Project, rows: list[tuple[int, str | None]], ends: Status
) -> None:
    """Those that are replaced do not count; the first time there are none."""
    (project.settings.root / "models" / "shop.py").write_text(_TREE)
    tree = Project.open(project.settings.root)
    given(tree, [(1, None), (2, "1")])
    first = run(tree)[0].status
    given(tree, rows)
    second = run(tree)[0].status
    tree.close()

    assert (first, second) == (Status.SUCCESS, ends)


def test_views_on_a_table_see_checked_rows_only(project: Project) -> None:
    """A table that others stand on is filled in place: the check comes before that."""
    run(project)
    session = project.resources.session
    session.table("orders").select("name").write("names", as_="view")

    given(project, _BAD)
    assert run(project)[1]["orders"].status is Status.FAILED
    assert published(session.engine, "names") == [("a",), ("b",), ("c",)]

    given(project, [*_GOOD, (4, "d")])
    assert run(project)[1]["orders"].status is Status.SUCCESS
    assert published(session.engine, "names") == [("a",), ("b",), ("c",), ("d",)]


def test_what_a_check_reads_runs_first(project: Project) -> None:
    """A task named by a check is one it depends on."""
    assert [task.name for task in project.dag.tasks["lines"].depends_on] == ["orders"]


def test_published_rows_are_tested_as_they_are(project: Project) -> None:
    """`pydbt test`: what others have spoiled since is found, and nothing is changed."""
    run(project)
    assert [verdict.failing for tested in project.test() for verdict in tested.verdicts] == [0, 0, 0, 0]

    session = project.resources.session
    session.create_dataframe([(1, "z")], schema={"id": int, "name": str}).write("orders", mode="append")
    found = [[verdict.failing for verdict in tested.verdicts] for tested in project.test(["orders"])]

    assert found == [[1, 0, 0]]


def test_a_check_of_a_column_that_is_not_there_is_told_at_its_task(tmp_path: Path, sqlite_url: str) -> None:
    """Where the check was written, and not where it was looked up."""
    (tmp_path / "models").mkdir()
    task = '@Task(materialized="table", checks=unique("idd"))\ndef a(session):\n    return session.range(3)\n'
    heading = "from pydbt import Task\nfrom pydbt.checks import unique\n\n"
    (tmp_path / "models" / "shop.py").write_text(heading + task)
    (tmp_path / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{sqlite_url}"\n')
    project = Project.open(tmp_path)

    failure = run(project)[1]["a"].failure
    project.close()

    assert failure is not None
    assert (failure.code, failure.where.endswith("shop.py:4")) == ("PYDBT-E611", True), failure.where
