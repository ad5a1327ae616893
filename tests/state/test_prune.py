"""`pydbt state prune`: old runs go, what plans need stays, and nobody waits."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from pydbt.core.events import TaskFinished
from pydbt.core.results import Status
from pydbt.core.state import pruning
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.pruning import prune_state
from pydbt.core.state.soundness import check_state
from pydbt.errors import StateDamagedError, StateWriteError
from tests.core.state.story import NOON, ended, prints, remember, start

DAY = timedelta(days=1)


@pytest.fixture
def state(state_url: str) -> str:
    """Ten runs on one target, a day apart, and two on another; one task has ended well in the first only."""
    store = DatabaseStore(state_url)
    remember(store, "old0", ended("once"), ended("a"), target="prod", at=NOON - 90 * DAY)
    remember(store, "old1", ended("a"), target="prod", at=NOON - 80 * DAY, fingerprints=prints("a", "once"))
    for number in range(10):
        status = Status.SUCCESS if number == 0 else Status.FAILED
        at = NOON + number * DAY
        remember(store, f"r{number}", ended("a", at=at), ended("once", status, at=at), at=at)
    store.close()
    return state_url


def _ids(url: str) -> list[str]:
    store = DatabaseStore(url)
    ids = [run.id for run in store.runs(limit=100)]
    store.close()
    return ids


def test_the_latest_runs_of_each_target_are_kept(state: str) -> None:
    """A target that seldom runs does not lose its runs to one that runs often."""
    done = prune_state(state, Path(), keep=3)

    assert (done.runs, done.task_runs, done.kept) == (7, 14, 5)
    assert done.latest == NOON + 6 * DAY
    assert _ids(state) == ["r9", "r8", "r7", "old1", "old0"]
    assert check_state(state, Path()).is_sound


def test_runs_before_a_day_go_but_for_the_latest_of_each_target(state: str) -> None:
    """What `pydbt retry` and the next plan compare with stays, however old."""
    done = prune_state(state, Path(), before=NOON + 4 * DAY)

    assert done.runs == 5
    assert _ids(state) == ["r9", "r8", "r7", "r6", "r5", "r4", "old1"]


def test_one_target_alone(state: str) -> None:
    """The runs of the others are not looked at."""
    prune_state(state, Path(), keep=1, target="dev")

    assert _ids(state) == ["r9", "old1", "old0"]


def test_what_is_known_of_each_task_stays_as_it_was(state: str) -> None:
    """The last success of a task is known though its run is gone: a plan after it is the plan before it."""
    store = DatabaseStore(state)
    before = store.history("dev"), store.history("prod"), store.latest_run("dev"), store.latest_run("prod")

    prune_state(state, Path(), keep=1)

    after = store.history("dev"), store.history("prod"), store.latest_run("dev"), store.latest_run("prod")
    assert after == before
    assert before[0]["once"].last_success_at == NOON + timedelta(seconds=2.5)
    store.close()


def test_a_dry_run_counts_the_same_and_removes_nothing(state: str) -> None:
    """Its figures are those of the real one."""
    before = _ids(state)

    would = prune_state(state, Path(), keep=2, dry_run=True)

    assert _ids(state) == before
    assert prune_state(state, Path(), keep=2) == would


def test_a_state_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Nothing to remove is no error."""
    assert prune_state("sqlite:///state.db", tmp_path, keep=1).runs == 0
    assert [*tmp_path.iterdir()] == []


def test_a_run_that_goes_on_stays(state: str) -> None:
    """However many newer ones there are."""
    store = DatabaseStore(state)
    with store.record("dev", prints("a", "once")) as recorder:
        start(recorder, "going", "a")
        while "going" not in _ids(state):
            pass
        remember(store, "newer", ended("a"), fingerprints=prints("a", "once"))
        prune_state(state, Path(), keep=1)
        recorder(TaskFinished(ended("a")))
    assert _ids(state)[:2] == ["newer", "going"]
    store.close()


def test_no_run_waits_for_a_pruning(state_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go in small transactions, and in between whoever wants to write has the state to himself."""
    store = DatabaseStore(state_url)
    tasks = [ended(f"task_{number}") for number in range(20)]
    for number in range(60):
        remember(store, f"r{number:03}", *tasks)
    monkeypatch.setattr(pruning, "_TASK_RUNS_AT_ONCE", 40)
    longest, is_over = [0.0], threading.Event()

    def record() -> None:
        number = 0
        while not is_over.is_set():
            begun = time.monotonic()
            remember(store, f"meanwhile{number}", ended("task_0"), fingerprints=prints("task_0"))
            longest[0] = max(longest[0], time.monotonic() - begun)
            number += 1

    writer = threading.Thread(target=record)
    writer.start()
    done = prune_state(state_url, Path(), keep=1)
    is_over.set()
    writer.join()

    assert done.runs >= 59
    # The whole of it takes longer; whoever had waited for its end would have waited for seconds.
    assert longest[0] < 5
    assert check_state(state_url, Path()).is_sound
    store.close()


def test_a_run_that_was_removed_while_it_went_on_is_told(state: str) -> None:
    """A machine that slept comes back to find its run settled and gone: an error, not half a run."""
    store = DatabaseStore(state)
    recorder = store.record("dev", prints("a", "once"))
    start(recorder, "slept", "a")
    while "slept" not in _ids(state):
        pass
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM _pydbt_task_runs WHERE run = 13")
        connection.exec_driver_sql("DELETE FROM _pydbt_runs WHERE id = 'slept'")

    with pytest.raises(StateWriteError, match="removed from the state while it went on"):
        recorder.__exit__(None, None, None)

    assert "slept" not in _ids(state)
    store.close()


def test_a_damaged_state_is_not_pruned(state: str) -> None:
    """What would go cannot be told of a row that has changed."""
    store = DatabaseStore(state)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE _pydbt_runs SET started_at = 5 WHERE number = 4")
    store.close()

    with pytest.raises(StateDamagedError, match="pydbt state repair"):
        prune_state(state, Path(), keep=1)
