"""The options of ``@Task`` and the functions it takes: each check refuses at the user's line."""

from __future__ import annotations

import functools
import inspect
import math
import threading
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from pydbt.core.check import SEVERITIES, Check, Severity, takes_rows
from pydbt.core.description import checked_column_comments, checked_comment, checked_grants
from pydbt.core.incremental import Incremental
from pydbt.core.layout import checked_indexes, checked_primary_key
from pydbt.core.materialization import KINDS, Materialized, Seed, Snapshot
from pydbt.core.retry import Retry
from pydbt.core.schedule import Daily, Schedule
from pydbt.errors import Location, TaskDefinitionError, TaskOptionError, did_you_mean

UpstreamFailure = Literal["skip", "run"]

OPTIONS = (
    "depends_on",
    "runs_on",
    "retry",
    "ttl_minutes",
    "timeout",
    "on_upstream_failure",
    "materialized",
    "primary_key",
    "indexes",
    "comment",
    "column_comments",
    "grants",
    "checks",
    "severity",
    "tags",
    "name",
)

_UPSTREAM_FAILURE = ("skip", "run")
# Each with an example.
_WITH_OPTIONS: Mapping[type, str] = {
    Seed: 'Seed("file.csv")',
    Incremental: 'Incremental("merge", key="id")',
    Snapshot: 'Snapshot(key="id", check="all")',
}


def check_function(function: object, *, is_named: bool, where: Location | None) -> None:
    """Refuse whatever is not a plain function, by the name of what it is.

    Raises:
        TaskDefinitionError: With what to write instead.
    """
    refused = _refused_kind(function, is_named=is_named)
    if refused:
        kind, hint = refused
        raise TaskDefinitionError(f"@Task cannot take {kind}", where=where, hint=hint)


def required_parameters(function: Callable[..., Any], where: Location | None) -> tuple[str, ...]:
    """The names that the run has to fill: those without a default.

    >>> required_parameters(lambda session, orders, country="fr": None, None)
    ('session', 'orders')
    """
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


def checked_options(options: Mapping[str, object], where: Location | None) -> dict[str, Any]:
    """Every option as the task keeps it, with the defaults for those not given.

    Raises:
        TaskOptionError: One is out of its range.
    """
    kind = _checked_materialized(options.get("materialized"), where)
    return {
        "name": _checked_name(options.get("name"), where),
        "runs_on": _checked_schedule(options.get("runs_on"), where),
        "retry": _checked_retry(options.get("retry", 0), where),
        "ttl_minutes": _checked_ttl(options.get("ttl_minutes", 0), where),
        "timeout": _checked_timeout(options.get("timeout"), where),
        "on_upstream_failure": _checked_upstream_failure(options.get("on_upstream_failure", "skip"), where),
        "materialized": kind,
        "primary_key": checked_primary_key(options.get("primary_key"), kind, where),
        "indexes": checked_indexes(options.get("indexes", ()), kind, where),
        "comment": checked_comment(options.get("comment"), kind, where),
        "column_comments": checked_column_comments(options.get("column_comments"), kind, where),
        "grants": checked_grants(options.get("grants"), kind, where),
        "checks": _checked_checks(options.get("checks", ()), kind, where),
        "severity": _checked_severity(options.get("severity", "error"), where),
        "tags": _checked_tags(options.get("tags", ()), where),
    }


def _refused_kind(function: object, *, is_named: bool) -> tuple[str, str] | None:
    plain = "decorate a plain function"
    if isinstance(function, type):
        return f"the class {function.__name__!r}", plain
    if isinstance(function, functools.partial):
        return "a functools.partial", "write a function that makes the call"
    if isinstance(function, (staticmethod, classmethod, types.MethodType)):
        return "a method", "move the function out of the class"
    return (
        _refused_function(function, is_named=is_named)
        if isinstance(function, types.FunctionType)
        else (f"{function!r}", plain)
    )


def _refused_function(function: types.FunctionType, *, is_named: bool) -> tuple[str, str] | None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return f"the coroutine {function.__name__!r}", "write a plain function that calls asyncio.run(...)"
    if inspect.isgeneratorfunction(function):
        return f"the generator {function.__name__!r}", "return the result instead of yielding it"
    if function.__name__ == "<lambda>" and not is_named:
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
            f"retry={retry!r} is out of range",
            where=where,
            hint=f"a whole number from 0 to {Retry.MOST}, or a Retry: Retry(times=3)",
        )
    return Retry(times=retry)


def _checked_ttl(ttl: object, where: Location | None) -> float:
    number = isinstance(ttl, (int, float)) and not isinstance(ttl, bool)
    if not number or not math.isfinite(ttl) or ttl < 0:  # type: ignore[arg-type,operator]  # number says so
        raise TaskOptionError(
            f"ttl_minutes={ttl!r} is out of range", where=where, hint="a number of minutes, 0 or more"
        )
    return float(ttl)  # type: ignore[arg-type]  # number says so


def _checked_timeout(timeout: object, where: Location | None) -> float | None:
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if seconds is None:
        return None
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    # Longer than a thread can wait is no limit at all.
    if not number or not 0 < seconds <= threading.TIMEOUT_MAX:  # type: ignore[operator]  # number says so
        hint = "a number of seconds above 0, or a timedelta; None for no limit"
        raise TaskOptionError(f"timeout={timeout!r} is out of range", where=where, hint=hint)
    return float(seconds)  # type: ignore[arg-type]  # number says so


def _checked_upstream_failure(choice: object, where: Location | None) -> UpstreamFailure:
    if choice not in _UPSTREAM_FAILURE:
        hint = 'give "skip", or "run" to go on with what the failed task made before'
        raise TaskOptionError(f"on_upstream_failure={choice!r} is not known", where=where, hint=hint)
    return choice  # type: ignore[return-value]  # one of the literals, as just checked


def _checked_materialized(kind: object, where: Location | None) -> Materialized | None:
    if kind is None or isinstance(kind, tuple(_WITH_OPTIONS)):
        return kind  # type: ignore[return-value]  # one of those, as just asked
    if kind not in KINDS:
        known = ", ".join([*map(repr, KINDS), *_WITH_OPTIONS.values()])
        is_class = isinstance(kind, type) and kind in _WITH_OPTIONS
        hint = f"write {_WITH_OPTIONS[kind]}" if is_class else f"give one of: {known}"  # type: ignore[index]  # is_class says so
        told = kind.__name__ if is_class else repr(kind)  # type: ignore[attr-defined]  # is_class says so
        raise TaskOptionError(f"materialized={told} is not known", where=where, hint=hint)
    return kind  # type: ignore[return-value]  # one of the literals, as just checked


def _checked_checks(
    checks: object, kind: object, where: Location | None
) -> tuple[Check | Callable[..., Any], ...]:
    is_several = isinstance(checks, Iterable) and not isinstance(checks, (Check, str))
    given: tuple[Any, ...] = tuple(checks) if is_several else (checks,)  # type: ignore[arg-type]  # is_several says so
    for each in given:
        is_function = isinstance(each, types.FunctionType)
        if is_function and str(each.__module__).startswith("pydbt.checks."):
            hint = f'write {each.__name__}(…), as in unique("id") or row_count(min=1)'
            raise TaskOptionError(f"checks holds {each.__name__}, not called", where=where, hint=hint)
        if not isinstance(each, Check) and not is_function:
            hint = 'give checks of pydbt.checks, not_null("id"), or functions from rows to those that fail'
            raise TaskOptionError(f"checks holds {each!r}, which is not a check", where=where, hint=hint)
        if is_function and not takes_rows(each):
            hint = f"write it with one parameter: def {each.__name__}(rows)"
            told = f"checks holds {each.__name__}, which cannot be called with the rows alone"
            raise TaskOptionError(told, where=where, hint=hint)
    if given and kind is None:
        hint = 'write materialized="table": what a plain task writes is not seen before its readers see it'
        raise TaskOptionError("checks are of rows that are returned", where=where, hint=hint)
    return given


def _checked_severity(severity: object, where: Location | None) -> Severity:
    if severity not in SEVERITIES:
        hint = did_you_mean(str(severity), SEVERITIES)
        raise TaskOptionError(f"severity={severity!r} is not known", where=where, hint=hint)
    return severity  # type: ignore[return-value]  # one of the literals, as just checked


def _checked_tags(tags: object, where: Location | None) -> frozenset[str]:
    words = (tags,) if isinstance(tags, str) else tuple(tags) if isinstance(tags, Iterable) else (tags,)
    for word in words:
        if not isinstance(word, str) or not word or any(mark in word for mark in " ,:"):
            raise TaskOptionError(
                f"{word!r} is not a tag", where=where, hint="tags are words without spaces, commas and colons"
            )
    return frozenset(words)
