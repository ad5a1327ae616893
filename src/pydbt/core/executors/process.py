"""Processes of their own, one for each slot: for tasks that compute in Python, or that may crash.

A pool of the standard library fails every waiting call when one of its processes dies, and does not say how
it died. Here each process has one caller and a pipe: its death fails the one call it was at, and the next
call gets a new one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor as Pool
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, ParamSpec, TypeVar

from pydbt.core.attempt import failure_of
from pydbt.core.executors.base import check_slots
from pydbt.core.results import Failure, Outcome
from pydbt.errors import NotSendableError, WorkerLostError, WorkFailedError

_P = ParamSpec("_P")
_T = TypeVar("_T")

# A worker whose pipe is closed leaves by itself; one that hangs in a task's leftovers does not.
_PATIENCE_SECONDS = 5.0
_ORPHANED = 70


@dataclass(frozen=True, slots=True)
class ProcessExecutor:
    """Runs tasks in fresh processes, which are kept for the next tasks.

    They are started by spawn, never by fork: a fork would share the connections of this process. What is
    submitted is a function of a module and plain values; objects such as connections never travel.

    Args:
        slots: How many at once, 1 to 1024.

    Raises:
        SlotsError: ``slots`` is out of its range.
    """

    slots: int = 4
    in_process: bool = False

    def __post_init__(self) -> None:
        check_slots(self.slots)

    def pool(self) -> Pool:
        """As many processes, each started when it is first needed."""
        return _ProcessPool(self.slots)


class _ProcessPool(Pool):
    def __init__(self, slots: int) -> None:
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="pydbt-worker")
        self._lock = threading.Lock()
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._is_ended = False

    def submit(self, function: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        call: _Call[_T] = _Call()
        self._threads.submit(self._answer, call, (function, args, kwargs))
        return call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  the base class's signature
        """End the pool; ``cancel_futures`` also ends what the processes are at."""
        if cancel_futures:
            with self._lock:
                self._is_ended = True
                for worker in self._workers:
                    worker.terminate()
        self._threads.shutdown(wait=wait)
        if wait:
            for worker in self._idle:
                worker.close()
            self._idle.clear()

    def _answer(self, call: _Call[_T], asked: object) -> None:
        if self._is_ended:
            call.cancel()
        if not call.set_running_or_notify_cancel():
            return
        try:
            answer: _T = self._asked(call, asked)
        except BaseException as error:  # noqa: BLE001  a future holds whatever was raised
            call.set_exception(error)
        else:
            call.set_result(answer)

    def _asked(self, call: _Call[_T], asked: object) -> _T:
        worker = self._take()
        call.hold(worker)
        try:
            answer: _T = worker.ask(asked)
        finally:
            call.hold(None)
            if worker.is_lost:
                self._forget(worker)
            else:
                self._idle.append(worker)
        return answer

    def _take(self) -> _Worker:
        while self._idle:
            try:
                idle = self._idle.pop()
            except IndexError:
                break
            if idle.is_alive():
                return idle
            # It died at no task's work, and fails none.
            self._forget(idle)
        worker = _Worker()
        with self._lock:
            self._workers.add(worker)
            if self._is_ended:
                worker.terminate()
        return worker

    def _forget(self, worker: _Worker) -> None:
        worker.close()
        with self._lock:
            self._workers.discard(worker)


class _Call(Future[_T]):
    """The future of a call: cancelling it ends the process that is at it."""

    def __init__(self) -> None:
        super().__init__()
        self._worker: _Worker | None = None
        self._hold = threading.Lock()

    def hold(self, worker: _Worker | None) -> None:
        """Note the process that is at it now; none when it has answered, and may be at another call."""
        with self._hold:
            self._worker = worker

    def cancel(self) -> bool:
        """Take the call back; one that is under way fails with its process."""
        is_cancelled = super().cancel()
        with self._hold:
            if self._worker is not None:
                self._worker.kill()
        return is_cancelled


class _Worker:
    """A process that answers one call after another."""

    def __init__(self) -> None:
        self.is_lost = False
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs,), name="pydbt-worker")
        try:
            self._process.start()
        finally:
            # Theirs alone: an end that both hold open leaks with every process that is replaced.
            theirs.close()

    def ask(self, call: object) -> Any:
        try:
            self._pipe.send(call)
        except OSError:
            raise self._lost() from None
        except Exception as error:
            raise NotSendableError(
                f"the call cannot be sent to another process: {error}",
                hint="only functions of modules travel",
            ) from error
        wait([self._pipe, self._process.sentinel])
        try:
            # Something sent just before it died counts: so the pipe is asked first.
            has_answer = self._pipe.poll()
            answer = self._pipe.recv() if has_answer else None
        except (EOFError, OSError):
            has_answer = False
        if not has_answer:
            raise self._lost()
        if isinstance(answer, _Last):
            self.kill()
            self.close()
            return answer.outcome
        if isinstance(answer, _Failed):
            raise answer.error()
        return answer

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self.is_lost = True
        self._process.kill()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(_PATIENCE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _lost(self) -> WorkerLostError:
        self.is_lost = True
        self.close()
        return WorkerLostError(
            f"the worker process died: {_ending(self._process.exitcode or 0)}",
            hint="os._exit, a crash inside a library, or too little memory",
        )


@dataclass(frozen=True, slots=True)
class _Last:
    """An answer after which the process is ended: something goes on in it that cannot be stopped."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Failed:
    """The call itself failed over there: its failure, and whether it was its result that could not travel."""

    failure: Failure
    unsendable: str = ""

    def error(self) -> NotSendableError | WorkFailedError:
        said = f"{self.failure.kind}: {self.failure.message}"
        if self.unsendable:
            return NotSendableError(f"a {self.unsendable} cannot be sent from another process: {said}")
        return WorkFailedError(f"another process raised {said}", where=self.failure.where or None)


def _ending(code: int) -> str:
    """How a process ended, by its exit code.

    >>> _ending(3), _ending(-9)
    ('exit code 3', 'signal 9 (SIGKILL)')
    """
    if code >= 0:
        return f"exit code {code}"
    known = {number.value: number.name for number in signal.Signals}
    return f"signal {-code} ({known.get(-code, 'unknown')})"


def _serve(pipe: Connection) -> None:
    """What a worker process does: answer until the other end is closed."""
    # Ctrl-C reaches all processes of a terminal; the run decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, name="pydbt-parent", daemon=True).start()
    while True:
        try:
            call = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        answer = _answer(call)
        try:
            pipe.send(answer)
        except OSError:
            return
        except Exception as error:  # noqa: BLE001  pickling raises anything
            pipe.send(_Failed(failure_of(error), unsendable=type(answer).__name__))


def _leave_with_parent() -> None:
    """End this process when the run's has ended, killed even: a task of a dead run must not go on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(_ORPHANED)


def _answer(call: bytes) -> object:
    try:
        function, args, kwargs = ForkingPickler.loads(call)
        answer = function(*args, **kwargs)
        return _Last(answer) if isinstance(answer, Outcome) and answer.is_left else answer
    except BaseException as error:  # noqa: BLE001  it goes back as an answer
        return _Failed(failure_of(error))
