"""One writer at a time: who waits for a table of PostgreSQL, or a file of SQLite, is told for whom.

A dead writer's lock is free.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.connections.diagnosis import diagnose
from pydbt.errors import TableLockedError
from pydbt.sql import ownership
from pydbt.sql.materialize import publish
from tests.sql.test_materialize import one, rows, tables

# Publishes a table, and stays in the middle of it until it is told to go on.
_HOLDER = """
import os
import sys
if sys.argv[2] == "orphan" and os.fork():  # No process of the test's any more: another run.
    os._exit(0)
from pydbt.connections import engine_from
from pydbt.sql.materialize import publish
from tests.sql.test_materialize import one


def wait(*_):
    print("in", os.getpid(), flush=True)
    sys.stdin.readline()


options = {"is_wal": False} if sys.argv[3:] else {}
publish(engine_from(sys.argv[1], **options), one(n=1), "t", inspect=wait)
print("done", flush=True)
"""
_END = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE :name")


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty PostgreSQL database."""
    yield engine_from(postgresql_url)
    dispose_all()


@contextmanager
def holder(url: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process in the middle of publishing the table ``t``: who has started it, and its number."""
    command = [sys.executable, "-c", _HOLDER, url, *(words or ["child"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told, number = process.stdout.readline().split()
        assert told == "in"
        try:
            yield process, int(number)
        finally:
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)


def test_who_waits_too_long_is_told_for_whom(
    postgresql_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session, the process, its host, since when, and how to end it; nothing was written."""
    monkeypatch.setattr(ownership, "PATIENCE", 0.3)
    with holder(postgresql_url) as (_process, pid):
        with pytest.raises(TableLockedError) as caught:
            publish(engine, one(n=2), "t")
        assert tables(engine) == set()

    assert f"(pydbt, process {pid} on " in caught.value.what
    assert " since 20" in caught.value.what
    assert caught.value.what.endswith(" is publishing 't'")
    assert "pg_terminate_backend" in caught.value.hint
    assert caught.value.exit_code == 75


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system lists its locks")
@pytest.mark.parametrize("log", [[], ["without"]], ids=["wal", "journal"])
def test_on_sqlite_the_process_that_writes_is_told(sqlite_url: str, log: list[str]) -> None:
    """Which it is, its host, since when, and how to end it; with a log beside the file or without."""
    options: dict[str, Any] = {"is_wal": False} if log else {}
    engine = engine_from(sqlite_url, busy_timeout=0.3, **options)
    with holder(sqlite_url, "orphan", *log) as (_process, pid):
        with pytest.raises(TableLockedError) as publishing:
            publish(engine, one(n=2), "u")
        with pytest.raises(TableLockedError) as beginning, engine.begin():
            pass

    assert str(publishing.value.what) == str(beginning.value.what)
    by_whom = rf" by process {pid} \(python\S* -c\) on \S+, started 20\d\d-\d\d-"
    assert re.search(by_whom, publishing.value.what)
    assert (f"kill {pid}" in publishing.value.hint, publishing.value.exit_code) == (True, 75)
    # It has been waited for: what is tried again would wait as long each time.
    assert [diagnose(caught.value) for caught in (publishing, beginning)] == [None, None]


def test_on_sqlite_processes_of_one_run_wait_for_each_other(sqlite_url: str) -> None:
    """The lock of a process of this very run passes: what waits for it is tried again."""
    engine = engine_from(sqlite_url, busy_timeout=0.3)
    with holder(sqlite_url), pytest.raises(sa.exc.OperationalError, match="locked"):
        publish(engine, one(n=2), "u")


def test_another_table_waits_for_nobody(postgresql_url: str, engine: Engine) -> None:
    """The lock is one table's."""
    with holder(postgresql_url):
        begun = time.monotonic()
        publish(engine, one(n=2), "u")
        publish(engine, one(n=2), "t", schema=other_schema(engine))
        assert time.monotonic() - begun < 5
        assert rows(engine, "u") == [(2,)]


def other_schema(engine: Engine) -> str:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA other")
    return "other"


def test_the_lock_is_the_same_with_the_schema_named_or_not(
    postgresql_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One table, one lock."""
    monkeypatch.setattr(ownership, "PATIENCE", 0.3)
    with holder(postgresql_url), pytest.raises(TableLockedError):
        publish(engine, one(n=2), "t", schema="public")


def test_who_waits_goes_on_when_the_other_has_published(postgresql_url: str, engine: Engine) -> None:
    """Both have published, one after the other."""
    with holder(postgresql_url) as (process, _pid):
        thread = threading.Thread(target=publish, args=(engine, one(n=2), "t"))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        done = process.communicate("go on\n", timeout=20)[0]
        thread.join(20)

    assert (done, thread.is_alive(), rows(engine, "t"), tables(engine)) == ("done\n", False, [(2,)], {"t"})


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_killed_writers_lock_is_free(postgresql_url: str, engine: Engine, *, is_stopped: bool) -> None:
    """Within 10 seconds, with no hand's work, and nothing is left of what it wrote."""
    with holder(postgresql_url) as (process, pid):
        if is_stopped:
            os.kill(pid, signal.SIGSTOP)
        process.kill()
        begun = time.monotonic()
        publish(engine, one(n=3), "t")
        seconds = time.monotonic() - begun

    assert seconds < 10
    assert (rows(engine, "t"), tables(engine)) == ([(3,)], {"t"})


def test_a_paused_writer_cannot_write_after_its_session_is_ended(postgresql_url: str, engine: Engine) -> None:
    """Its transaction is its lock: whoever takes that from it takes its rows, too."""
    with holder(postgresql_url) as (process, pid):
        os.kill(pid, signal.SIGSTOP)
        with engine.begin() as connection:
            connection.execute(_END, {"name": f"pydbt, process {pid} on %"})
        publish(engine, one(n=3), "t")
        os.kill(pid, signal.SIGCONT)
        out = process.communicate("go on\n", timeout=20)[0]

    assert (out, process.returncode != 0, rows(engine, "t")) == ("", True, [(3,)])


def test_after_waiting_the_sessions_own_limit_is_back(postgresql_url: str, engine: Engine) -> None:
    """Waiting for a table's name is one thing, waiting for the locks of others another."""
    with holder(postgresql_url) as (process, _pid):
        seen: list[str] = []
        threading.Timer(
            0.5, lambda: process.stdin and (process.stdin.write("go\n"), process.stdin.flush())
        ).start()

        def look(connection: Any, *_: Any) -> None:
            seen.append(connection.exec_driver_sql("SHOW lock_timeout").scalar())

        publish(engine, one(n=3), "t", inspect=look)

    assert seen == ["30s"]
