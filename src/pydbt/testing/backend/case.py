"""Case: a program, the rows and types that come out of it, and what a dialect says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydbt.sql.dataframe import DataFrame

Row = tuple[Any, ...]
Word = Literal["notimpl", "notyet", "never"]
# The kinds of types a column may be of.
KINDS = ("integer", "float", "decimal", "text", "boolean", "date", "datetime", "time")


@dataclass(frozen=True, slots=True)
class Tables:
    """The input tables as DataFrames: ``tables.numbers``, ``tables.texts`` and so on."""

    frames: Mapping[str, DataFrame]

    def __getattr__(self, name: str) -> DataFrame:
        if name not in self.frames:
            raise AttributeError(f"no input table {name!r}; there are {', '.join(self.frames)}")
        return self.frames[name]


@dataclass(frozen=True, slots=True)
class Case:
    """A small program and what must come out of it on every database.

    Args:
        name: What it is about; it begins with its family: ``"arithmetic: // floors"``.
        make: The program: the input tables to a DataFrame.
        types: The columns that come out, in order, each with its kind of `KINDS`.
        rows: The rows that come out.
        is_ordered: Whether they come in this order; else in any.
        is_refused: The database, or PyDBT before it, must refuse the program: no rows come out.
    """

    name: str
    make: Callable[[Tables], DataFrame]
    types: Mapping[str, str]
    rows: Sequence[Row]
    is_ordered: bool = False
    is_refused: bool = False

    @property
    def family(self) -> str:
        """What the name begins with."""
        return self.name.partition(":")[0]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Mark:
    """What a dialect says of a case that it does not pass, and why.

    Args:
        word: ``notimpl``: the database could, and the dialect does not write it yet. ``notyet``: the database
            cannot yet, and may some day. ``never``: it cannot.
        reason: Why, in a sentence.
    """

    word: Word
    reason: str

    def __post_init__(self) -> None:
        if self.word not in {"notimpl", "notyet", "never"}:
            raise ValueError(f"{self.word!r} is none of notimpl, notyet, never")
        if not self.reason.strip():
            raise ValueError(f"a {self.word} says why")


Marks = Mapping[str, Mark]


def notimpl(reason: str) -> Mark:
    """The database could, and the dialect does not write it yet.

    >>> notimpl("asof joins are not written").word
    'notimpl'
    """
    return Mark("notimpl", reason)


def notyet(reason: str) -> Mark:
    """The database cannot yet, and may some day."""
    return Mark("notyet", reason)


def never(reason: str) -> Mark:
    """The database cannot."""
    return Mark("never", reason)


def each(
    family: str,
    table: str,
    kind: str,
    expressions: Mapping[str, tuple[Callable[[DataFrame], Any], Sequence[Any]]],
) -> tuple[Case, ...]:
    """Cases of one expression each: its value for each row of a table, in the order of the ids.

    Args:
        family: Of the cases.
        table: The input table.
        kind: Of the values.
        expressions: A name to the expression, as a function of the table, and its values.
    """
    return tuple(
        Case(
            f"{family}: {name}",
            _of_each_row(table, expression),
            {"id": "integer", "value": kind},
            tuple(enumerate(values, 1)),
            is_ordered=True,
        )
        for name, (expression, values) in expressions.items()
    )


def _of_each_row(table: str, expression: Callable[[DataFrame], Any]) -> Callable[[Tables], DataFrame]:
    def make(tables: Tables) -> DataFrame:
        frame = tables.frames[table]
        return frame.select("id", value=expression(frame)).order_by("id")

    return make
