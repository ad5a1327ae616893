"""Backfills: which days a task can make once more, and what is said of those that it cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pydbt import Incremental, Task
from pydbt.errors import UsageError
from pydbt.project.backfill import checked_range
from tests.cli.command import pydbt
from tests.project.shop import ledger, make_shop, opened, table

_NOON = datetime.fromisoformat("2026-01-20T12:00")


def days(first: int, last: int, **options: Any) -> list[str]:
    """The range of these days of January at noon of the 20th, a Tuesday."""
    kind = Incremental("delete_insert", on="day", **options)
    task = Task(name="sales", materialized=kind)(lambda: None)
    span = checked_range(task, date(2026, 1, first), date(2026, 1, last), _NOON)
    return [f"{moment:%m-%d %H}" for moment in span]


@pytest.mark.parametrize(
    ("options", "first", "last", "start", "end"),
    [
        ({"start": "2026-01-05"}, 6, 7, "01-06 00", "01-08 00"),
        ({"start": "2026-01-05"}, 1, 7, "01-05 00", "01-08 00"),
        ({"start": "2026-01-05"}, 19, 25, "01-19 00", "01-20 00"),
        ({"start": "2026-01-05", "interval": "hour"}, 20, 20, "01-20 00", "01-20 12"),
        ({"start": "2026-01-05", "interval": "week"}, 12, 25, "01-12 00", "01-19 00"),
        ({}, 1, 31, "01-01 00", "02-01 00"),
    ],
)
def test_a_range_is_what_a_ledger_may_note(
    options: dict[str, Any], first: int, last: int, start: str, end: str
) -> None:
    """From the start on, and over; without a start it is what was given."""
    assert days(first, last, **options) == [start, end]


@pytest.mark.parametrize(
    ("options", "first", "last", "told"),
    [
        (
            {"start": "2026-01-05"},
            1,
            4,
            "all of these days are before 2026-01-05, the start of the task 'sales'",
        ),
        ({"start": "2026-01-05"}, 20, 22, "none of these days is over yet"),
        ({"start": "2026-01-05", "interval": "week"}, 19, 25, "none of these weeks is over yet"),
        (
            {"start": "2026-01-05", "interval": "week"},
            11,
            18,
            "--from cuts a week of the task 'sales' in two, which begins on a Monday as its start does",
        ),
        (
            {"start": "2026-01-05", "interval": "week"},
            12,
            17,
            "--to cuts a week of the task 'sales' in two, which begins on a Monday as its start does",
        ),
        ({"start": "2026-01-01", "interval": "month"}, 1, 30, "--to cuts a month of the task 'sales' in two"),
        ({"start": "2026-01-25"}, 24, 26, "none of these days is over yet"),
    ],
)
def test_a_range_of_nothing_is_refused(options: dict[str, Any], first: int, last: int, told: str) -> None:
    """With why, at the line of the task."""
    with pytest.raises(UsageError) as caught:
        days(first, last, **options)

    assert (caught.value.what, "test_backfill.py:" in caught.value.where) == (told, True)


def test_what_a_backfill_leaves_out_is_told(tmp_path: Path, sqlite_url: str) -> None:
    """On stderr, with why; the other days are made."""
    today = datetime.now(UTC).date()
    start, yesterday = today - timedelta(days=2), today - timedelta(days=1)
    make_shop(tmp_path, sqlite_url, f'"append", on="day", start="{start}"')
    with opened(tmp_path) as project:
        rows = [(today - timedelta(days=number), number, number) for number in range(5)]
        project.resources.session.create_dataframe(rows, schema=["day", "id", "amount"]).write("raw")

    done = pydbt(tmp_path, "backfill", "sales", "--from", f"{start - timedelta(days=9)}", "--to", f"{today}")

    assert (done.code, done.err.splitlines()) == (
        0,
        [
            f"not made: what is before {start}, the start of 'sales'",
            f"not made: what is from {today} on, which is not over yet; a run takes it when it is",
        ],
    )
    with opened(tmp_path) as project:
        assert (table(project), ledger(project)) == (
            sorted([(start.day, 2, 2), (yesterday.day, 1, 1)]),
            [(start.day, today.day)],
        )
