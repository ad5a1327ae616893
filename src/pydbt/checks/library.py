"""The checks that most tables need. Each is a query for the rows that fail."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydbt.checks.check import Around, Check
from pydbt.core.check import Severity, takes_rows
from pydbt.core.task import Task
from pydbt.errors import CheckDefinitionError, user_location
from pydbt.sql.display import as_read

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


def not_null(*columns: str, severity: Severity | None = None) -> Check:
    """No row has NULL in one of the columns.

    >>> not_null("id", "day").name
    'not_null(id, day)'
    """
    return NotNull(severity, _names("not_null", columns))


def unique(*columns: str, severity: Severity | None = None) -> Check:
    """No two rows have the same values in the columns; rows with NULL in one of them are left out.

    The failing rows are the values, with how many rows have them in ``rows``.

    >>> unique("id", "day").name
    'unique(id, day)'
    """
    return Unique(severity, _names("unique", columns))


def accepted_values(column: str, values: Iterable[Any], *, severity: Severity | None = None) -> Check:
    """The column holds these values only, or NULL.

    >>> accepted_values("size", ["S", "M", "L"]).name
    "accepted_values(size, ['S', 'M', 'L'])"
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise _refused(f"accepted_values was given {values!r}", 'give a list: accepted_values("size", ["S"])')
    known = tuple(values)
    if not known or any(value is None for value in known):
        raise _refused("accepted_values needs values, none of them None", "NULL is not_null's to refuse")
    (name,) = _names("accepted_values", [column])
    return AcceptedValues(severity, name, known)


def relationships(
    column: str, to: Task | str, field: str | None = None, *, severity: Severity | None = None
) -> Check:
    """Each value of the column is in a column of another table, or NULL.

    Args:
        column: The column.
        to: The other task, or the name of a table. A task runs first, also one that is named; its own name
            means the rows that are checked.
        field: The other table's column; None is the one of the same name.
        severity: ``error`` or ``warn``; None is what the task says.

    >>> relationships("customer_id", "customers", "id").name
    'relationships(customer_id, customers.id)'
    """
    if not isinstance(to, (Task, str)):
        hint = 'give the task or a table\'s name: relationships("customer_id", customers, "id")'
        raise _refused(f"relationships was given {to!r}", hint)
    (name,) = _names("relationships", [column])
    return Relationships(severity, name, to, name if field is None else field)


def row_count(
    *,
    min: int | None = None,  # noqa: A002  the word of users
    max: int | None = None,  # noqa: A002  the word of users
    change: float | None = None,
    severity: Severity | None = None,
) -> Check:
    """There are so many rows.

    Args:
        min: At least so many.
        max: At most so many.
        change: At most so large a part more or less than the published table has: 0.5 is from half as many
            to half as many again. It holds for a first publication, and for rows that are added.
        severity: ``error`` or ``warn``; None is what the task says.

    >>> row_count(min=1, change=0.5).name
    'row_count(min=1, change=0.5)'
    """
    given = {"min": min, "max": max, "change": change}
    if all(value is None for value in given.values()):
        raise _refused("row_count was given nothing to hold", "row_count(min=1)")
    for name, value in given.items():
        kinds = (int, float) if name == "change" else (int,)
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds) or value < 0):
            raise _refused(f"row_count({name}={value!r}) is out of range", "a number, 0 or more")
    if min is not None and max is not None and min > max:
        raise _refused(f"row_count(min={min}, max={max}) never holds", "min is the smaller of the two")
    return RowCount(severity, min, max, change)


def expression(
    condition: Callable[[DataFrame], Any], name: str | None = None, *, severity: Severity | None = None
) -> Check:
    """A condition is true for each row, or NULL, as with SQL's own CHECK.

    Args:
        condition: A function of the rows that gives a condition.
        name: How to call it; None is the function's name.
        severity: ``error`` or ``warn``; None is what the task says.

    >>> expression(lambda rows: rows.price >= 0, "price").name
    'expression(price)'
    """
    if not callable(condition) or not takes_rows(condition):
        hint = "give a function: expression(lambda rows: rows.price >= 0)"
        raise _refused(f"expression was given {condition!r}", hint)
    return Expression(severity, condition, name or str(getattr(condition, "__name__", "condition")))


def freshness(column: str, within: dt.timedelta, *, severity: Severity | None = None) -> Check:
    """The latest moment in the column is not older than this; no rows, or only NULL, are not fresh.

    Moments without a time zone are taken as UTC; of a date, the day counts.

    >>> freshness("loaded_at", dt.timedelta(hours=6)).name
    'freshness(loaded_at, 6:00:00)'
    """
    if not isinstance(within, dt.timedelta):
        hint = "give a timedelta: within=timedelta(hours=6)"
        raise _refused(f"freshness was given within={within!r}", hint)
    (name,) = _names("freshness", [column])
    return Freshness(severity, name, within)


@dataclass(frozen=True, slots=True)
class NotNull(Check):
    """See `not_null`."""

    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it was written."""
        return f"not_null({', '.join(self.columns)})"

    def fails(self, rows: DataFrame) -> Any:
        """One of them is NULL."""
        return functools.reduce(operator.or_, (rows[column].is_(None) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Unique(Check):
    """See `unique`."""

    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it was written."""
        return f"unique({', '.join(self.columns)})"

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:  # noqa: ARG002  it needs nothing else
        """The values that several rows have, with the number of rows."""
        from pydbt.sql import functions as F  # noqa: N812  its one-letter name

        told = "rows" if "rows" not in self.columns else "number_of_rows"
        grouped = rows.dropna(subset=list(self.columns)).group_by(*self.columns).agg(**{told: F.count()})
        return grouped.where(grouped[told] > 1)


@dataclass(frozen=True, slots=True)
class AcceptedValues(Check):
    """See `accepted_values`."""

    column: str = ""
    values: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        """As it was written."""
        return f"accepted_values({self.column}, {as_read(list(self.values))})"

    def fails(self, rows: DataFrame) -> Any:
        """Another value."""
        return ~rows[self.column].isin(self.values)


@dataclass(frozen=True, slots=True)
class Relationships(Check):
    """See `relationships`."""

    column: str = ""
    to: Task | str = ""
    field: str = ""

    @property
    def name(self) -> str:
        """As it was written."""
        return f"relationships({self.column}, {self._table}.{self.field})"

    @property
    def depends_on(self) -> tuple[Task, ...]:
        """The other task."""
        return (self.to,) if isinstance(self.to, Task) else ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The other table, given by its name."""
        return (self.to,) if isinstance(self.to, str) else ()

    @property
    def _table(self) -> str:
        return self.to.name if isinstance(self.to, Task) else self.to

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:
        """The rows whose value the other table has not."""
        is_own = self._table == around.name
        other = rows.alias("other") if is_own else around.session.table(self._table)
        known = rows.dropna(subset=[self.column])
        return known.join(other, known[self.column] == other[self.field], how="anti")


@dataclass(frozen=True, slots=True)
class RowCount(Check):
    """See `row_count`."""

    min: int | None = None
    max: int | None = None
    change: float | None = None

    @property
    def name(self) -> str:
        """As it was written."""
        given = {"min": self.min, "max": self.max, "change": self.change}
        return (
            f"row_count({', '.join(f'{name}={value}' for name, value in given.items() if value is not None)})"
        )

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:
        """One row with the number, if it is out of range."""
        from pydbt.sql import functions as F  # noqa: N812  its one-letter name

        counted = rows.agg(rows=F.count())
        wrong = []
        if self.min is not None:
            wrong.append(counted["rows"] < self.min)
        if self.max is not None:
            wrong.append(counted["rows"] > self.max)
        if self.change is not None and around.before is not None:
            counted = counted.cross_join(around.before.agg(before=F.count()))
            most = counted["before"] * self.change
            wrong.append(counted["rows"] - counted["before"] > most)
            wrong.append(counted["before"] - counted["rows"] > most)
        if not wrong:
            return counted.limit(0)
        return counted.where(functools.reduce(operator.or_, wrong))


@dataclass(frozen=True, slots=True)
class Expression(Check):
    """See `expression`."""

    condition: Callable[[DataFrame], Any] = lambda _rows: None
    title: str = ""

    @property
    def name(self) -> str:
        """By its title."""
        return f"expression({self.title})"

    def fails(self, rows: DataFrame) -> Any:
        """It is false."""
        condition = self.condition(rows)
        # What is no condition is told as such, and not as what stands beside ~.
        rows.where(condition)
        return ~condition


@dataclass(frozen=True, slots=True)
class Freshness(Check):
    """See `freshness`."""

    column: str = ""
    within: dt.timedelta = dt.timedelta(0)

    @property
    def name(self) -> str:
        """As it was written."""
        return f"freshness({self.column}, {self.within})"

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:  # noqa: ARG002  it needs nothing else
        """One row with the latest moment, if it is too old or there is none."""
        from pydbt.sql import functions as F  # noqa: N812  its one-letter name

        oldest = _as_column(dt.datetime.now(dt.UTC) - self.within, rows[self.column].type)
        latest = rows.agg(latest=F.max(self.column))
        return latest.where(latest.latest.is_(None) | (latest.latest < oldest))


def _as_column(moment: dt.datetime, kind: Any) -> dt.date:
    """A moment as a column of a type has it: a day, or a moment with or without a zone."""
    from pydbt.sql.types import Family, family_of

    if family_of(kind) is Family.DATE:
        return moment.date()
    return moment if getattr(kind, "timezone", False) else moment.replace(tzinfo=None)


def _names(check: str, columns: Iterable[Any]) -> tuple[str, ...]:
    names = tuple(columns)
    for name in names:
        if not isinstance(name, str):
            raise _refused(f"{check} was given {name!r}", f'give the names of columns: {check}("id")')
    if not names:
        raise _refused(f"{check} was given no columns", f'name at least one: {check}("id")')
    return names


def _refused(what: str, hint: str) -> CheckDefinitionError:
    return CheckDefinitionError(what, where=user_location(), hint=hint)
