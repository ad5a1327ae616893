"""What every store promises: each test runs on memory, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from pydbt.core.events import AttemptFailed, RunFinished, RunStarted, TaskFinished, TaskStarted
from pydbt.core.results import Fingerprint, Run, Status, TaskHistory, TaskRun
from pydbt.core.state.base import StateStore
from tests.core.state.story import BROKEN, NOON, ONE_SECOND, ended, finish, plan, prints, remember, start

OLD, NEW = Fingerprint("c1", "s1"), Fingerprint("c2", "s1")
NEXT_DAY = NOON + timedelta(days=1)


def test_an_empty_store_knows_nothing(store: StateStore) -> None:
    """Before the first run there is no history, no latest run, and no run by any id."""
    known = store.history("dev"), store.latest_run("dev"), store.runs(), store.run("nosuch")

    assert known == ({}, None, [], None)


def test_a_run_comes_back_as_it_was(store: StateStore) -> None:
    """Every field of a run and of its task runs, failure included, survives, in the order they ended."""
    task_runs = (
        ended("b"),
        ended("a", Status.FAILED),
        ended("d", Status.UPSTREAM_FAILED),
        ended("c", Status.SKIPPED),
    )

    told = remember(store, "r1", *task_runs)

    assert store.run("r1") == store.latest_run("dev") == told


@pytest.mark.parametrize(
    "on", [date(2026, 1, 31), NOON + ONE_SECOND / 7, NOON.astimezone(timezone(timedelta(hours=-9.5))), None]
)
def test_what_a_run_was_for_is_kept(store: StateStore, on: date | None) -> None:
    """A day, a moment with its zone, or nothing: what an earlier version has written."""
    with store.record("dev", prints("a")) as recorder:
        start(recorder, "r1", "a")
        recorder(RunFinished(Run("r1", "dev", NOON, Status.SUCCESS, on=on)))

    (run,) = store.runs()

    assert (str(run.on), type(run.on)) == (str(on), type(on))


def test_what_checks_warn_of_is_kept(store: StateStore) -> None:
    """In any script and of any length, without passwords and what no database takes."""
    warned = replace(
        ended("a"), warnings=("unique(é): 2 rows", "to pg://ann:s3cret@db\0\udc80", "x" * 99_999)
    )

    remember(store, "r1", warned, ended("b"))

    kept = store.run("r1")
    assert kept is not None
    assert [task_run.warnings[:2] for task_run in kept.task_runs] == [
        ("unique(é): 2 rows", "to pg://ann:***@db\\x00\\udc80"),
        (),
    ]
    assert 5000 < len(kept.task_runs[0].warnings[2]) < 20_000


def test_success_sets_the_whole_history(store: StateStore) -> None:
    """A success keeps the fingerprint, the moment it ended and how long it took."""
    remember(store, "r1", ended("a"))

    ended_at = NOON + timedelta(seconds=2.5)
    assert store.history("dev") == {"a": TaskHistory("a", OLD, Status.SUCCESS, ended_at, 2.5)}


def test_failure_moves_the_fingerprint_but_not_the_last_success(store: StateStore) -> None:
    """A failed attempt never uses up the time to live of the last success."""
    remember(store, "r1", ended("a"))
    remember(store, "r2", ended("a", Status.FAILED, NEXT_DAY, 99.0), fingerprints={"a": NEW}, at=NEXT_DAY)

    success_at = NOON + timedelta(seconds=2.5)
    assert store.history("dev")["a"] == TaskHistory("a", NEW, Status.FAILED, success_at, 2.5)


@pytest.mark.parametrize("status", [Status.UPSTREAM_FAILED, Status.INTERRUPTED])
def test_what_did_not_run_to_an_end_keeps_the_old_fingerprint(store: StateStore, status: Status) -> None:
    """A failed upstream and an interruption say nothing about new code: it stays to be tried."""
    remember(store, "r1", ended("a"))
    remember(store, "r2", ended("a", status, NEXT_DAY), fingerprints={"a": NEW}, at=NEXT_DAY)

    history = store.history("dev")["a"]
    assert (history.fingerprint, history.last_status, history.seconds) == (OLD, status, 2.5)


def test_a_skip_changes_nothing_of_the_history(store: StateStore) -> None:
    """A task that was skipped has the history it had, though its code may have changed."""
    remember(store, "r1", ended("a"))
    before = store.history("dev")

    remember(store, "r2", ended("a", Status.SKIPPED), fingerprints={"a": NEW})

    assert store.history("dev") == before


def test_a_task_that_was_only_ever_skipped_is_known_but_has_not_succeeded(store: StateStore) -> None:
    """The next run finds it equal, not added, and still runs it when it is due: it never succeeded."""
    remember(store, "r1", ended("a", Status.SKIPPED))
    remember(store, "r2", ended("a", Status.SKIPPED), fingerprints={"a": NEW})

    history = store.history("dev")["a"]
    assert (history.fingerprint, history.last_status) == (OLD, Status.SKIPPED)
    assert (history.last_success_at, history.seconds) == (None, 0.0)


def test_tasks_that_left_the_project_are_forgotten_but_their_runs_stay(store: StateStore) -> None:
    """The run that no longer has a task removes its history; what it did in earlier runs stays."""
    remember(store, "r1", ended("a"), ended("b"))

    remember(store, "r2", ended("a"))

    earlier = store.run("r1")
    assert earlier is not None
    assert [*store.history("dev")] == ["a"]
    assert [task_run.task for task_run in earlier.task_runs] == ["a", "b"]


def test_tasks_that_were_not_selected_are_not_forgotten(store: StateStore) -> None:
    """A run of one task leaves the histories of the project's other tasks alone."""
    remember(store, "r1", ended("a"), ended("b"))

    remember(store, "r2", ended("a"), fingerprints=prints("a", "b"))

    assert {*store.history("dev")} == {"a", "b"}


def test_targets_do_not_see_each_other(store: StateStore) -> None:
    """One store serves several targets, and what one forgets the others keep."""
    remember(store, "r1", ended("a"), target="dev")
    remember(store, "r2", ended("a", Status.FAILED), ended("b"), target="prod")
    remember(store, "r3", ended("b"), target="dev")

    dev, prod = store.history("dev"), store.history("prod")
    assert ({*dev}, {*prod}, prod["a"].last_status) == ({"b"}, {"a", "b"}, Status.FAILED)
    assert [(run.id, run.target) for run in store.runs()] == [("r3", "dev"), ("r2", "prod"), ("r1", "dev")]
    assert [run.id for run in store.runs("dev")] == ["r3", "r1"]
    assert getattr(store.latest_run("prod"), "id", None) == "r2"


def test_runs_are_the_newest_and_come_without_their_tasks(store: StateStore) -> None:
    """A list of runs is as long as asked for, newest first."""
    for number in range(5):
        remember(store, f"r{number}", ended("a"))

    runs = store.runs(limit=2)

    assert [(run.id, run.task_runs) for run in runs] == [("r4", ()), ("r3", ())]


def test_the_latest_run_is_the_one_recorded_last_whatever_the_clock_says(store: StateStore) -> None:
    """A clock that was set back does not bring an old run forward."""
    remember(store, "r1", ended("a"), at=NEXT_DAY)
    remember(store, "r2", ended("a"), at=NOON)

    assert [run.id for run in store.runs()] == ["r2", "r1"]
    assert getattr(store.latest_run("dev"), "id", None) == "r2"


@pytest.mark.parametrize("year", [1970, 2038, 2100])
def test_times_of_any_century_come_back_in_utc(store: StateStore, year: int) -> None:
    """A moment is a moment: other zones come back as UTC, to the microsecond."""
    at = datetime(year, 1, 1, 5, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))

    remember(store, "r1", ended("a", at=at, seconds=0.0), at=at)

    run = store.run("r1")
    assert run is not None
    assert (run.started_at, store.history("dev")["a"].last_success_at) == (at, at)


def test_success_after_retries_counts_from_the_last_attempt(store: StateStore) -> None:
    """The moment of success is the start of the attempt that succeeded plus its duration."""
    with store.record("dev", prints("a")) as recorder:
        start(recorder, "r1", "a")
        recorder(AttemptFailed("a", 1, BROKEN, 60.0))
        recorder(TaskStarted("a", 2, NOON + 60 * ONE_SECOND))
        finish(recorder, "r1", [TaskRun("a", Status.SUCCESS, "due", 2, NOON, 1.0)])

    assert store.history("dev")["a"].last_success_at == NOON + 61 * ONE_SECOND


def test_a_run_that_leaves_without_finishing_is_interrupted(store: StateStore) -> None:
    """An exception between the events leaves no running ghost, and what had ended is kept."""

    def broken_off() -> None:
        with store.record("dev", prints("a", "b", "c")) as recorder:
            start(recorder, "r1", "a", "b")
            recorder(TaskFinished(ended("a")))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()

    run = store.run("r1")
    assert run is not None
    assert (run.status, run.on) == (Status.INTERRUPTED, NOON)
    assert run.task_runs == (ended("a"), TaskRun("b", Status.INTERRUPTED, "due", 1, NOON))
    statuses = {task: history.last_status for task, history in store.history("dev").items()}
    assert statuses == {"a": Status.SUCCESS, "b": Status.INTERRUPTED}


def test_a_recorder_that_heard_nothing_leaves_no_run(store: StateStore) -> None:
    """A run that was refused before it began is no run."""
    with store.record("dev", prints("a")):
        pass

    assert store.runs() == []


def test_what_runs_can_be_watched(store: StateStore) -> None:
    """While a run goes on its state says so: which tasks ended, and which run, since when and why."""
    with store.record("dev", prints("a", "b")) as recorder:
        start(recorder, "r1", "a", "b")
        recorder(TaskFinished(ended("a")))
        run = _soon(store, "r1", task_runs=2)
        finish(recorder, "r1", [ended("b")])

    assert run.status is Status.RUNNING
    assert run.task_runs == (ended("a"), TaskRun("b", Status.RUNNING, "due", 1, NOON))


def test_secrets_and_odd_bytes_in_failures_are_made_fit_to_keep(store: StateStore) -> None:
    """Passwords in URLs are hidden, and NUL and lone surrogates, which databases refuse, are spelt out."""
    message = "at postgresql://ann:s3cret@db/x\0\ud800"
    failure = replace(BROKEN, message=message, traceback=message, hint=message, where=message)

    remember(store, "r1", replace(ended("a", Status.FAILED), failure=failure))

    run = store.run("r1")
    assert run is not None
    kept = run.task_runs[0].failure
    safe = "at postgresql://ann:***@db/x\\x00\\ud800"
    assert kept == replace(BROKEN, message=safe, traceback=safe, hint=safe, where=safe)


def test_a_message_of_any_length_is_kept_in_part(store: StateStore) -> None:
    """A failure that says a gigabyte does not make the state grow by one: both ends are kept."""
    failure = replace(BROKEN, message="begin" + "x" * 1_000_000 + "end")

    remember(store, "r1", replace(ended("a", Status.FAILED), failure=failure))

    run = store.run("r1")
    assert run is not None
    kept = run.task_runs[0].failure
    assert kept is not None
    assert len(kept.message) < 11_000
    assert (kept.message[:5], kept.message[-3:]) == ("begin", "end")


def test_a_task_without_a_fingerprint_does_not_hurt_the_run(store: StateStore) -> None:
    """A task the caller forgot gets a fingerprint that equals no other, so that it runs again."""
    with store.record("dev", {}) as recorder:
        recorder(RunStarted("r1", NOON, plan("a"), 1))
        finish(recorder, "r1", [ended("a")])

    assert store.history("dev")["a"].fingerprint == Fingerprint("", "")


def test_a_thousand_tasks_in_one_run(store: StateStore) -> None:
    """More tasks than a statement takes parameters or a batch takes rows are all kept."""
    tasks = [f"task_{number}" for number in range(1000)]
    remember(store, "r1", *(ended(task) for task in tasks))
    told = remember(store, "r2", *(ended(task) for task in reversed(tasks)))

    assert store.latest_run("dev") == told
    assert {*store.history("dev")} == {*tasks}


def test_closing_twice_does_nothing(store: StateStore) -> None:
    """Whoever tidies up need not know whether somebody else did."""
    remember(store, "r1", ended("a"))

    store.close()
    store.close()


def _soon(store: StateStore, run_id: str, task_runs: int) -> Run:
    """The run, as soon as the writer has caught up."""
    while True:
        run = store.run(run_id)
        if run is not None and len(run.task_runs) == task_runs and run.task_runs[0].rows is not None:
            # How long it has been running is the one thing that nobody can foretell.
            return replace(run, seconds=0.0)
