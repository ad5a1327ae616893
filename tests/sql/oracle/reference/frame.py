"""Rows with names, in an order or in none, and the rows of a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]
MOST_ROWS = 400
MOST_PAIRS = 4_000


class TooManyRowsError(Exception):
    """The program makes more rows than are worth comparing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows under names.

    Args:
        names: Of the columns.
        rows: The rows.
        ties: Where the rows are in an order, a number for each that does not fall; rows of one number stand
            in any order among themselves.
        right: The names of the right side, in the pairs of a join: their values follow the others.
    """

    names: tuple[str, ...]
    rows: list[Row]
    ties: list[int] | None = None
    right: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rows) > (MOST_PAIRS if self.right else MOST_ROWS):
            raise TooManyRowsError

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        position = self.names.index(name)
        return [row[position] for row in self.rows]

    def right_column(self, name: str) -> list[Any]:
        """The values of a column of the right side."""
        position = len(self.names) + self.right.index(name)
        return [row[position] for row in self.rows]

    def kept(self, is_kept: Sequence[bool]) -> Frame:
        """Some of the rows, in the order they have."""
        rows = [row for row, keep in zip(self.rows, is_kept, strict=True) if keep]
        if self.ties is None:
            return Frame(self.names, rows)
        return Frame(self.names, rows, [tie for tie, keep in zip(self.ties, is_kept, strict=True) if keep])


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of rows: the names and values of their keys, and the rows of each."""

    names: tuple[str, ...]
    keys: list[Row]
    members: list[Frame] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """One row a group: its keys."""
        return self.keys

    def column(self, name: str) -> list[Any]:
        """The values of a key."""
        position = self.names.index(name)
        return [key[position] for key in self.keys]

    def kept(self, is_kept: Sequence[bool]) -> Groups:
        """Some of the groups."""
        places = [place for place, keep in enumerate(is_kept) if keep]
        return Groups(
            self.names, [self.keys[each] for each in places], [self.members[each] for each in places]
        )
