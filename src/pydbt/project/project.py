"""A Project: the folder with ``pydbt.toml``, opened for one target. The command line, as methods."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydbt.connections import ConnectionReport, check
from pydbt.core.dag import Dag
from pydbt.core.extent import Extent, until
from pydbt.core.fingerprint import fingerprints
from pydbt.core.intervals import Span
from pydbt.core.materialization import Seed
from pydbt.core.plan import Plan, make_plan
from pydbt.core.results import Fingerprint, Run
from pydbt.core.selector import select as select_tasks
from pydbt.core.task import Task
from pydbt.errors import (
    HistoryError,
    ModelFilesError,
    NotATableError,
    TableNotFoundError,
    TaskResultError,
    UnknownIntervalsError,
    UnknownTaskError,
    did_you_mean,
    hide_passwords,
)
from pydbt.project.backfill import checked_range, incremental_of, refreshed
from pydbt.project.body import Bodies
from pydbt.project.checking import Tested, tested
from pydbt.project.loader import Loaded, load_tasks
from pydbt.project.manifest import Manifest, manifest_of
from pydbt.project.resources import Resources
from pydbt.project.settings import Settings, find_root, load_settings

if TYPE_CHECKING:
    from pydbt.core.events import Listener
    from pydbt.core.state.base import StateStore
    from pydbt.sql.dataframe import DataFrame


class Project:
    """A project opened for one target.

    Args:
        settings: What ``pydbt.toml`` says.
        target: The target's name; the default target when not given.
        is_reading: Nothing will be run: a database file that is not there yet is not made.
    """

    def __init__(self, settings: Settings, target: str | None = None, *, is_reading: bool = False) -> None:
        self.settings = settings
        self.target = settings.target(target)
        self.resources = Resources(settings, self.target, is_reading=is_reading)

    @classmethod
    def open(
        cls, start: Path | None = None, *, target: str | None = None, is_reading: bool = False
    ) -> Project:
        """The project in the folder ``start`` or the nearest one above it; by default the current folder.

        Raises:
            ProjectNotFoundError: There is no ``pydbt.toml`` in any of them.
        """
        root = find_root((start or Path.cwd()).resolve())
        return cls(load_settings(root), target, is_reading=is_reading)

    @functools.cached_property
    def loaded(self) -> Loaded:
        """The tasks of the model files, and the errors of the files that failed."""
        settings = self.settings
        return load_tasks(settings.root, settings.models, timeout_seconds=settings.load_timeout_seconds)

    @functools.cached_property
    def dag(self) -> Dag:
        """The DAG of all tasks.

        Raises:
            PyDBTError: A model file failed, or the tasks make no DAG.
        """
        if self.loaded.errors:
            first = self.loaded.errors[0]
            raise first if len(self.loaded.errors) == 1 else ModelFilesError(self.loaded.errors)
        return Dag.of(self.loaded.tasks)

    @functools.cached_property
    def bodies(self) -> Bodies:
        """What calls the tasks' functions."""
        return Bodies(self.dag, self.resources)

    @functools.cached_property
    def fingerprints(self) -> Mapping[str, Fingerprint]:
        """The fingerprint of every task as it stands now."""
        config = self.settings.config
        return fingerprints(self.dag.tasks.values(), config=config, root=self.settings.root)

    @property
    def state_url(self) -> str:
        """The state's database, without its password."""
        return hide_passwords(self.settings.state)

    @functools.cached_property
    def state(self) -> StateStore:
        """The memory between runs."""
        from pydbt.core.state import open_state

        return open_state(self.settings.expand(self.settings.state, ("state",)), self.settings.root)

    def select(self, select: Sequence[str] = (), exclude: Sequence[str] = ()) -> tuple[str, ...]:
        """The names that the selectors choose, in the order of the DAG; all without any."""
        chosen = select_tasks(self.dag, select, exclude, self.settings.root)
        return tuple(name for name in self.dag.order() if name in chosen)

    def plan(
        self,
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        *,
        force: bool = False,
        full_refresh: bool = False,
        on: date | None = None,
    ) -> Plan:
        """What a run at that moment, or on that day, would do and why; ``on`` is now by default.

        ``full_refresh`` makes the tables of the selected incremental tasks anew.

        Raises:
            UsageError: A full refresh of tasks of which none is incremental.
            PyDBTError: The database cannot be asked whether what a task has published is there.
        """
        if not self.dag.tasks:
            raise UnknownTaskError(
                "the project has no tasks",
                where=f"the folder {self.settings.models}",
                hint="put @Task above a function in one of its files",
            )
        now = datetime.now().astimezone()
        previous = self.state.latest_run(self.target.name)
        selected = self.select(select, exclude)
        rebuilt = refreshed(self.dag, selected) if full_refresh else ()
        missing, refused = self._missing(selected, min(until(on or now), until(now)), frozenset(rebuilt))
        make = functools.partial(
            make_plan,
            self.dag,
            on=on or now,
            now=now,
            selected=frozenset(selected),
            rebuilt=rebuilt,
            missing=missing,
            lacking={**self._lacking(selected), **refused},
            fingerprints=self.fingerprints,
            history=self.state.history(self.target.name),
            forced=force,
            previous_run=previous.id if previous else None,
        )
        plan = make()
        gone = self._gone(plan.taken_as_there)
        return make(gone=gone) if gone else plan

    def backfill_plan(self, name: str, first: date, last: date) -> Plan:
        """The plan that makes the rows of these days once more, the last day included.

        For a task with a start it makes what is over of them from there on: the plan's ``redone``.

        Raises:
            UsageError: The task is not incremental, what rows are of a day is not known, or none can be made.
        """
        now = datetime.now().astimezone()
        span = checked_range(self.task(name), first, last, until(now))
        previous = self.state.latest_run(self.target.name)
        return make_plan(
            self.dag,
            on=now,
            selected=frozenset((name,)),
            fingerprints=self.fingerprints,
            history=self.state.history(self.target.name),
            redone=span,
            previous_run=previous.id if previous else None,
        )

    def _missing(
        self, names: Sequence[str], moment: datetime, rebuilt: frozenset[str]
    ) -> tuple[dict[str, tuple[Span, ...]], dict[str, str]]:
        """The time that is over and not in the tables of those of the tasks that keep account of it.

        And why no time is added to others of these tables: their runs will be refused.
        """
        kept = [self.dag.tasks[name] for name in incremental_of(self.dag, names, is_kept=True)]
        if kept:
            self.resources.connect()
        missing, refused = {}, {}
        extent = Extent(datetime.now(UTC), moment, rebuilt)
        for task in kept:
            try:
                missing[task.name] = self.bodies.increments(task, extent, {}).missing()
            except (NotATableError, UnknownIntervalsError) as error:
                refused[task.name] = error.what
        return missing, refused

    def _lacking(self, names: Sequence[str]) -> dict[str, str]:
        """What is said of the files of seeds that are not there."""
        kinds = ((name, self.dag.tasks[name].materialized) for name in names)
        return {name: kind.lacking(self.settings.root) for name, kind in kinds if isinstance(kind, Seed)}

    def _gone(self, names: Sequence[str]) -> list[str]:
        """Those of the tasks whose table or view is not there: one question to the database, if any."""
        published = [name for name in names if self.dag.tasks[name].publishes]
        if not published:
            return []
        self.resources.connect()
        self.resources.forget_tables()
        return [name for name in published if not self.resources.session.has_table(name)]

    def run(
        self,
        plan: Plan,
        *,
        listeners: Sequence[Listener] = (),
        executor: str | None = None,
        threads: int | None = None,
    ) -> Run:
        """Carry a plan out and record it in the state.

        Raises:
            ExecutorError: The process executor with an embedded DuckDB file, which one process owns.
            PyDBTError: The database cannot be reached.
        """
        from pydbt.project.running import carry_out

        return carry_out(
            self,
            plan,
            listeners=listeners,
            executor=executor or self.settings.executor,
            threads=threads or self.settings.threads,
        )

    def check_connection(self) -> ConnectionReport:
        """Connect to the target and say what answered.

        Raises:
            PyDBTError: It could not be reached; the kind says why.
        """
        report = check(self.resources.engine)
        missing = self.resources.missing_file
        return replace(report, name=f"{missing} (not there yet: pydbt run makes it)") if missing else report

    def task(self, name: str) -> Task:
        """The task of that name.

        Raises:
            UnknownTaskError: There is none; the nearest names are told.
        """
        if not name.isidentifier():
            what = f"{name!r} is not a task name" if name.strip() else "the task name is empty"
            raise UnknownTaskError(what, hint="give one of those that pydbt ls lists")
        return self.dag.task(name)

    def frame(self, name: str) -> DataFrame:
        """The DataFrame that a materialized task returns; nothing is published."""
        self.task(name)
        return self.bodies.frame(name)

    def rows(self, name: str) -> DataFrame:
        """What ``pydbt show`` shows: a materialized task's query, or the table a plain task has written."""
        task = self.task(name)
        missing = self.resources.missing_file
        if missing:
            what = f"the task {name!r} has no rows yet: {missing.name} does not exist"
            raise TableNotFoundError(what, hint=f"pydbt run +{name}")
        session = self.resources.session
        if task.materialized:
            frame = self.bodies.frame(name)
            unwritten = [each for each in self._tables_of(task) if not session.has_table(each)]
            if unwritten:
                what = f"the task {name!r} has no rows yet: it reads {unwritten[0]!r}, which is not written"
                raise TableNotFoundError(what, where=task.location, hint=f"pydbt run +{name}")
            return frame
        try:
            return session.table(name)
        except TableNotFoundError:
            raise TaskResultError(
                f"the task {name!r} has no rows to show: it returns none, and no table has its name",
                where=task.location,
                hint="only a task with materialized= has a query; a plain task does what it does",
            ) from None

    def _tables_of(self, task: Task) -> Iterator[str]:
        """The tasks whose tables a task's query reads: its own, and those of the ephemeral ones in it."""
        for name in task.parameters:
            other = self.dag.tasks.get(name)
            if other is not None and other.materialized == "ephemeral":
                yield from self._tables_of(other)
            elif other is not None:
                yield name

    def test(self, select: Sequence[str] = (), exclude: Sequence[str] = ()) -> Iterator[Tested]:
        """What comes of the selected tasks' checks on what is published, task by task.

        Raises:
            PyDBTError: The database cannot be reached.
        """
        chosen = [self.dag.tasks[name] for name in self.select(select, exclude)]
        checked = [task for task in chosen if task.checks and task.publishes]
        if checked:
            self.resources.connect()
        for task in checked:
            yield tested(task, self.resources.session)

    def manifest(self, select: Sequence[str] = (), exclude: Sequence[str] = ()) -> Manifest:
        """The DAG as values, for pictures and programs."""
        status = {
            name: known.last_status.value for name, known in self.state.history(self.target.name).items()
        }
        whole = manifest_of(self.dag, self.settings.name, status, root=self.settings.root)
        if not select and not exclude:
            return whole
        chosen = frozenset(self.select(select, exclude))
        return Manifest(whole.project, tuple(task for task in whole.tasks if task.name in chosen))

    def past_runs(self, limit: int = 20, *, target: str | None = None) -> list[Run]:
        """The latest runs with their task runs, the newest first: on every target, or on one."""
        return [self.past_run(run.id) for run in self.state.runs(target, limit)]

    def past_run(self, run_id: str) -> Run:
        """One earlier run with its task runs.

        Raises:
            HistoryError: There is no run of that id.
        """
        run = self.state.run(run_id)
        if run is None:
            known = [run.id for run in self.state.runs(limit=10)]
            hint = did_you_mean(run_id, known) or "there are no runs yet: pydbt run"
            raise HistoryError(f"there is no run {run_id!r}", hint=hint)
        return run

    def close(self) -> None:
        """Give back every connection of the project."""
        if "state" in self.__dict__:
            self.state.close()
        self.resources.close()
