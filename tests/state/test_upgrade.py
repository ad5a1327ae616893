"""Upgrades of the state: what was remembered stays, and one that is killed is completed by the next start."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.core.state import migrations
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.repair import repair_state
from pydbt.core.state.schema import MIGRATIONS, VERSION, runs, schema_version, task_runs
from pydbt.core.state.soundness import check_state
from pydbt.core.state.writes import put
from pydbt.errors import StateDamagedError
from tests.core.state.story import ended, remember
from tests.state.older import HISTORY, VERSIONS, make_version, runs_of

# Two versions to come, so that a kill between their steps is met, too; each with what a step may hold.
STEPS = (
    (
        "CREATE TABLE _pydbt_notes (run INTEGER NOT NULL, note TEXT)",
        "INSERT INTO _pydbt_notes SELECT number, id FROM _pydbt_runs",
        "CREATE INDEX _pydbt_notes_by_run ON _pydbt_notes (run)",
    ),
    (
        "ALTER TABLE _pydbt_notes RENAME TO _pydbt_remarks",
        "UPDATE _pydbt_remarks SET note = 'the run ' || note",
        "DROP INDEX _pydbt_notes_by_run",
    ),
)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_state_of_an_earlier_version_is_known_to_this_one(state_url: str, version: int) -> None:
    """Its rows keep their seals, and rows of both versions stand beside each other."""
    make_version(version, state_url)
    store = DatabaseStore(state_url)

    known = store.history("dev"), [store.run(run.id) for run in runs_of(version)]
    warned = remember(store, "next", replace(ended("a"), warnings=("unique(id): 2 rows fail", "…")))

    assert known == (HISTORY, runs_of(version))
    assert store.run("next") == warned
    store.close()
    assert (_version(state_url), check_state(state_url, Path()).findings) == (VERSION, ())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_damaged_state_of_an_earlier_version_is_repaired(state_url: str, version: int) -> None:
    """Though its rows lack columns: one has changed, all others are carried over into the newest version."""
    make_version(version, state_url)
    known = runs_of(version)
    engine = sa.create_engine(state_url, future=True)
    with engine.begin() as connection:
        changed = sa.update(task_runs).where(task_runs.c.run == 2, task_runs.c.task == "a")
        connection.execute(changed.values(seconds=1.0))
        connection.execute(sa.schema.DropTable(schema_version))
    engine.dispose()

    done = repair_state(state_url, Path())

    store = DatabaseStore(state_url)
    carried = [store.run(run.id) for run in known]
    assert (store.history("dev"), carried[0], carried[2]) == (HISTORY, known[0], known[2])
    store.close()
    assert done.left_out[0] == "1 row of _pydbt_task_runs that had changed"
    assert (_version(state_url), check_state(state_url, Path()).findings) == (VERSION, ())


def test_a_warning_is_sealed(state_url: str) -> None:
    """One that has changed on the disk, or is gone, is damage like any other value's."""
    store = DatabaseStore(state_url)
    remember(store, "r1", replace(ended("a"), warnings=("unique(id): 2 rows fail",)), ended("b"))
    with store._engine.begin() as connection:
        connection.execute(sa.update(task_runs).values(warnings=None))
    store.close()

    found = [finding.what for finding in check_state(state_url, Path()).findings]

    assert found == ["a row has changed in _pydbt_task_runs: a of 1"]


def test_what_a_run_was_for_is_sealed(state_url: str) -> None:
    """Another day would let a ledger go too far."""
    store = DatabaseStore(state_url)
    remember(store, "r1", ended("a"))
    with store._engine.begin() as connection:
        connection.execute(sa.update(runs).values(planned_for="2026-02-01"))
    store.close()

    found = [finding.what for finding in check_state(state_url, Path()).findings]

    assert found == ["a row has changed in _pydbt_runs: 1"]


@pytest.mark.parametrize("kept", ["2026-02-30", "2026-01-31T12:00:00", "Tuesday"])
def test_what_is_no_day_and_no_moment_is_damage(state_url: str, kept: str) -> None:
    """Whoever has written it: a moment has its zone."""
    store = DatabaseStore(state_url)
    remember(store, "r1", ended("a"))
    with store._engine.begin() as connection:
        (row,) = connection.execute(sa.select(runs)).mappings().all()
        put(connection, runs, [{**row, "planned_for": kept}])

    with pytest.raises(StateDamagedError, match="a row of _pydbt_runs cannot be read"):
        store.runs()

    store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_kill_at_each_statement_of_an_upgrade_leaves_old_or_new(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """SIGKILL before each statement and commit, from the first version to two that are to come."""
    server = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.state.test_upgrade"])
    kills, versions, known = 0, set(), runs_of(1)
    exit_code: int | None = -signal.SIGKILL
    while exit_code == -signal.SIGKILL:
        url = _schema(server, f"killed_{kills}") if server else f"sqlite:///{tmp_path / str(kills)}/state.db"
        make_version(1, url)

        process = processes.Process(target=_upgrade, args=(url, kills))
        process.start()
        process.join(60)
        exit_code = process.exitcode
        kills += exit_code == -signal.SIGKILL
        versions.add(_version(url))
        with pytest.MonkeyPatch.context() as newer:
            _grow(newer)
            again = DatabaseStore(url)
            assert (again.history("dev"), [again.run(run.id) for run in known]) == (HISTORY, known)
            with again._engine.connect() as connection:
                notes = connection.exec_driver_sql("SELECT note FROM _pydbt_remarks ORDER BY run").scalars()
                assert notes.all() == ["the run r0", "the run r1", "the run r2"]
            again.close()
            assert check_state(url, tmp_path).is_sound

    assert exit_code == 0
    assert versions == {*range(1, VERSION + len(STEPS) + 1)}
    assert kills > sum(map(len, (*MIGRATIONS[1:], *STEPS))) + 4


def _upgrade(url: str, statements: int) -> None:
    """Be the newer PyDBT, and die after so many statements and commits."""
    left = statements

    def count(*_: Any) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    with pytest.MonkeyPatch.context() as newer:
        _grow(newer)
        store = DatabaseStore(url)
        sa.event.listen(store._engine, "before_cursor_execute", count)
        sa.event.listen(store._engine, "commit", count)
        store.history("dev")
        store.close()


def _grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, *STEPS))
    monkeypatch.setattr(migrations, "VERSION", VERSION + len(STEPS))


def _version(url: str) -> int:
    engine = sa.create_engine(url, future=True)
    with engine.connect() as connection:
        version: int = connection.execute(sa.select(schema_version.c.version)).scalar_one()
    engine.dispose()
    return version


def _schema(server: str, name: str) -> str:
    """The URL of an empty schema on the server."""
    engine = sa.create_engine(server, future=True)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{name}"
