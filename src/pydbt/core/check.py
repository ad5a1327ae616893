"""A Check, as far as a task knows it: a name, how bad a failure is, and the tasks whose tables it reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydbt.core.task import Task

Severity = Literal["error", "warn"]
SEVERITIES = ("error", "warn")


class Check:
    """Something that must hold of the rows a task publishes; `pydbt.checks` has those one uses."""

    __slots__ = ()

    severity: Severity | None
    """``error`` stops the publication, ``warn`` only tells; None is what the task says."""

    @property
    def name(self) -> str:
        """How it is called in messages: ``not_null(id)``."""
        raise NotImplementedError

    @property
    def depends_on(self) -> tuple[Task, ...]:
        """The tasks whose tables it reads."""
        return ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of tables it reads besides, which may be those of tasks."""
        return ()


def takes_rows(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with the rows, and nothing else.

    >>> takes_rows(lambda rows: rows), takes_rows(lambda rows, session: rows)
    (True, False)
    """
    try:
        signature = inspect.signature(function)
    except ValueError:
        return True  # Of some functions of C nothing is known.
    try:
        signature.bind(None)
    except TypeError:
        return False
    return True
