"""Extent: the moment of a run, and how far it goes with its incremental tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pydbt.core.intervals import Span


@dataclass(frozen=True, slots=True)
class Extent:
    """What the tasks of a run share, and which rows it wants of those that are incremental.

    Args:
        moment: The run's, with its zone.
        until: In UTC, without zone: what is over by then is wanted.
        rebuilt: The tasks whose tables are made anew.
        redone: A time whose rows are to be made once more, whatever is known of it.
    """

    moment: datetime
    until: datetime
    rebuilt: frozenset[str] = frozenset()
    redone: Span | None = None


def until(on: date) -> datetime:
    """The moment up to which a run on that day, or at that moment, takes what is over.

    >>> until(date(2026, 1, 8))
    datetime.datetime(2026, 1, 8, 0, 0)
    """
    if isinstance(on, datetime):
        return on.astimezone(UTC).replace(tzinfo=None)
    return datetime.combine(on, time())
