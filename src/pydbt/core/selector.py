"""Selectors: which tasks ``--select`` and ``--exclude`` mean, in dbt's grammar.

``a`` is a task, ``a*`` a pattern, ``+a`` with all upstream, ``a+`` with all downstream, ``2+a`` with at most
two steps up, ``@a`` with its downstream and all that these need, ``tag:core`` and ``path:models/staging``
choose by tag and by file or folder. A space means "or", a comma "and".
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import NoReturn

from pydbt.core.dag import Dag
from pydbt.core.task import Task
from pydbt.errors import SelectorError, UnknownTaskError, did_you_mean

_METHODS = ("path", "tag")
_TERM = re.compile(
    r"(?P<at>@)?(?:(?P<up>\d{0,6})(?P<plus_up>\+))?"
    r"(?:(?P<method>\w+):)?(?P<value>[^+@]*)"
    r"(?:(?P<plus_down>\+)(?P<down>\d{0,6}))?"
)
_NAME = re.compile(r"[\w*?\[\]!-]+")
_PATTERN = re.compile(r"[*?\[]")


class Selector(ABC):
    """A frozen value that chooses tasks of a Dag, combined by ``|`` and ``&``."""

    __slots__ = ()

    @abstractmethod
    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """The names it chooses; ``path:`` starts from the folder ``root``."""

    def __or__(self, other: Selector) -> Selector:
        return AnyOf((self, other)) if isinstance(other, Selector) else NotImplemented

    def __and__(self, other: Selector) -> Selector:
        return AllOf((self, other)) if isinstance(other, Selector) else NotImplemented


@dataclass(frozen=True, slots=True)
class Named(Selector):
    """The task of a name, or all whose names match a pattern with ``*``, ``?`` and ``[...]``."""

    name: str

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:  # noqa: ARG002  only path: needs it
        """At least one.

        Raises:
            UnknownTaskError: None matches.
        """
        if not _PATTERN.search(self.name):
            return frozenset((dag.task(self.name).name,))
        found = frozenset(name for name in dag.tasks if fnmatchcase(name, self.name))
        if not found:
            raise UnknownTaskError(f"no task matches {self.name!r}", hint=did_you_mean(self.name, dag.tasks))
        return found


@dataclass(frozen=True, slots=True)
class Tagged(Selector):
    """All tasks with a tag, or whose tags match a pattern."""

    tag: str

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:  # noqa: ARG002  only path: needs it
        """At least one.

        Raises:
            SelectorError: None has it.
        """
        found = frozenset(
            name for name, task in dag.tasks.items() if any(fnmatchcase(tag, self.tag) for tag in task.tags)
        )
        if not found:
            known = {tag for task in dag.tasks.values() for tag in task.tags}
            hint = did_you_mean(self.tag, known) or "no task has a tag: @Task(tags=[...])"
            raise SelectorError(f"no task has the tag {self.tag!r}", hint=hint)
        return found


@dataclass(frozen=True, slots=True)
class Placed(Selector):
    """All tasks of a file, of a folder and those below it, or of files that match a pattern."""

    path: str

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """At least one.

        Raises:
            SelectorError: No task lies there.
        """
        wanted = PurePosixPath(self.path.replace("\\", "/"))
        places = {name: _place(task, root) for name, task in dag.tasks.items()}
        found = frozenset(name for name, place in places.items() if _lies_in(place, wanted))
        if not found:
            known = [str(place) for place in places.values()]
            known += [str(folder) for place in places.values() for folder in place.parents if folder.name]
            raise SelectorError(f"no task lies in {self.path!r}", hint=did_you_mean(str(wanted), known))
        return found


@dataclass(frozen=True, slots=True)
class Extended(Selector):
    """What a selector chooses with what lies upstream and downstream: ``2+a``, ``a+``.

    Args:
        selector: Where it starts.
        up: How many steps upstream, None for all.
        down: How many steps downstream, None for all.
    """

    selector: Selector
    up: int | None = 0
    down: int | None = 0

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """The start too."""
        start = self.selector.choose(dag, root)
        return start | dag.upstream(*start, depth=self.up) | dag.downstream(*start, depth=self.down)


@dataclass(frozen=True, slots=True)
class Whole(Selector):
    """``@a``: what a selector chooses, all downstream of it, and all that any of these needs."""

    selector: Selector

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """The start too."""
        start = self.selector.choose(dag, root)
        touched = start | dag.downstream(*start)
        return touched | dag.upstream(*touched)


@dataclass(frozen=True, slots=True)
class AnyOf(Selector):
    """What any of them chooses: a space."""

    selectors: tuple[Selector, ...]

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """The union."""
        return frozenset().union(*(selector.choose(dag, root) for selector in self.selectors))


@dataclass(frozen=True, slots=True)
class AllOf(Selector):
    """What all of them choose: a comma."""

    selectors: tuple[Selector, ...]

    def choose(self, dag: Dag, root: Path) -> frozenset[str]:
        """The intersection."""
        return frozenset.intersection(*(selector.choose(dag, root) for selector in self.selectors))


def parse(text: str) -> Selector:
    """The selector that a text means.

    Raises:
        SelectorError: It is empty, or is not a selector.

    >>> parse("+orders")
    Extended(selector=Named(name='orders'), up=None, down=0)
    >>> parse("tag:core,path:models b")
    AnyOf(selectors=(AllOf(selectors=(Tagged(tag='core'), Placed(path='models'))), Named(name='b')))
    """
    alternatives = tuple(_conjunction(part) for part in text.split())
    if not alternatives:
        raise SelectorError("the task name is empty", hint="give a name, such as 'orders', or 'tag:core'")
    return alternatives[0] if len(alternatives) == 1 else AnyOf(alternatives)


def select(dag: Dag, select: Sequence[str], exclude: Sequence[str], root: Path) -> frozenset[str]:
    """The names of the tasks that the options of a command choose.

    Args:
        dag: The whole project's.
        select: Selectors of which any may choose a task; none means all tasks.
        exclude: Selectors of what to leave out.
        root: The project's folder, where ``path:`` starts.

    Raises:
        SelectorError: One cannot be read, or chooses nothing.
        UnknownTaskError: One names a task that does not exist.
    """
    chosen = AnyOf(tuple(map(parse, select))).choose(dag, root) if select else frozenset(dag.tasks)
    return chosen - AnyOf(tuple(map(parse, exclude))).choose(dag, root)


def _conjunction(text: str) -> Selector:
    parts = tuple(_term(part, text) for part in text.split(","))
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _term(text: str, whole: str) -> Selector:
    match = _TERM.fullmatch(text)
    if match is None:
        _refuse(text, "")
    at, method, value = match["at"], match["method"], match["value"]
    plus_up, plus_down = match["plus_up"], match["plus_down"]
    if not value:
        what = f"{text!r} needs a task name" if text else f"{whole!r} has a comma without a task name"
        raise SelectorError(what, hint="such as '+orders', 'orders+' or 'tag:core'")
    if at and (plus_up or plus_down):
        raise SelectorError(
            f"{text!r} has both @ and +", hint=f"@{value} takes all downstream and all they need"
        )
    selector = _method(method, value, text)
    if at:
        return Whole(selector)
    if plus_up or plus_down:
        return Extended(selector, _depth(plus_up, match["up"]), _depth(plus_down, match["down"]))
    return selector


def _method(method: str | None, value: str, text: str) -> Selector:
    if method == "tag":
        return Tagged(value)
    if method == "path":
        return Placed(value)
    if method is not None:
        hint = did_you_mean(method, _METHODS)
        raise SelectorError(f"the method {method!r} of {text!r} is not known here", hint=hint)
    if not _NAME.fullmatch(value):
        _refuse(text, value)
    return Named(value)


def _refuse(text: str, value: str) -> NoReturn:
    is_path = "/" in value or value.endswith(".py")
    hint = (
        f"by file or folder: 'path:{value}'"
        if is_path
        else "letters, digits, underscores and *; see 'pydbt ls'"
    )
    raise SelectorError(f"{text!r} is not a task name", hint=hint)


def _depth(plus: str | None, digits: str | None) -> int | None:
    if not plus:
        return 0
    return int(digits) if digits else None


def _place(task: Task, root: Path) -> PurePosixPath:
    file = Path(task.location.file)
    return PurePosixPath((file.relative_to(root) if file.is_relative_to(root) else file).as_posix())


def _lies_in(place: PurePosixPath, wanted: PurePosixPath) -> bool:
    folders: Iterable[PurePosixPath] = (place, *place.parents)
    return any(fnmatchcase(str(folder), str(wanted)) for folder in folders)
