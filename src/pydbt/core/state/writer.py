"""One thread that writes for everybody, in batches, so that no task ever waits for the state."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from pydbt.core.results import Fingerprint, Run, Status
from pydbt.core.state.recorder import Note, TaskNote
from pydbt.errors import StateError, StateWriteError
from pydbt.owner import this_process

BATCH_SECONDS = 0.2
HEARTBEAT_SECONDS = 10.0
_AGAIN_SECONDS = 1.0
_FLUSH_SECONDS = 90.0
_NEVER = float("-inf")


class Recording:
    """What one run still has to write; only the writer's thread touches it once it is handed over.

    Args:
        target: The target of the run.
        fingerprints: Those of all tasks of the project.
    """

    def __init__(self, target: str, fingerprints: Mapping[str, Fingerprint]) -> None:
        self.target = target
        self.fingerprints = fingerprints
        self.owner = this_process()
        self.run: Run | None = None
        self.tasks: dict[str, TaskNote] = {}
        self.task_names: set[str] = set()
        self.known_names: set[str] = set()
        self.is_announced = False
        self.error: StateError | None = None
        self.has_news = False
        self._written_at = _NEVER
        self._started_at = time.monotonic()

    def take(self, note: Note) -> None:
        """Add a note; of several about one task the last one counts."""
        self.run = note.run
        self.has_news = True
        if note.task is not None:
            name = note.task.task_run.task
            self.tasks[name] = note.task
            self.task_names.add(name)

    @property
    def seconds(self) -> float:
        """How long the run has taken: what it says itself, or the time since it began."""
        assert self.run is not None
        return (
            self.run.seconds if self.is_over else max(self.run.seconds, time.monotonic() - self._started_at)
        )

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.run is not None and self.run.status is not Status.RUNNING

    def due_in(self, now: float) -> float:
        """Seconds until it wants to be written: news at once, a sign of life every now and then."""
        if self.run is None or (self.is_over and not self.has_news):
            return HEARTBEAT_SECONDS
        pause = HEARTBEAT_SECONDS
        if self.has_news:
            pause = BATCH_SECONDS if self.error is None else _AGAIN_SECONDS
        return max(0.0, self._written_at + pause - now)

    def wrote(self, error: StateError | None) -> None:
        """Take note of an attempt to write: what failed stays and is tried again."""
        self._written_at = time.monotonic()
        self.error = error
        if error is None:
            self.is_announced = True
            self.has_news = False
            self.tasks = {}


class Writer:
    """The thread, started with the first recording.

    Args:
        write: Writes what recordings hold, in one transaction for all; raises ``StateError``.
        database: The state's name in messages.
    """

    def __init__(self, write: Callable[[Sequence[Recording]], None], database: str) -> None:
        self._write = write
        self._database = database
        self._queue: SimpleQueue[tuple[Recording | None, Note | Event]] = SimpleQueue()
        self._recordings: dict[Recording, None] = {}
        self._hurry = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def keep(self, recording: Recording, note: Note) -> None:
        """Take a note, to be written soon."""
        self._queue.put((recording, note))

    def start(self) -> None:
        """Start the thread, if it does not run yet."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="pydbt-state", daemon=True)
                self._thread.start()

    def finish(self, recording: Recording) -> None:
        """Write the recording's last notes and forget it.

        Raises:
            StateWriteError: Not all of it could be written.
        """
        flushed = Event()
        self._queue.put((recording, flushed))
        self._hurry.set()
        if not flushed.wait(_FLUSH_SECONDS):
            raise StateWriteError(
                f"the state {self._database} did not take the run within {_FLUSH_SECONDS:.0f} s",
                hint="the run itself is over and not affected; tasks it ran may run again",
            )
        if recording.error is not None:
            error = recording.error
            raise StateWriteError(
                f"the run could not be remembered: {error.what}", where=error.where or None, hint=error.hint
            ) from error

    def close(self) -> None:
        """Write what is left and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put((None, Event()))
            self._hurry.set()
            thread.join(_FLUSH_SECONDS)

    def _work(self) -> None:
        while True:
            flushes = self._gather()
            now = time.monotonic()
            self._attempt_all(
                [
                    recording
                    for recording in self._recordings
                    if recording.run is not None
                    and (recording in flushes or None in flushes or recording.due_in(now) <= 0)
                ]
            )
            for recording, flushed in flushes.items():
                if recording is not None:
                    del self._recordings[recording]
                    flushed.set()
            if None in flushes:
                return

    def _gather(self) -> dict[Recording | None, Event]:
        """Take notes until a recording is due, or somebody waits for the end of one."""
        flushes: dict[Recording | None, Event] = {}
        while not flushes:
            now = time.monotonic()
            pause = min((recording.due_in(now) for recording in self._recordings), default=None)
            if pause == 0:
                break
            if any(recording.has_news for recording in self._recordings):
                # It sleeps through further notes: to wake for each would take the interpreter from the tasks.
                self._hurry.wait(pause)
            else:
                self._take(pause, flushes)
            self._drain(flushes)
        self._drain(flushes)
        return flushes

    def _drain(self, flushes: dict[Recording | None, Event]) -> None:
        """Take whatever has come meanwhile: it goes with this batch."""
        self._hurry.clear()
        while not self._queue.empty():
            self._take(0, flushes)

    def _take(self, pause: float | None, flushes: dict[Recording | None, Event]) -> None:
        try:
            recording, said = self._queue.get(timeout=pause)
        except Empty:
            return
        if recording is not None:
            self._recordings[recording] = None
        if isinstance(said, Event):
            flushes[recording] = said
        elif recording is not None:
            recording.take(said)

    def _attempt_all(self, due: Sequence[Recording]) -> None:
        """Write them in one transaction; where that fails, each by itself: one keeps no other back."""
        if not due or self._attempt(due) is None or len(due) == 1:
            return
        for recording in due:
            self._attempt([recording])

    def _attempt(self, due: Sequence[Recording]) -> StateError | None:
        error: StateError | None = None
        try:
            self._write(due)
        except StateError as refused:
            error = refused
        except Exception as mistake:  # noqa: BLE001  told at the end of the run; the thread serves other runs, too
            error = StateWriteError(f"{type(mistake).__name__}: {mistake}")
        for recording in due:
            recording.wrote(error)
        return error
