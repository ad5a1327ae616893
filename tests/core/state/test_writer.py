"""The writer's thread: what goes wrong in it is told, and does not end it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from pydbt.core.results import Run, Status
from pydbt.core.state.recorder import Note
from pydbt.core.state.writer import Recording, Writer
from pydbt.errors import StateWriteError

ENDED = Run("r1", "dev", datetime(2026, 1, 31, tzinfo=UTC), Status.SUCCESS)


def test_an_unexpected_error_is_told_and_the_next_run_is_still_written() -> None:
    """A mistake of ours in one run must not make it wait, nor lose the runs after it."""
    written = set()

    def write(recording: Recording) -> None:
        if recording.target == "bad":
            msg = "too large"
            raise OverflowError(msg)
        written.add(recording.target)

    writer = Writer(write, "state.db")
    writer.start()
    bad, good = Recording("bad", {}), Recording("good", {})
    writer.keep(bad, Note(ENDED))
    writer.keep(good, Note(ENDED))
    with pytest.raises(StateWriteError, match="OverflowError: too large"):
        writer.finish(bad)
    writer.finish(good)
    writer.close()

    assert written == {"good"}


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
