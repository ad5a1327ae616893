"""When a task is due."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.schedule import (
    Cron,
    Daily,
    Monthly,
    MonthlyLastOpenDayInMonth,
    Schedule,
    SemiMonthly,
    Weekly,
)
from pydbt.errors import ScheduleError

DAY = timedelta(days=1)
DAYS = st.dates(date(1, 2, 1), date(9999, 11, 30))
WEEKDAYS = st.integers(0, 6)
ZONES = [
    "Europe/Paris",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "America/Asuncion",
    "America/Havana",
    "America/Caracas",
    "America/Anchorage",
    "America/Halifax",
    "America/Mexico_City",
    "America/Nuuk",
    "America/Scoresbysund",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Lagos",
    "Africa/El_Aaiun",
    "Asia/Tehran",
    "Asia/Gaza",
    "Asia/Beirut",
    "Asia/Amman",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Pyongyang",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Australia/Adelaide",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Easter",
    "Antarctica/Troll",
    "UTC",
]


def days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    return [first + number * DAY for number in range(31) if (first + number * DAY).month == first.month]


def of_weekday(day: date, weekday: int) -> list[date]:
    return [other for other in days_of_month(day) if other.weekday() == weekday]


@given(DAYS, WEEKDAYS)
def test_each_schedule_is_due_on_its_days_and_no_others(day: date, weekday: int) -> None:
    """Counting through the month day by day gives the same answer as each schedule."""
    such = of_weekday(day, weekday)
    open_days = [other for other in days_of_month(day) if other.weekday() < 5]

    assert Daily().is_due(day)
    assert Weekly(weekday).is_due(day) == (day in such)
    assert Monthly(weekday).is_due(day) == (day == such[0])
    assert SemiMonthly(weekday).is_due(day) == (day in such[::2])
    assert MonthlyLastOpenDayInMonth().is_due(day) == (day == open_days[-1])


@given(DAYS, WEEKDAYS, WEEKDAYS)
def test_schedules_combine_as_or_and_and(day: date, one: int, other: int) -> None:
    """``|`` is due when any is, ``&`` when all are."""
    assert (Weekly(one) | Monthly(other)).is_due(day) == (
        Weekly(one).is_due(day) or Monthly(other).is_due(day)
    )
    assert (Weekly(one) & Monthly(other)).is_due(day) == (
        Weekly(one).is_due(day) and Monthly(other).is_due(day)
    )


def test_a_schedule_reads_as_it_was_written() -> None:
    """The repr of a combination can be typed in, the description can be read aloud."""
    schedule = Weekly(4) & (Monthly() | Cron("0 6 * * *", tz="Europe/Paris"))

    expected = "Weekly(weekday=4) & (Monthly(weekday=0) | Cron(expression='0 6 * * *', tz='Europe/Paris'))"
    assert repr(schedule) == expected
    assert schedule.describe() == (
        "every Friday, and (on the first Monday of the month, or cron 0 6 * * * in Europe/Paris)"
    )


def test_the_first_name_of_the_question_still_works() -> None:
    """``is_scheduled`` is ``is_due``."""
    assert Weekly(4).is_scheduled(date(2026, 5, 8))
    assert not Weekly(4).is_scheduled(date(2026, 5, 9))


SIMPLE = st.tuples(
    st.integers(0, 59),
    st.integers(0, 23),
    st.sets(st.integers(1, 31), max_size=3),
    st.sets(WEEKDAYS, max_size=2),
)


@given(SIMPLE, st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_cron_with_a_date_is_due_on_its_days(parts: tuple[int, int, set[int], set[int]], day: date) -> None:
    """Days of the month and days of the week are joined by "or" where both are given, as in crontab."""
    minute, hour, days, weekdays = parts
    sunday_first = {(weekday + 1) % 7 for weekday in weekdays}
    fields = [",".join(map(str, sorted(chosen))) or "*" for chosen in (days, sunday_first)]
    schedule = Cron(f"{minute} {hour} {fields[0]} * {fields[1]}")

    in_days, in_weekdays = day.day in days, day.weekday() in weekdays
    expected = (
        (in_days or in_weekdays)
        if days and weekdays
        else (in_days or not days) and (in_weekdays or not weekdays)
    )
    assert schedule.is_due(day) == expected


@pytest.mark.parametrize("name", ZONES)
def test_a_change_of_the_clocks_neither_doubles_nor_loses_a_day(name: str) -> None:
    """Asked every half hour for 16 years around each change, each local day gets due once and stays so."""
    zone = zoneinfo.ZoneInfo(name)
    schedules = [
        Cron(f"{minute} {hour} * * *", tz=name) for minute, hour in ((30, 2), (0, 0), (59, 23), (0, 3))
    ]
    for change in changes(zone):
        for schedule in schedules:
            moments = [change + timedelta(minutes=30 * step) for step in range(-100, 100)]
            check_days(schedule, zone, moments)


def changes(zone: zoneinfo.ZoneInfo) -> list[datetime]:
    """The UTC hours from 2020 to 2035 in which the zone's offset changes."""
    found = []
    hour = datetime(2020, 1, 1, tzinfo=UTC)
    step = timedelta(days=1)
    while hour.year < 2036:
        if zone.utcoffset(hour.astimezone(zone)) != zone.utcoffset((hour + step).astimezone(zone)):
            found.append(hour)
        hour += step
    return found


def check_days(schedule: Schedule, zone: zoneinfo.ZoneInfo, moments: list[datetime]) -> None:
    due: dict[date, list[bool]] = {}
    for moment in moments:
        due.setdefault(moment.astimezone(zone).date(), []).append(schedule.is_due(moment))
    for day, answers in list(due.items())[1:-1]:
        assert answers == sorted(answers), f"{schedule} on {day}: due, then not"
        is_late = "59 23" in repr(schedule)
        assert answers[-1] or is_late, f"{schedule} on {day}: never due"


def test_a_time_that_the_change_skips_counts_from_the_next_that_exists() -> None:
    """02:30 does not exist in Paris on 29 March 2026: due from 03:00 on, which is 01:00 UTC."""
    schedule = Cron("30 2 * * *", tz="Europe/Paris")

    assert not schedule.is_due(datetime(2026, 3, 29, 0, 59, tzinfo=UTC))
    assert schedule.is_due(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))


def test_a_time_that_comes_twice_counts_from_the_first() -> None:
    """02:30 comes twice in Paris on 25 October 2026, at 00:30 and 01:30 UTC: it stays due in between."""
    schedule = Cron("30 2 * * *", tz="Europe/Paris")
    minutes = [datetime(2026, 10, 25, 0, 0, tzinfo=UTC) + timedelta(minutes=number) for number in range(120)]

    assert [schedule.is_due(minute) for minute in minutes] == [False] * 30 + [True] * 90


def test_without_a_zone_the_moments_own_wall_clock_counts() -> None:
    """06:00 in New York is not yet there at 06:00 UTC."""
    new_york = zoneinfo.ZoneInfo("America/New_York")

    assert Cron("0 6 * * *").is_due(datetime(2026, 5, 8, 6, tzinfo=UTC))
    assert not Cron("0 6 * * *").is_due(datetime(2026, 5, 8, 6, tzinfo=UTC).astimezone(new_york))
    assert not Cron("0 6 * * *", tz="America/New_York").is_due(datetime(2026, 5, 8, 6, tzinfo=UTC))


def test_cron_knows_both_ends_of_time() -> None:
    """The first and the last day that dates can say are days like others."""
    assert Cron("0 0 * * *").is_due(date.min)
    assert Cron("0 0 * * *").is_due(date.max)


BAD_CRON = [
    ("99 * * * *", "has '99' for the minute", "minute: 0 to 59"),
    ("0 24 * * *", "has '24' for the hour", "hour: 0 to 23"),
    ("0 0 32 * *", "has '32' for the day-of-month", "1 to 31"),
    ("0 0 * 13 *", "has '13' for the month", "1 to 12"),
    ("0 0 * * 8", "has '8' for the day-of-week", "0 to 7"),
    ("0 0 30 2 *", "never fires", "no month it names has a day 30"),
    ("0 0 */40 2 1#2", "never fires", "no day"),
    ("* * * *", "is not five fields", "minute, hour"),
    ("0 0 0 * * *", "is not five fields", "minute, hour"),
    ("", "is not five fields", "minute, hour"),
    (5, "is not five fields", "minute, hour"),
]


@pytest.mark.parametrize(("expression", "what", "hint"), BAD_CRON)
def test_a_bad_cron_expression_is_refused_at_the_users_line(expression: str, what: str, hint: str) -> None:
    """The error names the field, its range, and the line of the project that holds it."""
    with pytest.raises(ScheduleError) as caught:
        Cron(expression)

    assert what in caught.value.what
    assert hint in caught.value.hint
    assert "test_schedule.py:" in caught.value.where


@pytest.mark.parametrize(
    ("zone", "near"),
    [("Mars/Base", "Pacific/Marquesas"), ("Europe/Pairs", "Europe/Paris"), ("../../etc/passwd", "")],
)
def test_an_unknown_zone_is_refused_with_near_names(zone: str, near: str) -> None:
    """A zone is a name of the zone database, never a path."""
    with pytest.raises(ScheduleError, match="is not a time zone") as caught:
        Cron("0 6 * * *", tz=zone)

    assert near in caught.value.hint


@pytest.mark.parametrize("kind", [Weekly, Monthly, SemiMonthly])
@pytest.mark.parametrize("weekday", [-1, 7, 1.0, "Monday", True, None])
def test_a_weekday_out_of_range_is_refused_at_the_users_line(kind: type[Weekly], weekday: int) -> None:
    """0 is Monday, 6 is Sunday, and nothing else is a weekday."""
    with pytest.raises(ScheduleError, match="is out of range") as caught:
        kind(weekday)

    assert "test_schedule.py:" in caught.value.where


@given(st.text(alphabet="0123456789*/,-#LW MON²", max_size=25))
def test_any_text_is_a_cron_expression_or_refused(text: str) -> None:
    """Nothing but a ScheduleError comes out of a text that is no cron expression."""
    try:
        schedule = Cron(text)
    except ScheduleError:
        return
    assert schedule.is_due(date(2026, 5, 8)) in (True, False)
