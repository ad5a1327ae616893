"""What a cron expression means on one day, by cronsim; and the zones whose wall clocks show it."""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NoReturn

from cronsim import CronSim, CronSimError

from pydbt.errors import ScheduleError, did_you_mean, user_location

_FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day-of-month": "1 to 31, L for the last, LW for the last Monday-to-Friday day",
    "month": "1 to 12, or JAN to DEC",
    "day-of-week": "0 to 7 (0 and 7 are Sunday), or MON to SUN",
}
_LONGEST = 200


def check_expression(expression: object) -> None:
    """Refuse what is no cron expression of five fields, or never fires.

    Raises:
        ScheduleError: At the user's line, with the field and its range.
    """
    if (
        not isinstance(expression, str)
        or len(expression) > _LONGEST
        or len(expression.split()) != len(_FIELDS)
    ):
        _refuse(expression, "is not five fields", f"in this order: {', '.join(_FIELDS)}: '0 6 * * 1-5'")
    try:
        _after(expression, datetime(2000, 1, 1))  # noqa: DTZ001  nominal: a wall clock's time
    except (CronSimError, AssertionError, ValueError, TypeError) as error:
        _refuse_field(expression, str(error).removeprefix("Bad "))
    except StopIteration:
        _refuse(expression, "never fires", "no day of any year matches it")


def first_time(expression: str, day: date) -> datetime | None:
    """The expression's first nominal time on that day, None where it has none.

    >>> first_time("*/20 6 * * *", date(2026, 5, 8))
    datetime.datetime(2026, 5, 8, 6, 0)
    """
    # The calendar repeats every 400 years; this keeps the search away from both ends of time.
    alike = date(2000 + day.year % 400, day.month, day.day)
    found = _first_time(expression, alike)
    return None if found is None else datetime.combine(day, found)


@lru_cache(maxsize=10_000)
def _first_time(expression: str, day: date) -> time | None:
    midnight = datetime.combine(day, time())
    found = _after(expression, midnight - timedelta(seconds=1))
    return found.time() if found.date() == day else None


def _after(expression: str, moment: datetime) -> datetime:
    return next(CronSim(expression, moment))


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name.

    Raises:
        ScheduleError: There is none, with near names.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        near = difflib.get_close_matches(str(name), sorted(zoneinfo.available_timezones()), n=3, cutoff=0.4)
        hint = did_you_mean(str(name), near) if near else "give a name such as 'Europe/Paris' or 'UTC'"
        raise ScheduleError(f"{name!r} is not a time zone", where=user_location(), hint=hint) from None


def _refuse_field(expression: str, name: str) -> NoReturn:
    position = list(_FIELDS).index(name) if name in _FIELDS else None
    if position is None:
        _refuse(expression, "cannot be read", f"in this order: {', '.join(_FIELDS)}")
    field = expression.split()[position]
    if name == "day-of-month" and _fits(field):
        _refuse(expression, "never fires", f"no month it names has a day {field}")
    _refuse(expression, f"has {field!r} for the {name}", f"{name}: {_FIELDS[name]}")


def _fits(day_of_month: str) -> bool:
    try:
        _after(f"0 0 {day_of_month} * *", datetime(2000, 1, 1))  # noqa: DTZ001  nominal
    except (CronSimError, AssertionError, ValueError, TypeError):
        return False
    return True


def _refuse(expression: object, what: str, hint: str) -> NoReturn:
    raise ScheduleError(f"the cron expression {expression!r} {what}", where=user_location(), hint=hint)
