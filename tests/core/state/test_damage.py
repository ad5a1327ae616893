"""A damaged state is told as such, or read correctly; never a driver's traceback, never taken for empty."""

from __future__ import annotations

import pickle
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.core.results import Run, Status, TaskHistory
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import runs, schema_version, task_runs, tasks
from pydbt.errors import StateDamagedError, StateError
from tests.core.state.story import ended, remember

Known = tuple[dict[str, TaskHistory], list[Run], Run | None, Run | None]
FLIPS = 150


class Planted:
    """A pickle of this makes a file when somebody reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def _known(store: DatabaseStore) -> Known:
    return store.history("dev"), store.runs(), store.latest_run("dev"), store.run("r3")


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state file with some runs in it, closed."""
    path = tmp_path / "state.db"
    store = DatabaseStore(_url(path))
    for number in range(6):
        remember(store, f"r{number}", *(ended(f"task_{each}") for each in range(20)))
    remember(store, "failed", ended("task_0", Status.FAILED), fingerprints={})
    store.close()
    return path


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda content: content[: len(content) // 2],
    "cut within the first page": lambda content: content[:700],
    "cut within the header": lambda content: content[:50],
    "zeros over the header": lambda content: bytes(100) + content[100:],
    "zeros over the second page": lambda content: content[:4096] + bytes(4096) + content[8192:],
    "random bytes": lambda content: random.Random(1).randbytes(len(content)),
    "random bytes after the first page": lambda content: (
        content[:4096] + random.Random(1).randbytes(len(content) - 4096)
    ),
    "a text file": lambda _: b"state = 'sqlite:///state.db'\n",
    "one byte": lambda _: b"x",
    "emptied": lambda _: b"",
    "zeros all over": lambda content: bytes(len(content)),
    "no cells on the first page": lambda content: content[:103] + bytes(2) + content[105:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_and_left_as_it_is(state: Path, damage: str) -> None:
    """The error names the file, the setting and the way out, for reading and for recording."""
    content = DAMAGES[damage](state.read_bytes())
    state.write_bytes(content)
    store = DatabaseStore(_url(state))

    with pytest.raises(StateDamagedError) as reading:
        _known(store)
    with pytest.raises(StateError):
        remember(store, "next", ended("task_0"))

    store.close()
    assert (str(state) in reading.value.what, reading.value.where) == (True, "state")
    assert "pydbt state repair" in reading.value.hint
    assert state.read_bytes() == content


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    """A pickle given as state, as the seed wrote them, is refused unread: what is in it does not run."""
    planted = tmp_path / "planted"
    path = tmp_path / "task_2023-02-03_17:13:50.pkl"
    content = pickle.dumps(Planted(planted))
    path.write_bytes(content)
    store = DatabaseStore(_url(path))

    with pytest.raises(StateDamagedError, match="looks like a pickle, which PyDBT never reads"):
        store.history("dev")

    store.close()
    assert (planted.exists(), path.read_bytes()) == (False, content)
    assert pickle.loads(content) is None
    assert planted.exists()  # It would have run.


def test_flipped_bytes_give_an_error_or_the_truth(state: Path) -> None:
    """Whatever byte rots, what is read is what was written, or one of our errors: never something else."""
    content = state.read_bytes()
    store = DatabaseStore(_url(state))
    truth = _known(store)
    store.close()
    told = 0
    for seed in range(FLIPS):
        told += _flipped(state, content, truth, seed)

    # Most bytes of a file of many pages are free space or older runs; some flips must have hit.
    assert told > FLIPS // 10


def _flipped(path: Path, content: bytes, truth: Known, seed: int) -> bool:
    dice = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    path.write_bytes(bytes(damaged))
    store = DatabaseStore(_url(path))
    try:
        known = _known(store)
        told = remember(store, "next", ended("task_0"))
        written = store.latest_run("dev")
    except StateError:
        return True
    finally:
        store.close()
        for leftover in path.parent.glob("state.db-*"):
            leftover.unlink()
    assert (known, written) == (truth, told), f"seed {seed}"
    return False


@pytest.mark.parametrize("table", ["_pydbt_tasks", "_pydbt_runs", "_pydbt_task_runs"])
@pytest.mark.parametrize("part", ["table", "index"])
def test_a_lost_row_is_damage(state: Path, table: str, part: str) -> None:
    """A row that its page or its index no longer names is missed, not taken for a task that never ran."""
    with sqlite3.connect(state) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE tbl_name = ? AND type = ? ORDER BY rootpage"
        page = connection.execute(query, (table, part)).fetchone()[0]
    connection.close()
    content = bytearray(state.read_bytes())
    cells = (page - 1) * 4096 + 3
    content[cells : cells + 2] = (int.from_bytes(content[cells : cells + 2]) - 1).to_bytes(2)
    state.write_bytes(bytes(content))
    store = DatabaseStore(_url(state))

    with pytest.raises(StateDamagedError):
        _lost(store)

    store.close()


def test_a_row_that_stands_for_another_is_damage(state: Path) -> None:
    """An index that names one task run twice, and another never, is found though the number is right."""
    with sqlite3.connect(state) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex__pydbt_task_runs_1'"
        page = connection.execute(query).fetchone()[0]
    connection.close()
    content = bytearray(state.read_bytes())
    leaf, cell = (page - 1) * 4096, (page - 1) * 4096 + 8 + 2 * 30
    assert content[leaf] == 10  # A leaf of an index: no pages below it.
    content[cell : cell + 2] = content[cell + 2 : cell + 4]
    state.write_bytes(bytes(content))
    store = DatabaseStore(_url(state))

    with pytest.raises(StateDamagedError, match="had 20 task runs and has 19"):
        _lost(store)

    store.close()


def _lost(store: DatabaseStore) -> None:
    """Look for everything there is."""
    known = store.history("dev"), store.runs()
    assert len(known[1]) == 7
    for run_id in ("r0", "r1", "r2", "r3", "r4", "r5", "failed"):
        assert store.run(run_id) is not None


@pytest.mark.parametrize("table", [runs, task_runs, tasks, schema_version], ids=lambda table: table.name)
def test_a_missing_table_is_damage(database_store: DatabaseStore, table: sa.Table) -> None:
    """A table that somebody dropped is not made anew, as if there had been no runs."""
    remember(database_store, "r1", ended("a"))
    with database_store._engine.begin() as connection:
        connection.execute(sa.schema.DropTable(table))
    again = DatabaseStore(database_store._engine.url.render_as_string(hide_password=False))

    with pytest.raises(StateDamagedError):
        _known(again)

    again.close()


def test_a_missing_version_is_damage(database_store: DatabaseStore) -> None:
    """Tables without a version are not taken for tables of any version."""
    remember(database_store, "r1", ended("a"))
    with database_store._engine.begin() as connection:
        connection.execute(sa.delete(schema_version))
    again = DatabaseStore(database_store._engine.url.render_as_string(hide_password=False))

    with pytest.raises(StateDamagedError, match="version"):
        again.history("dev")

    again.close()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (tasks, {"last_success_at": 4102444800000000}),
        (tasks, {"last_status": "splendid"}),
        (runs, {"started_at": 2**62}),
        (runs, {"status": "success"}),
        (task_runs, {"failure_message": "another"}),
        (task_runs, {"run": 99}),
    ],
    ids=lambda value: getattr(value, "name", "") or "-".join(value),
)
def test_a_changed_row_is_damage(
    database_store: DatabaseStore, table: sa.Table, values: dict[str, object]
) -> None:
    """A value that PyDBT did not write would make it skip or run the wrong thing: it is refused."""
    remember(database_store, "r1", ended("a", Status.FAILED))
    with database_store._engine.begin() as connection:
        connection.execute(sa.update(table).values(**values))

    with pytest.raises(StateDamagedError):
        _known(database_store)


def test_a_state_beside_other_tables_is_made(state_url: str) -> None:
    """A database with the user's own tables is a good place for a state: they stay as they are."""
    store = DatabaseStore(state_url)
    if store._path:
        store._path.parent.mkdir(parents=True)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE runs (mine INTEGER)")
        connection.exec_driver_sql("INSERT INTO runs VALUES (1)")

    told = remember(store, "r1", ended("a"))

    assert store.latest_run("dev") == told
    with store._engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM runs").fetchall() == [(1,)]
    store.close()


def test_what_sqlite_calls_a_valid_header_is_not_yet_a_state(tmp_path: Path) -> None:
    """A file with a right header and nothing right behind it is damage, not a new state."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))
    store = DatabaseStore(_url(path))

    with pytest.raises(StateDamagedError):
        store.history("dev")

    store.close()
