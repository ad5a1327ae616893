"""What the tests send to other processes: functions of a module, as the real work is."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from pydbt.core.attempt import attempt
from pydbt.core.results import Outcome


class UnpicklableError(Exception):
    def __reduce__(self) -> str:
        raise TypeError


def behave(task: str, run_id: str, number: int) -> Outcome:
    """Do what the task's name says."""
    return attempt(lambda: _behave(task, run_id, number))


def _behave(task: str, run_id: str, number: int) -> int | None:
    what = task.rstrip("0123456789").rstrip("_")
    if what == "leaves":
        os._exit(3)
    if what == "is_killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "crashes":
        ctypes.string_at(0)
    if what == "exits":
        sys.exit(3)
    if what == "interrupts":
        raise KeyboardInterrupt
    if what == "unpicklable":
        raise UnpicklableError
    if what == "sleeps":
        time.sleep(60)
    if what == "dies_once" and number == 1:
        os._exit(4)
    if what == "notes":
        Path(run_id).write_text(str(os.getpid()))
        time.sleep(60)
    return os.getpid()


def raises() -> None:
    """What no work does: raise outside any attempt."""
    raise UnpicklableError


def opened() -> object:
    """What cannot travel back."""
    return Path(__file__).open()


def identity() -> int:
    """The process it runs in."""
    return os.getpid()
