"""A Task: a function, what it depends on, and when and how it runs."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, overload

from pydbt.core.check import Check, Severity
from pydbt.core.incremental import PARAMETERS, Incremental
from pydbt.core.layout import Index
from pydbt.core.materialization import KINDS, Materialized, Seed
from pydbt.core.options import (
    OPTIONS,
    UpstreamFailure,
    check_function,
    checked_options,
    required_parameters,
)
from pydbt.core.retry import Retry
from pydbt.core.schedule import Schedule
from pydbt.errors import (
    DependencyError,
    Location,
    TaskDefinitionError,
    TaskOptionError,
    did_you_mean,
    user_location,
)

PROVIDED = frozenset({"session", "config"})
"""Parameters of any task that the run fills itself."""

_collected: ContextVar[list[Task] | None] = ContextVar("collected", default=None)


class TaskDecorator:
    """Options of a task that wait for their function: what ``@Task(...)`` is until it meets one."""

    __slots__ = ("_options",)

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    def __call__(self, function: Callable[..., Any], /) -> Task:
        """The task made of these options and the function."""
        task = object.__new__(Task)
        _define(task, function, user_location(), **self._options)
        return task

    def __repr__(self) -> str:
        return "@Task(...): put it above a function"


class Task:
    """A unit of work: ``@Task`` or ``@Task(...)`` above a function makes one.

    A task is frozen, and calling it calls its function. Its parameters without defaults are filled by
    the run: ``session``, ``config``, or the name of another task, which makes that task a dependency.

    Args:
        depends_on: Tasks that have to end well before this one starts.
        runs_on: The schedule; a task that is not due on the day of the run is skipped.
        retry: Further tries after a failure: a number (at once, on any exception) or a ``Retry``.
        ttl_minutes: Skip while the last success is younger than this; 0 never skips.
        timeout: The seconds, or the ``timedelta``, that an attempt may take: then what it has running in the
            database is cancelled, and it has failed. None for as long as it takes.
        on_upstream_failure: What to do when a task that it depends on has failed: "skip" it, or "run" it with
            what that task made before.
        materialized: What becomes of the returned DataFrame or Select. "table" or "view": it is published
            under the task's name; "ephemeral": it becomes a part of the queries that use it;
            Seed("file.csv"): a table with a file's rows; Incremental("merge", key="id"): a table to which
            each run adds; Snapshot(key="id", check="all"): a table with every version of its rows.
        primary_key: The column, or the columns, that tell the table's rows apart: rows with a NULL there, or
            with the same values as another's, are not published.
        indexes: What the table is looked up by: for each index a column, a tuple of columns, or
            Index("mail", unique=True).
        comment: What the table or view is, as its comment in the database. Not given, the one there is stays;
            "" takes it away.
        column_comments: The same for columns, by their names: {"id": "The customer's number"}.
        grants: Who may do what with it: roles by privilege, {"select": ["reporting"]}. These, and no others,
            hold after each publication. Not given, those there are stay.
        checks: What must hold of the rows: those of `pydbt.checks`, or functions from the rows to those that
            fail. They run before readers see the rows; a table that fails one stays as it was.
        severity: What a failed check without its own means: "error", or "warn", which publishes and tells.
        tags: Words to select by, ``--select tag:core``.
        name: Another name than the function's, for tasks made in a loop.

    Raises:
        TaskOptionError: An option is unknown or out of its range.
        DependencyError: ``depends_on`` holds something that is not a task.
        TaskDefinitionError: The decorated thing is not a plain function.

    >>> @Task(ttl_minutes=60, tags=["core"])
    ... def orders():
    ...     return 42
    >>> orders
    Task('orders')
    >>> orders()
    42
    """

    __slots__ = (
        "__weakref__",
        "checks",
        "column_comments",
        "comment",
        "depends_on",
        "function",
        "grants",
        "indexes",
        "location",
        "materialized",
        "name",
        "on_upstream_failure",
        "parameters",
        "primary_key",
        "retry",
        "runs_on",
        "severity",
        "tags",
        "timeout",
        "ttl_minutes",
    )

    function: Callable[..., Any]
    name: str
    depends_on: tuple[Task, ...]
    runs_on: Schedule
    retry: Retry
    ttl_minutes: float
    timeout: float | None
    on_upstream_failure: UpstreamFailure
    materialized: Materialized | None
    primary_key: tuple[str, ...]
    indexes: tuple[Index, ...]
    comment: str | None
    column_comments: Mapping[str, str]
    grants: Mapping[str, tuple[str, ...]] | None
    checks: tuple[Check | Callable[..., Any], ...]
    severity: Severity
    tags: frozenset[str]
    parameters: tuple[str, ...]
    location: Location

    @overload
    def __new__(cls, function: Callable[..., Any], /) -> Task: ...
    @overload
    def __new__(  # type: ignore[misc]  # A decorator with options is not yet a task: it waits for its function.
        cls,
        /,
        *,
        depends_on: Task | Iterable[Task] = (),
        runs_on: Schedule = ...,
        retry: int | Retry = 0,
        ttl_minutes: float = 0,
        timeout: float | timedelta | None = None,
        on_upstream_failure: UpstreamFailure = "skip",
        materialized: Materialized | None = None,
        primary_key: str | Sequence[str] | None = None,
        indexes: str | Index | Iterable[str | tuple[str, ...] | Index] = (),
        comment: str | None = None,
        column_comments: Mapping[str, str] | None = None,
        grants: Mapping[str, str | Iterable[str]] | None = None,
        checks: Check | Callable[..., Any] | Iterable[Check | Callable[..., Any]] = (),
        severity: Severity = "error",
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> TaskDecorator: ...
    def __new__(cls, function: Any = None, /, *unexpected: Any, **options: Any) -> Any:
        """Make the task at once (``@Task``) or wait for the function (``@Task(...)``)."""
        if unexpected or (function is not None and not callable(function)):
            raise TaskOptionError(
                f"@Task takes its options by name, not {_shown(function)}",
                where=user_location(),
                hint=f"write @Task({_named_option(function)})",
            )
        for option in options:
            if option not in OPTIONS:
                raise TaskOptionError(
                    f"@Task has no option {option!r}",
                    where=user_location(),
                    hint=did_you_mean(option, OPTIONS),
                )
        decorator = TaskDecorator(options)
        return decorator if function is None else decorator(function)

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a Task is frozen: {name} cannot be changed"
        raise AttributeError(msg)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function itself: no schedule, no retry, nothing published."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Task({self.name!r})"

    @property
    def publishes(self) -> bool:
        """Whether it leaves a table or a view under its name."""
        return self.materialized not in (None, "ephemeral")

    @property
    def provided(self) -> frozenset[str]:
        """The parameters that the run fills itself; every other one names a task."""
        return PROVIDED | PARAMETERS if isinstance(self.materialized, Incremental) else PROVIDED

    @property
    def module(self) -> str:
        """The name of the module that holds the function."""
        return self.function.__module__

    @property
    def description(self) -> str:
        """The function's docstring, or the empty text."""
        return inspect.getdoc(self.function) or ""


@contextmanager
def collecting() -> Iterator[list[Task]]:
    """Gather every task that is made inside the block, in order, tasks made in loops included.

    >>> with collecting() as tasks:
    ...     @Task
    ...     def one(): ...
    >>> tasks
    [Task('one')]
    """
    tasks: list[Task] = []
    token = _collected.set(tasks)
    try:
        yield tasks
    finally:
        _collected.reset(token)


def _define(
    task: Task,
    function: Callable[..., Any],
    where: Location | None,
    *,
    depends_on: object = (),
    **options: object,
) -> None:
    """Check every option at the user's line, then set the slots once."""
    if isinstance(function, Task):
        raise TaskDefinitionError(
            f"@Task cannot take the task {function.name!r} a second time",
            where=where,
            hint="write one @Task above the function",
        )
    check_function(function, is_named="name" in options, where=where)
    checked = checked_options({"name": function.__name__, **options}, where)
    read = [task for check in checked["checks"] if isinstance(check, Check) for task in check.depends_on]
    parameters = required_parameters(function, where)
    if parameters and isinstance(checked["materialized"], Seed):
        hint = "its rows are the file's; a task that takes it as a parameter can change them"
        raise TaskOptionError(f"the seed {checked['name']!r} has parameters", where=where, hint=hint)
    values = {
        "function": function,
        "location": Location(function.__code__.co_filename, where.line if where else 0),
        "parameters": parameters,
        # What a check reads is there, and of this run, before the rows are checked.
        "depends_on": tuple(dict.fromkeys((*_checked_dependencies(depends_on, where), *read))),
        **checked,
    }
    for slot, value in values.items():
        object.__setattr__(task, slot, value)
    tasks = _collected.get()
    if tasks is not None:
        tasks.append(task)


def _checked_dependencies(depends_on: object, where: Location | None) -> tuple[Task, ...]:
    if isinstance(depends_on, Task):
        return (depends_on,)
    if isinstance(depends_on, str) or not isinstance(depends_on, Iterable):
        raise DependencyError(
            f"depends_on takes a list of tasks, not {_shown(depends_on)}",
            where=where,
            hint=_dependency_hint(depends_on),
        )
    tasks = tuple(depends_on)
    for task in tasks:
        if not isinstance(task, Task):
            raise DependencyError(
                f"depends_on holds {_shown(task)}, which is not a task",
                where=where,
                hint=_dependency_hint(task),
            )
    return tuple(dict.fromkeys(tasks))


def _shown(value: object) -> str:
    if isinstance(value, types.FunctionType):
        return "a lambda" if value.__name__ == "<lambda>" else f"the function {value.__name__!r}"
    return repr(value)


def _named_option(value: object) -> str:
    """What was probably meant by a first argument without a name."""
    if isinstance(value, str):
        return f'materialized="{value}"' if value in KINDS else f'name="{value}"'
    if isinstance(value, (int, float)):
        return f"retry={value}"
    return "depends_on=[…]"


def _dependency_hint(value: object) -> str:
    if isinstance(value, str):
        return f"give the task itself: depends_on=[{value}], or name it as a parameter"
    if isinstance(value, types.FunctionType) and value.__name__ != "<lambda>":
        return f"put @Task above {value.__name__!r}"
    if isinstance(value, TaskDecorator):
        return "this @Task(...) stands above no function"
    if value is None:
        return "leave depends_on out where there is nothing to depend on"
    return "give functions decorated with @Task"
