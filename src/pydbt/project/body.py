"""Bodies: give a task its arguments, call it, publish what it returns."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydbt.connections import cancel_all, hide_password, owning
from pydbt.core.attempt import failure_of, task_failed
from pydbt.core.dag import Dag
from pydbt.core.extent import Extent, until
from pydbt.core.incremental import Incremental
from pydbt.core.materialization import Seed
from pydbt.core.results import Outcome
from pydbt.core.task import Task
from pydbt.core.timeout import Gate, attempt_within
from pydbt.errors import FrameSourceError, PyDBTError, TableNotFoundError, TaskResultError
from pydbt.project.checking import inspection
from pydbt.project.explanation import explained
from pydbt.project.increment import Increments
from pydbt.project.layout import left_out
from pydbt.project.publishing import check_columns, publish, published_columns
from pydbt.project.resources import Resources, is_same_database

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


class Bodies:
    """Calls the functions of a DAG's tasks with the resources of one target."""

    def __init__(self, dag: Dag, resources: Resources) -> None:
        self._dag = dag
        self._resources = resources
        self._planned: dict[str, DataFrame] = {}

    def run(self, extent: Extent, name: str, run_id: str, number: int) -> Outcome:  # noqa: ARG002  the runner's signature
        """One attempt at a task: its effects, or its result published under its name. Never raises.

        Args:
            extent: The run's moment, and how far it goes with incremental tasks.
            name: The task.
            run_id: The run.
            number: The attempt's.
        """
        task = self._dag.tasks[name]
        warnings: list[str] = []
        owner = object()

        def body(gate: Gate) -> int | None:
            with owning(owner):
                return self._run(task, extent, run_id, warnings, gate)

        outcome = attempt_within(
            task.timeout,
            body,
            functools.partial(explained, task, self._resources.shown),
            cancel=lambda: map(str, cancel_all(owner)),
        )
        if outcome.failure is None and task.publishes:
            warnings += left_out(task, self._resources.session.engine)
        return replace(outcome, warnings=tuple(warnings)) if warnings else outcome

    def frame(self, name: str) -> DataFrame:
        """The DataFrame that a materialized task returns, nothing published.

        An upstream table that does not exist yet is typed by its own task, so a whole project
        compiles on an empty database.

        Raises:
            TaskResultError: The task is not materialized, or returns something else.
        """
        task = self._dag.tasks[name]
        if task.materialized is None:
            hint = "it has effects of its own; only a task with materialized= has a query"
            raise TaskResultError(f"the task {name!r} has no query to show", where=task.location, hint=hint)
        self._plan_tables(name)
        return self._compiled(task)

    def _compiled(self, task: Task) -> DataFrame:
        """What the task returns, with what it raises told as the error of a command."""
        try:
            return self._returned(task, dict(self._planned))
        except (PyDBTError, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise task_failed(task.name, failure_of(error)) from error

    def _plan_tables(self, name: str) -> None:
        """Type the tables above a task that do not exist yet, in the order of the DAG."""
        session = self._resources.session
        upstream = self._dag.upstream(name)
        for above in (task for task in self._dag.order() if task in upstream):
            task = self._dag.tasks[above]
            # An ephemeral one needs no place here: whoever uses it asks it itself.
            is_there = above in self._planned or session.has_table(above)
            if is_there or not task.publishes:
                continue
            columns = published_columns(task, self._compiled(task))
            self._planned[above] = session.declare(above, columns)

    def _run(self, task: Task, extent: Extent, run_id: str, warnings: list[str], gate: Gate) -> int | None:
        if task.materialized is None:
            try:
                task.function(**self._arguments(task, {}, {}))
            finally:
                # It may have made tables in any way it likes: what is known of them is asked again.
                self._resources.forget_tables()
            return None
        from pydbt.sql.inspection import look_at

        session = self._resources.session
        inspect = inspection(task, session, warnings)
        if isinstance(task.materialized, Incremental):
            return self.increments(task, extent, {}).publish(run_id, inspect, gate)
        frame = self._returned(task, {})
        if task.materialized == "ephemeral":
            _ = frame.query  # It compiles, or says here why not.
            if inspect is not None:
                look_at(frame, inspect)
            return None
        gate.enter()
        return publish(task, frame, session.schema, inspect, extent.moment)

    def increments(self, task: Task, extent: Extent, known: dict[str, DataFrame]) -> Increments:
        """What an incremental task adds to its table.

        Args:
            task: The task.
            extent: How far the run goes.
            known: Tables that are not there yet.
        """

        def call(own: Mapping[str, Any]) -> DataFrame:
            return self._called(task, dict(known), own)

        return Increments(task, self._resources.session, call, extent)

    def _returned(self, task: Task, known: dict[str, DataFrame]) -> DataFrame:
        if isinstance(task.materialized, Incremental):
            now = datetime.now(UTC)
            return self.increments(task, Extent(now, until(now)), known).next_frame()
        return self._called(task, known, {})

    def _called(self, task: Task, known: dict[str, DataFrame], own: Mapping[str, Any]) -> DataFrame:
        """What a task's function returns, given what is its own beside what any task may name."""
        frame = self._rows(task, task.function(**self._arguments(task, known, own)))
        check_columns(task, frame)
        return frame

    def _rows(self, task: Task, value: Any) -> DataFrame:
        from pydbt.sql.dataframe import DataFrame

        session = self._resources.session
        if isinstance(task.materialized, Seed):
            return self._of_file(task, task.materialized, value)
        if isinstance(value, DataFrame):
            self._check_database(task, value)
            # Where it is published is the target's to say, whichever session has read it.
            return DataFrame._of(value._query, value.engine, session.schema)  # noqa: SLF001  its other constructor
        try:
            return DataFrame(value, session.engine, schema=session.schema)
        except FrameSourceError:
            raise TaskResultError(
                f"the task {task.name!r} returned {_shown(value)}, not rows for a {task.materialized}",
                where=task.location,
                hint=_RETURN_INSTEAD.get(type(value).__name__, "return a DataFrame or a SQLAlchemy Select"),
            ) from None

    def _check_database(self, task: Task, frame: DataFrame) -> None:
        engine = self._resources.session.engine
        if frame.engine is not engine and not is_same_database(frame.engine.url, engine.url):
            raise TaskResultError(
                f"the task {task.name!r} returned a DataFrame of another database: "
                f"{hide_password(frame.engine.url)}",
                where=task.location,
                hint="bring its rows over: return session.create_dataframe(frame.to_dicts())",
            )

    def _of_file(self, task: Task, seed: Seed, value: object) -> DataFrame:
        if value is not None:
            raise TaskResultError(
                f"the seed {task.name!r} returned {_shown(value)}; its rows are the file's",
                where=task.location,
                hint="return nothing; a task that takes it as a parameter can change them",
            )
        path = self._resources.settings.root / seed.path
        read = self._resources.session.read
        try:
            return read.csv(path, schema=seed.schema, delimiter=seed.delimiter, na=seed.na)
        except PyDBTError as error:
            # The file is named in the task's options, which no line of the stack is.
            error.where = error.where or str(task.location)
            raise

    def _arguments(self, task: Task, known: dict[str, DataFrame], own: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name in task.parameters:
            if name in own:
                given[name] = own[name]
            elif name == "session":
                given[name] = self._resources.session
            elif name == "config":
                given[name] = self._resources.config
            else:
                given[name] = known[name] if name in known else self._of_task(name, task, known)
        return given

    def _of_task(self, name: str, task: Task, known: dict[str, DataFrame]) -> DataFrame:
        """What a task's parameter gets: another one's table, or the query of one that is ephemeral."""
        other = self._dag.tasks.get(name)
        if other is not None and other.materialized == "ephemeral":
            # Asked once for a query, so that what is used twice is computed once.
            known[name] = self._returned(other, known)
            return known[name]
        try:
            return self._resources.session.table(name)
        except TableNotFoundError:
            raise TableNotFoundError(
                f"the task {task.name!r} reads the table {name!r}, which is not there",
                where=task.location,
                hint=f"the task {name!r} is to write it: pydbt run {name}; "
                f"if it writes none, name it in depends_on, not as a parameter",
            ) from None


# What to do about what is returned by mistake, by the name of its class.
_RETURN_INSTEAD = {
    "NoneType": "write return before the last DataFrame; show() and write() give none back",
    "GroupedData": "finish it: .agg(n=func.count()), or .count()",
    "list": "return the DataFrame itself, without collect()",
}


def _shown(value: object) -> str:
    name = type(value).__name__
    return "nothing" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
