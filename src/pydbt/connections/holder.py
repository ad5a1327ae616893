"""Which process holds a file: from the driver's own words, else from /proc."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pydbt.owner.process import program_of

_DUCKDB = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def holders(path: Path, detail: str = "") -> list[tuple[int, str]]:
    """The process ids and programs of those who have the file open, other than this process.

    Args:
        path: The file.
        detail: The driver's message; DuckDB's names the one.

    >>> holders(Path("x"), "Conflicting lock is held in /usr/bin/duckdb (PID 7). See also …")
    [(7, '/usr/bin/duckdb')]
    """
    if match := _DUCKDB.search(detail):
        pid = int(match["pid"])
        return [(pid, program_of(pid) or match["program"])]
    return [(pid, program_of(pid) or "unknown program") for pid in _with_file(path)]


def _with_file(path: Path) -> list[int]:
    try:
        wanted = path.stat()
        processes = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    except OSError:
        # Not Linux, or no such file: nobody can be named.
        return []
    return [pid for pid in sorted(processes) if pid != os.getpid() and _holds(pid, wanted)]


def _holds(pid: int, wanted: os.stat_result) -> bool:
    folder = Path("/proc", str(pid), "fd")
    try:
        return any(os.path.samestat(entry.stat(), wanted) for entry in folder.iterdir() if entry.exists())
    except OSError:
        # Another user's, or gone meanwhile.
        return False
