"""What several threads and processes print: every line stays whole, nothing is lost."""

from __future__ import annotations

import io
import re
import sys
import threading
from pathlib import Path

import pytest

from pydbt.cli.streams import WholeLines
from tests.cli.command import make_project, pydbt_process

_TASKS = """
from pydbt import Task

for number in range(8):
    @Task(name=f"task_{number}")
    def one():
        for n in range(200):
            print("a", n, "b", flush=(n % 50 == 0))
"""
_LOG = re.compile(r"(INFO|ERROR) \d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M: \S.*")
_PRINTED = re.compile(r"a \d+ b")


def test_what_is_begun_is_held_back_until_it_is_whole() -> None:
    """By thread: another one's line comes before, not inside."""
    below = io.StringIO()
    stream = WholeLines(below)

    stream.write("one ")
    other = threading.Thread(target=stream.write, args=("two\nthr",))
    other.start()
    other.join()
    stream.write("line\nnext")

    assert below.getvalue() == "two\none line\n"
    stream.end()
    assert below.getvalue() in {"two\none line\nthr\nnext", "two\none line\nnext\nthr"}


def test_what_is_flushed_is_seen_and_ended_before_another_writes() -> None:
    """A line of progress may go on; another thread's line does not stand beside it."""
    below = io.StringIO()
    stream = WholeLines(below)

    print("10 %", end="", file=stream, flush=True)
    print(" 20 %", end="", file=stream, flush=True)
    assert below.getvalue() == "10 % 20 %"
    other = threading.Thread(target=stream.write, args=("log\n",))
    other.start()
    other.join()
    print("30 %", file=stream)

    assert below.getvalue() == "10 % 20 %\nlog\n30 %\n"


def test_what_a_stream_has_besides_is_its_own() -> None:
    """Its encoding, its descriptor, its buffer."""
    below = sys.__stdout__
    assert below is not None
    stream = WholeLines(below)

    assert (stream.encoding, stream.buffer) == (below.encoding, below.buffer)
    assert (stream.isatty(), stream.fileno()) == (below.isatty(), below.fileno())


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_no_line_of_a_task_stands_inside_the_logs(tmp_path: Path, executor: str) -> None:
    """`print` writes value by value: eight tasks print at once, and each line is theirs or the log's."""
    make_project(tmp_path, {"models/shop.py": _TASKS})

    run = pydbt_process(tmp_path, "run", "--threads", "8", "--executor", executor)

    lines = run.out.splitlines()
    assert run.code == 0
    assert [line for line in lines if not (_LOG.fullmatch(line) or _PRINTED.fullmatch(line))] == []
    assert sum(bool(_PRINTED.fullmatch(line)) for line in lines) == 1600
