"""Bad words on the command line: each is refused by name, with what was meant or what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad_input.refusal import assert_refused
from tests.cli.command import make_project

CASES: dict[str, tuple[list[str], str, tuple[str, ...]]] = {
    "run of an unknown task": (["run", "ordesr"], "PYDBT-E120", ("no task is named 'ordesr'", "'orders'")),
    "run of a task unlike any": (
        ["run", "nosuch"],
        "PYDBT-E120",
        ("'nosuch'", "known: big_orders, load, orders"),
    ),
    "show of an unknown task": (["show", "ordesr"], "PYDBT-E120", ("'ordesr'", "did you mean 'orders'")),
    "sql of an unknown task": (["sql", "ordesr"], "PYDBT-E120", ("'ordesr'", "did you mean 'orders'")),
    "unknown command": (["rnu"], "PYDBT-E100", ("there is no command 'rnu'", "did you mean 'run'?")),
    "command of dbt": (["compile"], "PYDBT-E100", ("no command 'compile'", "pydbt sql TASK")),
    "option of dbt": (["run", "-f"], "PYDBT-E100", ("'-f'", "--force", "--full-refresh")),
    "refresh without an incremental task": (
        ["run", "--full-refresh"],
        "PYDBT-E100",
        ("no selected task is incremental", "--force"),
    ),
    "backfill of another task": (
        ["backfill", "orders", "--from", "2026-01-01", "--to", "2026-01-02"],
        "PYDBT-E100",
        ("the task 'orders' is not incremental", "pydbt run orders --force"),
    ),
    "backfill of no task": (
        ["backfill", "odrers", "--from", "2026-01-01", "--to", "2026-01-02"],
        "PYDBT-E120",
        ("'odrers'", "did you mean 'orders'"),
    ),
    "backfill from no day": (
        ["backfill", "orders", "--from", "2026-01-33", "--to", "2026-02-01"],
        "PYDBT-E100",
        ("--from '2026-01-33' is not a day", "2026-01-31"),
    ),
    "backfill without an end": (["backfill", "orders", "--from", "2026-01-01"], "PYDBT-E100", ("--to",)),
    "short option of dbt": (["run", "-m", "orders"], "PYDBT-E100", ("'-m'", "--select")),
    "unknown option": (["run", "--selec", "a"], "PYDBT-E100", ("'--selec'", "did you mean '--select'?")),
    "option before the command": (
        ["--target", "prod", "run"],
        "PYDBT-E100",
        ("'--target'", "stand behind it, as in pydbt run --target"),
    ),
    "option of dependencies without a task": (
        ["run", "--with-dep"],
        "PYDBT-E100",
        ("there is no option '--with-dep'", "needs a task name", "+TASK"),
    ),
    "plus without a task": (["run", "+"], "PYDBT-E121", ("'+' needs a task name", "'+orders'")),
    "empty task": (["run", ""], "PYDBT-E121", ("the task name is empty", "give a name")),
    "empty task to show": (["show", ""], "PYDBT-E120", ("the task name is empty", "pydbt ls")),
    "path as a task": (
        ["run", "../../etc/passwd"],
        "PYDBT-E121",
        ("'../../etc/passwd' is not a task name", "path:"),
    ),
    "path as a task to show": (
        ["show", "../../etc/passwd"],
        "PYDBT-E120",
        ("'../../etc/passwd' is not a task name", "pydbt ls"),
    ),
    "project name with a path": (["init", "a/../../b"], "PYDBT-E101", ("'a/../../b'", "letters, digits")),
    "empty project name": (["init", ""], "PYDBT-E101", ("''", "letters, digits")),
    "project name of a device": (["init", "con"], "PYDBT-E101", ("'con'", "device name")),
    "project name like an option": (["init", "-x"], "PYDBT-E100", ("'-x'", "begins with a letter")),
    "project name that is absolute": (["init", "/tmp/shop"], "PYDBT-E101", ("'/tmp/shop'", "letters")),
    "project name that is too long": (["init", "x" * 65], "PYDBT-E101", ("at most 64",)),
    "unknown example": (["init", "new", "--example", "flihgts"], "PYDBT-E103", ("'flihgts'", "'flights'")),
    "folder that is not empty": (
        ["init", "models"],
        "PYDBT-E102",
        ("'models' exists and is not empty", "nothing was written"),
    ),
    "unknown target": (["run", "--target", "prd"], "PYDBT-E205", ("'prd'", "pydbt.toml:", "'prod'")),
    "target unlike any": (["run", "-t", "nosuch"], "PYDBT-E205", ("'nosuch'", "known: dev, prod")),
    "no threads": (["run", "--threads", "0"], "PYDBT-E100", ("'0' is not a whole number from 1 to 1024",)),
    "part of a thread": (["run", "--threads", "1.5"], "PYDBT-E100", ("'1.5'", "whole number from 1 to 1024")),
    "day that is none": (["plan", "--date", "2026-02-30"], "PYDBT-E100", ("2026-02-30", "2026-01-31")),
    "folder of a project that is none": (
        ["ls", "--project-dir", "nosuch"],
        "PYDBT-E100",
        ("'nosuch' is not a folder", "pydbt.toml"),
    ),
    "unknown tag": (["ls", "tag:cor"], "PYDBT-E121", ("no task has the tag 'cor'", "did you mean 'core'?")),
    "unknown method": (["ls", "tga:core"], "PYDBT-E121", ("'tga'", "did you mean 'tag'?")),
    "unknown run": (["history", "nosuch"], "PYDBT-E104", ("there is no run 'nosuch'", "pydbt run")),
    "unknown picture": (["export-dag", ".", "-f", "pgn"], "PYDBT-E110", ("'pgn'", "did you mean 'png'?")),
    "folder to draw into that is none": (["export-dag", "nosuch"], "PYDBT-E111", ("'nosuch'", "make it")),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_words_are_refused(tmp_path: Path, case: str) -> None:
    """Which word is wrong and what was meant; nothing is written, here or beside."""
    words, code, says = CASES[case]
    make_project(tmp_path / "project")

    assert_refused(tmp_path / "project", *words, code=code, says=says)

    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_a_task_without_a_query_has_no_sql(tmp_path: Path) -> None:
    """A task with effects of its own has nothing to print, and says which tasks have."""
    make_project(tmp_path)

    assert_refused(
        tmp_path,
        "sql",
        "load",
        code="PYDBT-E550",
        says=("'load' has no query", "models/shop.py:6", "materialized"),
        exit_code=1,
    )


def test_outside_a_project_the_searched_folders_are_told(tmp_path: Path) -> None:
    """No settings found, the folders that were searched, and how to make a project."""
    assert_refused(
        tmp_path, "run", code="PYDBT-E200", says=("no pydbt.toml", str(tmp_path), "pydbt init NAME")
    )
