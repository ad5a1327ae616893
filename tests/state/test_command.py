"""`pydbt state` as a user meets it: what it prints, its exit codes, and the way from an error to a repair."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pydbt.core.state.schema import VERSION
from tests.cli.command import make_project, pydbt, tree

CANARY = "c4nary-pa55"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three runs."""
    make_project(tmp_path)
    for _ in range(3):
        assert pydbt(tmp_path, "run", "--force", "--log-format", "plain").code == 0
    return tmp_path


def _execute(project: Path, statement: str) -> None:
    with closing(sqlite3.connect(project / ".pydbt" / "state.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_check_of_a_sound_state(project: Path) -> None:
    """One line that says what was looked at, and exit code 0; nothing in the project changes."""
    before = tree(project)

    result = pydbt(project, "state", "check")

    assert (result.code, result.err) == (0, "")
    sizes = "3 runs, 9 task runs, 3 known tasks"
    assert result.out == f"the state {project}/.pydbt/state.db is sound: version {VERSION}, {sizes}\n"
    assert tree(project) == before


def test_from_an_error_to_a_repair(project: Path) -> None:
    """The error leads to the check, the check to the repair, and after it all is well."""
    _execute(project, "UPDATE _pydbt_tasks SET last_success_at = 4102444800000000 WHERE task = 'orders'")

    plan = pydbt(project, "plan")
    check = pydbt(project, "state", "check")
    repair = pydbt(project, "state", "repair")
    after = pydbt(project, "state", "check")

    assert (plan.code, plan.out) == (2, "")
    assert "PYDBT-E704" in plan.err
    assert "pydbt state repair" in plan.err
    assert (check.code, check.err) == (1, "")
    assert check.out.splitlines()[1:] == [
        "  a row has changed in _pydbt_tasks: orders of dev",
        "pydbt state repair keeps the state aside as it is and carries over what can be read",
    ]
    assert (repair.code, repair.err) == (0, "")
    assert re.search(r"kept as it was: .*state\.db\.damaged-\d{8}-\d{6}\n", repair.out)
    assert "carried over into a new state: 3 runs, 9 task runs, 2 known tasks\n" in repair.out
    assert "  left out: 1 row of _pydbt_tasks that had changed\n" in repair.out
    assert after.code == 0
    plan = pydbt(project, "plan")
    assert (plan.code, len(re.findall(r"^run +orders", plan.out, re.MULTILINE))) == (0, 1)


def test_a_repair_of_a_sound_state_does_nothing(project: Path) -> None:
    """And says so."""
    before = tree(project)

    result = pydbt(project, "state", "repair")

    assert (result.code, result.out.endswith("known tasks: nothing to repair\n")) == (0, True)
    assert tree(project) == before


def test_a_newer_state_leads_to_an_upgrade_or_to_a_repair(project: Path) -> None:
    """Both ways out are named; the second is taken only with --newer."""
    _execute(project, "UPDATE _pydbt_schema_version SET version = 12")

    check, repair = pydbt(project, "state", "check"), pydbt(project, "state", "repair")
    aside = pydbt(project, "state", "repair", "--newer")

    assert (check.code, repair.code, aside.code) == (1, 2, 0)
    assert "has version 12" in check.out
    assert "upgrade PyDBT" in repair.err
    assert "pydbt state repair --newer" in repair.err
    assert ".newer-" in aside.out


def test_a_prune_says_what_goes_and_what_stays(project: Path) -> None:
    """First with --dry-run, then in earnest; the plan is the same before and after."""
    plan = pydbt(project, "plan").out

    would = pydbt(project, "state", "prune", "--keep", "1", "--dry-run")
    done = pydbt(project, "state", "prune", "--keep", "1")
    again = pydbt(project, "state", "prune", "--keep", "1")

    assert would.out.startswith("would remove 2 runs with 6 task runs from the state ")
    assert done.out.startswith("removed 2 runs with 6 task runs from the state ")
    assert done.out.endswith("1 run stays, and all that is known of each task\n")
    assert again.out.startswith("nothing to remove from the state ")
    assert len(pydbt(project, "history").out.splitlines()) == 1
    assert pydbt(project, "plan").out == plan


def test_a_prune_by_day_and_by_target(project: Path) -> None:
    """Tomorrow everything is old, but for the latest run; another target has nothing to lose."""
    other = pydbt(project, "state", "prune", "--before", "2999-01-01", "--target", "prod")
    mine = pydbt(project, "state", "prune", "--before", "2999-01-01", "--target", "dev")

    assert other.out.startswith("nothing to remove")
    assert mine.out.startswith("removed 2 runs")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--keep N or --before"),
        (("--keep", "3", "--before", "2026-01-31"), "one of them"),
        (("--keep", "0"), "not a whole number from 1"),
        (("--keep", "many"), "pydbt state prune --help"),
        (("--before", "yesterday"), "'yesterday' is not a day"),
        (("--before", "2026-02-30"), "is not a day"),
        (("--target", "nosuch", "--keep", "3"), "nosuch"),
    ],
)
def test_a_prune_that_is_not_clear_removes_nothing(project: Path, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, and how to say it."""
    result = pydbt(project, "state", "prune", *words)

    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert len(pydbt(project, "history").out.splitlines()) == 3


def test_a_broken_model_file_stops_none_of_them(project: Path) -> None:
    """The state is looked after without reading a model."""
    (project / "models" / "broken.py").write_text("import nosuch\n")

    codes = [
        pydbt(project, "state", *words).code for words in (["check"], ["repair"], ["prune", "--keep", "5"])
    ]

    assert codes == [0, 0, 0]


def test_no_password_gets_into_the_state(tmp_path: Path) -> None:
    """Neither from an exception of a task, plain or with its parts encoded, nor from the target's URL."""
    make_project(
        tmp_path,
        {
            "models/leak.py": f"""\
from pydbt import Task

@Task()
def leaks():
    raise RuntimeError("no connection: postgresql://ann:{CANARY}@db/x")

@Task()
def chained():
    try:
        raise ValueError("mysql+pymysql://ann:{CANARY}%40@db/x?password={CANARY}")
    except ValueError as error:
        raise RuntimeError("failed") from error

@Task()
def engine():
    import sqlalchemy as sa
    sa.create_engine("postgresql+psycopg://ann:{CANARY}@127.0.0.1:1/x").connect()
"""
        },
    )

    result = pydbt(tmp_path, "run", "--log-format", "plain")
    shown = pydbt(tmp_path, "history"), pydbt(tmp_path, "state", "check")

    assert result.code == 1
    assert CANARY not in result.out + result.err
    files = [path for path in (tmp_path / ".pydbt").iterdir() if path.is_file()]
    assert files
    assert not [path.name for path in files if CANARY.encode() in path.read_bytes()]
    assert not [each for each in shown if CANARY in each.out + each.err]


def test_a_wrong_password_of_the_states_server_is_told_without_it(tmp_path: Path) -> None:
    """Each verb says which server, and never the password."""
    settings = f'state = "postgresql://ann:{CANARY}@127.0.0.1:1/x"\n[targets.dev]\nurl = "sqlite:///x.db"\n'
    make_project(tmp_path, {"pydbt.toml": settings})

    for words in (["check"], ["repair"], ["prune", "--keep", "1"]):
        result = pydbt(tmp_path, "state", *words)

        assert (result.code, "ann:***@127.0.0.1" in result.err) == (2, True)
        assert CANARY not in result.out + result.err
