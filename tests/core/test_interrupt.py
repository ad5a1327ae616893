"""Ctrl-C, sent to a real process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pydbt.core.interrupt import interrupting

SCRIPT = """
import sys, threading, time
from pydbt.core.dag import Dag
from pydbt.core.executors import ProcessExecutor, SerialExecutor, ThreadExecutor
from pydbt.core.results import Status
from pydbt.core.runner import Runner
from tests.core import work
from tests.core.building import WELL, plan_of, task

def main(kind, note):
    ended = threading.Event()

    def waits(name, run_id, attempt):
        open(run_id, "w").write("begun")
        if kind == "stubborn":
            time.sleep(60)
        # A driver that holds the main thread in C is like this lock: no handler runs, the watcher does.
        ended.wait(60)
        return WELL

    executors = {"serial": SerialExecutor(), "process": ProcessExecutor(1)}
    dag = Dag.of([first := task("notes"), task("rest", first)])
    does = work.behave if kind == "process" else waits
    runner = Runner(executors.get(kind) or ThreadExecutor(2), does, cancel=ended.set)
    run = runner.run(dag, plan_of(dag), run_id=note, target="dev", seconds_of={})
    print(*(f"{each.task}:{each.status.value}" for each in run.task_runs))
    sys.exit(130 if run.status is Status.INTERRUPTED else 0)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


def started(tmp_path: Path, kind: str) -> subprocess.Popen[str]:
    """A run in a process of its own, at its first task."""
    script, note = tmp_path / "script.py", tmp_path / "note"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), kind, str(note)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": f"{Path(__file__).parents[2]}:{Path(__file__).parents[2] / 'src'}"},
    )
    deadline = time.monotonic() + 60
    while not note.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("kind", ["thread", "serial", "process"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_winds_the_run_down(tmp_path: Path, kind: str, number: signal.Signals) -> None:
    """What runs is cancelled, what has not begun is interrupted, and nothing is printed but the end."""
    process = started(tmp_path, kind)

    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert out.split() == [f"notes:{'interrupted' if kind == 'process' else 'success'}", "rest:interrupted"]
    assert err == ""
    assert process.returncode == 130


def test_the_second_signal_leaves_at_once(tmp_path: Path) -> None:
    """Even while a task cannot be cancelled."""
    process = started(tmp_path, "stubborn")

    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 130
    assert time.monotonic() - begun < 10


def test_the_block_leaves_the_signals_as_they_were() -> None:
    """Whoever calls a run from a program of his own keeps his handlers."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with interrupting(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before[0]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert signal.set_wakeup_fd(-1) == -1
    assert not [thread for thread in threading.enumerate() if thread.name == "pydbt-signals"]


def test_outside_the_main_thread_the_block_changes_nothing() -> None:
    """Signals cannot be received there."""
    found: list[object] = []

    def body() -> None:
        with interrupting(lambda: None):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()

    assert found == [signal.getsignal(signal.SIGINT)]
