# ruff: noqa: DTZ001  databases keep moments without a zone
"""The calendar as plain Python knows it, against which databases are held; written apart from the source."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools

UNITS_OF_DAYS = ("year", "quarter", "month", "week", "day")
UNITS_OF_TIME = ("hour", "minute", "second")
UNITS = UNITS_OF_DAYS + UNITS_OF_TIME
PARTS_OF_DAYS = ("year", "quarter", "month", "week", "day", "day_of_week", "day_of_year", "iso_year")
PARTS = (*PARTS_OF_DAYS, "hour", "minute", "second", "epoch")

DAYS = (
    None,
    dt.date(2024, 2, 29),
    dt.date(2023, 2, 28),
    dt.date(2024, 1, 31),
    dt.date(2022, 12, 31),
    dt.date(2023, 1, 1),
    dt.date(2020, 12, 31),
    dt.date(2021, 1, 3),
    dt.date(2021, 1, 4),
    dt.date(1969, 12, 31),
    dt.date(1900, 2, 28),
    dt.date(2000, 3, 31),
    dt.date(1582, 10, 10),
    dt.date(2199, 5, 31),
)
MOMENTS = (
    None,
    dt.datetime(2024, 2, 29, 12, 30, 45, 1),
    dt.datetime(2022, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(2023, 1, 1),
    dt.datetime(1969, 12, 31, 23, 59, 59, 500_000),
    dt.datetime(2024, 1, 31, 0, 0, 0, 1),
    dt.datetime(2021, 1, 3, 23, 59, 59, 999_600),
    dt.datetime(2000, 3, 31, 11, 59),
    dt.datetime(2020, 12, 31, 12),
    dt.datetime(1900, 2, 28, 0, 59, 59, 999_999),
)
SHIFTS = (None, 0, 1, -1, 12, -13, 25, -1200)

_EPOCH = dt.datetime(1970, 1, 1)
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def midnight(day: dt.date) -> dt.datetime:
    """A date as a moment; a moment as it is."""
    return day if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)


def begin(unit: str, day: dt.date) -> dt.datetime:
    """When the unit began that the day or moment is in."""
    moment = midnight(day)
    if unit in _SECONDS:
        past = int((moment - midnight(moment.date())).total_seconds()) % 86400
        return midnight(moment.date()) + dt.timedelta(seconds=past - past % _SECONDS[unit])
    if unit == "week":
        return midnight(moment.date() - dt.timedelta(days=moment.weekday()))
    if unit == "day":
        return midnight(moment.date())
    step = _MONTHS[unit]
    return dt.datetime(moment.year, (moment.month - 1) // step * step + 1, 1)


def shifted(day: dt.date, n: int, unit: str) -> dt.date:
    """The day or moment so many units later, at the month's end where the month is too short."""
    if unit in _MONTHS:
        months = day.year * 12 + day.month - 1 + n * _MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    if unit in _SECONDS:
        return midnight(day) + dt.timedelta(seconds=n * _SECONDS[unit])
    return day + dt.timedelta(days=n * (7 if unit == "week" else 1))


def begins_between(unit: str, start: dt.date, end: dt.date) -> int:
    """How many times the unit begins after the start and up to the end, counted one by one at a distance."""
    one, other = begin(unit, start), begin(unit, end)
    if unit in _MONTHS:
        return ((other.year - one.year) * 12 + other.month - one.month) // _MONTHS[unit]
    length = _SECONDS.get(unit) or 86400 * (7 if unit == "week" else 1)
    return (other - one) // dt.timedelta(seconds=length)


def part(name: str, day: dt.date) -> int:
    """A whole number out of a day or moment."""
    iso_year, iso_week, iso_day = day.isocalendar()
    parts = {
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "week": iso_week,
        "day": day.day,
        "day_of_week": iso_day,
        "day_of_year": day.timetuple().tm_yday,
        "iso_year": iso_year,
        "epoch": (midnight(day) - _EPOCH) // dt.timedelta(seconds=1),
    }
    if isinstance(day, dt.datetime):
        parts |= {"hour": day.hour, "minute": day.minute, "second": day.second}
    return parts[name]


COLUMNS = ("id", "day", "moment", "other_day", "other_moment", "n")
ROWS = tuple(
    (
        position,
        day,
        MOMENTS[position % len(MOMENTS)],
        DAYS[(position * 5 + 3) % len(DAYS)],
        MOMENTS[(position * 7 + 1) % len(MOMENTS)],
        n,
    )
    for position, (day, n) in enumerate(itertools.product(DAYS, SHIFTS))
)
