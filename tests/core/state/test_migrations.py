"""Making and changing the tables: whole or not at all, and never those of a newer PyDBT."""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.results import Status
from pydbt.core.state import migrations
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import MIGRATIONS, TABLES, VERSION, schema_version
from pydbt.errors import StateVersionError
from tests.core.state.child import die_after
from tests.core.state.story import ended, remember

MORE = (
    "ALTER TABLE _pydbt_runs ADD COLUMN note TEXT",
    "CREATE TABLE _pydbt_notes (run INTEGER NOT NULL)",
)


def test_the_migrations_make_the_tables_that_the_code_reads(database_store: DatabaseStore) -> None:
    """The statements that make a new state and the tables that queries are built on are the same."""
    remember(database_store, "r1", ended("a"))

    made = sa.MetaData()
    made.reflect(database_store._engine)

    assert {table.name for table in TABLES} == {*made.tables}
    for table in TABLES:
        columns = [(column.name, column.nullable) for column in table.columns]
        assert [(column.name, column.nullable) for column in made.tables[table.name].columns] == columns
        assert [*made.tables[table.name].primary_key.columns.keys()] == [*table.primary_key.columns.keys()]


def test_an_older_state_is_brought_up_to_date(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older PyDBT remembered is known to a newer one."""
    store = DatabaseStore(state_url)
    told = remember(store, "r1", ended("a"))
    store.close()

    _grow(monkeypatch)
    newer = DatabaseStore(state_url)

    assert newer.latest_run("dev") == told
    assert remember(newer, "r2", ended("a")) == newer.latest_run("dev")
    with newer._engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        version = connection.execute(sa.select(schema_version.c.version)).scalar()
    assert ("_pydbt_notes" in names, version) == (True, VERSION + 1)
    newer.close()


def test_a_migration_that_fails_leaves_the_older_state(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step is taken whole or not at all, its data definition included."""
    store = DatabaseStore(state_url)
    told = remember(store, "r1", ended("a"))
    store.close()

    with monkeypatch.context() as broken:
        _grow(broken, *MORE, "CREATE TABLE _pydbt_notes (again INTEGER)")
        newer = DatabaseStore(state_url)
        with pytest.raises(Exception, match="PYDBT-E70"):
            newer.latest_run("dev")
        newer.close()

    again = DatabaseStore(state_url)
    assert again.latest_run("dev") == told
    with again._engine.connect() as connection:
        assert "_pydbt_notes" not in sa.inspect(connection).get_table_names()
    again.close()


def test_a_newer_state_is_refused_and_left_alone(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state of a newer PyDBT is neither read nor written: the message names the version and the way on."""
    with monkeypatch.context() as newer:
        _grow(newer)
        store = DatabaseStore(state_url)
        remember(store, "r1", ended("a"))
        store.close()
    store = DatabaseStore(state_url)

    with pytest.raises(StateVersionError, match=f"has version {VERSION + 1}.*up to {VERSION}") as reading:
        store.history("dev")
    with pytest.raises(StateVersionError):
        store.record("dev", {})

    assert "upgrade PyDBT" in str(reading.value)
    assert reading.value.where == "state"
    store.close()


def test_a_state_that_is_upgraded_under_a_run_is_not_written_any_more(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old process does not write into tables that a newer one has changed meanwhile."""
    store = DatabaseStore(state_url)
    remember(store, "r1", ended("a"))
    with monkeypatch.context() as newer:
        _grow(newer)
        upgraded = DatabaseStore(state_url)
        upgraded.history("dev")
        upgraded.close()

    with pytest.raises(Exception, match=f"PYDBT-E708: .*has version {VERSION + 1}"):
        remember(store, "r2", ended("a"))

    store.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_kill_at_each_statement_leaves_old_or_new(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """Killed before any statement or commit of making the state and of a run, the next one completes."""
    server = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.core.state.child"])
    kills = 0
    is_killed = True
    while is_killed:
        url = f"sqlite:///{tmp_path / str(kills)}/state.db"
        if server:
            url = _schema(server, f"killed_{kills}")
        process = processes.Process(target=die_after, args=(kills, url))
        process.start()
        process.join(60)
        is_killed = process.exitcode == -signal.SIGKILL
        kills += is_killed
        _check(url, is_killed=is_killed)

    # The statements of the first migration alone, and a run's: all were met.
    assert process.exitcode == 0
    assert kills > len(MIGRATIONS[0]) + 10


def _check(url: str, *, is_killed: bool) -> None:
    store = DatabaseStore(url)
    earlier = store.runs()
    assert all(run.status is not Status.RUNNING for run in earlier)
    assert is_killed or [run.status for run in earlier] == [Status.SUCCESS]
    told = remember(store, "next", ended("task_0"))
    assert store.latest_run("dev") == told
    store.close()


def _schema(server: str, name: str) -> str:
    """The URL of an empty schema on the server."""
    engine = sa.create_engine(server, future=True)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{name}"


def _grow(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """Pretend to be the next version of PyDBT."""
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, statements or MORE))
    monkeypatch.setattr(migrations, "VERSION", VERSION + 1)
