"""Ctrl-C, kill -9 and two runs at once, in processes as a terminal starts them, on databases that work."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.connections import engine_from
from pydbt.sql import ownership
from pydbt.sql.dialects import POSTGRESQL
from pydbt.sql.publication import Publication
from tests.cli.command import make_project, pydbt, pydbt_process, started

# Some minutes of counting, which each database can be asked to stop.
_LONG = """\
import sqlalchemy as sa
from pydbt import Task

@Task
def quick(): ...

@Task(depends_on=[quick], materialized="table")
def long():
    return sa.select(sa.func.count().label("n")).select_from(sa.text("{rows}"))

@Task(depends_on=[long])
def after(): ...
"""
_ROWS = {
    "duckdb": "range(3000000) AS a, range(3000000) AS b WHERE (a.range * b.range) % 7 = 3",
    "postgresql": "generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a * b % 7 = 3",
    "sqlite": "(WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t)",
}
# The signal comes while the query is rendered: there is no statement yet that could be stopped.
_EARLY = """\
import os, signal, time
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from pydbt import Task

class Early(FunctionElement):
    inherit_cache = False
    type = sa.Integer()

@compiles(Early)
def render(element, compiler, **options):
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
    return "1"

@Task(materialized="table")
def long():
    columns = sa.func.count().label("n"), sa.func.max(Early()).label("m")
    return sa.select(*columns).select_from(sa.text("{rows}"))
"""
_STUBBORN = """\
import time
from pydbt import Task

@Task
def long():
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.1)
"""


def wait_for(process: subprocess.Popen[str], text: str) -> str:
    """What the process has written up to the first line with that text; fails when it ends before."""
    assert process.stdout is not None
    lines = []
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    for line in process.stdout:
        lines.append(line)
        if text in line:
            watchdog.cancel()
            return "".join(lines)
    watchdog.cancel()
    _, err = process.communicate()
    pytest.fail(f"no line with {text!r}:\n{''.join(lines)}\n{err}")


def last_run(folder: Path) -> str:
    """How the latest run ended."""
    return pydbt(folder, "history", "-n", "1").out.split()[4]


@pytest.fixture(params=_ROWS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A project with a task that takes minutes, on each database."""
    url = request.getfixturevalue(f"{request.param}_url")
    folder = tmp_path / "project"
    settings = f'[targets.dev]\nurl = "{url}"\n'
    return make_project(
        folder, {"pydbt.toml": settings, "models/shop.py": _LONG.format(rows=_ROWS[request.param])}
    )


def test_ctrl_c_stops_the_statement_and_tells_130(project: Path) -> None:
    """The database stops the query, the run ends in seconds, and its state says so."""
    process = started(project, "run")
    wait_for(process, "task long is scheduled")
    time.sleep(0.5)
    begun = time.monotonic()

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert time.monotonic() - begun < 15
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert "task  long was interrupted" in out
    assert "task  after is not run: the run was interrupted" in out
    listed = pydbt(project, "history", "-n", "1").out
    assert last_run(project) == "interrupted"
    assert listed.rstrip().endswith("1 interrupted, 1 not run, 1 success")
    assert "\nnot run          after " in pydbt(project, "history", listed.split()[0]).out


def test_ctrl_c_stops_what_is_shown(project: Path) -> None:
    """The query that a table's rows are shown by ends in the database, and with it the command."""
    assert pydbt_process(project, "run", "quick").code == 0
    process = started(project, "show", "long")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)
    begun = time.monotonic()

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert time.monotonic() - begun < 15
    assert (process.returncode, out, err) == (130, "", "\ninterrupted\n")


def test_ctrl_c_before_the_statement_is_sent_is_not_lost(tmp_path: Path, sqlite_url: str) -> None:
    """What would run for ever is asked to stop when it has begun."""
    settings = f'[targets.dev]\nurl = "{sqlite_url}"\n'
    engine_from(sqlite_url).connect().close()
    models = _EARLY.replace("{rows}", _ROWS["sqlite"])
    make_project(tmp_path / "project", {"pydbt.toml": settings, "models/shop.py": models})

    shown = pydbt_process(tmp_path / "project", "show", "long")

    assert (shown.code, shown.out, shown.err) == (130, "", "\ninterrupted\n")


def test_the_second_ctrl_c_leaves_at_once(tmp_path: Path) -> None:
    """A task that does not listen is waited for once, not twice."""
    make_project(tmp_path, {"models/shop.py": _STUBBORN})
    process = started(tmp_path, "run")
    wait_for(process, "task long is scheduled")

    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)

    assert process.returncode == 130
    assert last_run(tmp_path) == "interrupted"


@pytest.mark.parametrize("end", [subprocess.Popen.kill, subprocess.Popen.terminate])
def test_a_run_that_was_ended_reads_as_interrupted(
    tmp_path: Path, end: Callable[[subprocess.Popen[str]], None]
) -> None:
    """Whoever looks next sees that it ended; nothing stays "running"."""
    models = _STUBBORN.replace("+ 60", "+ 3") + "\n@Task(depends_on=[long])\ndef after(): ...\n"
    make_project(tmp_path, {"models/shop.py": models})
    process = started(tmp_path, "run")
    wait_for(process, "task long is scheduled")
    while pydbt(tmp_path, "history").out.startswith("no runs yet"):
        # The log is told before the state is written.
        time.sleep(0.05)
    assert last_run(tmp_path) == "running"

    end(process)
    process.communicate(timeout=60)

    assert last_run(tmp_path) == "interrupted"
    assert process.returncode in {-signal.SIGKILL, 130}


def test_of_two_runs_on_one_duckdb_file_one_is_told_to_wait(tmp_path: Path) -> None:
    """The second gets exit code 75 and the first one's process, and has recorded no run."""
    models = _STUBBORN.replace("def long():", "def long(session):\n    session.engine.connect().close()")
    settings = '[targets.dev]\nurl = "duckdb:///shop.duckdb"\n'
    make_project(tmp_path, {"models/shop.py": models, "pydbt.toml": settings})
    first = started(tmp_path, "run")
    wait_for(first, "task long is scheduled")

    second = pydbt_process(tmp_path, "run")
    first.kill()
    first.communicate()

    assert (second.code, second.out) == (75, "")
    assert f"process {first.pid}" in second.err
    assert len(pydbt(tmp_path, "history").out.splitlines()) == 1


def test_of_two_runs_that_publish_one_table_one_is_told_to_wait(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 75, and the session that has it; the other tables of the run are published."""
    monkeypatch.setattr(ownership, "PATIENCE", 0.2)
    table = "@Task(materialized='table')\ndef {}(session):\n    return session.range(3)\n"
    models = "from pydbt import Task\n\n" + table.format("held") + table.format("free")
    settings = f'[targets.dev]\nurl = "{postgresql_url}"\n'
    make_project(tmp_path, {"models/shop.py": models, "pydbt.toml": settings})
    wanted = Publication(sa.select(sa.literal(1).label("n")), "held")

    with (
        engine_from(postgresql_url).begin() as connection,
        ownership.owned(connection, POSTGRESQL, wanted),
    ):
        run = pydbt(tmp_path, "run")
    again = pydbt(tmp_path, "run", "held")

    assert (run.code, again.code) == (75, 0)
    assert f"(pydbt, process {os.getpid()} on " in run.err
    assert "is publishing 'held'" in run.err
    assert "task free succeeded" in run.out
