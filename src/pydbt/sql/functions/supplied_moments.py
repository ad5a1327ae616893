"""The calendar for SQLite, which keeps dates and moments as ISO text, and knows them to the millisecond."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from pydbt.sql.functions.supplied import scalar

MONTHS = {"year": 12, "quarter": 3, "month": 1}
SECONDS = {"week": 7 * 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}
_DATE_LENGTH = 10
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  databases keep moments without a zone
_NAMES_OF_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NAMES_OF_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read(text: str) -> dt.datetime:
    """A date, as its midnight, or a moment as SQLite keeps them."""
    return dt.datetime.fromisoformat(text)


def written(moment: dt.datetime) -> str:
    """A moment as SQLAlchemy writes it into SQLite: always with six digits of the second."""
    return moment.isoformat(" ", "microseconds")


@scalar("pydbt_date_trunc_quarter", 1)
def quarter_of(text: str) -> str:
    """The first day of the quarter, as a date.

    >>> quarter_of("2022-12-31 23:59:59.999999")
    '2022-10-01'
    """
    day = read(text)
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1).isoformat()


@scalar("pydbt_date_add", 3)
def added(text: str, n: int, unit: str) -> str:
    """So many units later; a date stays one unless hours, minutes or seconds are added.

    >>> added("2024-01-31", 1, "month"), added("2024-02-29 12:00:00", -1, "year")
    ('2024-02-29', '2023-02-28 12:00:00.000000')
    """
    moment = read(text)
    if unit in MONTHS:
        later = _months_later(moment, n * MONTHS[unit])
    else:
        later = moment + dt.timedelta(seconds=n * SECONDS[unit])
    is_date = len(text) == _DATE_LENGTH and unit not in {"hour", "minute", "second"}
    return later.date().isoformat() if is_date else written(later)


def _months_later(moment: dt.datetime, months: int) -> dt.datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        if day <= moment.day:
            try:
                return moment.replace(year=year, month=month + 1, day=day)
            except ValueError:
                if day == 28:  # noqa: PLR2004  every month has so many: it is the year that is wrong
                    raise
    raise AssertionError("every month has 28 days")


@scalar("pydbt_date_diff", 3)
def begun(unit: str, start: str, end: str) -> int:
    """How many times the unit begins after the start and up to the end; negative on the way back.

    >>> begun("month", "2024-01-31", "2024-02-01"), begun("hour", "2024-01-01 10:59", "2024-01-01 09:00")
    (1, -1)
    """
    return _number_of(unit, read(end)) - _number_of(unit, read(start))


def _number_of(unit: str, moment: dt.datetime) -> int:
    """How many of the unit have begun since some fixed one."""
    if unit in MONTHS:
        return (moment.year * 12 + moment.month - 1) // MONTHS[unit]
    if unit == "week":
        return (moment.toordinal() - 1) // 7
    return (moment - _EPOCH) // dt.timedelta(seconds=SECONDS[unit])


@scalar("pydbt_moment_plus", 2)
def plus(text: str, interval: str) -> str:
    """A date or moment and an interval, which SQLAlchemy writes as the moment so long after 1970.

    >>> plus("2024-02-28", "1970-01-02 12:00:00.000000")
    '2024-02-29 12:00:00.000000'
    """
    return written(read(text) + (read(interval) - _EPOCH))


@scalar("pydbt_moment_minus", 2)
def minus(text: str, interval: str) -> str:
    """As :func:`plus`, earlier."""
    return written(read(text) - (read(interval) - _EPOCH))


@scalar("pydbt_interval", 2)
def interval(end: str, start: str) -> str:
    """What is between two moments, written as :func:`plus` reads it.

    >>> interval("2024-01-02 00:00:00.5", "2024-01-01")
    '1970-01-02 00:00:00.500000'
    """
    return written(_EPOCH + (read(end) - read(start)))


@scalar("pydbt_make_date", 3)
def made(year: int, month: int, day: int) -> str:
    """The date of these numbers, if there is such a day."""
    return dt.date(year, month, day).isoformat()


_WRITTEN: dict[str, Callable[[dt.datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "b": lambda moment: _NAMES_OF_MONTHS[moment.month - 1][:3],
    "B": lambda moment: _NAMES_OF_MONTHS[moment.month - 1],
    "a": lambda moment: _NAMES_OF_DAYS[moment.weekday()][:3],
    "A": lambda moment: _NAMES_OF_DAYS[moment.weekday()],
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{(moment.hour + 11) % 12 + 1:02}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",  # noqa: PLR2004  noon
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "%": lambda _moment: "%",
}


@scalar("pydbt_date_format", 2)
def formatted(text: str, codes: str) -> str:
    """A date or moment as text, with the codes of strftime, in English whatever the locale.

    >>> formatted("2022-12-31 15:00:00.5", "%a %d %b %y, %I %p")
    'Sat 31 Dec 22, 03 PM'
    """
    moment = read(text)
    return re.sub("%(.)", lambda found: _WRITTEN[found[1]](moment), codes)


@scalar("pydbt_to_timestamp", 3)
def parsed(text: str, pattern: str, order: str) -> str:
    """The moment in a text.

    Args:
        text: The text.
        pattern: A regular expression with a group for each part.
        order: The codes of strftime in the order of the groups.

    >>> parsed("31.12.2022", "([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})", "dmY")
    '2022-12-31 00:00:00.000000'
    """
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError(f"{text!r} is not in the format")
    parts = dict(zip(order, found.groups(), strict=True))
    month = _month(parts)
    hour, minute, second = (int(parts.get(code, 0)) for code in "HMS")
    day = (int(parts["Y"]), month, int(parts["d"]))
    return written(dt.datetime(*day, hour, minute, second, int(parts.get("f", "0").ljust(6, "0"))))  # noqa: DTZ001  databases keep moments without a zone


def _month(parts: dict[str, str]) -> int:
    for code, length in (("b", 3), ("B", None)):
        if code in parts:
            return [name[:length] for name in _NAMES_OF_MONTHS].index(parts[code]) + 1
    return int(parts["m"])
