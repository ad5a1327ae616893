"""Fingerprints: has a task changed since it last ran? Two digests, the same in every process.

A digest covers what decides the result: the function's instructions and constants, its defaults and closure,
and the functions, classes and constants of the project that it uses, however indirectly. Line numbers,
comments and docstrings do not count. Of what lies outside the project only the name counts, and of objects
without a text of their own (an engine, a session, a DataFrame) only the type and the project's functions
that they hold: the rest may differ in each process. What a task finds only while it runs (``getattr`` by a
computed name, a file it reads) is not seen.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import functools
import hashlib
import importlib.util
import pathlib
import re
import sys
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from pydbt.core.bytecode import code_text
from pydbt.core.materialization import Seed
from pydbt.core.results import Fingerprint
from pydbt.core.schedule import Cron, Daily, Monthly, MonthlyLastOpenDayInMonth, SemiMonthly, Weekly
from pydbt.core.task import Task
from pydbt.errors import is_users_file

_PLAIN = (type(None), bool, int, float, complex, str, bytes, types.EllipsisType)
_WRITTEN = (
    *(dt.date, dt.time, dt.timedelta, dt.tzinfo),
    *(decimal.Decimal, fractions.Fraction, uuid.UUID, pathlib.PurePath, range, slice),
)
# What Python itself puts into every class.
_OF_EVERY_CLASS = frozenset(
    {"__dict__", "__doc__", "__module__", "__weakref__", "__qualname__", "__firstlineno__"}
    | {"__static_attributes__", "__annotations__", "__annotate_func__", "__annotations_cache__"}
    | {"__dataclass_fields__", "__dataclass_params__", "__match_args__", "__abstractmethods__", "_abc_impl"}
)
# Deeper values, and those that hold themselves, enter by their type.
_DEEPEST = 20


class _Local(NamedTuple):
    """What something is by itself, and what it uses, the last first. It keeps that alive: ids are keys."""

    value: Any
    text: bytes
    uses: list[Any]


def fingerprint(
    task: Task, *, config: Mapping[str, Any] | None = None, root: pathlib.Path | None = None
) -> Fingerprint:
    """The digests of one task.

    Args:
        task: The task.
        config: The settings' values for tasks; they count for a task that takes ``config``.
        root: The project's folder, where files of seeds are looked for; by default the current one.

    >>> @Task
    ... def one(): return 1
    >>> fingerprint(one) == fingerprint(one)
    True
    """
    return fingerprints([task], config=config, root=root)[task.name]


def fingerprints(
    tasks: Iterable[Task], *, config: Mapping[str, Any] | None = None, root: pathlib.Path | None = None
) -> dict[str, Fingerprint]:
    """The digests of many tasks, by name; what they share is looked at once."""
    given = _constant(dict(config or {}))
    known: dict[int, _Local] = {}
    return {
        task.name: Fingerprint(
            code=_digest("", [task.function], known), settings=_digest(*_options(task, given, root), known)
        )
        for task in tasks
    }


def _options(task: Task, config: str, root: pathlib.Path | None) -> tuple[str, list[Any]]:
    text = _Text()
    dependencies = sorted({dependency.name for dependency in task.depends_on})
    plain = (
        dependencies,
        task.parameters,
        task.retry,
        task.ttl_minutes,
        task.materialized,
        sorted(task.tags),
    )
    read = config if "config" in task.parameters else ""
    checks = f"{text.of(task.checks)} {task.severity}" if task.checks else ""
    layout = repr(task.indexes) if task.indexes else ""
    layout += f" key {task.primary_key}" if task.primary_key else ""
    layout += _described(task)
    seed = task.materialized
    file = seed.digest(root or pathlib.Path()) if isinstance(seed, Seed) else ""
    return f"{plain!r} {text.of(task.runs_on)} {read}{checks}{layout}{file}", text.uses


def _described(task: Task) -> str:
    comments = sorted(task.column_comments.items())
    given = None if task.grants is None else task.grants.items()
    grants = given and sorted((name, sorted(roles)) for name, roles in given)
    told = {"comment": task.comment, "columns": comments or None, "grants": grants}
    return "".join(f" {name} {value!r}" for name, value in told.items() if value is not None)


def _digest(written: str, uses: list[Any], known: dict[int, _Local]) -> str:
    """One digest over a text and all that is reached from what it uses, each looked at once: circles end."""
    found = hashlib.sha256(written.encode())
    waiting = uses[::-1]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        local = known.get(id(value))
        if local is None:
            local = known[id(value)] = _local(value)
        found.update(local.text)
        waiting.extend(local.uses)
    return found.hexdigest()[:32]


def _local(value: Any) -> _Local:
    """What a function, class or object of the project is by itself, and what of the project it uses."""
    text = _Text()
    if isinstance(value, types.FunctionType):
        written = _function(value, text)
    elif isinstance(value, type):
        own = {name: member for name, member in vars(value).items() if name not in _OF_EVERY_CLASS}
        written = f"class {_name(value)} {text.of(value.__bases__)} {text.of(own)}"
    else:
        written = f"object {text.of(type(value))} {text.of(_attributes(value))}"
    return _Local(value, f"[{written}]".encode(), text.uses[::-1])


def _function(function: types.FunctionType, text: _Text) -> str:
    code = code_text(function.__code__, _constant)
    parts = [code.text, text.of(function.__defaults__), text.of(function.__kwdefaults__)]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            parts.append(f"{name}={text.of(cell.cell_contents)}")
        except ValueError:
            parts.append(f"{name} is not set")
    known = function.__globals__
    parts.extend(f"{name}={text.of(known[name], names=code.names)}" for name in code.globals if name in known)
    parts.extend(f"import {name} {_imported(name)}" for name in code.imports)
    return "function " + " ".join(parts)


class _Text:
    """Writes values as text, and collects what of the project they use."""

    def __init__(self) -> None:
        self.uses: list[Any] = []

    def of(self, value: Any, *, names: frozenset[str] = frozenset(), depth: int = 0) -> str:  # noqa: PLR0911  one line for each kind
        """The value; of a module of the project, what these names mean in it."""
        kind = type(value)
        if kind in _PLAIN:
            return repr(value)
        if depth > _DEEPEST:
            return f"deep {_name(kind)}"
        each = functools.partial(self.of, names=names, depth=depth + 1)
        if kind in (tuple, list):
            return f"{kind.__name__}({','.join(map(each, value))})"
        if kind in (set, frozenset):
            return f"{kind.__name__}({','.join(sorted(map(each, value)))})"
        if kind in (dict, types.MappingProxyType):
            return f"dict({','.join(f'{each(key)}:{each(item)}' for key, item in value.items())})"
        if isinstance(value, types.ModuleType):
            return self._module(value, names, depth)
        if isinstance(value, _WRITTEN):
            return f"{_name(kind)} {value!r}"
        return self._used(value, each)

    def _module(self, module: types.ModuleType, names: frozenset[str], depth: int) -> str:
        if not _is_projects(module):
            return f"module {module.__name__}"
        own = vars(module)
        used = {name: self.of(own[name], names=names, depth=depth + 1) for name in sorted(names & own.keys())}
        return f"module {module.__name__} {used}"

    def _used(self, value: Any, each: Callable[[Any], str]) -> str:
        kind = type(value)
        for kinds, parts_of in _PARTS:
            if isinstance(value, kinds):
                return f"{_name(kind)} {each(parts_of(value))}"
        if isinstance(value, types.FunctionType | type):
            if _is_projects(value):
                self.uses.append(value)
            return f"{kind.__name__} {_name(value)}"
        if isinstance(
            value, types.BuiltinFunctionType | types.MethodDescriptorType | types.WrapperDescriptorType
        ):
            return f"function {_name(value)}"
        if is_dataclass(value):
            own = {field.name: getattr(value, field.name, None) for field in fields(value)}
            return f"{each(kind)} {each(own)}"
        if _is_projects(kind):
            self.uses.append(value)
            return f"object {_name(kind)}"
        held = {name: own for name, own in _attributes(value).items() if isinstance(own, types.FunctionType)}
        return f"object {_name(kind)} {each(held)}"


# Values that are as good as their parts.
_PARTS: tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...] = (
    ((Daily, Weekly, SemiMonthly, Monthly, MonthlyLastOpenDayInMonth, Cron), repr),
    (Task, lambda task: (task.name, task.function)),
    (enum.Enum, lambda member: (type(member), member.name, member._value_)),
    (re.Pattern, lambda pattern: (pattern.pattern, pattern.flags)),
    (functools.partial, lambda partial: (partial.func, partial.args, partial.keywords)),
    (types.MethodType, lambda method: (method.__func__, method.__self__)),
    ((staticmethod, classmethod), lambda method: method.__func__),
    (property, lambda known: (known.fget, known.fset, known.fdel)),
)


def _constant(value: object) -> str:
    return _Text().of(value)


def _attributes(value: Any) -> dict[str, Any]:
    own = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else tuple(slots):
            if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                own[slot] = getattr(value, slot)
    return {str(name): own[name] for name in sorted(own, key=str)}


def _name(value: Any) -> str:
    return f"{getattr(value, '__module__', '')}.{value.__qualname__}"


def _is_projects(value: types.FunctionType | types.ModuleType | type) -> bool:
    if isinstance(value, types.FunctionType):
        return is_users_file(value.__code__.co_filename)
    module = sys.modules.get(value.__module__) if isinstance(value, type) else value
    file = getattr(module, "__file__", None)
    return file is not None and is_users_file(file)


def _imported(name: str) -> str:
    """The content of a module of the project that a function imports by itself: it may not be loaded yet."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return ""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return ""
    if spec is None or not spec.has_location or not is_users_file(str(spec.origin)):
        return ""
    return hashlib.sha256(pathlib.Path(str(spec.origin)).read_bytes()).hexdigest()
