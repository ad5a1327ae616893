"""Which process is writing to a SQLite file: the one that has its lock, by the system's own list of locks."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydbt.errors import TableLockedError, user_location
from pydbt.owner.process import program_of

_PROC = Path("/proc")
# The byte that SQLite locks to write: of the index of the log, and of a file that has none.
_OF_LOG, _OF_FILE = "120", str(0x40000001)
_FIELDS = 8
_BUSY = 5  # SQLite's own number for it.


@dataclass(frozen=True, slots=True)
class Writer:
    """A process of another run that writes.

    Args:
        pid: Its number.
        program: Its program, and the first words it was given.
        started: When it started, by this machine's clock.
    """

    pid: int
    program: str
    started: datetime

    def __str__(self) -> str:
        who = f"process {self.pid} ({self.program}) on {platform.node()}"
        return f"{who}, started {self.started:%Y-%m-%d %H:%M:%S}"


def check_writer(database: str | None, error: Exception) -> None:
    """Say who has SQLite's lock, when it was not to be had.

    Args:
        database: The file.
        error: What came of the wish to write: SQLAlchemy's error around the driver's.

    Raises:
        TableLockedError: A process of another run has it.
    """
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    writer = other_writer(Path(database)) if database and code & 0xFF == _BUSY else None
    if writer is not None:
        what = f"{database} is being written to, for longer than one waits, by {writer}"
        hint = f"run it again when that has ended; to end it: kill {writer.pid}"
        raise TableLockedError(what, where=user_location(), hint=hint) from error


def other_writer(path: Path) -> Writer | None:
    """The process of another run that writes to the file; None where there is none, or none can be seen."""
    pid = _locking(path)
    if pid is None or _is_of_this_run(pid):
        return None
    try:
        return Writer(pid, program_of(pid) or "unknown program", _started(pid))
    except OSError:
        return None  # It has ended meanwhile.


def _locking(path: Path) -> int | None:
    try:
        log = path.with_name(f"{path.name}-shm")
        wanted = {(str(log.stat().st_ino), _OF_LOG)} if log.exists() else set()
        wanted.add((str(path.stat().st_ino), _OF_FILE))
        lines = (_PROC / "locks").read_text().splitlines()
    except OSError:
        return None  # Not Linux, or no such file.
    for line in lines:
        fields = line.split()
        if len(fields) == _FIELDS and fields[3] == "WRITE":
            inode = fields[5].rpartition(":")[2]
            if (inode, fields[6]) in wanted:
                return int(fields[4])
    return None


def _is_of_this_run(pid: int) -> bool:
    """Whether it is this process, or one of the processes that carry out the same run."""
    parent = multiprocessing.parent_process()
    root = os.getpid() if parent is None else parent.pid
    while pid > 1:
        if pid in (os.getpid(), root):
            return True
        try:
            pid = int(_stat(pid)[1])
        except OSError:
            return False
    return False


def _started(pid: int) -> datetime:
    ticks = int(_stat(pid)[19]) / os.sysconf("SC_CLK_TCK")
    uptime = float((_PROC / "uptime").read_text().split()[0])
    return datetime.fromtimestamp(time.time() - uptime + ticks).astimezone()


def _stat(pid: int) -> list[str]:
    """What the system says of a process, from its state on: the name before that may hold anything."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
