"""The manifest: a project's tasks as plain frozen values, for pictures, sites and files.

It holds no functions and no schedules, only what can be shown or written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydbt.core.results import Status

if TYPE_CHECKING:
    from pydbt.core.dag import Dag
    from pydbt.core.task import Task


@dataclass(frozen=True, slots=True)
class ManifestTask:
    """One task, described.

    Args:
        name: Unique in the project.
        module: The module that holds the function.
        file: Its file, as short as the project's folder makes it, with ``/`` on every system.
        line: Where the task stands in the file.
        depends_on: Names of the tasks it depends on directly, sorted.
        materialized: ``"table"``, ``"view"``, ``"ephemeral"``, ``"seed"``, ``"incremental"`` or
            ``"snapshot"``; None for a task with effects of its own.
        tags: Sorted.
        schedule: In words, ``every day``.
        ttl_minutes: 0 where there is none.
        retries: Further tries after a failure.
        level: 1 where it depends on nothing, else one more than the highest it depends on.
        description: The function's docstring, or the empty text.
        status: How it last ended, ``success`` or ``failed``; None where that is not known.
    """

    name: str
    module: str
    file: str
    line: int
    depends_on: tuple[str, ...]
    materialized: str | None
    tags: tuple[str, ...]
    schedule: str
    ttl_minutes: float
    retries: int
    level: int
    description: str
    status: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A project's tasks, by level and then by name.

    Args:
        project: The project's name.
        tasks: What it holds; a selection may hold fewer than the whole Dag.
    """

    project: str
    tasks: tuple[ManifestTask, ...]

    @property
    def levels(self) -> tuple[tuple[ManifestTask, ...], ...]:
        """The tasks level by level, the ones that depend on nothing first."""
        by_level: dict[int, list[ManifestTask]] = {}
        for task in self.tasks:
            by_level.setdefault(task.level, []).append(task)
        return tuple(tuple(by_level[level]) for level in sorted(by_level))

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a task's name and one that depends on it, where the manifest holds both."""
        names = {task.name for task in self.tasks}
        return tuple((above, task.name) for task in self.tasks for above in task.depends_on if above in names)


def manifest_of(
    dag: Dag, project_name: str, status: Mapping[str, str], *, root: Path | None = None
) -> Manifest:
    """The manifest of a whole Dag.

    Args:
        dag: The tasks.
        project_name: The project's name.
        status: How each task last ended, by name; a task that never ran is left out.
        root: Files below it are written relative to it; by default the current folder.
    """
    folder = (root or Path.cwd()).resolve()
    tasks = [
        _described(task, dag.dependencies(name), dag.level_of(name), status.get(name), folder)
        for name, task in dag.tasks.items()
    ]
    return Manifest(project_name, tuple(sorted(tasks, key=lambda task: (task.level, task.name))))


def _described(
    task: Task, depends_on: Iterable[str], level: int, status: str | None, folder: Path
) -> ManifestTask:
    return ManifestTask(
        name=task.name,
        module=task.module,
        file=_shortened(task.location.file, folder),
        line=task.location.line,
        depends_on=tuple(sorted(depends_on)),
        materialized=None if task.materialized is None else str(task.materialized),
        tags=tuple(sorted(task.tags)),
        schedule=task.runs_on.describe(),
        ttl_minutes=task.ttl_minutes,
        retries=task.retry.times,
        level=level,
        description=task.description,
        status=Status(status).value if status is not None else None,
    )


def _shortened(file: str, folder: Path) -> str:
    path = Path(file)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
