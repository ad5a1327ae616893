"""Checks on every database: which rows fail, and that all of them are one query."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from pydbt import Task
from pydbt.checks import (
    accepted_values,
    check_of,
    custom,
    expression,
    freshness,
    not_null,
    relationships,
    row_count,
    unique,
)
from pydbt.checks.verdict import verdicts
from pydbt.connections import dispose_all, engine_from
from pydbt.errors import CheckDefinitionError, CheckResultError, ColumnNotFoundError, NotAConditionError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.inspection import Rows
from pydbt.sql.session import Session

RUNS_ON_MARIADB = True

_COLUMNS = {"id": int, "day": dt.date, "size": str, "price": float, "at": dt.datetime}
_DAY, _LATER = dt.date(2024, 2, 29), dt.date(2024, 3, 1)
_NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
_ROWS: list[tuple[Any, ...]] = [
    (1, _DAY, "S", 1.5, _NOW - dt.timedelta(hours=3)),
    (1, _DAY, "M", -2.0, _NOW - dt.timedelta(hours=2)),
    (1, _LATER, "XXL", None, None),
    (None, _DAY, None, 0.0, _NOW - dt.timedelta(hours=9)),
    (None, _DAY, "L", 7.0, _NOW - dt.timedelta(hours=9)),
    (4, None, "S", -0.5, _NOW - dt.timedelta(hours=9)),
]


def negative(rows: DataFrame) -> DataFrame:
    """A user's own check."""
    return rows.where(rows.price < 0)


@Task(materialized="table")
def days(session: Session) -> DataFrame:
    return session.table("days")


@pytest.fixture(scope="module")
def session(database_module_url: str) -> Iterator[Session]:
    """A session with six rows and a table of days, which every check reads and none changes."""
    session = Session(engine_from(database_module_url))
    session.create_dataframe(_ROWS, schema=_COLUMNS).write("orders")
    session.create_dataframe([(_DAY,)], schema={"day": dt.date}).write("days")
    yield session
    dispose_all()


def failing(session: Session, *checks: Any, before: str | None = None) -> list[int]:
    with session.engine.connect() as connection:
        rows = Rows(connection, session.table("orders"), session.table(before) if before else None)
        found = verdicts([check_of(check) for check in checks], rows, session, "error")
    assert [verdict.check for verdict in found] == [check_of(check).name for check in checks]
    return [verdict.failing for verdict in found]


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (not_null("day"), 1),
        (not_null("id", "day"), 3),
        (unique("id"), 1),
        (unique("id", "day"), 1),
        (unique("size"), 1),
        (unique("size", "price"), 0),
        (accepted_values("size", ["S", "M", "L"]), 1),
        (accepted_values("size", ("S", "M", "L", "XXL")), 0),
        (relationships("day", "days"), 1),
        (relationships("day", days, "day"), 1),
        (row_count(min=6, max=6), 0),
        (row_count(min=7), 1),
        (row_count(max=5), 1),
        (row_count(change=0.1), 0),
        (expression(lambda rows: rows.price >= 0, "price"), 2),
        (freshness("at", dt.timedelta(hours=2, minutes=30)), 0),
        (freshness("at", dt.timedelta(minutes=90)), 1),
        (freshness("day", dt.timedelta(days=1)), 1),
        (freshness("day", dt.timedelta(days=99_999)), 0),
        (negative, 2),
        (custom(negative), 2),
    ],
    ids=lambda value: getattr(value, "name", None) or getattr(value, "__name__", None) or str(value),
)
def test_the_rows_that_fail_are_counted(session: Session, check: Any, number: int) -> None:
    """NULL fails not_null and nothing else, as with SQL's own constraints."""
    assert failing(session, check) == [number]


@pytest.mark.parametrize(("change", "number"), [(5.0, 0), (4.9, 1)])
def test_a_change_is_measured_by_what_is_published(session: Session, change: float, number: int) -> None:
    """One row became six: five times as many more."""
    assert failing(session, row_count(change=change), before="days") == [number]


def test_no_rows_are_no_failure_but_not_fresh(session: Session) -> None:
    """Of an empty table each check holds, except those that ask for rows."""
    session.table("orders").limit(0).write("none")
    with session.engine.connect() as connection:
        rows = Rows(connection, session.table("none"), None)
        checks = [not_null("id"), unique("id"), freshness("at", dt.timedelta(days=1)), row_count(min=1)]
        found = verdicts(checks, rows, session, "error")

    assert [verdict.failing for verdict in found] == [0, 0, 1, 1]


def test_all_checks_are_one_query_and_examples_come_for_failures_alone(session: Session) -> None:
    """Two queries for two checks that hold and one that fails: the numbers, and its rows."""
    sent: list[str] = []
    with session.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: sent.append(given[2]))
        checks = [row_count(min=1), not_null("day"), unique("size", "price")]
        found = verdicts(checks, Rows(connection, session.table("orders"), None), session, "warn")

    assert [(verdict.failing, len(verdict.examples)) for verdict in found] == [(0, 0), (1, 1), (0, 0)]
    asked = [text for text in sent if "SELECT" in text]
    assert (len(asked), ["check_0" in text for text in asked]) == (2, [True, False])


def test_a_verdict_shows_the_first_rows(session: Session) -> None:
    """A few of them, by column; a long one is cut."""
    session.create_dataframe([(None, "x" * 500)], schema={"id": int, "text": str}).write("long")
    with session.engine.connect() as connection:
        by_key = verdicts(
            [unique("id", severity="warn")], Rows(connection, session.table("orders"), None), session, "error"
        )
        cut = verdicts([not_null("id")], Rows(connection, session.table("long"), None), session, "error")

    assert str(by_key[0]) == "unique(id): 1 row fails, such as id=1, rows=3"
    assert by_key[0].severity == "warn"
    assert (len(cut[0].examples[0]), cut[0].examples[0][-1]) == (200, "…")


def test_values_are_shown_as_one_reads_them(session: Session) -> None:
    """Text in quotes, NULL, days and moments as they are written: in the name of a check, and in its rows."""
    row = (None, _DAY, "late", 1.5, dt.datetime(2024, 2, 29, 12))  # noqa: DTZ001  without a zone
    session.create_dataframe([row], schema=_COLUMNS).write("shown")
    with session.engine.connect() as connection:
        rows = Rows(connection, session.table("shown"), None)
        found = verdicts([accepted_values("day", [_LATER])], rows, session, "error")

    assert str(found[0]) == (
        "accepted_values(day, [2024-03-01]): 1 row fails, such as id=NULL, day=2024-02-29, size='late',"
        " price=1.5, at=2024-02-29 12:00:00"
    )


def test_a_column_that_is_not_there_is_told(session: Session) -> None:
    """With the nearest names."""
    with pytest.raises(ColumnNotFoundError, match="sise"):
        failing(session, not_null("sise"))


def test_a_users_check_returns_rows(session: Session) -> None:
    """A condition is none: expression takes those."""

    def wrong(_rows: DataFrame) -> bool:
        return True

    with pytest.raises(CheckResultError, match="the check wrong returned bool, not a DataFrame") as caught:
        failing(session, wrong)

    assert "test_checks.py:" in caught.value.where


@pytest.mark.parametrize(
    ("make", "arguments", "options", "told"),
    [
        (not_null, (), {}, "not_null was given no columns"),
        (unique, (3,), {}, "unique was given 3"),
        (not_null, ("a",), {"severity": "fatal"}, "severity='fatal' is not known"),
        (accepted_values, ("a", "SML"), {}, "accepted_values was given 'SML'"),
        (accepted_values, ("a", []), {}, "accepted_values needs values"),
        (accepted_values, ("a", [None]), {}, "accepted_values needs values"),
        (relationships, ("a", 3), {}, "relationships was given 3"),
        (row_count, (), {}, "row_count was given nothing to hold"),
        (row_count, (), {"min": -1}, r"row_count\(min=-1\) is out of range"),
        (row_count, (), {"max": 1.5}, r"row_count\(max=1.5\) is out of range"),
        (row_count, (), {"min": 5, "max": 2}, r"row_count\(min=5, max=2\) never holds"),
        (row_count, (), {"change": True}, r"row_count\(change=True\) is out of range"),
        (expression, ("price > 0",), {}, "expression was given 'price > 0'"),
        (freshness, ("at", 6), {}, "freshness was given within=6"),
        (custom, (3,), {}, "3 is not a function"),
        (custom, (isinstance,), {}, "isinstance cannot be called with the rows alone"),
        (expression, (lambda: True,), {}, "expression was given <function"),
    ],
)
def test_what_cannot_be_held_is_refused_where_it_is_written(
    make: Any, arguments: tuple[Any, ...], options: dict[str, Any], told: str
) -> None:
    """At the user's line, with what to write."""
    with pytest.raises(CheckDefinitionError, match=told) as caught:
        make(*arguments, **options)

    assert "test_checks.py" in str(caught.value.where)
    assert caught.value.hint


def test_what_is_no_condition_is_told_as_such(session: Session) -> None:
    """A number is none; that it was to be negated is not the user's doing."""
    with pytest.raises(NotAConditionError, match="an expression that is a number, not a condition"):
        failing(session, expression(lambda rows: rows.price))


def test_the_tasks_a_check_reads_are_known() -> None:
    """A table that is named by its task has to be there first."""
    assert relationships("day", days).depends_on == (days,)
    assert relationships("day", "days").depends_on == ()


def test_sqlalchemy_and_a_constraint_say_the_same(session: Session) -> None:
    """NULL passes a CHECK of SQL, and an expression."""
    condition = sa.column("price") >= 0
    with session.engine.connect() as connection:
        told = connection.execute(
            sa.select(sa.func.count()).select_from(sa.table("orders")).where(~condition)
        )
        assert told.scalar() == failing(session, expression(lambda rows: rows.price >= 0))[0]
