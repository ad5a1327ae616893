"""A real MariaDB for the tests, out of Debian's packages: no installation, no root needed, root allowed.

As `tests.postgresql`, whose guard it uses: ``python -m tests.mariadb FOLDER`` starts the server, and stops it
when the session's lock is let go. The server makes its data itself, from the scripts in the package: 0.5 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.mariadb_packages import Installation, installation
from tests.postgresql import NoServerError, guard

# As a stranger's server is: a collation that takes 'a' for 'A', a clock of its own, engine's defaults.
_SETTINGS = {
    "character-set-server": "utf8mb4",
    "collation-server": "utf8mb4_general_ci",
    "default-time-zone": "+02:00",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-buffer-pool-size": "64M",
    "innodb-log-file-size": "32M",
    "max-connections": "200",
    "performance-schema": "off",
}
_FLAGS = ("--loose-debug-no-sync", "--skip-networking", "--skip-log-bin", "--skip-name-resolve")
_SCRIPTS = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
_SECONDS = 60.0


class Server:
    """MariaDB in a folder, with a socket in it and no port."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "server"
        self.data = self.home / "data"
        self.log = self.home / "log"
        self._installed: Installation = installation()
        self._process: subprocess.Popen[bytes] | None = None
        self.data.mkdir(parents=True)
        (self.home / "tmp").mkdir()

    def start(self) -> None:
        """Make the data and start it."""
        scripts = "".join((self._installed.share / name).read_text() for name in _SCRIPTS)
        # The bootstrap reads a statement a line up to its semicolon.
        made = subprocess.run(
            self._command("--bootstrap"),
            input=f"create database mysql;\nuse mysql;\n{scripts}",
            env=self._installed.environment,
            capture_output=True,
            check=False,
            text=True,
        )
        if made.returncode:
            raise NoServerError(f"MariaDB made no data:\n{made.stderr}")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(f"--socket={self.home / 'socket'}", f"--pid-file={self.home / 'pid'}"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._installed.environment,
            )
        self._wait()

    def stop(self) -> None:
        """Stop it at once; nothing in it is worth a checkpoint."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)

    def _wait(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while not all((self.home / name).exists() for name in ("socket", "pid")):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoServerError(f"MariaDB did not start:\n{self.log.read_text()}")
            time.sleep(0.01)

    def _command(self, *arguments: str) -> list[str]:
        # Root must say that it means to be root; everybody else is who they are.
        user = ["--user=root"] if os.geteuid() == 0 else []
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        # First of all, or it reads the machine's own settings.
        first = [str(self._installed.server), "--no-defaults", f"--datadir={self.data}"]
        # A server that starts removes every server's temporary tables from the folder it shares with them.
        first.append(f"--tmpdir={self.home / 'tmp'}")
        return [*first, *self._installed.options, *user, *settings, *_FLAGS, *arguments]


if __name__ == "__main__":
    guard(Path(sys.argv[1]), Server)
