"""Whether a process is still there: by its number, and by when it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pydbt.owner import Owner, is_gone, is_leftover, mark, process, this_process


def test_this_process_is_there() -> None:
    """Whoever asks about itself gets a yes."""
    assert is_gone(this_process()) is False


def test_another_process_of_the_same_number_is_another() -> None:
    """A number that the system gave to a new process does not keep the old one alive."""
    assert is_gone(replace(this_process(), started="before")) is True


def test_a_number_nobody_has_is_gone() -> None:
    """A process that ended and was waited for has left no trace."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()

    assert is_gone(replace(this_process(), pid=child.pid)) is True


def test_a_zombie_is_gone() -> None:
    """A process that ended and whose parent has not asked yet does nothing any more."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process._started(child.pid)
    assert started
    running = replace(this_process(), pid=child.pid, started=started)
    before = is_gone(running)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert (before, is_gone(running)) == (False, True)
    child.communicate()


@pytest.mark.parametrize(
    "unseen", [replace(this_process(), machine="elsewhere"), replace(this_process(), started="")]
)
def test_what_cannot_be_seen_from_here_is_not_guessed(unseen: Owner) -> None:
    """Another machine's numbers mean nothing here, nor does a start that nobody knows."""
    assert is_gone(unseen) is None


def test_without_a_proc_file_system_ps_tells_the_same() -> None:
    """On systems without /proc the start of a process comes from ps: always the same, empty when gone."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    first, second = process._started_by_ps(child.pid), process._started_by_ps(child.pid)
    child.communicate(b"\n")

    assert first
    assert first == second
    assert process._started_by_ps(child.pid) == ""


def test_a_number_that_is_hidden_is_not_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each user sees none but his own processes, another's is there and not shown."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").touch()
    hidden = this_process()
    monkeypatch.setattr(process, "_PROC", tmp_path)
    monkeypatch.setattr(process, "_machine", lambda: hidden.machine)
    monkeypatch.setattr(process, "_own_start", process._started)

    assert is_gone(hidden) is None


def test_a_mark_tells_as_much_as_the_owner() -> None:
    """Its process is there, has ended, gave its number to another, or is not to be seen from here."""
    here = this_process()
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    owners = {
        "there": here,
        "ended": replace(here, pid=child.pid),
        "another's number": replace(here, started="before"),
        "elsewhere": replace(here, machine="elsewhere"),
        "start unknown": replace(here, started=""),
    }

    young = {name: is_leftover(mark(each), time.time()) for name, each in owners.items()}
    old = {name: is_leftover(mark(each), 0.0) for name, each in owners.items()}

    gone = {"there": False, "ended": True, "another's number": True}
    assert young == gone | {"elsewhere": False, "start unknown": False}
    assert old == gone | {"elsewhere": True, "start unknown": True}


@pytest.mark.parametrize("marked", ["", "abcd", f"{process._digest(process._machine(), 12)}_12", "a_b_c_d"])
def test_what_is_no_mark_is_a_leftover_by_its_age_alone(marked: str) -> None:
    """Names of an earlier version tell nobody's process."""
    assert (is_leftover(marked, time.time()), is_leftover(marked, 0.0)) == (False, True)
