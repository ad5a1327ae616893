"""The thread that asks: one task after another, for debugging and for tests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor as Pool
from concurrent.futures import Future
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SerialExecutor:
    """Runs each task in the calling thread before the next one starts, so a debugger stops where one looks.

    >>> with SerialExecutor().pool() as pool:
    ...     pool.submit(max, 1, 2).done()
    True
    """

    slots: int = 1
    in_process: bool = True

    def pool(self) -> Pool:
        """The calling thread."""
        return _CallingThread()


class _CallingThread(Pool):
    def submit(self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  a future holds whatever was raised
            future.set_exception(error)
        else:
            future.set_result(result)
        return future
