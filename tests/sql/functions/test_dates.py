"""Dates and moments: the same result and type on SQLite, DuckDB and PostgreSQL, as Python's calendar."""

from __future__ import annotations

import calendar as calendar_of_python
import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from pydbt import F
from pydbt.errors import FunctionArgumentError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions import days

VALUE: Any = F.lit("x")


def check(df: DataFrame, expression: Any, expected: Callable[..., Any], *names: str) -> None:
    """Hold the expression against a function of the columns' values; NULL for NULL."""
    places = [days.COLUMNS.index(name) for name in names]
    found = {row.id: row.result for row in df.select("id", result=expression).collect()}
    wanted = {}
    for row in days.ROWS:
        values = [row[place] for place in places]
        wanted[row[0]] = None if None in values else expected(*values)
    differing = {
        key: (found[key], value)
        for key, value in wanted.items()
        if found[key] != value or found[key].__class__ is not value.__class__
    }
    assert differing == {}
    assert found.keys() == wanted.keys()


@pytest.mark.parametrize("unit", days.UNITS_OF_DAYS)
def test_a_date_is_truncated_to_a_date(calendar: DataFrame, unit: str) -> None:
    """``date_trunc`` of a date is a date, weeks begin on Monday."""
    check(calendar, F.date_trunc(unit, "day"), lambda day: days.begin(unit, day).date(), "day")


@pytest.mark.parametrize("unit", days.UNITS)
def test_a_moment_is_truncated_to_a_moment(calendar: DataFrame, unit: str) -> None:
    """``date_trunc`` of a moment is a moment, exact to the microsecond, before 1970 too."""
    check(calendar, F.date_trunc(unit, calendar.moment), lambda moment: days.begin(unit, moment), "moment")


@pytest.mark.parametrize("unit", days.UNITS)
@pytest.mark.parametrize("value", [dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 29, 12, 30, 45, 7)])  # noqa: DTZ001  moments have no zone
def test_a_truncated_moment_beside_any_value(calendar: DataFrame, unit: str, value: dt.datetime) -> None:
    """NULL stays unknown, also beside what the unit never begins at: DuckDB by itself says otherwise."""
    begun = F.date_trunc(unit, calendar.moment)

    check(calendar, begun == value, lambda moment: days.begin(unit, moment) == value, "moment")
    check(calendar, begun != value, lambda moment: days.begin(unit, moment) != value, "moment")


@pytest.mark.parametrize("unit", days.UNITS_OF_DAYS)
def test_units_are_added_to_a_date(calendar: DataFrame, unit: str) -> None:
    """Months clip to the month's end; negative numbers go back; a date stays one."""
    check(
        calendar,
        F.date_add("day", "n", unit),
        lambda day, n: days.shifted(day, n, unit),
        "day",
        "n",
    )


@pytest.mark.parametrize("unit", days.UNITS_OF_TIME)
def test_hours_added_to_a_date_make_a_moment(calendar: DataFrame, unit: str) -> None:
    """They are added to its midnight."""
    check(calendar, F.date_add("day", "n", unit), lambda day, n: days.shifted(day, n, unit), "day", "n")


@pytest.mark.parametrize("unit", days.UNITS)
def test_units_are_added_to_a_moment(calendar: DataFrame, unit: str) -> None:
    """The microseconds stay, whatever is added."""
    check(
        calendar,
        F.date_add(calendar.moment, calendar.n, unit),
        lambda moment, n: days.shifted(moment, n, unit),
        "moment",
        "n",
    )


@pytest.mark.parametrize("unit", days.UNITS)
def test_the_difference_counts_the_units_that_begin_between(calendar: DataFrame, unit: str) -> None:
    """Of two dates, of two moments, and of one of each."""
    for one, other in (("day", "other_day"), ("moment", "other_moment"), ("day", "other_moment")):
        check(
            calendar,
            F.date_diff(unit, one, other),
            lambda start, end: days.begins_between(unit, start, end),
            one,
            other,
        )


@pytest.mark.parametrize("part", days.PARTS)
def test_a_part_of_a_moment_is_a_whole_number(calendar: DataFrame, part: str) -> None:
    """Also a part of the seconds' last microsecond of a year, and of ISO's week 53."""
    check(calendar, F.extract(part, "moment"), lambda moment: days.part(part, moment), "moment")


@pytest.mark.parametrize("part", [*days.PARTS_OF_DAYS, "epoch"])
def test_a_part_of_a_date_is_a_whole_number(calendar: DataFrame, part: str) -> None:
    """The same parts, of a date."""
    check(calendar, F.extract(part, "day"), lambda day: days.part(part, day), "day")


def test_the_shortcuts_give_what_extract_gives(calendar: DataFrame) -> None:
    """``year(x)`` is ``extract("year", x)``, and so on for each."""
    shortcuts = ("year", "quarter", "month", "week", "day", "day_of_week", "day_of_year")
    for name in (*shortcuts, "hour", "minute", "second"):
        check(calendar, getattr(F, name)("moment"), partial(days.part, name), "moment")


def test_the_last_day_of_the_month(calendar: DataFrame) -> None:
    """A date, of a date and of a moment."""

    def last(day: dt.date) -> dt.date:
        length = calendar_of_python.monthrange(day.year, day.month)[1]
        return dt.date(day.year, day.month, length)

    check(calendar, F.last_day("day"), last, "day")
    check(calendar, F.last_day("moment"), last, "moment")


def test_the_last_month_of_all_has_a_last_day(calendar: DataFrame) -> None:
    """What has no end is often said to end then; no month comes after it."""
    found = calendar.select(day=F.last_day(F.lit(dt.date(9999, 12, 5)))).first()

    assert tuple(found or ()) == (dt.date(9999, 12, 31),)


def test_the_date_of_a_moment(calendar: DataFrame) -> None:
    """It is the day, however late; a date is its own."""
    check(calendar, F.date("moment"), lambda moment: moment.date(), "moment")
    check(calendar, F.date("day"), lambda day: day, "day")


def test_a_date_is_made_of_its_parts(calendar: DataFrame) -> None:
    """What ``year``, ``month`` and ``day`` take apart, ``make_date`` puts together."""
    check(calendar, F.make_date(F.year("day"), F.month("day"), F.day("day")), lambda day: day, "day")


def test_a_day_that_is_none_is_the_database_s_error(calendar: DataFrame) -> None:
    """February 30th is not March 1st."""
    made = calendar.select(result=F.make_date(2023, F.month(calendar.day), 31))

    with pytest.raises(DBAPIError):
        made.collect()


def test_now_is_in_utc_and_has_no_zone(calendar: DataFrame) -> None:
    """Within a minute of Python's clock, and the same in all rows."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    found = calendar.select(now=F.current_timestamp(), today=F.current_date()).distinct().collect()

    assert len(found) == 1
    assert abs(found[0].now - now) < dt.timedelta(minutes=1)
    assert found[0].today in {now.date(), found[0].now.date()}
    assert type(found[0].today) is dt.date


def test_now_is_computed_once(calendar: DataFrame) -> None:
    """A column of it is one moment, wherever it is used again."""
    df = calendar.with_column("now", F.current_timestamp()).with_column("later", F.date_add("now", 1, "hour"))

    found = df.select(result=F.date_diff("second", "now", "later")).distinct().collect()

    assert [row.result for row in found] == [3600]


def test_functions_of_functions(calendar: DataFrame) -> None:
    """They nest, in a condition and as a key of a group."""
    first = F.date_trunc("month", F.date_add("day", 1, "month"))
    check(
        calendar,
        F.date_diff("day", "day", first),
        lambda day: (days.begin("month", days.shifted(day, 1, "month")).date() - day).days,
        "day",
    )
    leap = calendar.where(F.day(F.last_day(F.make_date(F.year("day"), 2, 1))) == 29)
    years = {day.year for day in days.DAYS if day and calendar_of_python.isleap(day.year)}
    assert {row.year for row in leap.group_by(F.year("day").label("year")).count().collect()} == years


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: F.date_trunc("months", df.day), FunctionArgumentError, "did you mean 'month'"),
        (lambda df: F.date_add(df.day, 1, "fortnight"), FunctionArgumentError, "'fortnight'"),
        (lambda _df: F.extract(str(3), "day"), FunctionArgumentError, "the unit '3'"),
        (lambda df: F.date_trunc(df.day, "month"), FunctionArgumentError, r"unit df.day .*\n.*stands first"),
        (lambda df: F.date_diff(df.day, F.lit("a"), "day"), FunctionArgumentError, "stands first"),
        (lambda df: F.extract(VALUE, df.day), FunctionArgumentError, r"unit 'x' .*\n.*stands first"),
        (lambda df: F.date_add("month", 1, df.day), FunctionArgumentError, r"unit df.day .*\n.*stands last"),
        (lambda _df: F.year(F.lit("x")), TypeMismatchError, "given text: 'x'"),
        (lambda df: F.hour(df.day), TypeMismatchError, "a date has no hour"),
        (lambda df: F.date_trunc("hour", df.day), TypeMismatchError, "a date has no hour"),
        (lambda df: F.date_add(df.day, df.price, "day"), TypeMismatchError, "whole number for n"),
        (lambda df: F.year(df.name), TypeMismatchError, "F.year takes"),
        (lambda df: F.date_diff("day", df.day, df.name), TypeMismatchError, "F.date_diff takes"),
        (lambda df: F.year(df.zoned), TypeMismatchError, "time zone"),
        (lambda df: F.make_date(2024, df.price, 1), TypeMismatchError, "whole number for month"),
    ],
)
def test_what_is_no_unit_and_no_date_is_an_error_where_it_is_written(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """Before any SQL is sent, with the user's line."""
    columns: list[Any] = [
        sa.column("day", sa.Date()),
        sa.column("name", sa.String()),
        sa.column("price", sa.Numeric(8, 2)),
        sa.column("zoned", sa.DateTime(timezone=True)),
    ]
    df = DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://", future=True))

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_dates.py" in str(raised.value)
