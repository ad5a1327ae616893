"""The tests' own MariaDB: gone with the session, and a failure with what to do when there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mariadb_packages import CACHE, VARIABLE, Installation, installation
from tests.postgresql import NoServerError
from tests.test_postgresql import ROOT, comes_true, is_running, python

_SESSION = """
import time
from tests.postgresql import SessionFolder, started_server
session = SessionFolder("pydbt-my-")
print(session.path, started_server(session.path, "tests.mariadb"), flush=True)
time.sleep(60)
"""
_TESTS = """
def test_asks_for_mariadb(mysql_url): ...
def test_asks_for_nothing(): ...
"""


def run_tests(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Two tests, one of which asks for MariaDB."""
    (folder / "test_it.py").write_text(_TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-c",
        os.devnull,
        *arguments,
        str(folder),
    ]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | variables | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.mark.mariadb
def test_a_session_that_is_killed_leaves_no_server_and_no_files() -> None:
    """However a test session ends, its MariaDB ends with it."""
    with python("-c", _SESSION) as session:
        assert session.stdout is not None
        folder, home = map(Path, session.stdout.readline().split())
        server = int((home / "pid").read_text())
        assert is_running(server)

        session.send_signal(signal.SIGKILL)
        session.stdout.read()

    assert comes_true(lambda: not folder.exists())
    assert comes_true(lambda: not is_running(server))


def test_no_server_is_a_failure_that_says_what_to_do(tmp_path: Path) -> None:
    """A test that asks for MariaDB where there is none fails and says why; it is never skipped."""
    done = run_tests(tmp_path, **{VARIABLE: "/nowhere"})

    assert done.returncode == 1, done.stdout
    assert f"no MariaDB server: NoServerError: {VARIABLE} names /nowhere" in done.stdout
    assert "1 passed, 1 error" in done.stdout


def test_leaving_mariadb_out_has_to_be_said(tmp_path: Path) -> None:
    """``-m "not mariadb"`` runs the rest, and the closing line tells that something was left out."""
    done = run_tests(tmp_path, "-m", "not mariadb", **{VARIABLE: "/nowhere"})

    assert (done.returncode, "1 passed, 1 deselected" in done.stdout) == (0, True), done.stdout


def test_without_apt_the_message_names_the_ways_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a machine without Debian's tools one installs a server, names a folder, or says to leave it out."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tests.mariadb_packages.CACHE", tmp_path / "cache")
    monkeypatch.setattr(Installation, "is_whole", property(lambda _self: False))
    monkeypatch.delenv(VARIABLE, raising=False)

    with pytest.raises(
        NoServerError, match=r"without apt-get it cannot be fetched.*PYDBT_TEST_MARIADB"
    ) as told:
        installation()

    assert 'pytest -m "not mariadb"' in str(told.value)


@pytest.mark.mariadb
def test_a_folder_may_be_named(monkeypatch: pytest.MonkeyPatch, mysql_server: str) -> None:
    """The unpacked packages serve whoever names them, in another checkout, say."""
    assert mysql_server
    used = installation()
    monkeypatch.setenv(VARIABLE, str(used.root))

    assert (installation().root, used.root in {Path("/"), CACHE / "root"}) == (used.root, True)
