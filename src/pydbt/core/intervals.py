"""Intervals of time: which are over, which are missing, and how one tells them.

Moments are in UTC, without zone. A span is half open, ``(start, end)``: what begins at its end is not in it.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

Interval = Literal["hour", "day", "week", "month"]
INTERVALS = ("hour", "day", "week", "month")
Span = tuple[datetime, datetime]

_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def moved(moment: datetime, interval: Interval, count: int) -> datetime:
    """The moment so many intervals later, or earlier; a month that is too short ends it.

    >>> moved(datetime(2026, 3, 31), "month", -1)
    datetime.datetime(2026, 2, 28, 0, 0)
    >>> moved(datetime(2026, 3, 31), "hour", 25)
    datetime.datetime(2026, 4, 1, 1, 0)
    """
    if interval != "month":
        return moment + _STEPS[interval] * count
    months = moment.year * 12 + moment.month - 1 + count
    year, month = months // 12, months % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def begins(moment: datetime, interval: Interval, anchor: datetime | None = None) -> bool:
    """Whether an interval begins at the moment; weeks begin on the anchor's day of the week, if any.

    >>> begins(datetime(2026, 1, 2), "month"), begins(datetime(2026, 1, 2), "day")
    (False, True)
    """
    if interval == "hour":
        return moment == moment.replace(minute=0, second=0, microsecond=0)
    if moment != moment.replace(hour=0, minute=0, second=0, microsecond=0):
        return False
    if interval == "week":
        return anchor is None or moment.weekday() == anchor.weekday()
    return interval == "day" or moment.day == 1


def whole(start: datetime, interval: Interval, until: datetime) -> Span:
    """From the start to the end of the last interval that is over by then; empty where none is.

    >>> whole(datetime(2026, 1, 1), "week", datetime(2026, 1, 20, 7))[1]
    datetime.datetime(2026, 1, 15, 0, 0)
    """
    if until < start:
        return start, start
    if interval == "month":
        return start, max(start, until.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
    return start, start + (until - start) // _STEPS[interval] * _STEPS[interval]


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as there can be, in order; empty ones are left out.

    >>> one, two, three, four = (datetime(2026, 1, day) for day in (1, 2, 3, 4))
    >>> joined([(three, four), (one, two), (two, three), (two, two)]) == ((one, four),)
    True
    """
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def without(span: Span, done: Iterable[Span]) -> tuple[Span, ...]:
    """What of a span is in none of these.

    >>> one, two, three, four = (datetime(2026, 1, day) for day in (1, 2, 3, 4))
    >>> without((one, four), [(two, three)]) == ((one, two), (three, four))
    True
    """
    found: list[Span] = []
    start, end = span
    for begun, ended in joined(done):
        if start < min(begun, end):
            found.append((start, min(begun, end)))
        start = max(start, ended)
    return (*found, (start, end)) if start < end else tuple(found)


def count(spans: Iterable[Span], interval: Interval) -> int:
    """How many intervals begin in these spans.

    >>> count([(datetime(2026, 1, 1), datetime(2026, 3, 1))], "month")
    2
    """
    if interval != "month":
        return sum(-((start - end) // _STEPS[interval]) for start, end in spans)
    return sum(
        (end.year - start.year) * 12 + end.month - start.month + (end.day > start.day) for start, end in spans
    )


def told(spans: Iterable[Span], interval: Interval) -> str:
    """Spans in words, each by its first and its last interval.

    >>> told([(datetime(2026, 1, 5), datetime(2026, 1, 8))], "day")
    '3 days missing: 2026-01-05 to 2026-01-07'
    >>> told([(datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 9))], "hour")
    '1 hour missing: 2026-01-05 08:00'
    """
    found = tuple(spans)
    number = count(found, interval)
    named = ", ".join(_span_told(span, interval) for span in found)
    return f"{number} {interval}{'s' if number > 1 else ''} missing: {named}"


def _span_told(span: Span, interval: Interval) -> str:
    # The last interval is what is left of a span behind all whole ones but one.
    form = {"hour": "%Y-%m-%d %H:00", "month": "%Y-%m"}.get(interval, "%Y-%m-%d")
    first, last = span[0], max(span[0], moved(span[1], interval, -1))
    one, other = f"{first:{form}}", f"{last:{form}}"
    return one if one == other else f"{one} to {other}"
