"""Where tasks run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

from pydbt.core.executors import ProcessExecutor, SerialExecutor, ThreadExecutor
from pydbt.core.executors.base import Executor
from pydbt.errors import NotSendableError, SlotsError, WorkerLostError, WorkFailedError
from tests.core import work

EXECUTORS = [ThreadExecutor(2), SerialExecutor(), ProcessExecutor(2)]


@pytest.mark.parametrize("executor", EXECUTORS, ids=repr)
def test_every_executor_gives_the_same_answers(executor: Executor) -> None:
    """A pool takes more calls than it has slots and gives each its own result."""
    with executor.pool() as pool:
        futures = [pool.submit(divmod, number, 7) for number in range(50)]
        answers = [future.result() for future in futures]

    assert answers == [divmod(number, 7) for number in range(50)]


def test_each_runs_where_it_says() -> None:
    """Serial in the calling thread, threads in this process, processes in others."""
    with SerialExecutor().pool() as pool:
        assert pool.submit(threading.get_ident).result() == threading.get_ident()
    with ThreadExecutor().pool() as pool:
        assert pool.submit(threading.get_ident).result() != threading.get_ident()
        assert pool.submit(os.getpid).result() == os.getpid()
    with ProcessExecutor().pool() as pool:
        assert pool.submit(work.identity).result() != os.getpid()


def test_a_process_is_kept_for_the_next_call() -> None:
    """Starting one costs more than most tasks."""
    with ProcessExecutor(1).pool() as pool:
        assert len({pool.submit(work.identity).result() for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("leaves", "the worker process died: exit code 3"),
        ("is_killed", "the worker process died: signal 9 (SIGKILL)"),
        ("crashes", "the worker process died: signal 11 (SIGSEGV)"),
    ],
)
def test_a_process_that_dies_fails_its_own_call_alone(task: str, said: str) -> None:
    """The calls beside it and after it are answered, and the error says how it died."""
    with ProcessExecutor(2).pool() as pool:
        futures = [pool.submit(work.behave, name, "run", 1) for name in ("a", "b", task, "c", "d", "e")]
        wait(futures)

    errors = [future.exception() for future in futures]
    assert [getattr(error, "what", "") for error in errors] == ["", "", said, "", "", ""]
    assert isinstance(errors[2], WorkerLostError)


def test_what_cannot_travel_is_refused_by_name_and_the_process_lives_on() -> None:
    """A lambda on the way there, an open file on the way back, an exception that cannot be pickled."""
    with ProcessExecutor(1).pool() as pool:
        first = pool.submit(work.identity).result()
        there: Any = pool.submit(lambda: 1).exception()
        back: Any = pool.submit(work.opened).exception()
        raised: Any = pool.submit(work.raises).exception()
        last = pool.submit(work.identity).result()

    assert isinstance(there, NotSendableError)
    assert isinstance(back, NotSendableError)
    assert "TextIOWrapper cannot be sent" in back.what
    assert isinstance(raised, WorkFailedError)
    assert "UnpicklableError" in raised.what
    assert first == last


def test_ending_a_pool_of_processes_ends_what_they_are_at() -> None:
    """An interrupted run does not wait for other processes' tasks."""
    begun = time.monotonic()
    with ProcessExecutor(2).pool() as pool:
        future = pool.submit(work.behave, "sleeps", "run", 1)
        # Ended while it starts, or while it sleeps: both must come to an end.
        pool.shutdown(wait=False, cancel_futures=True)

    assert isinstance(future.exception(), WorkerLostError)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("kind", [ThreadExecutor, ProcessExecutor])
@pytest.mark.parametrize("slots", [0, -1, 1.5, "8", 1025, True, None])
def test_slots_out_of_range_are_refused(kind: type[ThreadExecutor], slots: int) -> None:
    """A whole number from 1 to 1024."""
    with pytest.raises(SlotsError, match="is out of range") as caught:
        kind(slots)

    assert "test_executors.py:" in caught.value.where


def test_importing_the_package_costs_nothing() -> None:
    """An executor's modules come with the executor."""
    script = "import sys, pydbt.core.executors; print(sys.modules.keys() & {'multiprocessing', 'concurrent'})"

    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert ran.stdout.strip() == "set()"


def test_a_process_that_dies_at_no_work_fails_nothing() -> None:
    """The next call gets a new one: no task is blamed for what happened to its worker before."""
    with ProcessExecutor(1).pool() as pool:
        first = pool.submit(work.identity).result()
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while _is_alive(first):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        second = pool.submit(work.identity).result()

    assert second != first


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Though that was killed, and though a task is under way: a dead run's tasks must not go on."""
    script = (
        "from pydbt.core.executors import ProcessExecutor\n"
        "from tests.core import work\n"
        "if __name__ == '__main__':\n"
        "    with ProcessExecutor(1).pool() as pool:\n"
        f"        pool.submit(work.behave, 'notes', {str(tmp_path / 'pid')!r}, 1).result()\n"
    )
    (tmp_path / "main.py").write_text(script)
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "main.py")], env=path)
    worker = int(_read_when_there(tmp_path / "pid"))
    parent.kill()
    parent.wait()

    deadline = time.monotonic() + 30
    while _is_alive(worker):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _read_when_there(path: Path) -> str:
    deadline = time.monotonic() + 60
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text()


def _is_alive(process: int) -> bool:
    try:
        # A process that has ended and that nobody has asked for stays in the list of processes.
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
