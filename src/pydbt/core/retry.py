"""Retry: how often a failed task is tried again, after which waits, and after which failures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from pydbt.errors import TaskOptionError, user_location


@dataclass(frozen=True, slots=True)
class Retry:
    """Further tries after a failure: exponential waits with full jitter, on chosen exceptions.

    The n-th wait is a random part of ``wait_seconds * factor ** (n - 1)``, at most ``max_wait_seconds``;
    with ``jitter=False`` it is the whole of it. Full jitter spreads tasks that failed together, which
    otherwise all come back at once.

    Trouble of the database that passes (a deadlock, a lost connection) is tried again a few times beside
    these, where a task is materialized, so that all it did is undone: after waits of up to 0.5, 1, 2 … 30
    seconds.

    Args:
        times: Further tries, 0 to `MOST`.
        wait_seconds: The first wait, before jitter; 0 tries again at once.
        factor: By how much each wait grows, 1 or more.
        max_wait_seconds: No wait is longer.
        jitter: Whether to take a random part of each wait.
        on: One exception class, or several: only these, and their subclasses, are tried again. The default
            leaves out ``SystemExit`` and ``KeyboardInterrupt``: a body that leaves on purpose means it.
        total_seconds: No further try begins so long after the first one began; None for no limit.
        transient: Further tries after trouble that passes, beside ``times``, 0 to `MOST`.

    Raises:
        TaskOptionError: An argument is out of its range.

    >>> Retry(3, wait_seconds=1, jitter=False).wait(3, lambda: 0.5)
    4.0
    >>> Retry(3, wait_seconds=1).wait(3, lambda: 0.5)
    2.0
    """

    MOST: ClassVar[int] = 1000

    times: int = 0
    wait_seconds: float = 0.0
    factor: float = 2.0
    max_wait_seconds: float = 300.0
    jitter: bool = True
    on: type[BaseException] | tuple[type[BaseException], ...] = (Exception,)
    total_seconds: float | None = None
    transient: int = 7

    def __post_init__(self) -> None:
        for name in ("times", "transient"):
            count = getattr(self, name)
            if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= self.MOST:
                _refuse(name, count, f"a whole number from 0 to {self.MOST}")
        _check_number("wait_seconds", self.wait_seconds, least=0)
        _check_number("factor", self.factor, least=1)
        _check_number("max_wait_seconds", self.max_wait_seconds, least=0)
        if self.total_seconds is not None:
            _check_number("total_seconds", self.total_seconds, least=0)
        if not isinstance(self.jitter, bool):
            _refuse("jitter", self.jitter, "True or False")
        # Callers give one class or any series of them; the value itself is hashable.
        object.__setattr__(self, "on", _classes(self.on))

    def wait(self, attempt: int, random: Callable[[], float]) -> float:
        """The seconds to wait after this attempt failed.

        Args:
            attempt: Which attempt failed, counted from 1.
            random: Gives a number from 0 to 1.
        """
        try:
            whole = min(self.max_wait_seconds, self.wait_seconds * self.factor ** (attempt - 1))
        except OverflowError:
            whole = self.max_wait_seconds if self.wait_seconds else 0.0
        return float(whole * random() if self.jitter else whole)

    def is_for(self, kinds: Iterable[str]) -> bool:
        """Whether a failure of these classes, by their full names, is worth another try.

        Names, since a failure may come from another process, where its class cannot be looked up.

        >>> Retry(1, on=OSError).is_for(["builtins.ConnectionError", "builtins.OSError"])
        True
        """
        wanted = {full_name(kind) for kind in _classes(self.on)}
        return not wanted.isdisjoint(kinds)


def full_name(kind: type) -> str:
    """The class's module and name.

    >>> full_name(OSError)
    'builtins.OSError'
    """
    return f"{kind.__module__}.{kind.__qualname__}"


def _check_number(name: str, value: object, *, least: float) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < least:  # type: ignore[arg-type,operator]  # is_number says so
        _refuse(name, value, f"a number, {least} or more")


def _classes(on: object) -> tuple[type[BaseException], ...]:
    kinds = tuple(on) if isinstance(on, Iterable) and not isinstance(on, (str, type)) else (on,)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            _refuse("on", kind, "an exception class, or several: on=(ConnectionError, TimeoutError)")
    if not kinds:
        _refuse("on", on, "at least one exception class")
    return kinds


def _refuse(name: str, value: object, hint: str) -> NoReturn:
    raise TaskOptionError(f"Retry({name}={value!r}) is out of range", where=user_location(), hint=hint)


# Made here, for it is checked as any other.
BACK_OFF = Retry(wait_seconds=0.5, max_wait_seconds=30.0)
"""The waits after trouble that passes, whatever the task's own retry says."""
