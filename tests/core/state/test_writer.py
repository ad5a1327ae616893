"""The writer's thread: what goes wrong in it is told, and does not end it."""

from __future__ import annotations

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


def test_the_end_of_a_run_does_not_wait_for_the_next_batch() -> None:
    """Whoever finishes is served at once, though the writer sleeps between two batches."""
    writer = Writer(lambda _: None, "state.db")
    writer.start()
    recording = Recording("dev", {})
    for _ in range(3):
        writer.keep(recording, Note(ENDED))
        begun = time.monotonic()
        writer.finish(recording)
        assert time.monotonic() - begun < 0.15
    writer.close()
