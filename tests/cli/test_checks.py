"""Checks at the command line: `pydbt run` stops at a failure, `pydbt test` looks at what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import make_project, pydbt

_MODELS = """
from pydbt import Task
from pydbt.checks import custom, not_null, unique


def negative(rows):
    return rows.where(rows.amount < 0)


@Task(materialized="table", checks=[unique("id"), not_null("id"), custom(negative, severity="warn")])
def orders(session):
    return session.create_dataframe(ROWS, schema=["id", "amount"])


@Task(materialized="table")
def totals(orders):
    return orders.agg(total=sum_of(orders))


def sum_of(orders):
    from pydbt import F

    return F.sum(orders.amount)
"""
_GOOD, _BAD = "[(1, 10), (2, -5)]", "[(1, 10), (1, 20), (2, -5)]"


def test_a_failed_check_is_told_with_its_rows(tmp_path: Path) -> None:
    """In the log and on stderr: which, how many, the first of them, and what became of the table."""
    make_project(tmp_path, {"models/shop.py": _MODELS.replace("ROWS", _BAD)})

    run = pydbt(tmp_path, "run", "--log-format", "plain")

    assert run.code == 1
    assert (
        "PYDBT-E506: 1 of 3 checks failed, nothing was published."
        " unique(id): 1 row fails, such as id=1, rows=2 (models/shop.py:"
    ) in run.out
    assert "there is still no table 'orders'" in run.out
    assert "task  totals is not run: a task it depends on failed" in run.out


def test_a_warning_stands_in_the_log(tmp_path: Path) -> None:
    """And in the history; the table is published, and the run ends well."""
    make_project(tmp_path, {"models/shop.py": _MODELS.replace("ROWS", _GOOD)})

    run = pydbt(tmp_path, "run", "--log-format", "plain")
    tested = pydbt(tmp_path, "test")

    assert run.code == 0
    assert ": task orders: negative: 1 row fails, such as id=2, amount=-5\n" in run.out
    run_id = pydbt(tmp_path, "history").out.split()[0]
    assert (
        "\n  warning: negative: 1 row fails, such as id=2, amount=-5\n"
        in pydbt(tmp_path, "history", run_id).out
    )
    assert tested.out.splitlines() == [
        "ok    orders: unique(id)",
        "ok    orders: not_null(id)",
        "WARN  orders: negative: 1 row fails, such as id=2, amount=-5",
        "2 passed, 1 warned, 0 failed",
    ]
    assert tested.code == 0


def test_published_rows_that_fail_are_an_exit_code(tmp_path: Path) -> None:
    """A stricter check on an old table: 1, and what to look at."""
    make_project(tmp_path, {"models/shop.py": _MODELS.replace("ROWS", _GOOD)})
    pydbt(tmp_path, "run")
    strict = _MODELS.replace("ROWS", _GOOD).replace('severity="warn"', 'severity="error"')
    (tmp_path / "models" / "shop.py").write_text(strict)

    tested = pydbt(tmp_path, "test", "orders")
    again = pydbt(tmp_path, "run", "orders")

    assert (tested.code, tested.out.splitlines()[-1]) == (1, "2 passed, 0 warned, 1 failed")
    assert "FAIL  orders: negative: 1 row fails" in tested.out
    # What a task is checked for is part of it.
    assert "planned to run: its options, or the settings it reads, have changed" in _last_run(tmp_path)
    assert "the table 'orders' is as it was" in again.out


def _last_run(folder: Path) -> str:
    return pydbt(folder, "history", pydbt(folder, "history").out.split()[0]).out


_UNTESTABLE = """
from pydbt import Task
from pydbt.checks import not_null


def wrong(rows):
    raise ValueError("no")


@Task(materialized="table", checks=[not_null("id")])
def absent(session): ...


@Task(materialized="table", checks=[CHECK])
def orders(session):
    return session.range(3)
"""


@pytest.mark.parametrize(
    ("check", "told", "counted"),
    [
        ("not_null('id')", "ok    orders: not_null(id)", "1 passed, 0 warned, 0 failed, 1 task not tested"),
        (
            "not_null('idd')",
            "ERROR orders: PYDBT-E611: no column 'idd' (models/shop.py:14)",
            "0 passed, 0 warned, 0 failed, 2 tasks not tested",
        ),
        (
            "wrong",
            "ERROR orders: PYDBT-E505: the task 'orders' failed: ValueError: no (models/shop.py:7)",
            "0 passed, 0 warned, 0 failed, 2 tasks not tested",
        ),
    ],
    ids=["a table that is not there", "a column that is not there", "a check that raises"],
)
def test_what_cannot_be_tested_is_told_and_the_others_are_tested(
    tmp_path: Path, check: str, told: str, counted: str
) -> None:
    """With the error and what to do about it; the exit code is 1."""
    make_project(tmp_path, {"models/shop.py": _UNTESTABLE.replace("[CHECK]", "[]")})
    pydbt(tmp_path, "run", "orders")
    make_project(tmp_path, {"models/shop.py": _UNTESTABLE.replace("CHECK", check)})

    tested = pydbt(tmp_path, "test")

    absent, hint, found, *_hints, last = tested.out.splitlines()
    assert (
        absent
        == "ERROR absent: PYDBT-E650: no table and no view 'absent' is there to test (models/shop.py:10)"
    )
    assert (hint, found, last) == ("  pydbt run absent", told, counted)
    assert (tested.code, tested.err) == (1, "")


def test_debug_shows_where_a_check_raises(tmp_path: Path) -> None:
    """The user's own line, on stderr; the table of the task is there."""
    make_project(tmp_path, {"models/shop.py": _UNTESTABLE.replace("[CHECK]", "[]")})
    pydbt(tmp_path, "run", "orders")
    make_project(tmp_path, {"models/shop.py": _UNTESTABLE.replace("CHECK", "wrong")})

    tested = pydbt(tmp_path, "test", "orders", "--debug")

    assert 'raise ValueError("no")' in tested.err


def test_nothing_to_test_is_said(tmp_path: Path) -> None:
    """It is no failure."""
    make_project(tmp_path, {"models/shop.py": "from pydbt import Task\n\n@Task\ndef one(): ...\n"})

    tested = pydbt(tmp_path, "test")

    assert (tested.code, tested.err) == (0, "nothing to test: no selected task has checks\n")


def test_checks_without_rows_are_refused(tmp_path: Path) -> None:
    """A plain task's rows are not seen: the line, and what to write."""
    task = "@Task(checks=[unique('id')])\ndef one(): ...\n"
    make_project(
        tmp_path, {"models/shop.py": f"from pydbt import Task\nfrom pydbt.checks import unique\n\n{task}"}
    )

    planned = pydbt(tmp_path, "plan")

    assert planned.code == 2
    assert "checks are of rows that are returned" in planned.err
    assert "models/shop.py:4" in planned.err
