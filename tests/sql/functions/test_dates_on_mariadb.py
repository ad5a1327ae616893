"""The dates of F on a real MariaDB, as Python's calendar; what it lacks is refused where it is written."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from pydbt import F
from pydbt.errors import UnsupportedFunctionError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.functions import days
from tests.sql.functions.test_date_text import FORMATS
from tests.sql.functions.test_dates import check
from tests.sql.functions.test_windows import DURATIONS, check_durations


@pytest.fixture(scope="module")
def df(mysql_module_url: str) -> Iterator[DataFrame]:
    engine = sa.create_engine(mysql_module_url, future=True)
    moment = mysql.DATETIME(fsp=6)
    types: list[Any] = [sa.Integer(), sa.Date(), moment, sa.Date(), moment, sa.Integer()]
    columns = [sa.Column(name, type_) for name, type_ in zip(days.COLUMNS, types, strict=True)]
    table = sa.Table("t", sa.MetaData(), *columns)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [dict(zip(days.COLUMNS, row, strict=True)) for row in days.ROWS])
    yield Session(engine).table("t")
    engine.dispose()


@pytest.mark.parametrize("unit", days.UNITS)
def test_units_are_truncated_added_and_counted(df: DataFrame, unit: str) -> None:
    """As on the other databases, to the microsecond."""
    check(df, F.date_trunc(unit, "moment"), partial(days.begin, unit), "moment")
    check(df, F.date_add("moment", "n", unit), lambda x, n: days.shifted(x, n, unit), "moment", "n")
    check(df, F.date_add("day", "n", unit), lambda x, n: days.shifted(x, n, unit), "day", "n")
    for one, other in (("day", "other_day"), ("moment", "other_moment"), ("day", "other_moment")):
        check(df, F.date_diff(unit, one, other), partial(days.begins_between, unit), one, other)
    if unit in days.UNITS_OF_DAYS:
        check(df, F.date_trunc(unit, "day"), lambda day: days.begin(unit, day).date(), "day")


@pytest.mark.parametrize("part", days.PARTS)
def test_parts_are_whole_numbers(df: DataFrame, part: str) -> None:
    """Of moments, and of dates where they have the part."""
    check(df, F.extract(part, "moment"), partial(days.part, part), "moment")
    if part in days.PARTS_OF_DAYS:
        check(df, F.extract(part, "day"), partial(days.part, part), "day")


@pytest.mark.parametrize("format_", FORMATS)
def test_dates_are_written_as_python_writes_them(df: DataFrame, format_: str) -> None:
    """By the same codes."""
    check(df, F.date_format("moment", format_), lambda moment: moment.strftime(format_), "moment")


def test_ends_of_months_and_days_of_moments(df: DataFrame) -> None:
    """Both are dates."""

    def last(moment: dt.datetime) -> dt.date:
        return moment.date().replace(day=calendar.monthrange(moment.year, moment.month)[1])

    check(df, F.last_day("moment"), last, "moment")
    check(df, F.date("moment"), lambda moment: moment.date(), "moment")


@pytest.mark.parametrize("frame", DURATIONS)
def test_a_range_of_durations_is_of_dates_and_moments(df: DataFrame, frame: Any) -> None:
    """As on the other databases."""
    check_durations(df, frame, "day")
    check_durations(df, frame, "moment")


def test_what_it_would_guess_is_refused_at_the_users_line(df: DataFrame) -> None:
    """It gives NULL for a day that is none."""
    for refused in (F.make_date(2023, 2, 30), F.to_date(F.lit("x"), "%Y-%m-%d")):
        with pytest.raises(UnsupportedFunctionError, match=r"test_dates_on_mariadb\.py"):
            df.select(result=refused)
