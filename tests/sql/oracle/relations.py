"""What a program has in common with itself: comparisons that need no reference.

Each gives pairs of frames whose rows are the same, and is made on one database, by turns.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from tests.sql.oracle.build import Making, build
from tests.sql.oracle.compare import DifferenceError, check, check_types, same
from tests.sql.oracle.databases import Database
from tests.sql.oracle.program import Join, Program
from tests.sql.oracle.reference.frame import Frame, Row


@dataclass(frozen=True, slots=True)
class Run:
    """A program on one database.

    Args:
        program: What runs.
        database: Where.
        tables: Its tables.
        frame: What comes out.
        rows: Its rows.
        expected: What the reference says.
    """

    program: Program
    database: Database
    tables: list[DataFrame]
    frame: DataFrame
    rows: list[Row]
    expected: Frame

    def condition(self, number: int, frame: DataFrame | None = None) -> Any:
        """One of the program's conditions."""
        return Making(self.frame if frame is None else frame)(self.program.conditions[number])

    def must_be(self, frame: DataFrame, expected: list[Row], what: str) -> None:
        """Raise unless the frame gives these rows."""
        found = [tuple(row) for row in frame.collect()]
        if not same(found, expected):
            raise DifferenceError(what, found, frame.sql())


def stepwise(run: Run) -> None:
    """One query is the same as each verb written to a temporary table and read from there."""
    _written(run, "TABLE")


def views(run: Run) -> None:
    """And as views on views."""
    _written(run, "VIEW")


def _written(run: Run, kind: str) -> None:
    numbers = itertools.count(1)

    def kept(frame: DataFrame) -> DataFrame:
        names = {name.lower() for name in frame.columns}
        if len(names) < len(frame.columns) or "true" in names:
            # SQLite and DuckDB take names that differ in case only for one, and SQLite's views lose this one.
            return frame
        return run.database.kept(frame, f"{kind} {next(numbers)}·", kind)

    # What is written down is in no order.
    check(build(run.program, run.tables, kept)[-1], replace(run.expected, ties=None))


def tlp(run: Run) -> None:
    """A condition is true, false, or unknown, and each row is of one of the three."""
    frame, condition = run.frame, run.condition(0)
    parts = (condition, ~condition, condition.is_(None))
    found = [tuple(row) for part in parts for row in frame.where(part).collect()]
    if not same(found, run.rows):
        raise DifferenceError("where p, where not p and where p is null are not all rows", found)


def norec(run: Run) -> None:
    """As many rows are left by a condition as it is true for when it is computed."""
    frame, condition = run.frame, run.condition(0)
    total = func.sum(sa.case((condition, 1), else_=0))
    counted = frame.agg(n=func.coalesce(total, 0)).collect()[0][0]
    if frame.where(condition).count() != counted:
        raise DifferenceError("count of where p is not the sum of p", counted, frame.where(condition).sql())


def twice(run: Run) -> None:
    """Two filters are one filter on both."""
    one = run.frame.where(run.condition(0))
    both = one.where(run.condition(1, one))
    expected = [tuple(row) for row in run.frame.where(run.condition(0) & run.condition(1)).collect()]
    run.must_be(both, expected, "where(a).where(b) is not where(a & b)")


def distinct(run: Run) -> None:
    """Distinct once is distinct twice, and as many rows as there are groups."""
    if any(isinstance(value, float) for row in run.rows for value in row):
        return  # Averages differ in the last digit by the order of the rows.
    once = run.frame.distinct()
    expected = [tuple(row) for row in once.collect()]
    run.must_be(once.distinct(), expected, "distinct twice is not distinct once")
    run.must_be(run.frame.group_by(*run.frame.columns).count("n·").drop("n·"), expected, "nor is group_by")


def dropped(run: Run) -> None:
    """A column that is added and dropped again leaves no trace."""
    added = run.frame.with_column("added·", run.condition(0))
    run.must_be(added.drop("added·"), run.rows, "adding a column and dropping it changes the rows")


def renamed(run: Run) -> None:
    """New names for all columns, and back."""
    names = {name: f"new· {number}" for number, name in enumerate(run.frame.columns)}
    back = {new: old for old, new in names.items()}
    run.must_be(run.frame.rename(names).rename(back), run.rows, "renaming changes the rows")


def nothing(run: Run) -> None:
    """Nothing below it changes nothing."""
    condition = run.condition(0)
    none = run.frame.where(condition & ~condition)
    run.must_be(run.frame.union_all(none), run.rows, "union_all with no rows changes the rows")


def arrow(run: Run) -> None:
    """The same values leave by Arrow."""
    table = run.frame.to_arrow()
    found = [tuple(values) for values in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    if table.column_names != run.frame.columns or not same(found, run.rows):
        raise DifferenceError("to_arrow is not collect", found)
    check_types(run.frame, found)


def swapped(run: Run) -> None:
    """An inner join is the same from the other side."""
    steps = run.program.plan.steps
    joins = [
        step
        for step in steps
        if isinstance(step, Join) and step.how == "inner" and step.names and step.other.table is not None
    ]
    if not joins:
        return
    join, number = joins[-1], joins[-1].other.table
    assert number is not None, "chosen so"
    table = run.tables[number]
    left = build(run.program, run.tables)[steps.index(join)]
    one = left.join(table, list(join.names)) if _has(table, left, join.names) else None
    if one is None:
        return
    names = one.columns
    other = table.alias("other·").join(left, list(join.names), suffix="·")
    taken = [name if name in left and name in join.names else _of_right(name, left, table) for name in names]
    run.must_be(
        other.select(*taken), [tuple(row) for row in one.collect()], "a join of swapped sides differs"
    )


def _has(table: DataFrame, left: DataFrame, names: tuple[str, ...]) -> bool:
    clashes = {f"{name}_right" for name in table.columns} & {*table.columns, *left.columns}
    return all(name in table for name in names) and not clashes


def _of_right(name: str, left: DataFrame, table: DataFrame) -> str:
    """What a column of ``left.join(table)`` is called in ``table.join(left)``."""
    if name in left:
        return f"{name}·" if name in table else name
    return name.removesuffix("_right") if name not in table else name


RELATION: dict[str, Callable[[Run], None]] = {
    each.__name__: each
    for each in (stepwise, views, tlp, norec, twice, distinct, dropped, renamed, nothing, arrow, swapped)
}
RELATIONS = tuple(RELATION)
