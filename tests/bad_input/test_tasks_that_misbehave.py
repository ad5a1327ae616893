"""Tasks that leave, crash or throw what cannot be told: they fail with the reason, the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_input.refusal import assert_form
from tests.cli.command import make_project, pydbt, pydbt_process

_MODELS = """\
from pydbt import Task

@Task
def bad():
{body}

@Task(depends_on=[bad])
def after(): ...

@Task
def other(): ...

@Task(depends_on=[other])
def last(): ...
"""

_UNSENDABLE = """\
class NoWay(Exception):
    def __init__(self, one, two):
        import threading
        self.lock = threading.Lock()
raise NoWay(1, 2)
"""
_UNREADABLE = """\
class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no")
raise Mute
"""

# What a thread survives.
CASES = {
    "exits": ("import sys; sys.exit(3)", "called sys.exit(3)"),
    "interrupts": ("raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    "throws what cannot be sent": (_UNSENDABLE, "NoWay: (1, 2)"),
    "throws what has no text": (_UNREADABLE, "Mute: its message cannot be read: str() raised RuntimeError"),
    "recurses without end": ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
    "throws nearly anything": ("raise BaseException('odd')", "BaseException: odd"),
}
# What only a process of its own survives.
CRASHES = {
    "leaves at once": ("import os; os._exit(3)", "the worker process died: exit code 3"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "the worker process died: signal 11 (SIGSEGV)"),
}


def models(body: str) -> str:
    """A DAG whose task `bad` has that body."""
    return _MODELS.format(body="\n".join(f"    {line}" for line in body.splitlines()))


@pytest.mark.parametrize(
    ("returned", "told", "advised"),
    [
        ("raw.show()", "returned nothing", "write return before the last DataFrame"),
        ("raw.group_by('id')", "returned a GroupedData", "finish it: .agg("),
        ("raw.collect()", "returned a list", "without collect()"),
        ("7", "returned an int", "return a DataFrame or a SQLAlchemy Select"),
    ],
)
def test_what_is_no_rows_for_a_table_says_what_to_return(
    tmp_path: Path, returned: str, told: str, advised: str
) -> None:
    """Nothing is published, and the hint is about what was returned."""
    body = f"    raw = session.table('raw')\n    return {returned}\n"
    more = f"from pydbt import Task\n\n@Task(materialized='table')\ndef sums(session):\n{body}"
    make_project(tmp_path, {"models/more.py": more})
    pydbt(tmp_path, "run", "load")

    run = pydbt(tmp_path, "run", "sums")

    assert run.code == 1
    assert f"PYDBT-E550: the task 'sums' {told}" in run.err
    assert advised in run.err


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("order_by('id', ascending=False)", "it is order_by(*keys, descending=False, nulls_first=False)"),
        ("rename(columns={'id': 'n'})", "it is rename(names)"),
        ("limit()", "it is limit(count, offset=0)"),
    ],
)
def test_a_method_called_otherwise_tells_how_it_is_called(tmp_path: Path, called: str, told: str) -> None:
    """Python names the argument that is wrong, not those that are right."""
    body = f"    raw = session.table('raw')\n    return raw.{called}\n"
    more = f"from pydbt import Task\n\n@Task(materialized='table')\ndef sums(session):\n{body}"
    make_project(tmp_path, {"models/more.py": more})
    pydbt(tmp_path, "run", "load")

    run = pydbt(tmp_path, "run", "sums")

    assert f"failed: TypeError: DataFrame.{called.partition('(')[0]}() " in run.err
    assert told in run.err


def test_a_databases_error_is_told_without_a_link(tmp_path: Path) -> None:
    """The statement helps; SQLAlchemy's page about the class of the exception does not."""
    statement = "connection.exec_driver_sql('SELECT nothing')"
    body = f"    with session.engine.connect() as connection:\n        {statement}\n"
    make_project(tmp_path, {"models/more.py": f"from pydbt import Task\n\n@Task\ndef bad(session):\n{body}"})

    run = pydbt(tmp_path, "run", "bad")

    assert "[SQL: SELECT nothing]" in run.err
    assert "sqlalche.me" not in run.out + run.err


@pytest.mark.parametrize("case", CASES)
def test_a_task_fails_with_what_it_did(tmp_path: Path, case: str) -> None:
    """The reason and the line; what depends on the task is not run, everything else is."""
    body, told = CASES[case]
    make_project(tmp_path, {"models/shop.py": models(body)})

    run = pydbt(tmp_path, "run")
    debugged = pydbt(tmp_path, "run", "--debug")

    assert (run.code, debugged.code) == (1, 1)
    assert_form(run.err, "PYDBT-E505", ("the task 'bad' failed: ", told, "models/shop.py:"))
    assert "Traceback" in debugged.err
    for line in ("task  bad failed after 0 attempts", "task  after is not run", "task last succeeded"):
        assert line in run.out


@pytest.mark.parametrize("case", [*CRASHES, "exits", "throws what cannot be sent"])
def test_a_process_that_dies_takes_only_its_task_with_it(tmp_path: Path, case: str) -> None:
    """How the process ended; the tasks that do not depend on it have run."""
    body, told = {**CASES, **CRASHES}[case]
    make_project(tmp_path, {"models/shop.py": models(body)})

    run = pydbt_process(tmp_path, "run", "--executor", "process", "--threads", "2")

    assert run.code == 1
    assert_form(run.err, "PYDBT-E505", ("the task 'bad' failed: ", told))
    assert "task  after is not run" in run.out
    assert "task last succeeded" in run.out


_CONNECTION = """\
from pydbt import Task

@Task
def plain(session):
    return session.engine.raw_connection().driver_connection

@Task(materialized="table")
def published(session):
    return session.engine.raw_connection().driver_connection
"""


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_an_open_connection_cannot_be_published(tmp_path: Path, executor: str) -> None:
    """What a plain task returns is not used and never sent; of a published one, the type is named."""
    make_project(tmp_path, {"models/shop.py": _CONNECTION})

    run = pydbt_process(tmp_path, "run", "--executor", executor, "--threads", "1")

    assert run.code == 1
    assert "task plain succeeded" in run.out
    says = ("'published'", "PYDBT-E550", "a Connection, not rows", "models/shop.py:7", "return a DataFrame")
    assert_form(run.err, "PYDBT-E505", says)
