"""Ctrl-C: the first winds a run down, the second leaves at once."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EXIT_CODE = 130
_END = b"\0"
_SHOW_CURSOR = b"\x1b[?25h\n"


@contextmanager
def interrupting(interrupt: Callable[[], object]) -> Iterator[None]:
    """Call ``interrupt`` at the first SIGINT or SIGTERM inside the block; leave with code 130 at the second.

    A thread of its own does both: Python runs a signal's handler only between two bytecodes of the main
    thread, which may be deep in a database driver for minutes. Outside the main thread, where signals cannot
    be received, the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.settimeout(0)
        before = {number: signal.signal(number, _note) for number in _SIGNALS}
        descriptor = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        watcher = threading.Thread(target=_watch, args=(reader, interrupt), name="pydbt-signals", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in before.items():
                signal.signal(number, handler)
            writer.send(_END)
            watcher.join()


def _note(_number: int, _frame: object) -> None:
    """Nothing: but with a handler in Python, the number is written for the watcher."""


def _watch(reader: socket.socket, interrupt: Callable[[], object]) -> None:
    interrupted = False
    while (received := reader.recv(1)) != _END:
        if received[0] not in _SIGNALS:
            continue
        if interrupted:
            if sys.stdout.isatty():
                # Whoever drew on the terminal may have hidden its cursor, and gets no chance to tidy up.
                os.write(sys.stdout.fileno(), _SHOW_CURSOR)
            # Threads inside a driver cannot be ended in any other way.
            os._exit(_EXIT_CODE)
        interrupted = True
        interrupt()
