"""A run whose process is gone reads as interrupted the moment anyone looks."""

from __future__ import annotations

import signal
import time
from datetime import datetime

import pytest
import sqlalchemy as sa

from pydbt.core.events import RunFinished
from pydbt.core.results import Run, Status
from pydbt.core.state import settle, writer
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.schema import runs
from pydbt.owner import process as owner
from tests.core.state.child import run_child
from tests.core.state.story import NOON, ended, prints, remember, start


@pytest.fixture
def killed(state_url: str) -> str:
    """The state of a process that was killed in the middle of its run, right after an earlier, whole one."""
    before = run_child("finish", state_url, "whole")
    assert before.wait(60) == 0
    process = run_child("hang", state_url, "killed")
    assert process.stdout is not None
    assert before.stdout is not None
    before.stdout.close()
    with process.stdout as out:
        assert out.readline() == "running\n"
        assert _status(state_url, "killed0") is Status.RUNNING
        process.send_signal(signal.SIGKILL)
        # Not waited for yet: a killed process whose parent is busy is a zombie, and gone nevertheless.
        out.read()
    assert _settled_status(state_url, "killed0") is Status.INTERRUPTED
    process.wait()
    return state_url


def test_a_killed_run_is_interrupted_with_all_that_it_was_at(killed: str) -> None:
    """What had ended keeps its end, what was running is interrupted, and the next plan knows both."""
    store = DatabaseStore(killed)

    run = store.latest_run("dev")

    assert run is not None
    assert (run.id, run.status) == ("killed0", Status.INTERRUPTED)
    statuses = {task_run.task: task_run.status for task_run in run.task_runs}
    assert statuses == {
        "task_0": Status.SUCCESS,
        "task_1": Status.INTERRUPTED,
        "task_2": Status.INTERRUPTED,
    }
    history = {task: known.last_status for task, known in store.history("dev").items()}
    assert history == statuses
    assert all(known.last_success_at for known in store.history("dev").values())
    store.close()


def test_a_killed_run_does_not_stop_the_next_one(killed: str) -> None:
    """After a kill the state takes the next run as if nothing had been."""
    store = DatabaseStore(killed)

    told = remember(store, "next", ended("task_1"))

    assert store.latest_run("dev") == told
    store.close()


def test_a_run_of_this_process_is_not_settled_by_others(state_url: str) -> None:
    """Another store that looks while a run goes on leaves it running."""
    store, looker = DatabaseStore(state_url), DatabaseStore(state_url)
    with store.record("dev", prints("a")) as recorder:
        start(recorder, "r1", "a")
        while not (seen := looker.runs()):
            pass
        recorder(RunFinished(Run("r1", "dev", NOON, Status.SUCCESS, 1.0)))

    assert seen[0].status is Status.RUNNING
    looker.close()
    store.close()


def test_a_run_on_another_machine_lives_while_it_gives_signs(
    state_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a process that cannot be seen only its silence tells; settled in error, it comes back by itself."""
    monkeypatch.setattr(writer, "HEARTBEAT_SECONDS", 0.05)
    store, looker = DatabaseStore(state_url), DatabaseStore(state_url)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(owner, "_machine", lambda: "another machine")
        recorder = store.record("dev", prints("a")).__enter__()
    start(recorder, "r1", "a")
    first = _heartbeat_after(looker, 0)
    _heartbeat_after(looker, first)

    assert looker.runs()[0].status is Status.RUNNING
    monkeypatch.setattr(settle, "SILENCE_SECONDS", -1)
    _wait_for(looker, Status.INTERRUPTED)
    monkeypatch.setattr(settle, "SILENCE_SECONDS", 60)
    _wait_for(looker, Status.RUNNING)
    recorder.__exit__(None, None, None)
    looker.close()
    store.close()


def _status(url: str, run_id: str) -> Status:
    store = DatabaseStore(url)
    run = store.run(run_id)
    store.close()
    assert run is not None
    return run.status


def _settled_status(url: str, run_id: str) -> Status:
    """The status at the first look after the process's last thread is gone."""
    deadline = time.monotonic() + 10
    while (status := _status(url, run_id)) is Status.RUNNING and time.monotonic() < deadline:
        pass
    return status


def _wait_for(store: DatabaseStore, status: Status) -> None:
    deadline = time.monotonic() + 30
    while store.runs()[0].status is not status:
        assert time.monotonic() < deadline


def _heartbeat_after(store: DatabaseStore, earlier: int) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        store.runs()
        if store._is_ready:
            with store._engine.begin() as connection:
                heartbeat: int | None = connection.execute(sa.select(runs.c.heartbeat_at)).scalar()
            if heartbeat is not None and heartbeat > earlier:
                return heartbeat
    pytest.fail(f"no sign of life by {datetime.now().astimezone()}")
