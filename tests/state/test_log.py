"""SQLite's log: cut short it is what a kill leaves; damaged in the middle it is damage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.repair import repair_state
from pydbt.core.state.soundness import check_state
from pydbt.errors import StateDamagedError
from tests.core.state.story import ended, remember

_FRAME = 24 + 4096


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The files of a state whose writer was killed: one run written back, four in the log."""
    store = DatabaseStore(f"sqlite:///{tmp_path}/written/state.db")
    remember(store, "r0", ended("a"))
    store.close()
    store = DatabaseStore(f"sqlite:///{tmp_path}/written/state.db")
    for number in range(1, 5):
        remember(store, f"r{number}", ended("a"))
    shutil.copytree(tmp_path / "written", tmp_path / "killed")
    yield tmp_path / "killed" / "state.db"
    store.close()


def _ids(path: Path) -> list[str]:
    store = DatabaseStore(f"sqlite:///{path}")
    try:
        return [run.id for run in store.runs()]
    finally:
        store.close()


def _damage(path: Path, at: int, length: int = 1) -> None:
    log = path.with_name("state.db-wal")
    content = bytearray(log.read_bytes())
    content[at : at + length] = bytes(byte ^ 0x10 for byte in content[at : at + length])
    log.write_bytes(content)


def test_a_whole_log_is_read(killed: Path) -> None:
    """What the killed writer had committed is there."""
    assert _ids(killed) == ["r4", "r3", "r2", "r1", "r0"]


@pytest.mark.parametrize("where", ["header", "first frame", "salt", "second frame", "all of it"])
def test_a_log_that_is_damaged_before_its_end_is_refused(killed: Path, where: str) -> None:
    """SQLite would read on from an older moment, and PyDBT skip what has to run; so it is an error."""
    size = killed.with_name("state.db-wal").stat().st_size
    places = {
        "header": (18, 1),
        "first frame": (32 + 24 + 2000, 1),
        "salt": (32 + 9, 1),
        "second frame": (32 + _FRAME + 24 + 5, 1),
        "all of it": (0, size),
    }
    _damage(killed, *places[where])
    before = killed.with_name("state.db-wal").read_bytes()

    with pytest.raises(StateDamagedError, match=r"its log \(-wal\) is damaged"):
        _ids(killed)

    found = check_state(f"sqlite:///{killed}", killed.parent)
    assert not found.is_sound
    assert killed.with_name("state.db-wal").read_bytes() == before


@pytest.mark.parametrize("left", [0, 20, 32, 40, 32 + _FRAME + 100])
def test_a_log_that_ends_early_is_what_a_kill_leaves(killed: Path, left: int) -> None:
    """What was not yet written is not missed: the runs before are there."""
    log = killed.with_name("state.db-wal")
    log.write_bytes(log.read_bytes()[:left])

    assert "r0" in _ids(killed)


def test_a_file_that_is_gone_while_its_log_is_there_is_refused(killed: Path) -> None:
    """Not a new state: SQLite would delete the log, and with it the runs."""
    killed.unlink()

    with pytest.raises(StateDamagedError, match="the file is gone"):
        _ids(killed)
    with pytest.raises(StateDamagedError):
        DatabaseStore(f"sqlite:///{killed}").record("dev", {})

    assert killed.with_name("state.db-wal").stat().st_size > 0


def test_after_a_damaged_log_no_task_is_taken_for_known(killed: Path) -> None:
    """The latest run may be lost, so what is known of tasks may be stale: they run again."""
    _damage(killed, 32 + 3 * _FRAME + 24 + 5)

    repaired = repair_state(f"sqlite:///{killed}", killed.parent)

    store = DatabaseStore(f"sqlite:///{killed}")
    assert store.history("dev") == {}
    assert "r0" in [run.id for run in store.runs()]
    assert any("may be older than their last run" in line for line in repaired.left_out)
    store.close()
