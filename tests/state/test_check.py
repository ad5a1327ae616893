"""`pydbt state check`: what is wrong with a state, or that nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Status
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import VERSION, runs, schema_version, task_runs, tasks
from pydbt.core.state.soundness import check_state
from pydbt.errors import StateAccessError
from tests.core.state.child import run_child
from tests.core.state.story import ended, remember


@pytest.fixture
def state(state_url: str) -> str:
    """Three runs of three tasks."""
    store = DatabaseStore(state_url)
    for number in range(3):
        remember(store, f"r{number}", ended("a"), ended("b", Status.FAILED), ended("c"))
    store.close()
    return state_url


def _change(url: str, *statements: sa.sql.Executable) -> None:
    store = DatabaseStore(url)
    with store._engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    store.close()


def test_a_sound_state_is_counted(state: str) -> None:
    """Nothing is found, and the numbers say what was looked at."""
    found = check_state(state, Path())

    assert (found.is_sound, found.version, found.settled) == (True, VERSION, ())
    assert found.counts == {"_pydbt_runs": 3, "_pydbt_task_runs": 9, "_pydbt_tasks": 3}


def test_a_state_that_is_not_there_yet_is_sound_and_not_made(tmp_path: Path) -> None:
    """A check makes nothing."""
    found = check_state("sqlite:///.pydbt/state.db", tmp_path)

    assert (found.is_sound, found.version, [*tmp_path.iterdir()]) == (True, 0, [])


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            sa.update(tasks).values(last_success_at=1).where(tasks.c.task == "a"),
            "a row has changed in _pydbt_tasks: a of dev",
        ),
        (
            sa.update(task_runs).values(seconds=9.0).where(task_runs.c.task != "a"),
            "6 rows have changed in _pydbt_task_runs: ",
        ),
        (sa.update(runs).values(status="splendid"), "3 rows have changed in _pydbt_runs: 1, 2, 3"),
        (
            sa.delete(task_runs).where(task_runs.c.run == 2, task_runs.c.task == "b"),
            "task runs are missing of r1",
        ),
        (sa.delete(runs).where(runs.c.number == 3), "task runs are left of run number 3, which is not there"),
        (sa.delete(schema_version), "its version"),
        (sa.schema.DropTable(tasks), "_pydbt_tasks"),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_with_its_place(state: str, statement: sa.sql.Executable, told: str) -> None:
    """The table and the row, on each database, and what to do."""
    _change(state, statement)

    found = check_state(state, Path())

    assert any(told in finding.what for finding in found.findings), found.findings
    assert all("pydbt state repair" in finding.hint for finding in found.findings)


def test_all_that_is_wrong_is_told_at_once(state: str) -> None:
    """Who repairs wants to know the whole of it first."""
    _change(
        state,
        sa.update(tasks).values(seconds=1.0).where(tasks.c.task == "a"),
        sa.update(runs).values(host="x").where(runs.c.number == 1),
        sa.delete(task_runs).where(task_runs.c.run == 2, task_runs.c.task == "b"),
    )

    assert len(check_state(state, Path()).findings) == 3


def test_a_killed_run_is_settled_and_named(state_url: str) -> None:
    """A check is a look, too: nothing says running after it."""
    child = run_child("hang", state_url, "killed")
    assert child.stdout is not None
    with child.stdout as out:
        assert out.readline() == "running\n"
        live = check_state(state_url, Path())
        child.kill()
        out.read()
    child.wait()

    found = check_state(state_url, Path())

    assert (live.is_sound, live.settled) == (True, ())
    assert (found.is_sound, found.settled) == (True, ("killed0",))
    assert check_state(state_url, Path()).settled == ()


def test_a_task_that_reads_as_running_in_a_run_that_is_over_is_found(state: str) -> None:
    """Such a ghost would show in the history for ever; it is found, whatever wrote it."""
    store = DatabaseStore(state)
    from pydbt.core.state.writes import put

    with store._engine.begin() as connection:
        row = connection.execute(sa.select(task_runs).where(task_runs.c.run == 1)).mappings().first()
        assert row is not None
        put(connection, task_runs, [{**row, "status": "running", "place": None}])
    store.close()

    found = check_state(state, Path())

    assert [finding.what for finding in found.findings] == ["tasks read as running in a run that is over: a"]


def test_a_server_that_is_not_there_is_an_error_not_a_finding(tmp_path: Path) -> None:
    """What cannot be looked at is neither sound nor damaged."""
    with pytest.raises(StateAccessError, match="cannot be reached"):
        check_state(f"postgresql://ann:s3cret@/x?host={tmp_path}", tmp_path)
