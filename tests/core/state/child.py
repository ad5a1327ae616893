"""Processes of their own that record runs: ``python -m tests.core.state.child HOW URL PREFIX RUNS TASKS``.

HOW is ``finish``, or ``hang``: say ``running`` when the first run is in the state, and never end it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pydbt.core.events import TaskFinished
from pydbt.core.state.database import DatabaseStore
from tests.core.state.story import ended, prints, remember, start

ROOT = Path(__file__).parents[3]


def run_child(how: str, url: str, prefix: str, runs: int = 1, tasks: int = 3) -> subprocess.Popen[str]:
    """Start the process; its output can be read."""
    command = [sys.executable, "-m", "tests.core.state.child", how, url, prefix, str(runs), str(tasks)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _main(how: str, url: str, prefix: str, runs: int, tasks: int) -> None:
    store = DatabaseStore(url)
    names = [f"task_{number}" for number in range(tasks)]
    if how == "hang":
        _hang(store, prefix, names)
    for number in range(runs):
        remember(store, f"{prefix}{number}", *map(ended, names))
    store.close()


def _hang(store: DatabaseStore, prefix: str, names: list[str]) -> None:
    with store.record("dev", prints(*names)) as recorder:
        start(recorder, f"{prefix}0", *names)
        recorder(TaskFinished(ended(names[0])))
        while True:
            run = store.run(f"{prefix}0")
            if run is not None and len(run.task_runs) == len(names):
                sys.stdout.write("running\n")
                sys.stdout.flush()
                time.sleep(600)


def die_after(statements: int, url: str) -> None:
    """Record a run, and kill this process after so many statements and commits."""
    store = DatabaseStore(url)
    left = statements

    def count(*_: Any) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    sa.event.listen(store._engine, "before_cursor_execute", count)
    sa.event.listen(store._engine, "commit", count)
    remember(store, "killed", ended("task_0"))
    store.close()


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
