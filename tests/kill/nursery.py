"""A process that has imported everything and does nothing but fork: commands that start in milliseconds.

``python -m tests.kill.nursery`` reads a `Birth` a line, forks a child that calls the ``pydbt`` command, kills
it when that is wanted, and answers with a `Death` a line. It has played a run before the first fork, so that
no child has to import or prepare what all need; no thread and no connection of that run is left in it.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydbt import failpoints
from tests.kill.warm import warm_up

WORK = ("publish.", "transaction.", "naive.")
"""How the fail points begin that a process comes to once it works in the database."""

_LONGEST_SECONDS = 60.0
_POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Birth:
    """A command to be called, and when it is to die.

    Args:
        folder: The project's.
        log: The file that takes what it writes.
        arguments: Of the command ``pydbt``.
        point: The fail point it dies at; empty for none.
        after: The seconds after which it dies; None for never.
        is_from_publication: Whether they count from its first step in the database, not from its start.
        url: A database that a thread of its own is to look at all the time; empty for none.
        queries: What that thread asks.
    """

    folder: str
    log: str
    arguments: tuple[str, ...]
    point: str = ""
    after: float | None = None
    is_from_publication: bool = False
    url: str = ""
    queries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended.

    Args:
        code: Its exit code; minus the number of the signal that ended it.
        pid: Its process id.
        seconds: How long it lived.
        building: How much of that was after its first step in the database.
        points: The fail points it came to, in order.
        seen: What its own thread saw whenever it saw another thing than before.
    """

    code: int
    pid: int
    seconds: float
    building: float
    points: tuple[str, ...]
    seen: tuple[Any, ...]


class Nursery:
    """Starts the process and talks to it; one command at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, birth: Birth) -> Death:
        """Let a child live and die."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asdict(birth)) + "\n")
            process.stdin.flush()
            told = json.loads(process.stdout.readline())
        except BaseException:
            # A test that is stopped here leaves an answer behind that is none for the next question.
            process.kill()
            self._end()
            raise
        return Death(**{**told, "points": tuple(told["points"]), "seen": tuple(told["seen"])})

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.kill.nursery"],
            cwd=Path(__file__).parent.parent.parent,
            # No threads of a library's, which a fork would lose.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            process.stdin.close()
            process.stdout.close()
            process.wait(_LONGEST_SECONDS)


def observed(read: Callable[[str], Any], queries: tuple[str, ...]) -> list[Any]:
    """What each query gives: its rows, None where what it reads is not there, or the error's words."""
    return [_observed(read, query) for query in queries]


def _observed(read: Callable[[str], Any], query: str) -> Any:
    try:
        return sorted([*row] for row in read(query))
    except Exception as error:  # noqa: BLE001  whatever a reader runs into is what it has seen
        said = str(getattr(error, "orig", error))
        is_missing = any(piece in said for piece in ("no such table", "does not exist", "doesn't exist"))
        return None if is_missing else f"{type(error).__name__}: {said}"


def _live(birth: Birth, told: int) -> int:
    """The child: its points and what it sees go down the pipe."""
    from pydbt.cli.app import exit_code

    log = os.open(birth.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(birth.folder)
    kill = failpoints.killing(birth.point)

    def tell(name: str) -> None:
        os.write(told, f"{name}\n".encode())
        kill(name)

    failpoints.watch(tell)
    if birth.url:
        threading.Thread(target=_look_on, args=(birth, told), daemon=True).start()
    return exit_code([*birth.arguments])


def _look_on(birth: Birth, told: int) -> None:
    from pydbt.connections import engine_from

    # Of the driver's own: DuckDB commits each query by itself then, and it costs the run half as much.
    connection = engine_from(birth.url).raw_connection()
    cursor = connection.cursor()

    def read(query: str) -> Any:
        cursor.execute(query)
        return cursor.fetchall()

    latest: list[Any] | None = None
    while True:
        seen = observed(read, birth.queries)
        if seen != latest:
            os.write(told, f"!{json.dumps(seen)}\n".encode())
            latest = seen
        time.sleep(_POLL_SECONDS)


def _attend(birth: Birth, pid: int, told: int) -> Death:
    """The parent: read what the child tells, and kill it in time."""
    begun = time.monotonic()
    deadline = begun + _LONGEST_SECONDS
    if birth.after is not None and not birth.is_from_publication:
        deadline = begun + birth.after
    built: float | None = None
    text = b""
    while True:
        ready, _, _ = select.select([told], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + _LONGEST_SECONDS
            continue
        piece = os.read(told, 65536)
        text += piece
        if built is None and any(name.encode() in text for name in WORK):
            built = time.monotonic()
            if birth.after is not None and birth.is_from_publication:
                deadline = built + birth.after
        if not piece:
            break
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    ended = time.monotonic()
    # A kill may cut the last line.
    lines = text.decode().split("\n")[:-1]
    points = tuple(line for line in lines if not line.startswith("!"))
    seen = tuple(json.loads(line[1:]) for line in lines if line.startswith("!"))
    return Death(code, pid, ended - begun, ended - (built or ended), points, seen)


def _serve() -> None:
    # What a run on SQLite does not come by; pandas because DuckDB looks for it.
    importlib.import_module("pandas")
    import duckdb_sqlalchemy  # noqa: F401
    import psycopg  # noqa: F401
    import pymysql  # noqa: F401
    import sqlalchemy.dialects.mysql
    import sqlalchemy.dialects.postgresql  # noqa: F401

    import pydbt.connections.duckdb_connection  # noqa: F401

    warm_up()
    # What a thread holds is lost in a fork.
    assert threading.active_count() == 1
    for line in sys.stdin:
        given = json.loads(line)
        birth = Birth(**{**given, "arguments": tuple(given["arguments"]), "queries": tuple(given["queries"])})
        told, telling = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                os.close(told)
                code = _live(birth, telling)
            finally:
                # The end of a process, which Python does not bring about in a fork by itself.
                atexit._run_exitfuncs()
                sys.stdout.flush()
                os._exit(code)
        os.close(telling)
        death = _attend(birth, pid, told)
        os.close(told)
        sys.stdout.write(json.dumps(asdict(death)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
