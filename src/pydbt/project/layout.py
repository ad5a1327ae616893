"""What a task says of its table beside the rows, put into the way in which it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from pydbt.core.task import Task
    from pydbt.sql.publication import Steps


def laid_out(task: Task, engine: Engine, steps: Steps) -> Steps:
    """A way to publish, with the task's primary key and indexes, its comments and its grants.

    What the database cannot have is left out: `left_out` says so.
    """
    from pydbt.sql.dialects import dialect_of

    steps = steps if task.materialized == "view" else _indexed(task, engine, steps)
    if _says(task) and _kind(task) in dialect_of(engine).commented:
        from pydbt.sql.description import Described

        steps = Described(steps, task.comment, task.column_comments, task.location)
    if task.grants is not None and dialect_of(engine).privileges is not None:
        from pydbt.sql.grants import Granted

        steps = Granted(steps, task.grants, task.location)
    return steps


def left_out(task: Task, engine: Engine) -> tuple[str, ...]:
    """What the task says of its table, and its database cannot have: warnings."""
    from pydbt.sql.dialects import dialect_of

    told = []
    dialect = dialect_of(engine)
    if _says(task) and _kind(task) not in dialect.commented:
        options = " and ".join(
            ["comment="] * (task.comment is not None) + ["column_comments="] * bool(task.column_comments)
        )
        told.append(f"{options} left out: a {_kind(task)} of {dialect.name} has no comments")
    if task.grants is not None and dialect.privileges is None:
        told.append(f"grants= left out: {dialect.name} has no roles to grant anything to")
    return tuple(told)


def _says(task: Task) -> bool:
    return task.comment is not None or bool(task.column_comments)


def _kind(task: Task) -> str:
    return "view" if task.materialized == "view" else "table"


def _indexed(task: Task, engine: Engine, steps: Steps) -> Steps:
    from pydbt.sql.dialects import dialect_of
    from pydbt.sql.indexes import Index, Indexed
    from pydbt.sql.statements import statements

    is_replaced_at_once = steps is statements and dialect_of(engine).has_create_or_replace_table
    key = (Index(task.primary_key, is_unique=True, is_primary=True),) if task.primary_key else ()
    wanted = (*key, *(Index(index.columns, index.unique) for index in task.indexes))
    return steps if is_replaced_at_once and not wanted else Indexed(steps, wanted, task.location)
