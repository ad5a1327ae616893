"""A run that is played only so that processes forked after it start fast: half of their time was this."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

_MODEL = """\
from pydbt import Incremental, Snapshot, Task


@Task(materialized="table", indexes=["id"])
def numbers(session):
    return session.range(3)


@Task(materialized=Incremental("merge", key="id"))
def merged(numbers):
    return numbers


@Task(materialized=Snapshot(key="id", check="all"))
def snapshot(numbers):
    return numbers
"""


def warm_up() -> None:
    """Run a small project on SQLite twice; all that it opens is closed and all its threads have ended."""
    from pydbt.cli.app import exit_code

    with tempfile.TemporaryDirectory(prefix="pydbt-kill-") as folder, chdir(folder), _written_to("log"):
        Path("models").mkdir()
        Path("models/t.py").write_text(_MODEL)
        Path("pydbt.toml").write_text('[targets.dev]\nurl = "sqlite:///test.sqlite"\n')
        codes = [exit_code(["run", "--force"]) for _ in range(2)]
        assert codes == [0, 0], Path("log").read_text()


@contextmanager
def _written_to(name: str) -> Iterator[None]:
    """All that the process writes goes to a file, as it does in the children."""
    saved = os.dup(1), os.dup(2)
    log = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        yield
    finally:
        for kept, number in zip(saved, (1, 2), strict=True):
            os.dup2(kept, number)
            os.close(kept)
        os.close(log)
