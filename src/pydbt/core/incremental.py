"""Incremental: a table that each run adds to, instead of making it anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from pydbt.core.column_names import names_of
from pydbt.core.intervals import INTERVALS, Interval, begins
from pydbt.errors import TaskOptionError, did_you_mean, user_location

Strategy = Literal["append", "delete_insert", "merge", "partition"]
STRATEGIES = ("append", "delete_insert", "merge", "partition")
SchemaChange = Literal["fail", "append", "sync"]
SCHEMA_CHANGES = ("fail", "append", "sync")

PARAMETERS = frozenset({"self", "window"})
"""Parameters of an incremental task that the run fills: the table as it is, and the rows that are wanted."""


@dataclass(frozen=True, slots=True)
class Incremental:
    """A table to which each run adds the new rows of its query.

    With ``start`` the time from there on is divided into intervals, and a ledger beside the table keeps which
    of them are in it: a run takes those that are over and missing, each exactly once. Without it a run takes
    the rows from the largest value of ``on`` in the table on.

    Args:
        strategy: "append" adds rows; "delete_insert" deletes those with a new row's key, or those of the
            window, first; "merge" changes the rows that have a new row's key and adds the others;
            "partition" replaces each value of ``on`` that is in the new rows as a whole.
        key: The column, or the columns, that tell a row: for "merge", and for "delete_insert".
        on: The column by which rows are new: a date, a moment, a number.
        start: The day, or the moment (in UTC where it has no zone), from which on intervals are kept.
        interval: What the time is divided into, in UTC: "hour", "day", "week", which begins on the day of the
            week of ``start``, or "month", from its first day.
        lookback: How many of the last intervals each run takes again, for rows that come late; without
            ``start`` and for numbers, how far below the largest value a run begins.
        on_schema_change: When the query's columns are not the table's: "fail" with an error that lists them,
            "append" the new ones to the table, or "sync", which also drops those that are gone.

    Raises:
        TaskOptionError: An option is unknown, out of its range, or has no effect beside the others.

    >>> Incremental("merge", key="id", on="changed_at").key
    ('id',)
    >>> str(Incremental("append", on="day", start="2026-01-01"))
    'incremental'
    """

    strategy: Strategy
    _: KW_ONLY
    key: str | Sequence[str] = ()
    on: str | None = None
    start: str | date | None = None
    interval: Interval = "day"
    lookback: int = 0
    on_schema_change: SchemaChange = "fail"

    def __post_init__(self) -> None:
        _check_choice("strategy", self.strategy, STRATEGIES)
        _check_choice("interval", self.interval, INTERVALS)
        _check_choice("on_schema_change", self.on_schema_change, SCHEMA_CHANGES)
        if self.key != ():
            object.__setattr__(self, "key", names_of("key", self.key))
        if self.on is not None and (not isinstance(self.on, str) or not self.on):
            raise _refused(f"on={self.on!r} is not the name of a column", 'on="day"')
        if self.start is not None:
            object.__setattr__(self, "start", _checked_start(self.start, self.interval))
        if isinstance(self.lookback, bool) or not isinstance(self.lookback, int) or self.lookback < 0:
            raise _refused(f"lookback={self.lookback!r} is out of range", "a whole number, 0 or more")
        for is_wrong, what, hint in _conflicts(self):
            if is_wrong:
                raise _refused(what, hint)

    def __str__(self) -> str:
        return "incremental"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the key; none where there is no key."""
        return tuple(self.key)

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns that each option names."""
        return {"key": self.keys, "on": () if self.on is None else (self.on,)}

    @property
    def begins_at(self) -> datetime | None:
        """The start as a moment in UTC, without zone; None where no ledger is kept."""
        return self.start if isinstance(self.start, datetime) else None

    @property
    def has_mark(self) -> bool:
        """Whether a run goes on from the largest value of ``on`` that the table has."""
        return self.on is not None and self.start is None and self.strategy != "partition"


def moment_of(value: object) -> datetime | None:
    """A date, a moment or the text of one as a moment in UTC without zone; None where it is none.

    >>> moment_of("2026-01-05"), moment_of("yesterday")
    (datetime.datetime(2026, 1, 5, 0, 0), None)
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime.combine(value, time()) if isinstance(value, date) else None


def _conflicts(value: Incremental) -> Iterable[tuple[bool, str, str]]:
    """What does not go together, what to say of it, and what to do."""
    strategy, has_key, has_on = value.strategy, bool(value.key), value.on is not None
    yield (
        strategy == "merge" and not has_key,
        'strategy="merge" has no key',
        'name the columns that tell a row: key="id", or key=["day", "id"]',
    )
    yield (
        strategy == "delete_insert" and not has_key and not has_on,
        'strategy="delete_insert" has neither key nor on',
        'name what tells the rows to delete: key="id", or on="day" for those of the window',
    )
    yield (
        strategy == "partition" and not has_on,
        'strategy="partition" has no on',
        'name the column whose values are replaced as a whole: on="day"',
    )
    yield (
        strategy in {"append", "partition"} and has_key,
        f"key has no effect with strategy={strategy!r}",
        'leave it out, or give strategy="merge" or "delete_insert"',
    )
    yield (value.start is not None and not has_on, "start has no on", 'name the column of time: on="day"')
    yield (
        strategy == "append" and value.lookback > 0,
        'lookback with strategy="append" would add rows twice',
        'strategy="delete_insert" replaces them',
    )
    yield (
        value.lookback > 0 and not has_on,
        "lookback has no on",
        'name the column that it counts back: on="day"',
    )
    yield (
        value.lookback > 0 and strategy == "partition" and value.start is None,
        'lookback has no effect with strategy="partition" without start',
        'give start="2026-01-01", or return the rows of the partitions to replace',
    )
    yield (
        value.interval != "day" and value.start is None and value.lookback == 0,
        f"interval={value.interval!r} has no effect without start and without lookback",
        'give start="2026-01-01", or leave it out',
    )


def _checked_start(start: object, interval: Interval) -> datetime:
    moment = moment_of(start)
    if moment is None:
        raise _refused(f"start={start!r} is not a day", 'write it as "2026-01-31"')
    if not begins(moment, interval):
        example = "2026-01-01 06:00" if interval == "hour" else "2026-01-01"
        raise _refused(f"no {interval} begins at start={start!r}", f'give where one does: "{example}"')
    return moment


def _check_choice(option: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _refused(f"{option}={value!r} is not known", did_you_mean(str(value), known))


def _refused(what: str, hint: str) -> TaskOptionError:
    return TaskOptionError(f"Incremental: {what}", where=user_location(), hint=hint)
