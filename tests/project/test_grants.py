"""Grants as an option of tasks: of all that is published, with roles of the server, run after run."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Run
from pydbt.core.task import Task
from pydbt.errors import TaskOptionError
from pydbt.project.project import Project
from tests.project.shop import Rows, given, make_shop, opened, run

_MODELS = """
from pydbt import Incremental, Seed, Snapshot, Task

TOLD = {"grants": GRANTS}

@Task(materialized=Seed("people.csv"), **TOLD)
def people(): ...

@Task(materialized="table", **TOLD)
def whole(session):
    return session.table("raw")

@Task(materialized="view", **TOLD)
def seen(people):
    return people

@Task(materialized=Incremental("append", on="day", start="2026-01-01"), **TOLD)
def added(session):
    return session.table("raw")

@Task(materialized=Snapshot("id", check="all"), **TOLD)
def history(session):
    return session.table("raw")
"""
_RELATIONS = ("people", "whole", "seen", "added", "history")
_FIRST: Rows = [(1, 1, 10), (2, 2, 20)]
_SECOND: Rows = [*_FIRST, (3, 3, 30)]


@pytest.fixture(params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of each server that has roles."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def role(server: str) -> Iterator[str]:
    """A role of this test's own."""
    name = f"test_{secrets.token_hex(6)}"
    engine = sa.create_engine(server, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name}")
    yield name
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")
    engine.dispose()


def shop(folder: Path, url: str, grants: str) -> Path:
    (folder / "people.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    return make_shop(folder, url, "", _MODELS.replace("GRANTS", grants))


def allowed(project: Project, role: str) -> dict[str, set[str]]:
    """What the role may do with each relation."""
    asked = {
        "postgresql": "SELECT relname, lower(x.privilege_type) FROM pg_class, aclexplode(relacl) x"
        " WHERE grantee = (SELECT oid FROM pg_roles WHERE rolname = :role)",
        "mysql": "SELECT table_name, lower(table_priv) FROM mysql.tables_priv WHERE user = :role",
    }
    found: dict[str, set[str]] = {name: set() for name in _RELATIONS}
    engine = project.resources.engine
    with engine.connect() as connection:
        for relation, names in connection.execute(sa.text(asked[engine.dialect.name]), {"role": role}):
            found[relation] |= {*names.split(",")}
    return found


def failures(*runs: Run) -> list[str]:
    return [str(each.failure) for run in runs for each in run.task_runs if each.failure]


def test_a_role_may_do_what_tasks_say(tmp_path: Path, server: str, role: str) -> None:
    """After each run; another list is a reason to run, and takes away what it does not name."""
    with opened(shop(tmp_path, server, f"{{'select': ['{role}'], 'insert': '{role}'}}")) as project:
        given(project, _FIRST)
        runs = [run(project, on=2)]
        first = allowed(project, role)
        given(project, _SECOND)
        runs += [run(project, on=3)]
        second = allowed(project, role)
    with opened(shop(tmp_path, server, f"{{'SELECT': '{role}'}}")) as project:
        reasons = {step.reason.value for step in project.plan().steps}
        # All intervals of the incremental one are there.
        runs += [run(project, on=3)]
        third = allowed(project, role)

    assert failures(*runs) == []
    assert (first, second) == ({name: {"select", "insert"} for name in _RELATIONS},) * 2
    assert (third, reasons) == ({name: {"select"} for name in _RELATIONS}, {"settings_changed"})


def test_an_unknown_role_is_told_at_the_line_of_the_task(tmp_path: Path, server: str, role: str) -> None:
    """With the one that is nearest; nothing is published."""
    with opened(shop(tmp_path, server, f"{{'select': ['{role}', '{role}_x']}}")) as project:
        given(project, _FIRST)
        found = [
            each.failure for each in run(project, on=2).task_runs if each.failure and each.task == "whole"
        ]
        is_there = project.resources.session.has_table("whole")

    told = f"grants= names the role '{role}_x', which the database does not have"
    assert [(each.code, each.message, each.hint) for each in found] == [
        ("PYDBT-E660", told, f"did you mean '{role}'?")
    ]
    assert ("shop.py:9" in found[0].where, is_there) == (True, False)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"grants": {"select": "a"}}, "a plain task has no grants"),
        ({"grants": {"select": "a"}, "materialized": "ephemeral"}, "materialized='ephemeral' has no grants"),
        ({"grants": "select", "materialized": "view"}, "grants='select' is no table of roles"),
        (
            {"grants": {"selct": "a"}, "materialized": "view"},
            "grants={'selct': …} is no privilege of a table",
        ),
        ({"grants": {5: "a"}, "materialized": "view"}, "grants={5: …} is no privilege of a table"),
        ({"grants": {"select": "a", "SELECT": "b"}, "materialized": "view"}, "'SELECT': …} gives it twice"),
        ({"grants": {"select": [""]}, "materialized": "view"}, "grants holds '', which names no role"),
        ({"grants": {"select": ["a\0"]}, "materialized": "view"}, "which names no role"),
        ({"grants": {"select": None}, "materialized": "view"}, "grants holds None, which names no role"),
    ],
)
def test_grants_are_checked_at_the_line_of_their_task(options: dict[str, object], told: str) -> None:
    """Where nothing is published, where there is no such privilege, and where a role is no name."""
    with pytest.raises(TaskOptionError, match=told) as caught:
        Task(**options)(shop)  # type: ignore[call-overload]  # that is what is tested

    assert "test_grants.py" in str(caught.value.where)
