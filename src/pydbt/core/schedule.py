"""Schedules: on which days a task is due. The day is asked for, never read from a clock."""

from __future__ import annotations

import calendar
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pydbt.errors import ScheduleError, user_location

_WEEK = 7
_FRIDAY = 4


class Schedule(ABC):
    """When a task is due: a frozen value with one question, combined by ``|`` and ``&``.

    Make one of your own as a frozen dataclass with an ``is_due``. A run asks with an aware ``datetime``,
    which is a ``date`` too: its local day counts. With ``--date`` it asks with that day alone.

    >>> (Monthly() | Weekly(4)).is_due(date(2026, 5, 8))
    True
    """

    __slots__ = ()

    @abstractmethod
    def is_due(self, on: date) -> bool:
        """Whether a task on this schedule is due on that day."""

    def is_scheduled(self, on: date) -> bool:
        """The same question by its first name."""
        return self.is_due(on)

    def describe(self) -> str:
        """The schedule in words."""
        return repr(self)

    def __or__(self, other: Schedule) -> Schedule:
        return AnyOf((self, other)) if isinstance(other, Schedule) else NotImplemented

    def __and__(self, other: Schedule) -> Schedule:
        return AllOf((self, other)) if isinstance(other, Schedule) else NotImplemented


@dataclass(frozen=True, slots=True)
class Daily(Schedule):
    """Every day: what a task without a schedule has.

    >>> Daily().is_due(date(2026, 1, 31))
    True
    """

    def is_due(self, on: date) -> bool:  # noqa: ARG002  every day is one
        """Always."""
        return True

    def describe(self) -> str:
        """In words."""
        return "every day"


@dataclass(frozen=True, slots=True)
class Weekly(Schedule):
    """One day a week.

    Args:
        weekday: 0 is Monday, 6 is Sunday, as in ``date.weekday()``.

    Raises:
        ScheduleError: The weekday is not 0 to 6.

    >>> Weekly(4).describe()
    'every Friday'
    """

    weekday: int = 0

    def __post_init__(self) -> None:
        _check_weekday(self)

    def is_due(self, on: date) -> bool:
        """On that weekday."""
        return on.weekday() == self.weekday

    def describe(self) -> str:
        """In words."""
        return f"every {calendar.day_name[self.weekday]}"


@dataclass(frozen=True, slots=True)
class SemiMonthly(Schedule):
    """The first, third and fifth such weekday of each month.

    Args:
        weekday: 0 is Monday, 6 is Sunday.

    Raises:
        ScheduleError: The weekday is not 0 to 6.

    >>> [day for day in range(1, 32) if SemiMonthly().is_due(date(2026, 3, day))]
    [2, 16, 30]
    """

    weekday: int = 0

    def __post_init__(self) -> None:
        _check_weekday(self)

    def is_due(self, on: date) -> bool:
        """On the first, third and fifth."""
        return on.weekday() == self.weekday and (on.day - 1) // _WEEK % 2 == 0

    def describe(self) -> str:
        """In words."""
        return f"on the first, third and fifth {calendar.day_name[self.weekday]} of the month"


@dataclass(frozen=True, slots=True)
class Monthly(Schedule):
    """The first such weekday of each month.

    Args:
        weekday: 0 is Monday, 6 is Sunday.

    Raises:
        ScheduleError: The weekday is not 0 to 6.

    >>> Monthly().is_due(date(2026, 6, 1)), Monthly().is_due(date(2026, 6, 8))
    (True, False)
    """

    weekday: int = 0

    def __post_init__(self) -> None:
        _check_weekday(self)

    def is_due(self, on: date) -> bool:
        """On the first."""
        return on.weekday() == self.weekday and on.day <= _WEEK

    def describe(self) -> str:
        """In words."""
        return f"on the first {calendar.day_name[self.weekday]} of the month"


@dataclass(frozen=True, slots=True)
class MonthlyLastOpenDayInMonth(Schedule):
    """The last Monday-to-Friday day of each month; it knows no public holidays.

    >>> MonthlyLastOpenDayInMonth().is_due(date(2026, 5, 29))
    True
    """

    def is_due(self, on: date) -> bool:
        """On that day."""
        first_weekday, last_day = calendar.monthrange(on.year, on.month)
        last_weekday = (first_weekday + last_day - 1) % _WEEK
        return on.day == last_day - max(0, last_weekday - _FRIDAY)

    def describe(self) -> str:
        """In words."""
        return "on the last Monday-to-Friday day of the month"


@dataclass(frozen=True, slots=True)
class Cron(Schedule):
    """A cron expression of five fields: minute, hour, day of the month, month, day of the week.

    Its times are nominal: what a clock on the wall shows. So a change of the clocks neither doubles nor
    loses a day: a time that the change skips counts from the next one that exists, a time that comes
    twice counts once. Asked with a plain date, it is due when any of its times lies on that day; asked with
    a moment, when one of that day's times has come.

    Args:
        expression: As in crontab, with names (``MON``, ``JAN``), steps, ``L``, ``LW`` and ``5#2`` too.
        tz: The zone whose wall clock counts, ``"Europe/Paris"``; None takes the moment's own.

    Raises:
        ScheduleError: A field is out of its range, the zone is unknown, or no day ever matches.

    >>> Cron("0 6 * * 1-5").is_due(date(2026, 5, 8)), Cron("0 6 * * 1-5").is_due(date(2026, 5, 9))
    (True, False)
    >>> Cron("0 6 * * *", tz="Europe/Paris").is_due(datetime(2026, 5, 8, 3, 59, tzinfo=UTC))
    False
    """

    expression: str
    tz: str | None = None

    def __post_init__(self) -> None:
        from pydbt.core.cron import check_expression, zone

        check_expression(self.expression)
        if self.tz is not None:
            zone(self.tz)

    def is_due(self, on: date) -> bool:
        """Whether one of that day's times has come."""
        from pydbt.core.cron import first_time, zone

        moment = on if isinstance(on, datetime) else None
        if moment is not None and moment.tzinfo is not None and self.tz is not None:
            moment = moment.astimezone(zone(self.tz))
        day = on if moment is None else moment.date()
        nominal = first_time(self.expression, day)
        if nominal is None or moment is None:
            return nominal is not None
        return _has_come(nominal, moment)

    def describe(self) -> str:
        """In words."""
        return f"cron {self.expression}" + (f" in {self.tz}" if self.tz else "")


@dataclass(frozen=True, slots=True, repr=False)
class AnyOf(Schedule):
    """Due when any of its schedules is: what ``|`` makes.

    >>> Monthly() | Weekly(4)
    Monthly(weekday=0) | Weekly(weekday=4)
    """

    schedules: tuple[Schedule, ...]

    def is_due(self, on: date) -> bool:
        """Whether any is."""
        return any(schedule.is_due(on) for schedule in self.schedules)

    def describe(self) -> str:
        """In words."""
        return ", or ".join(schedule.describe() for schedule in self.schedules)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.schedules))


@dataclass(frozen=True, slots=True, repr=False)
class AllOf(Schedule):
    """Due when all of its schedules are: what ``&`` makes.

    >>> Monthly() & (Daily() | Weekly(4))
    Monthly(weekday=0) & (Daily() | Weekly(weekday=4))
    """

    schedules: tuple[Schedule, ...]

    def is_due(self, on: date) -> bool:
        """Whether all are."""
        return all(schedule.is_due(on) for schedule in self.schedules)

    def describe(self) -> str:
        """In words."""
        return ", and ".join(
            f"({schedule.describe()})" if isinstance(schedule, AnyOf) else schedule.describe()
            for schedule in self.schedules
        )

    def __repr__(self) -> str:
        return " & ".join(
            f"({schedule!r})" if isinstance(schedule, AnyOf) else repr(schedule)
            for schedule in self.schedules
        )


def _check_weekday(schedule: Weekly | SemiMonthly | Monthly) -> None:
    weekday = schedule.weekday
    if isinstance(weekday, bool) or not isinstance(weekday, int) or not 0 <= weekday < _WEEK:
        raise ScheduleError(
            f"{type(schedule).__name__}(weekday={weekday!r}) is out of range",
            where=user_location(),
            hint="0 is Monday, 6 is Sunday",
        )


def _has_come(nominal: datetime, moment: datetime) -> bool:
    """Whether the wall clock has shown that time, or would have, but for a change of the clocks."""
    if nominal <= moment.replace(tzinfo=None):
        return True
    # In the hour that comes twice, the wall clock goes back behind a time it has shown.
    return moment.tzinfo is not None and (
        nominal.replace(tzinfo=moment.tzinfo).astimezone(UTC) <= moment.astimezone(UTC)
    )
