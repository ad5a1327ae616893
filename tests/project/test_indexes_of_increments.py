"""Indexes of incremental tables, on every database and for each way to add rows: made, kept, and changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pydbt.core.results import Status
from tests.project.shop import Rows, given, make_shop, opened, run, table
from tests.project.test_indexes import indexes
from tests.sql.comments import comments

RUNS_ON_MARIADB = True

_STRATEGIES = {
    "append": ('"append", on="day", start="2026-01-01"', 3),
    "delete_insert": ('"delete_insert", key="id"', 1),
    "merge": ('"merge", key="id"', 1),
    "partition": ('"partition", on="day"', 1),
}
_FIRST: Rows = [(1, 1, 10), (2, 2, 20)]
_SECOND: Rows = [(1, 1, 11), (2, 2, 20), (3, 3, 30)]


def shop(wanted: str) -> str:
    """A task for each way to add rows, with these indexes."""
    tasks = (
        f"@Task(materialized=Incremental({options}, on_schema_change='sync'), indexes={wanted})\n"
        f"def {name}(session, window):\n    return session.table('raw')\n"
        for name, (options, _amount) in _STRATEGIES.items()
    )
    return "from pydbt import Incremental, Index, Task\n\n" + "\n\n".join(tasks)


def test_each_way_to_add_rows_keeps_the_indexes(tmp_path: Path, database_url: str) -> None:
    """A row that comes again with a unique key is no second one; each run opens the database anew."""
    make_shop(tmp_path, database_url, "", shop("['amount', Index('id', unique=True)]"))
    runs = []
    for day, rows in ((2, _FIRST), (3, _SECOND), (4, _SECOND)):
        with opened(tmp_path) as project:
            given(project, rows)
            runs.append(run(project, on=day))
            found = {name: table(project, name) for name in _STRATEGIES}
    with opened(tmp_path) as project:
        runs.append(project.run(project.backfill_plan("append", date(2026, 1, 1), date(2026, 1, 1))))
        again = table(project, "append")
        kept = {name: indexes(project, name) for name in _STRATEGIES}

    assert [(each.status, sum(task.rows or 0 for task in each.task_runs)) for each in runs] == [
        (Status.SUCCESS, rows) for rows in (7, 10, 10, 1)
    ]
    assert found == {**dict.fromkeys(_STRATEGIES, _SECOND), "append": [*_FIRST, (3, 3, 30)]}
    assert again == _SECOND
    assert kept == {name: {("amount",), ("id",)} for name in _STRATEGIES}


def test_a_list_of_indexes_changes_with_the_rows(tmp_path: Path, database_url: str) -> None:
    """In the run that adds rows, replaces some, and takes another column along."""
    with opened(make_shop(tmp_path, database_url, "", shop("['amount']"))) as project:
        given(project, _FIRST)
        run(project, on=2)
    make_shop(tmp_path, database_url, "", shop("['size', Index('id', unique=True)]"))
    with opened(tmp_path) as project:
        given(project, [(*row, 7) for row in _SECOND], id=int, amount=int, size=int)
        failures = [str(each.failure) for each in run(project, on=3).task_runs if each.failure]
        kept = {name: indexes(project, name) for name in _STRATEGIES}

    assert failures == []
    assert kept == {name: {("size",), ("id",)} for name in _STRATEGIES}


_ALONE = """
from pydbt import Incremental, Index, Task
from pydbt.checks import row_count


ADDED = Incremental("append", on="day", start="2026-01-01", on_schema_change="append")


@Task(materialized=ADDED, OPTIONS)
def sales(session):
    return session.table("raw")
"""


def changed(
    folder: Path, url: str, options: str, columns: Sequence[str] = ()
) -> tuple[str, str, set[Any], Rows]:
    """What comes of other options with nothing new: the reason, the error, indexes and comments, the rows."""
    types = {"id": int, "amount": int, **dict.fromkeys(columns, int)}
    with opened(make_shop(folder, url, "indexes='day'", _ALONE)) as project:
        given(project, _FIRST)
        project.run(project.plan(on=date(2026, 1, 3)), threads=1)
    with opened(make_shop(folder, url, options, _ALONE)) as project:
        given(project, [(*row, *(7 for _ in columns)) for row in _FIRST], **types)
        (done,) = project.run(project.plan(on=date(2026, 1, 3)), threads=1).task_runs
        code = done.failure.code if done.failure else ""
        told = comments(project.resources.engine, "sales")
        return done.reason, code, {*indexes(project, "sales"), *told.values()}, table(project)


def test_what_is_said_of_a_table_needs_no_new_rows(tmp_path: Path, database_url: str) -> None:
    """Other indexes and comments come, and indexes that are no longer named go, in the next run."""
    found = changed(
        tmp_path, database_url, "comment='sold', indexes=[Index('amount', unique=True), ('id', 'day')]"
    )

    told = set() if "sqlite" in database_url else {"sold"}
    assert found == ("settings_changed", "", {("amount",), ("id", "day"), *told}, _FIRST)


@pytest.mark.parametrize(
    ("options", "columns", "code", "kept"),
    [
        ("checks=row_count(min=2), primary_key='id'", [], "", ("id",)),
        ("checks=row_count(min=3), indexes='amount'", [], "PYDBT-E506", ("day",)),
        ("indexes=['amuont']", [], "PYDBT-E611", ("day",)),
        ("indexes=['size']", ["size"], "", ("day",)),
    ],
    ids=["all well", "a check fails", "no such column", "a column that comes with new rows"],
)
def test_a_table_is_looked_at_when_its_options_change(
    tmp_path: Path, sqlite_url: str, options: str, columns: list[str], code: str, kept: tuple[str, ...]
) -> None:
    """Checks are asked, and names told that the query does not have; a new column is waited for."""
    found = changed(tmp_path, sqlite_url, options, columns)

    assert found == ("settings_changed", code, {kept}, _FIRST)


def test_a_column_goes_beside_an_index(tmp_path: Path, database_url: str) -> None:
    """The index stays; DuckDB cannot do it, which is told, and nothing is written."""
    with opened(make_shop(tmp_path, database_url, "", shop("[Index('id', unique=True)]"))) as project:
        given(project, [(*row, 7) for row in _FIRST], id=int, amount=int, size=int)
        run(project, on=2)
        given(project, _SECOND)
        failures = {each.failure.code for each in run(project, on=3).task_runs if each.failure}
        kept = {name: indexes(project, name) for name in _STRATEGIES}
        found = table(project, "merge")

    can = "duckdb" not in database_url
    assert (failures, found) == ((set(), _SECOND) if can else ({"PYDBT-E655"}, _FIRST))
    assert kept == {name: {("id",)} for name in _STRATEGIES}
