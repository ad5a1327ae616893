"""What a worker process runs: it is sent names, opens the project itself, and sends back an outcome."""

from __future__ import annotations

import functools
import io
import sys
from pathlib import Path

from pydbt.core.attempt import attempt
from pydbt.core.extent import Extent
from pydbt.core.results import Outcome
from pydbt.core.timeout import ended_with_its_process
from pydbt.project.project import Project


def run(root: str, target: str, extent: Extent, task: str, run_id: str, number: int) -> Outcome:
    """One attempt at a task of the project in the folder ``root``. Never raises."""
    opened: list[Project] = []
    failed = attempt(lambda: opened.append(_project(root, target)))
    if not opened:
        return failed
    # Another worker may have made tables anew since this one last looked.
    opened[0].resources.forget_tables()
    outcome = opened[0].bodies.run(extent, task, run_id, number)
    if not outcome.is_left:
        return outcome
    # The pool ends this process as soon as it has the answer.
    return ended_with_its_process(outcome, opened[0].task(task).timeout)


@functools.cache
def _project(root: str, target: str) -> Project:
    # Opened once a process; it lives and dies with its worker.
    for stream in (sys.stdout, sys.stderr):
        # As the command line does it: a task that prints what the terminal cannot show has not failed.
        # Each line is written when it ends, among those of other processes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True, write_through=False)
    return Project.open(Path(root), target=target)
