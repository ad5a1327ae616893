"""An upgrade of the state that is killed at any statement: old or new, and the next start completes it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.core.state import migrations
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import MIGRATIONS, VERSION, schema_version
from pydbt.core.state.soundness import check_state
from tests.core.state.story import ended, remember

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


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_kill_at_each_statement_of_an_upgrade_leaves_old_or_new(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """SIGKILL before each statement and commit: what was remembered stays, a second start completes."""
    server = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.state.test_upgrade"])
    kills, versions = 0, set()
    exit_code: int | None = -signal.SIGKILL
    while exit_code == -signal.SIGKILL:
        url = _schema(server, f"killed_{kills}") if server else f"sqlite:///{tmp_path / str(kills)}/state.db"
        store = DatabaseStore(url)
        told = [remember(store, f"r{number}", ended("a"), ended("b")) for number in range(3)]
        known = store.history("dev")
        store.close()

        process = processes.Process(target=_upgrade, args=(url, kills))
        process.start()
        process.join(60)
        exit_code = process.exitcode
        kills += exit_code == -signal.SIGKILL
        versions.add(_version(url))
        with pytest.MonkeyPatch.context() as newer:
            _grow(newer)
            again = DatabaseStore(url)
            assert (again.history("dev"), [again.run(f"r{number}") for number in range(3)]) == (known, told)
            with again._engine.connect() as connection:
                notes = connection.exec_driver_sql("SELECT note FROM _pydbt_remarks ORDER BY run").scalars()
                assert notes.all() == ["the run r0", "the run r1", "the run r2"]
            again.close()
            assert check_state(url, tmp_path).is_sound

    assert exit_code == 0
    assert versions == {VERSION, VERSION + 1, VERSION + 2}
    assert kills > sum(map(len, STEPS)) + 4


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
