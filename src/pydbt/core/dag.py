"""Dag: which task depends on which, as an immutable value. Every walk is a loop, so depth does not matter."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from pydbt.core.check import Check
from pydbt.core.incremental import PARAMETERS
from pydbt.core.task import Task
from pydbt.errors import (
    CycleError,
    DependencyError,
    DuplicateTableError,
    DuplicateTaskError,
    MissingArgumentError,
    UnknownTaskError,
    did_you_mean,
)

_OF_INCREMENTS = "self and window are for tasks with materialized=Incremental(…)"
_Names = tuple[str, ...]

# PostgreSQL cuts names after as many bytes, in silence; no database of ours has a lower limit.
_NAME_BYTES = 63


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dag:
    """Tasks and their order. Make it by `of`, which checks everything; it never changes afterwards.

    A task depends on what its ``depends_on`` lists and on the tasks that its parameters and its checks name.

    >>> @Task
    ... def orders(): ...
    >>> @Task
    ... def report(session, orders): ...
    >>> dag = Dag.of([report, orders])
    >>> dag.order(), dag.levels()
    (('orders', 'report'), (('orders',), ('report',)))
    >>> dag
    Dag(2 tasks in 2 levels)
    """

    tasks: Mapping[str, Task]
    _dependencies: Mapping[str, _Names]
    _dependents: Mapping[str, _Names]
    _order: _Names
    _level_of: Mapping[str, int]

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> Dag:
        """The graph of these tasks.

        Raises:
            DuplicateTaskError: Two tasks have one name.
            DuplicateTableError: Two tasks publish one table.
            DependencyError: A task depends on one that is not among them.
            MissingArgumentError: A parameter names nothing.
            CycleError: Tasks depend on each other in a circle.
        """
        by_name = _by_name(tasks)
        _check_tables(by_name.values())
        dependencies = {task.name: _dependencies(task, by_name) for task in by_name.values()}
        dependents = _turned_around(dependencies)
        order = _order(by_name, dependencies, dependents)
        return cls(MappingProxyType(by_name), dependencies, dependents, order, _level_of(order, dependencies))

    def __repr__(self) -> str:
        return f"Dag({len(self)} tasks in {len(self.levels())} levels)"

    def __len__(self) -> int:
        return len(self.tasks)

    def __contains__(self, name: object) -> bool:
        return name in self.tasks

    def task(self, name: str) -> Task:
        """The task of that name.

        Raises:
            UnknownTaskError: There is none.
        """
        self._check(name)
        return self.tasks[name]

    def dependencies(self, name: str) -> _Names:
        """What the task depends on directly, in the order it names them."""
        self._check(name)
        return self._dependencies[name]

    def dependents(self, name: str) -> _Names:
        """The tasks that depend on it directly, in the order of their definition."""
        self._check(name)
        return self._dependents[name]

    def upstream(self, *names: str, depth: int | None = None) -> frozenset[str]:
        """All that these depend on, directly or not, at most ``depth`` steps away."""
        return self._reached(names, self._dependencies, depth)

    def downstream(self, *names: str, depth: int | None = None) -> frozenset[str]:
        """All that depends on any of these, directly or not, at most ``depth`` steps away."""
        return self._reached(names, self._dependents, depth)

    def order(self) -> _Names:
        """Every task after all it depends on; otherwise as they were defined."""
        return self._order

    def levels(self) -> tuple[_Names, ...]:
        """Tasks by the length of the longest path that leads to them, each level in order of definition."""
        levels: list[list[str]] = [[] for _ in range(max(self._level_of.values(), default=0))]
        for name in self.tasks:
            levels[self._level_of[name] - 1].append(name)
        return tuple(map(tuple, levels))

    def level_of(self, name: str) -> int:
        """The number of its level, from 1."""
        self._check(name)
        return self._level_of[name]

    def _reached(
        self, start: Iterable[str], neighbours: Mapping[str, _Names], depth: int | None
    ) -> frozenset[str]:
        edge = set(start)
        for name in edge:
            self._check(name)
        reached: set[str] = set()
        while edge and depth != 0:
            edge = {other for name in edge for other in neighbours[name]} - reached
            reached |= edge
            depth = None if depth is None else depth - 1
        return frozenset(reached)

    def _check(self, name: str) -> None:
        if name not in self.tasks:
            raise UnknownTaskError(f"no task is named {name!r}", hint=did_you_mean(name, self.tasks))


def _by_name(tasks: Iterable[Task]) -> dict[str, Task]:
    by_name: dict[str, Task] = {}
    for task in tasks:
        first = by_name.setdefault(task.name, task)
        if first is not task:
            raise DuplicateTaskError(
                f"two tasks are named {task.name!r}: {first.location} and {task.location}",
                where=task.location,
                hint="rename one of them, or give it @Task(name=...)",
            )
    return by_name


def _check_tables(tasks: Iterable[Task]) -> None:
    owners: dict[str, Task] = {}
    for task in tasks:
        if not task.publishes:
            continue
        first = owners.setdefault(_table_key(task.name), task)
        if first is not task:
            is_case = first.name.lower() == task.name.lower()
            why = (
                "names differ by letter case only" if is_case else f"names are cut after {_NAME_BYTES} bytes"
            )
            raise DuplicateTableError(
                f"{first.name!r} ({first.location}) and {task.name!r} ({task.location}) publish one table",
                where=task.location,
                hint=f"rename one of them: to some databases these {why}",
            )


def _table_key(name: str) -> str:
    return name.encode()[:_NAME_BYTES].decode(errors="ignore").lower()


def _dependencies(task: Task, by_name: Mapping[str, Task]) -> _Names:
    for dependency in task.depends_on:
        if by_name.get(dependency.name) is not dependency:
            raise DependencyError(
                f"the task {task.name!r} depends on {dependency.name!r} of {dependency.location}, "
                "which is not a task of this project",
                where=task.location,
                hint="define it in a file of the models folder, or import it from there",
            )
    named = [name for name in task.parameters if name not in task.provided]
    for name in named:
        if name not in by_name:
            raise MissingArgumentError(
                f"nothing provides the argument {name!r} of the task {task.name!r}",
                where=task.location,
                hint=_OF_INCREMENTS if name in PARAMETERS else did_you_mean(name, [*by_name, *task.provided]),
            )
    # What a check reads by its name is there before the rows are checked; its own task's are those rows.
    read = [
        name
        for check in task.checks
        if isinstance(check, Check)
        for name in check.tables
        if name in by_name and name != task.name
    ]
    return tuple(dict.fromkeys([*(dependency.name for dependency in task.depends_on), *named, *read]))


def _turned_around(dependencies: Mapping[str, _Names]) -> dict[str, _Names]:
    dependents: dict[str, list[str]] = {name: [] for name in dependencies}
    for name, needed in dependencies.items():
        for dependency in needed:
            dependents[dependency].append(name)
    return {name: tuple(names) for name, names in dependents.items()}


def _order(
    by_name: Mapping[str, Task], dependencies: Mapping[str, _Names], dependents: Mapping[str, _Names]
) -> _Names:
    names = list(by_name)
    position = {name: number for number, name in enumerate(names)}
    missing = {name: len(needed) for name, needed in dependencies.items()}
    ready = [position[name] for name, count in missing.items() if count == 0]
    order = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for dependent in dependents[name]:
            missing[dependent] -= 1
            if missing[dependent] == 0:
                heapq.heappush(ready, position[dependent])
    if len(order) < len(names):
        left = next(name for name in names if missing[name])
        _refuse_cycle(_cycle(left, dependencies, missing), by_name)
    return tuple(order)


def _cycle(left: str, dependencies: Mapping[str, _Names], missing: Mapping[str, int]) -> list[str]:
    """The circle one meets by going from a task that never gets ready to the next such."""
    seen: dict[str, int] = {}
    path: list[str] = []
    name = left
    while name not in seen:
        seen[name] = len(path)
        path.append(name)
        name = next(dependency for dependency in dependencies[name] if missing[dependency])
    return path[seen[name] :]


def _refuse_cycle(cycle: list[str], by_name: Mapping[str, Task]) -> NoReturn:
    # It starts where the first of its tasks is defined: the same text whatever led into it.
    position = {name: number for number, name in enumerate(by_name)}
    start = min(range(len(cycle)), key=lambda number: position[cycle[number]])
    names = [*cycle[start:], *cycle[:start]]
    places = ", ".join(f"{name} at {by_name[name].location}" for name in names)
    raise CycleError(
        f"tasks depend on each other in a circle: {' → '.join([*names, names[0]])}",
        where=places,
        hint="read → as 'depends on'; a parameter or a check that names a task is a dependency too",
    )


def _level_of(order: _Names, dependencies: Mapping[str, _Names]) -> dict[str, int]:
    level_of: dict[str, int] = {}
    for name in order:
        level_of[name] = 1 + max((level_of[dependency] for dependency in dependencies[name]), default=0)
    return level_of
