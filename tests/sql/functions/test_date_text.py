# ruff: noqa: DTZ001  databases keep moments without a zone
"""Dates as text and back: one set of format codes on SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from pydbt import F
from pydbt.errors import FunctionArgumentError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions.conftest import MakeTable
from tests.sql.functions.test_dates import check

FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%Y%m%d%H%M%S",
    "%j/%y",
    "%a %A %b %B",
    "%I:%M:%S %p",
    "%H:%M:%S.%f",
    "100%% of %Y",
    "YYYY \"Mon\" MI \\ 'DD' é %d",
)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_date_is_written_as_python_writes_it(calendar: DataFrame, format_: str) -> None:
    """Every code means what it means in ``strftime``, and all other text stays as it is."""
    check(calendar, F.date_format("day", format_), lambda day: day.strftime(format_), "day")
    check(calendar, F.date_format("moment", format_), lambda moment: moment.strftime(format_), "moment")


def test_two_formats_in_one_query_stay_apart(calendar: DataFrame) -> None:
    """Also in queries of the same shape, one after the other, which SQLAlchemy compiles once."""
    day = calendar.where(calendar.day == "2024-02-29").limit(1)
    found = [
        tuple(day.select(one=F.date_format("day", one), other=F.date_format("day", other)).collect()[0])
        for one, other in (("%Y", "%m"), ("%d", "%j"), ("%B", "%A"))
    ]

    assert found == [("2024", "02"), ("29", "060"), ("February", "Thursday")]


READINGS: list[tuple[str, str, dt.datetime]] = [
    ("%Y-%m-%d", "2024-02-29", dt.datetime(2024, 2, 29)),
    ("%Y-%m-%d", "2024-2-9", dt.datetime(2024, 2, 9)),
    ("%d.%m.%Y", "31.12.1969", dt.datetime(1969, 12, 31)),
    ("%m/%d/%Y", "12/31/0099", dt.datetime(99, 12, 31)),
    ("%Y%m%d", "20240229", dt.datetime(2024, 2, 29)),
    ("%d %b %Y", "29 Feb 2024", dt.datetime(2024, 2, 29)),
    ("%B %d, %Y", "September 3, 2023", dt.datetime(2023, 9, 3)),
    ("%Y-%m-%dT%H:%M:%S", "2024-02-29T23:59:59", dt.datetime(2024, 2, 29, 23, 59, 59)),
    ("%Y-%m-%d %H:%M:%S.%f", "2024-02-29 1:2:3.5", dt.datetime(2024, 2, 29, 1, 2, 3, 500_000)),
    ("%Y-%m-%d %H:%M:%S.%f", "2024-02-29 01:02:03.000001", dt.datetime(2024, 2, 29, 1, 2, 3, 1)),
    ("%H Uhr am %d.%m.%Y (100%%)", "7 Uhr am 1.2.2024 (100%)", dt.datetime(2024, 2, 1, 7)),
]


@pytest.mark.parametrize(("format_", "text", "moment"), READINGS)
def test_text_in_a_format_is_read(
    make_table: MakeTable, format_: str, text: str, moment: dt.datetime
) -> None:
    """As a moment, and as a date where the format has no time."""
    df = make_table(["id", "text"], [sa.Integer, sa.String], [(1, text), (2, None)])
    moments = df.select("id", result=F.to_timestamp("text", format_)).order_by("id").collect()
    assert [row.result for row in moments] == [moment, None]

    if moment.time() == dt.time():
        days = df.select("id", result=F.to_date("text", format_)).order_by("id").collect()
        assert [row.result for row in days] == [moment.date(), None]
        assert type(days[0].result) is dt.date


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%Y-%m-%d", "2023-02-29"),
        ("%Y-%m-%d", "2023-13-01"),
        ("%Y-%m-%d", "2023-01-01 "),
        ("%Y-%m-%d", "2023-01-01 10:00:00"),
        ("%Y-%m-%d", "today"),
        ("%Y-%m-%d", "infinity"),
        ("%Y-%m-%d", ""),
        ("%Y-%m-%d", "23-01-01"),
        ("%Y-%m-%d", "0000-01-01"),
        ("%Y-%m-%d", "\uff12023-01-01"),
        ("%d.%m.%Y", "2023-01-01"),
        ("%d.%m.%Y", "01.01.2023\n"),
        ("%d %b %Y", "29 Feb. 2024"),
        ("%d %b %Y", "29 FEB 2024"),
        ("%d %B %Y", "29 Februar 2024"),
        ("%Y-%m-%d %H:%M:%S", "2023-01-01 24:00:00"),
        ("%Y-%m-%d %H:%M:%S", "2023-01-01 23:59:60"),
        ("%Y-%m-%d %H:%M:%S", "2023-01-01"),
    ],
)
def test_text_in_no_format_is_the_database_s_error(make_table: MakeTable, format_: str, text: str) -> None:
    """Never a guess, never NULL: PostgreSQL alone would read half of these."""
    df = make_table(["id", "text"], [sa.Integer, sa.String], [(1, text)])

    with pytest.raises(DBAPIError):
        df.select(result=F.to_timestamp("text", format_)).collect()


def test_what_was_written_is_read(calendar: DataFrame) -> None:
    """There and back, to the microsecond."""
    format_ = "%d %B %Y, %H:%M:%S.%f"
    check(
        calendar, F.to_timestamp(F.date_format("moment", format_), format_), lambda moment: moment, "moment"
    )


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: F.date_format(df.day, "%Q"), FunctionArgumentError, "%Q is not known"),
        (lambda df: F.date_format(df.day, "10%"), FunctionArgumentError, "% is not known"),
        (lambda df: F.date_format(df.day, ""), FunctionArgumentError, "for a format"),
        (lambda df: F.date_format(df.text, "%Y"), TypeMismatchError, "F.date_format takes"),
        (lambda df: F.date_format(df.zoned, "%Y"), TypeMismatchError, "time zone"),
        (lambda df: F.to_date(df.text, "%Y-%m-%d %H"), FunctionArgumentError, "%H is not known"),
        (lambda df: F.to_date(df.text, "%y-%m-%d"), FunctionArgumentError, "%y is not known"),
        (lambda df: F.to_date(df.text, "%Y-%m"), FunctionArgumentError, "does not say one day"),
        (lambda df: F.to_date(df.text, "%Y-%m-%d %b"), FunctionArgumentError, "does not say one day"),
        (lambda df: F.to_timestamp(df.day), TypeMismatchError, "F.to_timestamp takes text"),
    ],
)
def test_a_format_that_means_nothing_is_an_error_where_it_is_written(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """Before any SQL is sent, with the user's line."""
    columns: list[Any] = [
        sa.column("day", sa.Date()),
        sa.column("text", sa.String()),
        sa.column("zoned", sa.DateTime(timezone=True)),
    ]
    df = DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://", future=True))

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_date_text.py" in str(raised.value)
