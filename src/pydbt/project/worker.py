"""What a worker process runs: it is sent names, opens the project itself, and sends back an outcome."""

from __future__ import annotations

import functools
import io
import sys
from pathlib import Path

from pydbt.core.attempt import attempt
from pydbt.core.results import Outcome
from pydbt.project.body import Bodies


def run(root: str, target: str, task: str, run_id: str, number: int) -> Outcome:
    """One attempt at a task of the project in the folder ``root``. Never raises."""
    opened: list[Bodies] = []
    failed = attempt(lambda: opened.append(_bodies(root, target)))
    return opened[0].run(task, run_id, number) if opened else failed


@functools.cache
def _bodies(root: str, target: str) -> Bodies:
    # Opened once a process; it lives and dies with its worker.
    from pydbt.project.project import Project

    for stream in (sys.stdout, sys.stderr):
        # As the command line does it: a task that prints what the terminal cannot show has not failed.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return Project.open(Path(root), target=target).bodies
