"""Many at once: threads of one process, and processes on one state."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydbt.core.events import TaskFinished, TaskStarted
from pydbt.core.results import Run, Status
from pydbt.core.state.base import StateStore
from pydbt.core.state.database import DatabaseStore
from tests.core.state.child import run_child
from tests.core.state.story import NOON, ended, prints, remember, start

HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print(1, flush=True)
input()
"""


def test_fifty_threads_record_into_one_store(store: StateStore) -> None:
    """Each of 50 runs at once is kept whole, and reads in between never fail."""

    def record(number: int) -> Run:
        tasks = [ended(f"task_{number}_{each}") for each in range(10)]
        told = remember(store, f"r{number:02}", *tasks, target=f"target_{number % 5}")
        store.history(f"target_{number % 5}")
        return told

    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(record, range(50)))

    assert [store.run(run.id) for run in told] == told
    assert len(store.runs(limit=100)) == 50


def test_a_task_ends_in_any_thread(store: StateStore) -> None:
    """The recorder is called by one thread after another, never by two at once, and keeps their order."""
    with store.record("dev", prints("a", "b")) as recorder, ThreadPoolExecutor(1) as pool:
        start(recorder, "r1", "a")
        pool.submit(recorder, TaskFinished(ended("a"))).result()
        recorder(TaskStarted("b", 1, NOON))
        pool.submit(recorder, TaskFinished(ended("b"))).result()

    run = store.run("r1")
    assert run is not None
    assert [task_run.task for task_run in run.task_runs] == ["a", "b"]


def test_processes_make_and_write_one_state_at_once(state_url: str) -> None:
    """Four processes that find no state make it, and write runs of the same tasks: nothing is lost."""
    children = [run_child("finish", state_url, f"p{number}-", runs=10) for number in range(4)]
    codes = [_end(child) for child in children]

    store = DatabaseStore(state_url)
    runs = store.runs(limit=100)
    assert codes == [0, 0, 0, 0]
    assert {run.id for run in runs} == {
        f"p{process}-{number}" for process in range(4) for number in range(10)
    }
    assert all(run.status is Status.SUCCESS for run in runs)
    assert all(len(getattr(store.run(run.id), "task_runs", ())) == 3 for run in runs)
    assert {*store.history("dev")} == {"task_0", "task_1", "task_2"}
    store.close()


def test_listening_is_fast_while_the_state_is_locked(tmp_path: Path) -> None:
    """A state that somebody else holds makes no task wait, and takes everything once it is free."""
    path = tmp_path / "state.db"
    store = DatabaseStore(f"sqlite:///{path}")
    remember(store, "r1", ended("a"))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    with holder.stdout, holder.stdin, store.record("dev", prints("a", "b")) as recorder:
        holder.stdout.readline()
        start(recorder, "r2", "a", "b")
        recorder(TaskFinished(ended("a")))
        recorder(TaskFinished(ended("b")))
        assert store.run("r2") is None  # Nothing can have been written, and here we are.
        holder.stdin.write("\n")
        holder.stdin.flush()

    run = store.run("r2")
    assert run is not None
    assert [task_run.status for task_run in run.task_runs] == [Status.SUCCESS, Status.SUCCESS]
    holder.wait()
    store.close()


def _end(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    child.stdout.close()
    return child.wait(90)
