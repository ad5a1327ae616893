"""A Task: a function, what it depends on, and when and how it runs."""

from __future__ import annotations

import functools
import inspect
import math
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, overload

from pydbt.core.retry import Retry
from pydbt.core.schedule import Daily, Schedule
from pydbt.errors import (
    DependencyError,
    Location,
    TaskDefinitionError,
    TaskOptionError,
    did_you_mean,
    user_location,
)

Materialized = Literal["table", "view"]

_MATERIALIZED = ("table", "view")
_OPTIONS = ("depends_on", "runs_on", "retry", "ttl_minutes", "materialized", "tags", "name")

_collected: ContextVar[list[Task] | None] = ContextVar("collected", default=None)


class TaskDecorator:
    """Options of a task that wait for their function: what ``@Task(...)`` is until it meets one."""

    __slots__ = ("_options",)

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    def __call__(self, function: Callable[..., Any], /) -> Task:
        task = object.__new__(Task)
        _define(task, function, **self._options)
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
        materialized: "table" or "view": publish the returned DataFrame or Select under the task's name.
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
        "depends_on",
        "function",
        "location",
        "materialized",
        "name",
        "parameters",
        "retry",
        "runs_on",
        "tags",
        "ttl_minutes",
    )

    function: Callable[..., Any]
    name: str
    depends_on: tuple[Task, ...]
    runs_on: Schedule
    retry: Retry
    ttl_minutes: float
    materialized: Materialized | None
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
        materialized: Materialized | None = None,
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> TaskDecorator: ...
    def __new__(cls, function: Any = None, /, *unexpected: Any, **options: Any) -> Any:
        """Make the task at once (``@Task``) or wait for the function (``@Task(...)``)."""
        if unexpected or (function is not None and not callable(function)):
            raise TaskOptionError(
                f"@Task takes its options by name, not {function!r}",
                where=user_location(),
                hint="write @Task(depends_on=[...])",
            )
        for option in options:
            if option not in _OPTIONS:
                raise TaskOptionError(
                    f"@Task has no option {option!r}",
                    where=user_location(),
                    hint=did_you_mean(option, _OPTIONS),
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
    *,
    depends_on: object = (),
    runs_on: object = None,
    retry: object = 0,
    ttl_minutes: object = 0,
    materialized: object = None,
    tags: object = (),
    name: object = None,
) -> None:
    """Check every option at the user's line, then set the slots once."""
    where = user_location()
    _check_function(function, named=name is not None, where=where)
    values = {
        "function": function,
        "location": Location(function.__code__.co_filename, where.line if where else 0),
        "name": _checked_name(function.__name__ if name is None else name, where),
        "parameters": _parameters(function, where),
        "depends_on": _checked_dependencies(depends_on, where),
        "runs_on": _checked_schedule(runs_on, where),
        "retry": _checked_retry(retry, where),
        "ttl_minutes": _checked_ttl(ttl_minutes, where),
        "materialized": _checked_materialized(materialized, where),
        "tags": _checked_tags(tags, where),
    }
    for slot, value in values.items():
        object.__setattr__(task, slot, value)
    tasks = _collected.get()
    if tasks is not None:
        tasks.append(task)


def _check_function(function: object, *, named: bool, where: Location | None) -> None:
    refused = _refused_kind(function, named=named)
    if refused:
        kind, hint = refused
        raise TaskDefinitionError(f"@Task cannot take {kind}", where=where, hint=hint)


def _refused_kind(function: object, *, named: bool) -> tuple[str, str] | None:
    plain = "decorate a plain function"
    if isinstance(function, Task):
        return f"the task {function.name!r} a second time", "write one @Task above the function"
    if isinstance(function, type):
        return f"the class {function.__name__!r}", plain
    if isinstance(function, functools.partial):
        return "a functools.partial", "write a function that makes the call"
    if isinstance(function, (staticmethod, classmethod, types.MethodType)):
        return "a method", "move the function out of the class"
    if not isinstance(function, types.FunctionType):
        return f"{function!r}", plain
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return f"the coroutine {function.__name__!r}", "write a plain function that calls asyncio.run(...)"
    if inspect.isgeneratorfunction(function):
        return f"the generator {function.__name__!r}", "return the result instead of yielding it"
    if function.__name__ == "<lambda>" and not named:
        return "a lambda without a name", "write a function, or @Task(name=...)"
    owner = function.__qualname__.rpartition(".")[0]
    if owner and not owner.endswith("<locals>"):
        return f"the method {function.__qualname__!r}", "move the function out of the class"
    return None


def _checked_name(name: object, where: Location | None) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        hint = "letters, digits and underscores, not starting with a digit"
        raise TaskOptionError(f"{name!r} is not a task name", where=where, hint=hint)
    return name


def _parameters(function: Callable[..., Any], where: Location | None) -> tuple[str, ...]:
    """The names that the run has to fill: those without a default."""
    code = function.__code__
    if code.co_posonlyargcount:
        raise TaskDefinitionError(
            f"the task {function.__name__!r} has positional-only parameters",
            where=where,
            hint="arguments are given by name: remove the /",
        )
    positional = code.co_varnames[: code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    required = positional[: len(positional) - len(function.__defaults__ or ())]
    return required + tuple(name for name in keyword_only if name not in (function.__kwdefaults__ or {}))


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


def _checked_schedule(schedule: object, where: Location | None) -> Schedule:
    if schedule is None:
        return Daily()
    if not isinstance(schedule, Schedule):
        is_class = isinstance(schedule, type) and issubclass(schedule, Schedule)
        hint = f"write {schedule.__name__}()" if is_class else "give a schedule such as Daily() or Monthly()"  # type: ignore[attr-defined]  # is_class says so
        raise TaskOptionError(f"runs_on={schedule!r} is not a schedule", where=where, hint=hint)
    return schedule


def _checked_retry(retry: object, where: Location | None) -> Retry:
    if isinstance(retry, Retry):
        return retry
    if isinstance(retry, bool) or not isinstance(retry, int) or not 0 <= retry <= Retry.MOST:
        raise TaskOptionError(
            f"retry={retry!r} is out of range", where=where, hint=f"a whole number from 0 to {Retry.MOST}, or a Retry"
        )
    return Retry(times=retry)


def _checked_ttl(ttl: object, where: Location | None) -> float:
    number = isinstance(ttl, (int, float)) and not isinstance(ttl, bool)
    if not number or not math.isfinite(ttl) or ttl < 0:  # type: ignore[arg-type,operator]  # number says so
        raise TaskOptionError(
            f"ttl_minutes={ttl!r} is out of range", where=where, hint="a number of minutes, 0 or more"
        )
    return float(ttl)  # type: ignore[arg-type]  # number says so


def _checked_materialized(kind: object, where: Location | None) -> Materialized | None:
    if kind is not None and kind not in _MATERIALIZED:
        known = " or ".join(repr(known) for known in _MATERIALIZED)
        raise TaskOptionError(f"materialized={kind!r} is not known", where=where, hint=f"give {known}")
    return kind  # type: ignore[return-value]  # one of the literals, as just checked


def _checked_tags(tags: object, where: Location | None) -> frozenset[str]:
    words = (tags,) if isinstance(tags, str) else tuple(tags) if isinstance(tags, Iterable) else (tags,)
    for word in words:
        if not isinstance(word, str) or not word or any(mark in word for mark in " ,:"):
            raise TaskOptionError(
                f"{word!r} is not a tag", where=where, hint="tags are words without spaces, commas and colons"
            )
    return frozenset(words)
