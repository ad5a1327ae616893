"""The state's file: made late, made private, and refused with a reason where it cannot be."""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pydbt.core.results import Status
from pydbt.core.state import DEFAULT_URL, open_state
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.location import make_file
from pydbt.errors import StateAccessError, StateError, StateUrlError, StateWriteError
from tests.core.state.child import ROOT
from tests.core.state.story import ended, finish, prints, remember, start

NOBODY = 65534


@contextmanager
def _without_rights() -> Iterator[None]:
    """As somebody whom the mode of a file concerns, which root is not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'home' / '.pydbt' / 'state.db'}"


def test_reading_makes_nothing(tmp_path: Path) -> None:
    """A plan in a project that never ran leaves no directory behind."""
    store = open_state(DEFAULT_URL, tmp_path)

    known = store.history("dev"), store.latest_run("dev"), store.runs(), store.run("r1")
    store.close()

    assert (known, [*tmp_path.iterdir()]) == (({}, None, [], None), [])


def test_the_default_lies_in_the_project_and_is_private(tmp_path: Path) -> None:
    """Directory, file and SQLite's own files beside it are for their owner only."""
    store = open_state(root=tmp_path)
    with store.record("dev", prints("a")) as recorder:
        start(recorder, "r1", "a")
        while not store.runs():
            pass
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        finish(recorder, "r1", [ended("a")])
    store.close()

    names = "state.db", "state.db-wal", "state.db-shm"
    assert modes == {".pydbt": 0o700, **dict.fromkeys(names, 0o600)}
    assert [path.name for path in (tmp_path / ".pydbt").iterdir()] == ["state.db"]


def test_runs_survive_the_process(url: str) -> None:
    """What one store wrote another one reads."""
    store = DatabaseStore(url)
    told = remember(store, "r1", ended("a"))
    store.close()

    again = DatabaseStore(url)

    assert (again.latest_run("dev"), {*again.history("dev")}) == (told, {"a"})
    again.close()


def test_a_file_without_tables_is_a_new_state(tmp_path: Path) -> None:
    """A kill between making the file and the tables leaves nothing worth an error."""
    path = tmp_path / "state.db"
    make_file(path)
    store = DatabaseStore(f"sqlite:///{path}")

    before = store.runs()
    told = remember(store, "r1", ended("a"))

    assert (before, store.latest_run("dev")) == ([], told)
    store.close()


def test_a_state_open_to_others_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that others can read is used, with a warning."""
    path = tmp_path / "state.db"
    make_file(path)
    path.chmod(0o644)
    store = DatabaseStore(f"sqlite:///{path}")

    with caplog.at_level(logging.WARNING):
        store.runs()

    assert f"the state {path} can be opened by other users" in caplog.text
    store.close()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A planted link does not make PyDBT write into somebody else's file."""
    victim = tmp_path / "victim"
    (tmp_path / "state.db").symlink_to(victim)
    store = DatabaseStore(f"sqlite:///{tmp_path / 'state.db'}")

    with pytest.raises(StateAccessError, match="is a symbolic link"):
        store.record("dev", {})

    assert not victim.exists()
    store.close()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".", "is not a file"),
        ("file/state.db", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("/dev/null", "is not a file"),
        ("/proc/nosuch/state.db", "cannot be opened"),
    ],
)
def test_a_place_that_cannot_hold_a_file_is_refused(tmp_path: Path, path: str, reason: str) -> None:
    """The error names the path, the setting and the system's reason, before any task has run."""
    (tmp_path / "file").touch()
    store = DatabaseStore(f"sqlite:///{path}", tmp_path)

    with pytest.raises(StateAccessError, match=reason) as refused:
        store.record("dev", {})

    assert (path.strip(".") in refused.value.what, refused.value.where) == (True, "state")
    store.close()


def test_a_directory_without_rights_is_refused(tmp_path: Path) -> None:
    """Where nothing may be made the error says so, and the run does not begin."""
    tmp_path.chmod(0o555)
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(0o755)
    store = DatabaseStore(f"sqlite:///{tmp_path}/.pydbt/state.db")

    with _without_rights(), pytest.raises(StateAccessError, match="Permission denied"):
        store.record("dev", {})

    store.close()


def test_a_file_that_may_only_be_read_is_refused_for_recording(tmp_path: Path) -> None:
    """A state of somebody else: a clear error, not a run that cannot be remembered."""
    path = tmp_path / "state.db"
    owner = DatabaseStore(f"sqlite:///{path}")
    remember(owner, "r1", ended("a"))
    owner.close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(0o755)
    store = DatabaseStore(f"sqlite:///{path}")

    with _without_rights(), pytest.raises(StateError) as refused:
        remember(store, "r2", ended("a"))

    assert str(path) in str(refused.value)
    assert "sqlite3" not in str(refused.value)
    store.close()


def test_a_full_disk_is_told_after_the_run(tmp_path: Path) -> None:
    """A state that cannot grow hurts no task; at the end the error says what was not remembered."""
    script = f"""
import resource, signal
from pydbt.core.state.database import DatabaseStore
from pydbt.errors import StateWriteError
from tests.core.state.story import *
store = DatabaseStore("sqlite:///{tmp_path}/state.db")
remember(store, "r1", ended("a"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
names = [f"task_{{number}}" for number in range(3000)]
try:
    remember(store, "r2", *map(ended, names))
except StateWriteError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
remember(store, "r3", ended("a"))
print([(run.id, run.status.value) for run in store.runs()])
store.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    said = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert said[0].startswith("PYDBT-E708: the run could not be remembered: ")
    assert str(tmp_path) in said[0]
    assert "('r3', 'success')" in said[-1]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_run_that_cannot_be_written_is_told_at_its_end(state_url: str) -> None:
    """A state that breaks under a run raises nothing from the events, and a named error at the end."""
    store = DatabaseStore(state_url)
    remember(store, "r1", ended("a"))
    recorder = store.record("dev", prints("a"))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE _pydbt_task_runs")

    start(recorder, "r2", "a")
    finish(recorder, "r2", [ended("a")])

    with pytest.raises(StateWriteError, match=r"could not be remembered: the state .* is damaged"):
        recorder.__exit__(None, None, None)
    store.close()


def test_an_error_of_the_run_comes_before_one_of_the_state(state_url: str) -> None:
    """When both fail, the run's own error is raised and the state's stands beside it as a note."""
    store = DatabaseStore(state_url)
    remember(store, "r1", ended("a"))

    def both_fail() -> None:
        with store.record("dev", prints("a")) as recorder:
            with store._engine.begin() as connection:
                connection.exec_driver_sql("DROP TABLE _pydbt_task_runs")
            start(recorder, "r2", "a")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as raised:
        both_fail()

    assert "PYDBT-E708" in raised.value.__notes__[0]
    store.close()


def test_a_run_id_of_another_process_is_not_overwritten(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs that drew one id stay apart: the second is told, the first stays as it was."""
    store = DatabaseStore(state_url)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("pydbt.owner.process._machine", lambda: "elsewhere")
        told = remember(store, "r1", ended("a"))

    with pytest.raises(StateWriteError, match="'r1' is taken by another process"):
        remember(store, "r1", ended("b", Status.FAILED))

    assert store.run("r1") == told
    store.close()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("", "is not a database URL"),
        ("state.db", "is not a database URL"),
        ("task_2023.pkl", "is not a database URL"),
        ("http://example.org", "cannot live in 'http'"),
        ("duckdb:///state.duckdb", "cannot live in 'duckdb'"),
        ("mysql://ann:s3cret@db/x", "cannot live in 'mysql'"),
        ("sqlite://", "names no file that lasts"),
        ("sqlite:///:memory:", "names no file that lasts"),
        ("sqlite:///file:x?mode=ro&uri=true", "names no file that lasts"),
        ("sqlite:///a\0b", "holds a NUL"),
        ("postgres://ann:s3cret@db/x", "begins with postgres://"),
        ("postgresql://ann:s3cret@db:abc/x", "is not a database URL"),
        ("postgresql://ann:s3@cret@db/x", "has more than one @"),
    ],
)
def test_a_url_that_cannot_be_a_state_is_refused(setting: str, told: str) -> None:
    """The error says what is wrong with the setting, names it, gives examples, and shows no password."""
    with pytest.raises(StateUrlError) as refused:
        DatabaseStore(setting)

    text = str(refused.value)
    assert told in text
    assert refused.value.where == "state"
    assert refused.value.hint
    assert "s3" not in text
    assert "cret" not in text


@pytest.mark.parametrize("driver", ["nosuch", "psycopg3"])
def test_a_driver_nobody_knows_is_told(driver: str) -> None:
    """A dialect that SQLAlchemy lacks is named with what to write instead."""
    with pytest.raises(StateError, match=r"PYDBT-E706: SQLAlchemy knows no driver .*\n.*postgresql://"):
        DatabaseStore(f"postgresql+{driver}://ann:s3cret@db/x")


def test_a_driver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the package to install."""
    monkeypatch.setitem(sys.modules, "psycopg2", None)

    with pytest.raises(StateError, match=r"PYDBT-E706: .*\n.*pip install 'psycopg2-binary'"):
        DatabaseStore("postgresql+psycopg2://ann:s3cret@db/x")


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    """No server, no traceback: the state's URL without its password, the reason and what to check."""
    store = DatabaseStore(f"postgresql://ann:s3cret@/x?host={tmp_path}")

    with pytest.raises(StateAccessError, match="cannot be reached") as refused:
        store.history("dev")

    assert "ann:***@" in refused.value.what
    assert "s3cret" not in str(refused.value)
    assert "is the server up" in refused.value.hint
    assert "s3cret" not in repr(store)
    store.close()
