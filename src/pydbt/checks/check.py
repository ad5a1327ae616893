"""What a check is: the rows of a DataFrame that fail it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydbt.core import check
from pydbt.core.check import SEVERITIES, Severity, takes_rows
from pydbt.errors import CheckDefinitionError, CheckResultError, Location, did_you_mean, user_location

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame
    from pydbt.sql.session import Session


@dataclass(frozen=True, slots=True)
class Around:
    """What there is beside the rows that are checked.

    Args:
        session: The other tables of the database.
        before: The table as it is published now; None where there is none, or where rows are added to it.
        name: What the rows are published as; None where nobody says.
    """

    session: Session
    before: DataFrame | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Check(check.Check):
    """A check with its rows. A subclass has `failing`, or a condition for each row: `fails`."""

    severity: Severity | None = None

    def __post_init__(self) -> None:
        if self.severity is not None and self.severity not in SEVERITIES:
            raise CheckDefinitionError(
                f"severity={self.severity!r} is not known",
                where=user_location(),
                hint=did_you_mean(str(self.severity), SEVERITIES),
            )

    def fails(self, rows: DataFrame) -> Any:  # noqa: ARG002  for subclasses
        """The condition that failing rows meet; None where no single row can tell."""
        return None

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:  # noqa: ARG002  for subclasses
        """The failing rows."""
        return rows.where(self.fails(rows))


@dataclass(frozen=True, slots=True)
class Custom(Check):
    """A user's own check: a function from the rows to those that fail."""

    function: Callable[..., Any] = lambda rows: rows

    @property
    def name(self) -> str:
        """The function's name."""
        return str(getattr(self.function, "__name__", self.function))

    def failing(self, rows: DataFrame, around: Around) -> DataFrame:  # noqa: ARG002  the function takes rows alone
        """What the function returns.

        Raises:
            CheckResultError: It returned something else than a DataFrame.
        """
        from pydbt.sql.dataframe import DataFrame

        found = self.function(rows)
        if not isinstance(found, DataFrame):
            raise CheckResultError(
                f"the check {self.name} returned {type(found).__name__}, not a DataFrame",
                where=_location(self.function),
                hint="return the rows that fail: rows.where(…)",
            )
        return found


def _location(function: Callable[..., Any]) -> Location | None:
    code = getattr(function, "__code__", None)
    return Location(code.co_filename, code.co_firstlineno) if code is not None else None


def check_of(given: Any) -> Check:
    """A check; a plain function is the user's own."""
    return given if isinstance(given, Check) else Custom(function=given)


def custom(function: Callable[..., Any], *, severity: Severity | None = None) -> Check:
    """A check of one's own, where it needs a severity; without one the function itself is given.

    Args:
        function: Takes the rows as a DataFrame and returns those that fail.
        severity: ``error`` or ``warn``; None is what the task says.

    >>> custom(lambda rows: rows.where(rows.price < 0), severity="warn").severity
    'warn'
    """
    if not callable(function):
        raise CheckDefinitionError(
            f"{function!r} is not a function", where=user_location(), hint="give a function of the rows"
        )
    if not takes_rows(function):
        told = f"{getattr(function, '__name__', function)} cannot be called with the rows alone"
        raise CheckDefinitionError(told, where=user_location(), hint="write it with one parameter: rows")
    return Custom(severity, function)
