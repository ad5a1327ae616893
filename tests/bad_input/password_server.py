"""A PostgreSQL that asks for passwords and knows no encryption, on a port of 127.0.0.1.

``python -m tests.bad_input.password_server FOLDER`` starts it, prints its port, and stops it when the
standard input ends: however the tests end, the server does too.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import Server

PASSWORD = "the-password-of-the-server"


@contextmanager
def started(folder: Path) -> Iterator[int]:
    """The port of a running server, which stops at the end."""
    guard = subprocess.Popen(
        [sys.executable, "-m", __name__, str(folder)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        assert guard.stdout is not None
        yield int(guard.stdout.readline())
    finally:
        guard.communicate(timeout=30)


class _PasswordServer(Server):
    port = 0

    def start(self) -> None:
        """Make the cluster and start it."""
        secret = self.home / "password"
        secret.write_text(PASSWORD)
        if self._user:
            shutil.chown(secret, self._user["user"])
        self._run("initdb", "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        options = f"-k {self.home} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=off"
        self._run("pg_ctl", "-w", "-t", "60", "-l", str(self.log), "-o", options, "start")


def _guard(folder: Path) -> None:
    server = _PasswordServer(folder)
    try:
        server.start()
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        server.stop()


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
