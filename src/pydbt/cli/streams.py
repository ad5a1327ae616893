"""The standard streams during a run: many threads write, and every line stays whole."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from pydbt.cli.app import silence
from pydbt.errors import ListenerError


class WholeLines:
    """A stream into which several threads write lines, none of which begins inside another's.

    ``print("a", 1)`` writes four pieces. What a thread has not ended is held back until it ends the line or
    flushes; a line that was flushed unended is ended before another thread writes.

    Args:
        stream: Where the lines go; what a text stream has besides (its descriptor, its encoding) is its own.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._begun: dict[int, str] = {}
        self._unended: int | None = None  # The thread whose flushed line stands at the end of the stream.

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write what is whole with this text, and hold back the rest."""
        thread = threading.get_ident()
        with self._lock:
            lines, end, rest = (self._begun.pop(thread, "") + text).rpartition("\n")
            if rest:
                self._begun[thread] = rest
            if end:
                self._put(thread, lines + end)
                self._unended = None
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write one text after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what this thread has begun, too: a question, a line of progress."""
        thread = threading.get_ident()
        with self._lock:
            begun = self._begun.pop(thread, "")
            if begun:
                self._put(thread, begun)
                self._unended = thread
            self._stream.flush()

    def end(self) -> None:
        """Write all that any thread has begun, each on a line of its own."""
        with self._lock:
            for thread in list(self._begun):
                self._put(thread, self._begun.pop(thread))
                self._unended = thread
            self._stream.flush()

    def _put(self, thread: int, text: str) -> None:
        if self._unended not in {None, thread}:
            text = f"\n{text}"
        self._stream.write(text)


@contextmanager
def whole_lines() -> Iterator[None]:
    """Keep lines whole on both standard streams, whoever prints them."""
    out, err = WholeLines(sys.stdout), WholeLines(sys.stderr)
    with redirect_stdout(cast("TextIO", out)), redirect_stderr(cast("TextIO", err)):
        try:
            yield
        finally:
            out.end()
            err.end()


class Lines:
    """Writes lines to a stream until its reader has gone, or its disk is full: neither ends a run.

    Args:
        stream: Where they go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, line: str) -> None:
        """Write one line."""
        try:
            # Not click.echo, which looks at the terminal again for each line: several lines tell of a task.
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream)
        except OSError as error:
            silence(self._stream)
            what = f"the log cannot be written: {error.strerror or error}"
            lost = ListenerError(what, hint="the run goes on, and pydbt history tells how it ended")
            sys.stderr.write(f"{lost}\n")


@contextmanager
def alone_on_stdout() -> Iterator[TextIO]:
    """The standard output for us alone: what tasks and their processes print goes to stderr."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:
        # Not a file: a program that calls the command line with a stream of its own.
        stdout = sys.stdout
        with redirect_stdout(sys.stderr):
            yield stdout
        return
    sys.stdout.flush()
    with os.fdopen(os.dup(descriptor), "w", encoding="utf-8", errors="backslashreplace") as ours:
        os.dup2(sys.stderr.fileno(), descriptor)
        try:
            yield ours
        finally:
            sys.stdout.flush()
            os.dup2(ours.fileno(), descriptor)
