"""The writer's thread: what goes wrong in it is told, and does not end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from pydbt.core.results import Run, Status
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.recorder import Note, TaskNote
from pydbt.core.state.writer import Recording, Writer
from pydbt.errors import StateWriteError
from tests.core.state.story import NOON, ended, prints, remember

_LATER = {"second": ended("a", seconds=4.0), "third": ended("a", Status.FAILED)}
ENDED = Run("r1", "dev", datetime(2026, 1, 31, tzinfo=UTC), Status.SUCCESS)


def test_an_unexpected_error_is_told_and_what_waits_with_it_is_written() -> None:
    """A mistake of ours in one run must not make it wait, nor keep another back until that one ends."""
    written = set()

    def write(recordings: Sequence[Recording]) -> None:
        targets = [recording.target for recording in recordings]
        if "bad" in targets:
            msg = "too large"
            raise OverflowError(msg)
        written.update(targets)

    writer = Writer(write, "state.db")
    bad, good = Recording("bad", {}), Recording("good", {})
    writer.keep(bad, Note(ENDED))
    writer.keep(good, Note(ENDED))
    writer.start()  # It finds both there.
    with pytest.raises(StateWriteError, match="OverflowError: too large"):
        writer.finish(bad)
    at_once = {*written}
    writer.finish(good)
    writer.close()

    assert at_once == {"good"}


def test_runs_that_wait_together_are_written_in_one_transaction(database_store: DatabaseStore) -> None:
    """Their numbers are in the order they came, and a task's history is of the one and then of the other."""
    remember(database_store, "first", ended("a"))
    batches: list[list[str]] = []

    def write(recordings: Sequence[Recording]) -> None:
        batches.append([recording.run.id for recording in recordings if recording.run])
        database_store._write(recordings)

    writer = Writer(write, "state")
    waiting = [Recording("dev", prints("a")) for _ in range(2)]
    for recording, (run_id, task_run) in zip(waiting, _LATER.items(), strict=True):
        note = TaskNote(task_run, prints("a")["a"], 0, NOON)
        writer.keep(recording, Note(Run(run_id, "dev", NOON, task_run.status), note))
    writer.start()
    for recording in waiting:
        writer.finish(recording)
    writer.close()

    known = database_store.history("dev")["a"]
    told = [run.id for run in database_store.runs()]
    assert (batches[0], told) == (["second", "third"], ["third", "second", "first"])
    assert (known.last_status, known.seconds) == (Status.FAILED, 4.0)


def test_the_end_of_a_run_does_not_wait_for_the_next_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finishes is served at once, though the writer sleeps between two batches."""
    monkeypatch.setattr("pydbt.core.state.writer.BATCH_SECONDS", 60.0)
    written = threading.Event()
    writer = Writer(lambda _: written.set(), "state.db")
    writer.start()
    recording = Recording("dev", {})
    writer.keep(recording, Note(ENDED))
    assert written.wait(30)
    writer.keep(recording, Note(ENDED))
    time.sleep(0.2)  # the writer sleeps now, with news that wait for the next batch

    begun = time.monotonic()
    writer.finish(recording)
    # Half a batch: no noise of the machine comes near it, and a missed wake-up goes far beyond.
    assert time.monotonic() - begun < 30
    writer.close()
