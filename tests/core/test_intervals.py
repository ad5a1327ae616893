"""Intervals against the plainest account of them: a set of hours, days or months."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pydbt.core.intervals import INTERVALS, Interval, Span, begins, count, joined, moved, told, whole, without

_FIRST = datetime(2026, 1, 1)  # noqa: DTZ001  UTC, without zone
_hours = st.integers(0, 40).map(lambda hours: _FIRST + timedelta(hours=hours))
_spans = st.lists(st.tuples(_hours, _hours).map(lambda pair: (min(pair), max(pair))), max_size=6)


def hours(spans: tuple[Span, ...] | list[Span]) -> set[datetime]:
    """Each hour that begins in one of the spans."""
    return {
        start + timedelta(hours=number)
        for start, end in spans
        for number in range(int((end - start) / timedelta(hours=1)))
    }


@given(_spans)
def test_joined_spans_are_the_same_hours_in_as_few_as_can_be(spans: list[Span]) -> None:
    """In order, none empty, none at the end of another."""
    found = joined(spans)

    assert hours(found) == hours(spans)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert all(start < end for start, end in found)


@given(st.tuples(_hours, _hours).map(lambda pair: (min(pair), max(pair))), _spans)
def test_what_is_missing_is_the_whole_without_what_is_done(span: Span, done: list[Span]) -> None:
    """Hour by hour, in spans that do not touch."""
    found = without(span, done)

    assert hours(found) == hours([span]) - hours(done)
    assert found == joined(found)


@given(
    st.sampled_from(INTERVALS),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001  UTC, without zone
    st.integers(0, 800),
)
def test_whole_intervals_end_before_the_moment_and_one_more_does_not(
    interval: Interval, moment: datetime, days: int
) -> None:
    """Counted from any start at which one begins; where none is over, nothing is."""
    start = (moment - timedelta(days=days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begun, end = whole(start, interval, moment)

    assert begun == start <= end <= moment < moved(end, interval, 1)
    assert begins(end, interval, start)
    assert moved(start, interval, count([(start, end)], interval)) == end
    assert whole(moved(start, interval, 3), interval, start) == (moved(start, interval, 3),) * 2


def test_spans_are_told_by_their_first_and_last_interval() -> None:
    """As one names days and months, not as they are kept."""
    day, month = (_FIRST, moved(_FIRST, "day", 3)), (_FIRST, moved(_FIRST, "month", 2))

    assert told([day, (datetime(2026, 2, 1), datetime(2026, 2, 2))], "day") == (  # noqa: DTZ001  UTC
        "4 days missing: 2026-01-01 to 2026-01-03, 2026-02-01"
    )
    assert told([month], "month") == "2 months missing: 2026-01 to 2026-02"
    assert told([day], "hour") == "72 hours missing: 2026-01-01 00:00 to 2026-01-03 23:00"
