"""Carrying checks out: all are counted by one query, and those that fail show their first rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydbt.checks.check import Around, Check
from pydbt.core.check import Severity
from pydbt.sql import functions as F  # noqa: N812  its one-letter name
from pydbt.sql.display import row_as_read
from pydbt.sql.inspection import Rows

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame
    from pydbt.sql.session import Session

_EXAMPLES = 3
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one check.

    Args:
        check: Its name.
        severity: What a failure means: ``error`` or ``warn``.
        failing: How many rows fail.
        examples: The first of them, as ``column=value`` texts.
    """

    check: str
    severity: Severity
    failing: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        rows = "1 row fails" if self.failing == 1 else f"{self.failing:,} rows fail"
        return f"{self.check}: {rows}, such as {'; '.join(self.examples)}"


def verdicts(
    checks: Sequence[Check], rows: Rows, session: Session, severity: Severity, name: str | None = None
) -> list[Verdict]:
    """The verdict of each check, in their order.

    Args:
        checks: The checks.
        rows: What to check, and how it is asked.
        session: The other tables.
        severity: That of checks without one.
        name: What the rows are published as.
    """
    if not checks:
        return []
    around = Around(session, rows.before, name)
    counted = rows.collect(_counts(checks, rows.frame, around))[0]
    return [
        Verdict(
            check.name,
            check.severity or severity,
            int(number or 0),
            _examples(rows, check.failing(rows.frame, around)) if number else (),
        )
        for check, number in zip(checks, counted, strict=True)
    ]


def _counts(checks: Sequence[Check], frame: DataFrame, around: Around) -> DataFrame:
    """One row with the number of failing rows of each check: what rows tell by themselves in one reading."""
    conditions = {f"check_{position}": check.fails(frame) for position, check in enumerate(checks)}
    by_row = {name: F.count_if(condition) for name, condition in conditions.items() if condition is not None}
    found = frame.agg(**by_row) if by_row else None
    for position, check in enumerate(checks):
        name = f"check_{position}"
        if name not in by_row:
            one = check.failing(frame, around).agg(**{name: F.count()})
            found = one if found is None else found.cross_join(one)
    assert found is not None, "there is at least one check"
    return found.select(*conditions)


def _examples(rows: Rows, failing: DataFrame) -> tuple[str, ...]:
    shown = rows.collect(failing.limit(_EXAMPLES))
    return tuple(_cut(row_as_read(failing.columns, row)) for row in shown)


def _cut(text: Any) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
