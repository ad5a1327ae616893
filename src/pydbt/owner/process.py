"""Which process something belongs to, and whether that process is still there.

A run of the state names its `Owner`. What has to say it in its own name, a table or a file that is there for
a while, bears the owner's `mark`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_GONE = ""
_PS_SECONDS = 5.0
_UNKNOWN = "0"
_PARTS = 2
LEFTOVER_AFTER = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from all others that ever had its number.

    Args:
        host: The host's name, for people.
        machine: What no other machine, boot or container has; a pid means something only within it.
        pid: The process's number.
        started: When the process started, in the system's own words; a reused pid has another.
    """

    host: str
    machine: str
    pid: int
    started: str


def this_process() -> Owner:
    """The owner of what this process does.

    >>> is_gone(this_process())
    False
    """
    pid = os.getpid()
    return Owner(platform.node(), _machine(), pid, _own_start(pid) or "")


def is_gone(owner: Owner) -> bool | None:
    """Whether the process has ended; None when that cannot be seen from here."""
    if owner.machine != _machine() or not owner.started:
        return None
    # Asked for each run at each look: what this process knows of itself it need not look up again.
    started = _own_start(owner.pid) if owner.pid == os.getpid() else _started(owner.pid)
    return None if started is None else started != owner.started


def program_of(pid: int) -> str:
    """The program of a process, and the first words it was given; empty where nobody says."""
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    # The program and its first words say which of many Pythons it is; more could hold a secret.
    return " ".join(Path(word).name if number == 0 else word for number, word in enumerate(words[:2])).strip()


def mark(owner: Owner) -> str:
    """An owner in at most 30 characters that any name may have: its machine, its number and its start.

    >>> mark(Owner("shop", "a machine", 4711, "38120"))
    'cf31bfe26667_1267_2c1f79cb'
    """
    started = _digest(owner.started, 8) if owner.started else _UNKNOWN
    return f"{_digest(owner.machine, 12)}_{owner.pid:x}_{started}"


def is_leftover(marked: str, made_at: float) -> bool:
    """Whether nobody needs any more what bears a mark: its process has ended.

    Nobody can ask for a process on another machine; what such a one has made is a leftover after a week.

    Args:
        marked: The mark.
        made_at: When it was made, in seconds since 1970.

    >>> is_leftover(mark(this_process()), made_at=0.0)
    False
    """
    gone = _is_marked_gone(marked)
    return made_at < time.time() - LEFTOVER_AFTER if gone is None else gone


def _is_marked_gone(marked: str) -> bool | None:
    machine, *rest = marked.split("_")
    if machine != _digest(_machine(), 12) or len(rest) != _PARTS or rest[1] == _UNKNOWN:
        return None
    pid, start = rest
    started = _started(int(pid, 16))
    return None if started is None else _digest(started, 8) != start


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@cache
def _own_start(pid: int) -> str | None:
    return _started(pid)


@cache
def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        # Containers of one host share its boot but not its pids.
        namespace = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return f"{platform.node()} {uuid.getnode():x}"
    return f"{boot} {namespace}"


def _started(pid: int) -> str | None:
    """When the process started; the empty text when there is none, None when the system does not say."""
    if sys.platform == "win32":
        return None
    return _started_in_proc(pid) if (_PROC / "self/stat").exists() else _started_by_ps(pid)


def _started_in_proc(pid: int) -> str | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        # Where each user sees none but his own, a number that is not shown may be somebody else's.
        return None if _has_process(pid) else _GONE
    # The second field is the program's name in parentheses and may hold anything, parentheses too.
    fields = text.rpartition(")")[2].split()
    state, start = fields[0], fields[19]
    # A zombie has ended; only its parent has not asked yet.
    return _GONE if state in "ZX" else start


def _has_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _started_by_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    try:
        answer = subprocess.run(  # noqa: S603  a fixed program and a number
            command, capture_output=True, text=True, check=False, timeout=_PS_SECONDS, env={"LC_ALL": "C"}
        )
    except (OSError, subprocess.SubprocessError):
        return None
    state, _, start = answer.stdout.strip().partition(" ")
    return _GONE if state.startswith("Z") else start.strip()


if hasattr(os, "register_at_fork"):
    # A child is another process, and may one day have the number of an ancestor.
    os.register_at_fork(after_in_child=_own_start.cache_clear)
    os.register_at_fork(after_in_child=_machine.cache_clear)
