"""SQLAlchemy's own operators and functions: the same on SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import extract, func

from pydbt import F
from pydbt.errors import AggregateError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions import days
from tests.sql.functions.test_dates import check

LITTLE = dt.timedelta(days=-40, hours=5, microseconds=1)


def test_an_interval_is_added_to_a_date_and_to_a_moment(calendar: DataFrame) -> None:
    """A moment comes out, of a date the one so long after its midnight, exact to the microsecond."""
    df = calendar
    check(df, df.day + LITTLE, lambda day: days.midnight(day) + LITTLE, "day")
    check(df, df.moment + LITTLE, lambda moment: moment + LITTLE, "moment")
    check(df, LITTLE + df.moment, lambda moment: moment + LITTLE, "moment")
    check(df, df.day - LITTLE, lambda day: days.midnight(day) - LITTLE, "day")
    check(df, F.col("moment") - LITTLE, lambda moment: moment - LITTLE, "moment")


def test_whole_numbers_added_to_a_date_are_days(calendar: DataFrame) -> None:
    """A date stays one."""
    df = calendar
    check(df, df.day + 1, lambda day: day + dt.timedelta(days=1), "day")
    check(df, df.day - (-2), lambda day: day + dt.timedelta(days=2), "day")
    check(df, df.n + df.day, lambda day, n: day + dt.timedelta(days=n), "day", "n")
    check(df, df.day - df.n, lambda day, n: day - dt.timedelta(days=n), "day", "n")


def test_dates_are_days_apart_and_moments_an_interval(calendar: DataFrame) -> None:
    """Of two dates a whole number; where one is a moment, an interval."""
    df = calendar
    check(df, df.day - df.other_day, lambda day, other: (day - other).days, "day", "other_day")
    check(df, df.day - dt.date(2024, 1, 1), lambda day: (day - dt.date(2024, 1, 1)).days, "day")
    check(df, df.moment - df.other_moment, lambda one, other: one - other, "moment", "other_moment")
    check(df, df.moment - df.day, lambda one, other: one - days.midnight(other), "moment", "day")
    check(df, df.day - df.moment, lambda one, other: days.midnight(one) - other, "day", "moment")


def test_the_results_go_on(calendar: DataFrame) -> None:
    """They stand in conditions, in tables, and in further calculations, of the type that was announced."""
    df = calendar.with_columns(next=calendar.day + 1, gap=calendar.day - calendar.other_day)
    found = df.where(df.next > "2024-02-29", df.gap > 0, df.next - df.day == 1).select("next", "gap")
    wanted = {
        (row[1] + dt.timedelta(days=1), (row[1] - row[3]).days)
        for row in days.ROWS
        if row[1] and row[3] and row[1] >= dt.date(2024, 2, 29) and row[1] > row[3]
    }
    assert {tuple(row) for row in found.collect()} == wanted

    found.write("written")
    assert {tuple(row) for row in found.collect()} == wanted


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("year", "year"),
        ("quarter", "quarter"),
        ("month", "month"),
        ("week", "week"),
        ("day", "day"),
        ("doy", "day_of_year"),
        ("isodow", "day_of_week"),
        ("isoyear", "iso_year"),
        ("hour", "hour"),
        ("minute", "minute"),
        ("second", "second"),
        ("epoch", "epoch"),
    ],
)
def test_extract_of_sqlalchemy_gives_whole_numbers(calendar: DataFrame, field: str, part: str) -> None:
    """The same as ``F.extract``, before 1970 and in the last microsecond of a year."""
    check(calendar, extract(field, calendar.moment), lambda moment: days.part(part, moment), "moment")
    check(calendar, sa.extract("year", F.date("moment")), lambda moment: moment.year, "moment")


def test_functions_of_sqlalchemy_are_those_of_f(calendar: DataFrame) -> None:
    """``func.median`` and the like are had on every database, with a filter and over a window, too."""
    df = calendar.where(calendar.n.is_not_null(), calendar.id < 8)
    found = df.agg(
        median=func.median(df.n),
        high=func.median(df.n).filter(df.n > 0),
        spread=func.stddev_pop(df.n).filter(df.n.in_([-1, 1])),
        all=func.bool_and(df.n < 100),
    )
    assert [tuple(row) for row in found.collect()] == [(0.0, 12.0, 1.0, True)]

    pairs = df.select("id", most=func.greatest(df.n, df.id), least=func.least(df.n, 0)).order_by("id")
    assert [tuple(row) for row in pairs.collect()] == [
        (row[0], max(row[5] or 0, row[0]), min(row[5] or 0, 0)) for row in days.ROWS[1:8]
    ]

    near = df.select("id", r=func.var_pop(df.id).over(order_by=df.id, rows=(-1, 0))).order_by("id")
    assert [row.r for row in near.collect()] == [0.0] + [0.25] * 6


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: df.select(r=extract("hour", df.day)), TypeMismatchError, "a date has no hour"),
        (lambda df: df.agg(r=func.median(df.day)), TypeMismatchError, "F.median takes a number"),
        (lambda df: df.select(r=func.median(df.n).over()), AggregateError, "no window form"),
    ],
)
def test_what_databases_would_do_each_in_its_way_is_refused(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """At the user's line."""
    columns: list[Any] = [sa.column("day", sa.Date()), sa.column("n", sa.Integer())]
    df = DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://", future=True))

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_portable.py" in str(raised.value)
