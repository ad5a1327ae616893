"""The state in a database: a SQLite file by default, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pydbt.core.results import Fingerprint, Run, TaskHistory
from pydbt.core.state.engine import is_postgresql, reading, use_wal, writing
from pydbt.core.state.failures import told
from pydbt.core.state.location import is_new, make_file
from pydbt.core.state.migrations import lock, migrate
from pydbt.core.state.place import place_at
from pydbt.core.state.recorder import Recorder
from pydbt.core.state.rows import DamagedRowError, Row, history_from, opened, run_from, task_run_from
from pydbt.core.state.schema import runs, task_runs, tasks
from pydbt.core.state.settle import dead_runs, settle
from pydbt.core.state.writer import Recording, Writer
from pydbt.core.state.writes import newest_number, write
from pydbt.owner.files import sweep

# A plan must not take longer with each run that was ever made: the table of tasks, which does not grow, is
# checked each time, that of runs up to a size, and its index on ids only when an id is not found by it.
_CHECK_TASKS = "PRAGMA integrity_check('_pydbt_tasks')"
_CHECK_IDS = "PRAGMA integrity_check('_pydbt_runs')"
_CHECK_RUNS = "PRAGMA quick_check('_pydbt_runs')"
_CHECKED_RUNS = 10_000
_KNOWN = sa.select(tasks).where(tasks.c.target == sa.bindparam("of_target"))


class DatabaseStore:
    """A ``StateStore`` in a database of its own or shared with others, its tables told apart by a prefix.

    Reading never makes anything: a state that is not there yet is an empty one. The file and the tables
    are made when the first run is recorded.

    Args:
        url: The setting ``state``.
        root: The project's folder, where a relative path begins.

    Raises:
        StateUrlError: The state cannot live at this URL.
        StateDriverError: The package for this database is not installed.
    """

    def __init__(self, url: str, root: Path | None = None) -> None:
        self._place = place_at(url, root or Path.cwd())
        self._path, self._name = self._place.path, self._place.name
        self._engine: Engine = self._place.engine
        self._writer = Writer(self._write, self._name)
        self._lock = Lock()
        self._is_ready = False

    def __repr__(self) -> str:
        return f"DatabaseStore({self._name!r})"

    def history(self, target: str) -> dict[str, TaskHistory]:
        """What is known of each task on this target, by name."""
        with self._settled() as connection:
            if connection is None:
                return {}
            _ask_sqlite(connection, _CHECK_TASKS)
            rows = connection.execute(_KNOWN, {"of_target": target}).mappings()
            histories = [opened(tasks, row, history_from) for row in rows]
        return {history.task: history for history in histories}

    def latest_run(self, target: str) -> Run | None:
        """The run recorded last on this target, with its task runs."""
        with self._settled() as connection:
            found = [] if connection is None else _latest_runs(connection, target, 1)
            return _run_with_tasks(connection, found[0]) if connection is not None and found else None

    def runs(self, target: str | None = None, limit: int = 20) -> list[Run]:
        """The latest runs, newest first, without their task runs."""
        with self._settled() as connection:
            found = [] if connection is None else _latest_runs(connection, target, limit)
            return [opened(runs, row, run_from) for row in found]

    def run(self, run_id: str) -> Run | None:
        """The run of this id with its task runs, in the order they ended, running ones last."""
        with self._settled() as connection:
            if connection is None:
                return None
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).mappings().first()
            if row is None:
                _ask_sqlite(connection, _CHECK_IDS)
                return None
            return _run_with_tasks(connection, row)

    def record(self, target: str, fingerprints: Mapping[str, Fingerprint]) -> Recorder:
        """A listener that remembers one run; see ``StateStore.record``.

        Raises:
            StateError: The state cannot be opened, so that this is known before the run begins.
        """
        with told(self._name):
            self._open(create=True)
        self._writer.start()
        recording = Recording(target, fingerprints)
        return Recorder(
            target,
            fingerprints,
            keep=lambda note: self._writer.keep(recording, note),
            finish=lambda: self._writer.finish(recording),
        )

    def close(self) -> None:
        """Write what is left and let go of files and connections; a second call does nothing."""
        self._writer.close()
        self._engine.dispose()

    def _write(self, recordings: Sequence[Recording]) -> None:
        with told(self._name), writing(self._engine) as connection:
            lock(connection, self._name)
            write(connection, recordings)

    @contextmanager
    def _settled(self) -> Iterator[Connection | None]:
        """A connection to read on, dead runs settled first; None while there is no state."""
        with told(self._name):
            if not self._open(create=False):
                yield None
                return
            with reading(self._engine) as connection:
                dead = dead_runs(connection)
                if not dead:
                    yield connection
                    return
            with writing(self._engine) as connection:
                lock(connection, self._name)
                settle(connection, dead)
            with reading(self._engine) as connection:
                yield connection

    def _open(self, *, create: bool) -> bool:
        """Whether the tables are there, made now if they have to be."""
        with self._lock:
            if not self._is_ready and (create or self._exists()):
                if self._path and is_new(self._path):
                    make_file(self._path)
                elif self._path:
                    sweep(self._path.parent)
                if self._path:
                    self._place.version()  # A damaged file is refused before anything is written to it.
                    use_wal(self._engine)
                migrate(self._engine, self._name)
                self._is_ready = True
            return self._is_ready

    def _exists(self) -> bool:
        return self._place.version() > 0


def _latest_runs(connection: Connection, target: str | None, limit: int) -> Sequence[Row]:
    """The newest rows first, found by their numbers alone: an index on targets could lie about the latest."""
    if newest_number(connection) <= _CHECKED_RUNS:
        _ask_sqlite(connection, _CHECK_RUNS)
    query = sa.select(runs).order_by(runs.c.number.desc()).limit(limit)
    if target is not None:
        query = query.where(runs.c.target == target)
    return connection.execute(query).mappings().all()


def _run_with_tasks(connection: Connection, row: Row) -> Run:
    order = (task_runs.c.place.is_(None), task_runs.c.place, task_runs.c.task)
    query = sa.select(task_runs).where(task_runs.c.run == row["number"]).order_by(*order)
    found = connection.execute(query).mappings().all()
    ended = tuple(opened(task_runs, each, task_run_from) for each in found)
    # An index that names one row twice hides another.
    names = {task_run.task for task_run in ended}
    if not len(names) == len(found) == row["task_count"]:
        raise DamagedRowError(f"the run {row['id']} had {row['task_count']} task runs and has {len(names)}")
    return replace(opened(runs, row, run_from), task_runs=ended)


def _ask_sqlite(connection: Connection, check: str) -> None:
    """Checksums find rows that have changed; rows that have gone missing only SQLite itself can find."""
    if not is_postgresql(connection):
        answer = connection.exec_driver_sql(check).scalars().first()
        if answer != "ok":
            raise DamagedRowError(f"SQLite says {answer}")
