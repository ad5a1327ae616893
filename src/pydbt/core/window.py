"""Window: the part of the rows that an increment is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Window:
    """From where to where the rows of an increment go, by the column that `Incremental` calls ``on``.

    A task that names ``window`` as a parameter gets it. Its ends have the type of the column: dates, or
    moments (in UTC).

    Args:
        start: The first value that is in it; None for no first one.
        end: The first value behind it; None for no last one.
        is_after_start: The start itself is not in it: what is added to a table that has it already.

    >>> from datetime import date
    >>> str(Window(date(2026, 1, 5), date(2026, 1, 8)))
    '2026-01-05 <= … < 2026-01-08'
    """

    start: Any = None
    end: Any = None
    is_after_start: bool = False

    def covers(self, column: Any) -> Any:
        """The condition that a column's value is in the window: ``start <= column AND column < end``.

        NULL is in no window, not even in one without ends.

        >>> from sqlalchemy import column
        >>> print(Window(1, 3).covers(column("number")))
        number >= :number_1 AND number < :number_2
        >>> print(Window().covers(column("number")))
        number IS NOT NULL
        """
        if self.start is None:
            return column.is_not(None) if self.end is None else column < self.end
        begun = column > self.start if self.is_after_start else column >= self.start
        return begun if self.end is None else begun & (column < self.end)

    def __str__(self) -> str:
        start = "" if self.start is None else f"{self.start} {'<' if self.is_after_start else '<='} "
        return f"{start}…{'' if self.end is None else f' < {self.end}'}"
