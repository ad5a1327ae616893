"""Where the tests' MariaDB comes from: the machine's own, or Debian's packages unpacked into a folder.

In this order: the folder that ``PYDBT_TEST_MARIADB`` names; an installed ``mariadbd``; ``.mariadb/`` in the
checkout, filled once by `apt-get` from Debian's or Ubuntu's packages (7 MB), which needs no root and installs
nothing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.postgresql import NoServerError

ROOT = Path(__file__).parent.parent
VARIABLE = "PYDBT_TEST_MARIADB"
CACHE = ROOT / ".mariadb"
_PACKAGE = "mariadb-server-core"
_ADVICE = (
    f"install MariaDB's server, or name a folder that holds one unpacked (usr/sbin/mariadbd) in {VARIABLE},"
    ' or leave its tests out and say so: pytest -m "not mariadb"'
)


@dataclass(frozen=True)
class Installation:
    """MariaDB's files, wherever they are.

    Args:
        root: The folder that stands for ``/``.
    """

    root: Path

    @property
    def server(self) -> Path:
        """The program."""
        found = (self.root / "usr" / folder / "mariadbd" for folder in ("sbin", "bin", "libexec"))
        return next((path for path in found if path.exists()), self.root / "usr/sbin/mariadbd")

    @property
    def share(self) -> Path:
        """Its scripts and messages."""
        found = (self.root / "usr/share" / name for name in ("mysql", "mariadb"))
        return next((path for path in found if (path / "mysql_system_tables.sql").exists()), self.root)

    @property
    def is_whole(self) -> bool:
        """Whether both are there."""
        return self.server.exists() and self.share != self.root

    @property
    def options(self) -> list[str]:
        """What tells the program that it is not in ``/usr``."""
        return [f"--lc-messages-dir={self.share}", f"--character-sets-dir={self.share / 'charsets'}"]

    @property
    def environment(self) -> dict[str, str]:
        """What the program runs in: its own clock's zone and the libraries that came with it."""
        own = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if self.root == Path("/"):
            return own
        libraries = sorted({str(path.parent) for path in (self.root / "usr/lib").rglob("*.so.*")})
        return own | {"LD_LIBRARY_PATH": ":".join(libraries)}


def installation() -> Installation:
    """MariaDB's files; fetched, where there are none.

    Raises:
        NoServerError: There are none and they cannot be fetched, for the reason given.
    """
    named = os.environ.get(VARIABLE)
    if named:
        found = Installation(Path(named))
        if not found.is_whole:
            raise NoServerError(f"{VARIABLE} names {named}: no usr/sbin/mariadbd with its scripts there")
        return found
    installed = Installation(Path("/"))
    return installed if installed.is_whole else _fetched(CACHE)


def _fetched(cache: Path) -> Installation:
    cache.mkdir(exist_ok=True)
    with (cache / "lock").open("w") as lock:
        # Another session may be fetching; it is worth the wait.
        fcntl.lockf(lock, fcntl.LOCK_EX)
        found = Installation(cache / "root")
        if not found.is_whole:
            _unpack(_download(cache), cache)
        if not found.is_whole:
            raise NoServerError(f"{_PACKAGE} holds no mariadbd with its scripts; {_ADVICE}")
        return found


def _download(cache: Path) -> list[Path]:
    """The package and those it needs that are not installed here."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NoServerError(f"MariaDB is not installed, and without apt-get it cannot be fetched; {_ADVICE}")
    archives = cache / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    # Nothing of the machine's is written: neither its archives nor its lists, nor are its locks taken.
    options = [
        f"-oDir::Cache={cache}",
        f"-oDir::Cache::archives={archives}",
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=",
    ]
    command = ["install", "--download-only", "--yes", "--no-install-recommends", _PACKAGE]
    done = _apt_get(*options, *command)
    if done.returncode:
        # A machine that has never asked what packages there are, or asked long ago.
        (cache / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        options.append(f"-oDir::State::lists={cache / 'lists'}")
        asked = _apt_get(*options, "update")
        done = _apt_get(*options, *command)
        if done.returncode:
            raise NoServerError(f"apt-get gives no {_PACKAGE}:\n{asked.stderr}{done.stderr}{_ADVICE}")
    return sorted(archives.glob("*.deb"))


def _apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["apt-get", "-q", *arguments],
        env=os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )


def _unpack(packages: list[Path], cache: Path) -> None:
    """Into a folder that takes its name when it is whole."""
    beside = cache / "root.new"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, beside], check=True)
    shutil.rmtree(cache / "root", ignore_errors=True)
    beside.rename(cache / "root")
    for folder in ("archives", "lists"):
        shutil.rmtree(cache / folder, ignore_errors=True)
