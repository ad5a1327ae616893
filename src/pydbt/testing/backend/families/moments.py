"""Dates and moments: text and values meet them as what they are."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import literal

from pydbt.sql import functions as F
from pydbt.testing.backend.case import each

_D1, _D2, _D4, _D5 = dt.date(2022, 12, 30), dt.date(2022, 12, 31), dt.date(2024, 2, 29), dt.date(1999, 1, 1)
_BOOLEANS = each(
    "moments",
    "days",
    "boolean",
    {
        "a date = text": (lambda t: t.day == "2022-12-30", [True, False, None, False, False]),
        "a date = a date": (lambda t: t.day == _D2, [False, True, None, False, False]),
        "a date > text": (lambda t: t.day > "2022-12-30", [False, True, None, True, False]),
        "a date between texts": (
            lambda t: t.day.between("2022-12-30", "2022-12-31"),
            [True, True, None, False, False],
        ),
        "a date in texts and dates": (
            lambda t: t.day.in_(["2022-12-30", _D4]),
            [True, False, None, True, False],
        ),
        "a moment = text of a date is its midnight": (
            lambda t: t.moment == "2022-12-30",
            [True, False, None, False, False],
        ),
        "a moment > a date": (lambda t: t.moment > _D1, [False, True, None, True, False]),
        "a moment <= text": (lambda t: t.moment <= "2022-12-30T17:45:10", [True, True, None, False, True]),
        "a date = a moment at midnight": (lambda t: t.day == t.moment, [True, False, None, False, False]),
        "a moment < a date column": (lambda t: t.moment < t.day, [False, True, None, False, False]),
    },
)
_DATES = each(
    "moments",
    "days",
    "date",
    {
        "a date comes back": (lambda t: t.day, [_D1, _D2, None, _D4, _D5]),
        "a date value": (lambda _: literal(_D4), [_D4] * 5),
        "coalesce of a date and a value": (lambda t: F.coalesce(t.day, _D5), [_D1, _D2, _D5, _D4, _D5]),
        "date of a moment": (lambda t: F.date(t.moment), [_D1, _D1, None, _D4, dt.date(1999, 12, 31)]),
        "date_add of days": (
            lambda t: F.date_add("day", 1, "day"),
            [_D2, dt.date(2023, 1, 1), None, dt.date(2024, 3, 1), dt.date(1999, 1, 2)],
        ),
        "date_add of months stays in the month": (
            lambda t: F.date_add("day", 2, "month"),
            [dt.date(2023, 2, 28), dt.date(2023, 2, 28), None, dt.date(2024, 4, 29), dt.date(1999, 3, 1)],
        ),
        "date_trunc to the month": (
            lambda t: F.date_trunc("month", "day"),
            [dt.date(2022, 12, 1), dt.date(2022, 12, 1), None, dt.date(2024, 2, 1), _D5],
        ),
        "date_trunc to the week, from Monday": (
            lambda t: F.date_trunc("week", "day"),
            [dt.date(2022, 12, 26), dt.date(2022, 12, 26), None, dt.date(2024, 2, 26), dt.date(1998, 12, 28)],
        ),
        "last_day": (
            lambda t: F.last_day("day"),
            [_D2, _D2, None, _D4, dt.date(1999, 1, 31)],
        ),
    },
)
_MOMENTS = each(
    "moments",
    "days",
    "datetime",
    {
        "a moment comes back": (
            lambda t: t.moment,
            [
                dt.datetime(2022, 12, 30),
                dt.datetime(2022, 12, 30, 17, 45, 10),
                None,
                dt.datetime(2024, 2, 29, 23, 59, 59),
                dt.datetime(1999, 12, 31, 12),
            ],
        ),
        "a moment with microseconds": (
            lambda _: literal(dt.datetime(2022, 1, 2, 3, 4, 5, 678901)),
            [dt.datetime(2022, 1, 2, 3, 4, 5, 678901)] * 5,
        ),
        "date_trunc to the hour": (
            lambda t: F.date_trunc("hour", "moment"),
            [
                dt.datetime(2022, 12, 30),
                dt.datetime(2022, 12, 30, 17),
                None,
                dt.datetime(2024, 2, 29, 23),
                dt.datetime(1999, 12, 31, 12),
            ],
        ),
        "date_add of hours": (
            lambda t: F.date_add("moment", 13, "hour"),
            [
                dt.datetime(2022, 12, 30, 13),
                dt.datetime(2022, 12, 31, 6, 45, 10),
                None,
                dt.datetime(2024, 3, 1, 12, 59, 59),
                dt.datetime(2000, 1, 1, 1),
            ],
        ),
    },
)
_PARTS = each(
    "moments",
    "days",
    "integer",
    {
        "year": (lambda t: F.year("day"), [2022, 2022, None, 2024, 1999]),
        "quarter": (lambda t: F.quarter("day"), [4, 4, None, 1, 1]),
        "month": (lambda t: F.month("day"), [12, 12, None, 2, 1]),
        "ISO week": (lambda t: F.week("day"), [52, 52, None, 9, 53]),
        "day": (lambda t: F.day("day"), [30, 31, None, 29, 1]),
        "day of the year": (lambda t: F.day_of_year("day"), [364, 365, None, 60, 1]),
        "hour": (lambda t: F.hour("moment"), [0, 17, None, 23, 12]),
        "minute": (lambda t: F.minute("moment"), [0, 45, None, 59, 0]),
        "date_diff in days": (
            lambda t: F.date_diff("day", "day", literal(dt.date(2023, 1, 1))),
            [2, 1, None, -424, 8766],
        ),
    },
)
CASES = _BOOLEANS + _DATES + _MOMENTS + _PARTS
