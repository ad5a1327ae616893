"""A store that forgets when the process ends: for tests, and for runs that shall leave no trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from pydbt.core.results import Fingerprint, Run, Status, TaskHistory
from pydbt.core.state.base import advanced
from pydbt.core.state.recorder import Note, Recorder, TaskNote


class MemoryStore:
    """A ``StateStore`` in plain dictionaries.

    >>> store = MemoryStore()
    >>> store.history("dev"), store.latest_run("dev"), store.runs()
    ({}, None, [])
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: dict[str, Run] = {}
        self._task_notes: dict[str, dict[str, TaskNote]] = {}
        self._histories: dict[str, dict[str, TaskHistory]] = {}

    def history(self, target: str) -> dict[str, TaskHistory]:
        """What is known of each task on this target, by name."""
        with self._lock:
            return dict(self._histories.get(target, {}))

    def latest_run(self, target: str) -> Run | None:
        """The run recorded last on this target, with its task runs."""
        latest = self.runs(target, limit=1)
        return self.run(latest[0].id) if latest else None

    def runs(self, target: str | None = None, limit: int = 20) -> list[Run]:
        """The latest runs, newest first, without their task runs."""
        with self._lock:
            runs = [run for run in self._runs.values() if target is None or run.target == target]
        return runs[::-1][:limit]

    def run(self, run_id: str) -> Run | None:
        """The run of this id with its task runs, in the order they ended, running ones last."""
        with self._lock:
            run = self._runs.get(run_id)
            notes = list(self._task_notes.get(run_id, {}).values())
        if run is None:
            return None
        notes.sort(key=lambda note: (note.position is None, note.position, note.task_run.task))
        return replace(run, task_runs=tuple(note.task_run for note in notes))

    def record(self, target: str, fingerprints: Mapping[str, Fingerprint]) -> Recorder:
        """A listener that remembers one run; see ``StateStore.record``."""

        def keep(note: Note) -> None:
            with self._lock:
                if note.run.id not in self._runs:
                    self._forget_others(target, fingerprints)
                self._keep(note)

        return Recorder(target, fingerprints, keep, finish=lambda: None)

    def close(self) -> None:
        """Nothing to do: there is nothing to let go of."""

    def _keep(self, note: Note) -> None:
        run, task = note.run, note.task
        self._runs[run.id] = run
        if task is None:
            return
        self._task_notes.setdefault(run.id, {})[task.task_run.task] = task
        if task.task_run.status is Status.RUNNING:
            return
        histories = self._histories.setdefault(run.target, {})
        earlier = histories.get(task.task_run.task)
        history = advanced(earlier, task.task_run, task.fingerprint, task.ended_at)
        if history is not None:
            histories[history.task] = history

    def _forget_others(self, target: str, fingerprints: Mapping[str, Fingerprint]) -> None:
        histories = self._histories.get(target, {})
        for task in histories.keys() - fingerprints.keys():
            del histories[task]
