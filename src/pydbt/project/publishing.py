"""Publishing what a task returns, in the way its ``materialized=`` says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydbt.core.incremental import Incremental
from pydbt.core.materialization import Snapshot
from pydbt.errors import (
    ColumnNotFoundError,
    TaskResultError,
    TypeMismatchError,
    did_you_mean,
)
from pydbt.project.layout import laid_out

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from pydbt.core.task import Task
    from pydbt.sql.dataframe import DataFrame
    from pydbt.sql.inspection import Inspect
    from pydbt.sql.publication import Steps


def publish(
    task: Task, frame: DataFrame, schema: str | None, inspect: Inspect | None, moment: datetime
) -> int | None:
    """Publish the rows of a task under its name.

    Args:
        task: The task.
        frame: What it returned.
        schema: Where it is published.
        inspect: Looks at the rows before readers see them.
        moment: The run's.

    Returns:
        The number of rows written; None for a view.

    Raises:
        TableExistsError: A snapshot's table is there, whose versions would be gone.
    """
    from pydbt.sql.output import write
    from pydbt.sql.statements import statements

    said = task.materialized
    if not isinstance(said, Snapshot):
        steps = _with_versions_kept(task, frame, schema, laid_out(task, frame.engine, statements))
        steps = _without_ledger(task, frame, schema, steps)
        kind: Literal["table", "view"] = "view" if said == "view" else "table"
        return write(frame, task.name, "overwrite", kind, schema, inspect, steps)
    from pydbt.sql.snapshot import History, as_versions

    at = moment.astimezone(UTC).replace(tzinfo=None)
    is_closing = said.deletes == "invalidate"
    compared = said.compared(frame.columns)
    history = History(tuple(said.key), compared, said.updated_at, is_closing, at, task.location)
    rows = as_versions(frame, said.updated_at, at)
    steps = _without_ledger(task, frame, schema, laid_out(task, frame.engine, history))
    return write(rows, task.name, "append", "table", schema, inspect, steps)


def _with_versions_kept(task: Task, frame: DataFrame, schema: str | None, steps: Steps) -> Steps:
    """A way to publish that does not replace what a snapshot has kept: the task may have been one before."""
    from pydbt.sql.catalog import catalog_of
    from pydbt.sql.snapshot import OWN, keeping_versions

    catalog = catalog_of(frame.engine)
    is_there = not OWN & {*frame.columns} and catalog.has(schema, task.name)
    if is_there and {name for name, _kind in catalog.columns(schema, task.name)} >= OWN:
        return keeping_versions(task.location, steps)
    return steps


def _without_ledger(task: Task, frame: DataFrame, schema: str | None, steps: Steps) -> Steps:
    """A way to publish after which no increments are known: the task may have been incremental before."""
    from pydbt.sql import ledger
    from pydbt.sql.catalog import catalog_of

    engine = frame.engine
    is_noted = catalog_of(engine).has(schema, ledger.NAME) and ledger.read(engine, schema, task.name).token
    return ledger.forgetting(schema, task.name, steps) if is_noted else steps


def published_columns(task: Task, frame: DataFrame) -> Mapping[str, TypeEngine[Any]]:
    """The columns that the task's table has, those of its query among them."""
    if not isinstance(task.materialized, Snapshot):
        return frame.schema
    from pydbt.sql.snapshot import MOMENT, VALID_FROM, VALID_TO

    return {**frame.schema, VALID_FROM: MOMENT, VALID_TO: MOMENT}


def check_columns(task: Task, frame: DataFrame) -> None:
    """Refuse options that name columns which the query does not have, or not as they have to be.

    Raises:
        ColumnNotFoundError: It has no such column.
        TypeMismatchError: ``updated_at`` is no date and no moment.
        TaskResultError: It has a column that a snapshot writes itself.
    """
    named = {"primary_key": task.primary_key, "column_comments": tuple(task.column_comments)}
    _check_names(task, published_columns(task, frame), named)
    for index in task.indexes:
        _check_names(task, published_columns(task, frame), {"indexes": index.columns})
    if isinstance(task.materialized, (Incremental, Snapshot)):
        _check_names(task, frame.schema, task.materialized.columns)
    if not isinstance(task.materialized, Snapshot):
        return
    from pydbt.sql.snapshot import VALID_FROM, VALID_TO
    from pydbt.sql.types import Family, family_of

    taken = next((name for name in frame.columns if name.lower() in (VALID_FROM, VALID_TO)), None)
    if taken is not None:
        told = f"the task {task.name!r} returned a column {taken!r}, which a snapshot writes itself"
        raise TaskResultError(told, where=task.location, hint="give it another name: .rename(…)")
    name = task.materialized.updated_at
    family = family_of(frame.schema[name]) if name is not None else Family.DATETIME
    if family not in {Family.DATE, Family.DATETIME}:
        what = "has no known type" if family is Family.OTHER else f"is {family.value}"
        told = f"updated_at={name!r} of the task {task.name!r} {what}, no date and no moment"
        hint = 'cast it to a DateTime, or compare the rows themselves: check="all"'
        raise TypeMismatchError(told, where=task.location, hint=hint)


def _check_names(task: Task, columns: Collection[str], named: Mapping[str, tuple[str, ...]]) -> None:
    for option, names in named.items():
        for name in names:
            if name not in columns:
                raise ColumnNotFoundError(
                    f"{option}= names {name!r}, which the query of the task {task.name!r} does not have",
                    where=task.location,
                    hint=did_you_mean(name, (*columns, "all") if option == "check" else columns),
                )
