"""Fail points: named places where a process can be made to die as if its power were cut.

``PYDBT_FAILPOINT=name`` ends the process with SIGKILL when it comes to the point of that name,
``PYDBT_FAILPOINT=name:3`` when it comes there for the third time. It is for tests: what has to be whole after
a kill at any instant is killed at every one that matters. The steps of a publication are points by the names
of their classes, ``publish.before.CreateTableAs``; all others are in `POINTS`.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable

VARIABLE = "PYDBT_FAILPOINT"

STEPS = ("publish.before", "publish.after")
"""How the names of a publication's steps begin; the class of the step follows."""

POINTS = frozenset(
    {
        # A publication's lock, and what dead ones left beside a table.
        "publish.before.lock",
        "publish.after.lock",
        "publish.before.sweep",
        "publish.after.sweep",
        # The transactions of the user's database.
        "transaction.before.begin",
        "transaction.after.begin",
        "transaction.before.commit",
        "transaction.after.commit",
        # The state.
        "state.before.link",
        "state.after.link",
        "state.before.migration",
        "state.after.migration",
        "state.after.begin",
        "state.before.put",
        "state.after.put",
        "state.before.commit",
        "state.after.commit",
        # A damaged state that is put aside.
        "repair.before.rename",
        "repair.before.carry",
        "repair.before.keep",
        "repair.before.mark",
        "repair.before.log",
        "repair.before.replace",
        "repair.after.replace",
        # Files that take the place of others.
        "file.before.replace",
        "file.after.replace",
        "export.before.replace",
        "export.after.replace",
        "init.before.rename",
        "init.after.rename",
    }
)

# At most one: what is told of each point that is reached.
_WATCHING: list[Callable[[str], object]] = []


def reached(name: str, step: object = None) -> None:
    """Note that a point is reached; nothing happens unless a test has asked for it.

    Args:
        name: The point's, one of `POINTS`; or the beginning of a step's, one of `STEPS`.
        step: The step.
    """
    if _WATCHING:
        _WATCHING[0](name if step is None else f"{name}.{type(step).__name__}")


def watch(tell: Callable[[str], object]) -> None:
    """Have each point told that is reached from now on.

    >>> told = []
    >>> watch(told.append)
    >>> reached("transaction.before.commit")
    >>> unwatch()
    >>> reached("transaction.after.commit")
    >>> told
    ['transaction.before.commit']
    """
    _WATCHING[:] = [tell]


def unwatch() -> None:
    """Have nothing told any more."""
    _WATCHING.clear()


def killing(point: str) -> Callable[[str], None]:
    """What ends this process at a point: ``name``, or ``name:3`` for the third time it is reached."""
    wanted, _, time = point.partition(":")
    times = itertools.count(1)
    last = int(time or 1)

    def tell(name: str) -> None:
        if name == wanted and next(times) == last:
            # Windows has no SIGKILL; there, SIGTERM is as final.
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    return tell


if os.environ.get(VARIABLE):
    watch(killing(os.environ[VARIABLE]))
