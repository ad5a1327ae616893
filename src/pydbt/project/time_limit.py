"""The time that the imports of all model files have together, and their interruption when it is over."""

from __future__ import annotations

import _thread
import signal
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

# Between the interruptions: time for a `finally` of the user's.
_PAUSE = 1.0
_NOT_THE_USERS = (str(Path(__file__).parents[1]), sysconfig.get_path("stdlib"), "<frozen")


class TimeLimit:
    """Interrupts the main thread when the time is over: an endless loop at import has no other end.

    It interrupts again every second, until the import ends. Outside the main thread, which alone can be
    interrupted, it only tells that the time is over.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self.is_interrupted = False
        self.is_watching = threading.current_thread() is threading.main_thread()
        self._base: types.FrameType | None = None
        self._interruptions = 0
        self._has_ended = threading.Event()
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._wait, name="pydbt-load-limit", daemon=True)

    def run(self, call: Callable[[], object]) -> None:
        """Call what may be interrupted; nothing else is.

        Raises:
            KeyboardInterrupt: The time is over.
        """
        tracing = sys.gettrace()
        self._base = sys._getframe()  # noqa: SLF001  the documented way to tell which frames are the call's
        try:
            # A line stopped at its `except` leaves its exception "handled"; in a generator that ends.
            next(_called(call))
        finally:
            self._base = None
            if sys.gettrace() is not tracing:
                sys.settrace(tracing)

    def _wait(self) -> None:
        pause = min(self.seconds, threading.TIMEOUT_MAX)
        while not self._has_ended.wait(pause):
            self.is_over = True
            pause = _PAUSE
            with self._lock:
                if self.is_watching and not self._has_ended.is_set():
                    _interrupt_main_thread()

    def _received(self, number: int, frame: types.FrameType | None) -> None:
        if self.is_over:
            self._stop_call(frame)
            return
        if self._before == signal.SIG_IGN:
            return
        self.is_interrupted = True
        if callable(self._before):
            self._before(number, frame)
        raise KeyboardInterrupt

    def _stop_call(self, frame: types.FrameType | None) -> None:
        frames = list(_frames(frame, self._base))
        if not frames:
            return
        self._interruptions += 1
        if self._interruptions > 1:
            # The code has caught one and goes on: the line that comes next, its `except`, is stopped, too.
            for running in frames:
                running.f_trace = self._enter(running, "call", None)
            sys.settrace(self._enter)
        raise KeyboardInterrupt

    def _enter(self, frame: types.FrameType, _event: str, _value: Any) -> Any:
        return None if frame.f_code.co_filename.startswith(_NOT_THE_USERS) else self._stop_line

    def _stop_line(self, _frame: types.FrameType, event: str, _value: Any) -> Any:
        if event == "line":
            raise KeyboardInterrupt
        return self._stop_line

    def __enter__(self) -> Self:
        if self.is_watching:
            # What SIGINT does in a process in the background may be nothing: here it is ours.
            self._before = signal.signal(signal.SIGINT, self._received)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._has_ended.set()
        if self.is_watching:
            # A signal that is still on its way is received before this: Python looks for it first.
            signal.signal(signal.SIGINT, self._before)


def _called(call: Callable[[], object]) -> Iterator[None]:
    call()
    yield


def _interrupt_main_thread() -> None:
    if hasattr(signal, "pthread_kill"):
        # A signal that is really sent ends a sleep, too.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _frames(frame: types.FrameType | None, base: types.FrameType | None) -> Iterator[types.FrameType]:
    """The frames from the running one down to the base, without it; none when the base does not run."""
    found: list[types.FrameType] = []
    while base is not None and frame is not None:
        if frame is base:
            yield from found
            return
        found.append(frame)
        frame = frame.f_back
