"""`pydbt state repair`: kept aside as it was, what can be read carried over, told, and whole at any kill."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.core.results import Status
from pydbt.core.state import repair_file
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.location import REPAIR_MARK
from pydbt.core.state.repair import repair_state
from pydbt.core.state.schema import runs, schema_version, task_runs, tasks
from pydbt.core.state.soundness import check_state
from pydbt.errors import StateAccessError, StateDamagedError, StateLockedError, StateVersionError
from tests.core.state.story import NOON, ended, prints, remember, start


@pytest.fixture
def state(state_url: str) -> str:
    """Four runs of three tasks."""
    store = DatabaseStore(state_url)
    for number in range(4):
        remember(store, f"r{number}", ended("a"), ended("b", Status.FAILED), ended("c"))
    store.close()
    return state_url


def _change(url: str, *statements: sa.sql.Executable) -> None:
    store = DatabaseStore(url)
    with store._engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    store.close()


def _known(url: str) -> tuple[Any, ...]:
    store = DatabaseStore(url)
    try:
        ids = [run.id for run in store.runs()]
        return store.history("dev"), [store.run(run_id) for run_id in ids]
    finally:
        store.close()


def test_a_sound_state_is_left_alone(state: str) -> None:
    """There is nothing to repair, and nothing happens."""
    before = _known(state)

    done = repair_state(state, Path())

    assert (done.before.is_sound, done.kept, _known(state)) == (True, "", before)


def test_rows_that_have_changed_are_left_out_and_all_others_carried_over(state: str) -> None:
    """On each database: one task is not known any more, one run lacks a task run, and both are told."""
    history, whole = _known(state)
    _change(
        state,
        sa.update(tasks).values(last_success_at=4102444800000000).where(tasks.c.task == "a"),
        sa.update(task_runs).values(seconds=9.0).where(task_runs.c.run == 2, task_runs.c.task == "b"),
        sa.update(runs).values(status="success").where(runs.c.number == 1),
    )

    done = repair_state(state, Path())

    known, carried = _known(state)
    assert known == {task: history[task] for task in ("b", "c")}
    assert carried[:2] == whole[:2]
    assert [task_run.task for task_run in carried[2].task_runs] == ["a", "c"]
    assert done.carried == {"_pydbt_runs": 3, "_pydbt_task_runs": 8, "_pydbt_tasks": 2}
    assert done.left_out == (
        "1 row of _pydbt_runs that had changed",
        "1 row of _pydbt_task_runs that had changed",
        "1 row of _pydbt_tasks that had changed",
        "3 task runs of runs that could not be read",
        "of the run r1 all but 2 of its 3 task runs",
        "tasks that are not known any more: they count as never run, and the next run runs them",
    )
    assert check_state(state, Path()).is_sound


@pytest.mark.parametrize("table", [runs, task_runs, tasks, schema_version], ids=lambda table: table.name)
def test_a_lost_table_takes_only_itself_with_it(state: str, table: sa.Table) -> None:
    """What the other tables hold is carried over; nothing is silently empty."""
    _change(state, sa.schema.DropTable(table))

    done = repair_state(state, Path())

    counts = {"_pydbt_runs": 4, "_pydbt_task_runs": 12, "_pydbt_tasks": 3}
    if table is runs:
        counts = {"_pydbt_runs": 0, "_pydbt_task_runs": 0, "_pydbt_tasks": 3}
    elif table is not schema_version:
        counts[table.name] = 0
    assert done.carried == counts
    assert table is schema_version or any(table.name in line for line in done.left_out)
    assert check_state(state, Path()).is_sound


def test_the_damaged_state_is_kept_as_it_was(state: str) -> None:
    """A file byte for byte; on a server the tables, under other names."""
    _change(state, sa.update(tasks).values(seconds=1.0))
    path = Path(state.removeprefix("sqlite:///"))
    before = path.read_bytes() if path.exists() else b""

    done = repair_state(state, Path())

    if before:
        assert Path(done.kept).read_bytes() == before
        assert (Path(done.kept).parent, ".damaged-" in done.kept) == (path.parent, True)
        assert {each.name for each in path.parent.iterdir()} <= {path.name, Path(done.kept).name}
        assert path.stat().st_mode & 0o777 == 0o600
        return
    engine = sa.create_engine(state, future=True)
    with engine.connect() as connection:
        names = done.kept.split(", ")
        assert [name.partition("_damaged_")[0] for name in names] == [
            schema_version.name,
            runs.name,
            task_runs.name,
            tasks.name,
        ]
        kept = tasks.to_metadata(sa.MetaData(), name=names[-1])
        assert connection.execute(sa.select(kept.c.seconds)).scalars().all() == [1.0] * 3
    engine.dispose()


def test_a_second_damage_is_kept_beside_the_first(state: str) -> None:
    """Within one second, too: no state that was kept aside is ever lost."""
    kept = set()
    for number in range(2 if state.startswith("sqlite") else 1):
        _change(state, sa.update(tasks).values(seconds=float(number)))
        kept.add(repair_state(state, Path()).kept)
        store = DatabaseStore(state)
        remember(store, f"again{number}", ended("a"))
        store.close()

    assert len(kept) == (2 if state.startswith("sqlite") else 1)


def test_a_newer_state_is_set_aside_only_if_asked_for(state: str) -> None:
    """It is not damaged: whoever upgrades PyDBT can read it, so that is told first."""
    _change(state, sa.update(schema_version).values(version=99))

    with pytest.raises(StateVersionError, match=r"upgrade PyDBT.*pydbt state repair --newer"):
        repair_state(state, Path())
    done = repair_state(state, Path(), newer=True)

    assert "newer" in done.kept
    assert done.carried == {"_pydbt_runs": 4, "_pydbt_task_runs": 12, "_pydbt_tasks": 3}


def test_a_state_in_use_is_not_set_aside(state: str) -> None:
    """A run that goes on would write into what was kept aside; the error names it."""
    store = DatabaseStore(state)
    with store.record("dev", prints("a", "b", "c")) as recorder:
        start(recorder, "going", "a")
        while store.run("going") is None:
            pass
        _change(state, sa.update(tasks).values(seconds=1.0).where(tasks.c.task == "b"))

        with pytest.raises(StateLockedError, match="the run going is going on"):
            repair_state(state, Path())
    store.close()
    assert repair_state(state, Path()).kept


def test_a_ghost_is_ended(state: str) -> None:
    """A task that reads as running in a run that is over is interrupted after a repair."""
    from pydbt.core.state.writes import put

    store = DatabaseStore(state)
    with store._engine.begin() as connection:
        row = connection.execute(sa.select(task_runs).where(task_runs.c.run == 1)).mappings().first()
        assert row is not None
        put(connection, task_runs, [{**row, "status": "running", "place": None}])
    store.close()

    repair_state(state, Path())

    store = DatabaseStore(state)
    run = store.run("r0")
    assert run is not None
    assert [task_run.status for task_run in run.task_runs][-1] is Status.INTERRUPTED
    store.close()


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A file with one row that has changed."""
    path = tmp_path / ".pydbt" / "state.db"
    store = DatabaseStore(f"sqlite:///{path}")
    for number in range(4):
        remember(store, f"r{number}", ended("a"), ended("b"))
    store.close()
    _change(f"sqlite:///{path}", sa.update(tasks).values(seconds=1.0).where(tasks.c.task == "b"))
    return path


def test_a_second_repair_at_once_is_refused(damaged: Path) -> None:
    """Two would each take the other's new state for the damaged one."""
    with repair_file._alone(damaged), pytest.raises(StateLockedError, match="another process repairs"):
        repair_state(f"sqlite:///{damaged}", damaged.parent)

    assert repair_state(f"sqlite:///{damaged}", damaged.parent).kept


@pytest.mark.parametrize(
    "name",
    [b"../victim", b"/etc/passwd", b"victim", b"state.db.x\0", b""],
    ids=["above", "absolute", "another", "with NUL", "none"],
)
def test_a_mark_that_names_another_file_is_not_followed(damaged: Path, name: bytes) -> None:
    """What lies in the state's place is untrusted: only a file beside it, named after it, is gone on with."""
    damaged.write_bytes(REPAIR_MARK + name)
    (damaged.parent / "victim").write_bytes(b"mine")

    done = repair_state(f"sqlite:///{damaged}", damaged.parent)

    assert (damaged.parent / "victim").read_bytes() == b"mine"
    assert Path(done.kept).read_bytes() == REPAIR_MARK + name


def test_a_kill_at_each_step_leaves_the_old_state_the_new_one_or_a_mark(
    damaged: Path, tmp_path: Path
) -> None:
    """SIGKILL before each change to the folder and each statement; another repair ends with the same rows.

    In between a reader gets an error or the repaired state: never an empty one, never the damaged row.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.state.test_repair"])
    content, kills, told = damaged.read_bytes(), 0, set()
    while True:
        folder = tmp_path / f"killed {kills}" / ".pydbt"
        folder.mkdir(parents=True, mode=0o700)
        path = folder / "state.db"
        shutil.copy(damaged, path)
        process = processes.Process(target=_die_after, args=(kills, str(path)))
        process.start()
        process.join(60)
        told.add(_look(path))
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        kills += 1
        repair_state(f"sqlite:///{path}", folder)
        kept = [each for each in folder.iterdir() if ".damaged-" in each.name]
        assert content in [each.read_bytes() for each in kept], "the damaged state is never lost"
        assert _ids(path) == ["r3", "r2", "r1", "r0"]
        assert {each.name for each in folder.iterdir()} == {"state.db", *(each.name for each in kept)}

    assert told == {
        "a row of _pydbt_tasks has changed on the disk",
        "a repair of it was interrupted",
        "['a']",
    }
    assert kills > 30


def _look(path: Path) -> str:
    store = DatabaseStore(f"sqlite:///{path}")
    try:
        return str(sorted(store.history("dev")))
    except StateDamagedError as error:
        return error.what.partition("is damaged: ")[2]
    finally:
        store.close()


def _ids(path: Path) -> list[str]:
    store = DatabaseStore(f"sqlite:///{path}")
    ids = [run.id for run in store.runs()]
    store.close()
    return ids


def _die_after(steps: int, path: str) -> None:
    """Repair, and kill this process before so many steps."""
    left = steps

    def count() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def first(*arguments: Any, **options: Any) -> Any:
            count()
            return function(*arguments, **options)

        return first

    for owner, name in [
        (os, "link"),
        (os, "unlink"),
        (os, "replace"),
        (os, "rmdir"),
        (os, "mkdir"),
        (shutil, "copyfile"),
        (Path, "replace"),
        (Path, "write_bytes"),
        (Path, "unlink"),
    ]:
        setattr(owner, name, counted(getattr(owner, name)))
    sa.event.listen(sa.engine.Engine, "before_cursor_execute", lambda *_: count())
    sa.event.listen(sa.engine.Engine, "commit", lambda *_: count())
    repair_state(f"sqlite:///{path}", Path())


def test_what_a_repair_that_was_killed_left_is_swept(damaged: Path) -> None:
    """Copies of the state do not pile up."""
    left = damaged.parent / ".state.db.repair-x1y2z3"
    left.mkdir()
    shutil.copy(damaged, left / "damaged-0.db")

    repair_state(f"sqlite:///{damaged}", damaged.parent)

    assert not left.exists()


def test_tables_of_the_users_own_stay_where_they_are(damaged: Path) -> None:
    """A state in a database of the user's: a new file would lack his tables, so there is none."""
    with sqlite3.connect(damaged) as connection:
        connection.execute("CREATE TABLE mine (a)")
        connection.execute("INSERT INTO mine VALUES (1)")
    connection.close()
    before = damaged.read_bytes()

    with pytest.raises(StateAccessError, match=r"other tables \(mine\)"):
        repair_state(f"sqlite:///{damaged}", damaged.parent)

    assert (damaged.read_bytes(), [each.name for each in damaged.parent.iterdir()]) == (before, ["state.db"])


def test_times_of_day_do_not_matter(damaged: Path) -> None:
    """The runs that are carried over are those that were told, to the microsecond."""
    repair_state(f"sqlite:///{damaged}", damaged.parent)

    store = DatabaseStore(f"sqlite:///{damaged}")
    assert {run.started_at for run in store.runs()} == {NOON}
    store.close()
