"""Hours, weeks and months of incremental tables, on every database: what each run takes and notes."""

from __future__ import annotations

import operator
from datetime import UTC, date, datetime
from itertools import accumulate
from pathlib import Path

import sqlalchemy as sa

from pydbt.core.results import Status
from pydbt.project.project import Project
from pydbt.sql import ledger
from tests.project.shop import make_shop, opened

# A week begins on the day of the week on which the start is: here a Wednesday.
_STARTS = {"hour": "2026-01-12 06:00", "week": "2026-01-07", "month": "2026-01-01"}
_COLUMNS = {"hour": ("at", "zoned"), "week": ("zoned",), "month": ("day",)}
_TASK = """
@Task(materialized=Incremental("append", on="{on}", start="{start}", interval="{interval}"))
def {interval}_{on}(raw):
    return raw

"""
_MODELS = "from pydbt import Incremental, Task\n\n\n@Task\ndef raw(): ...\n\n" + "".join(
    _TASK.format(on=on, start=start, interval=interval)
    for interval, start in _STARTS.items()
    for on in _COLUMNS[interval]
)
_MOMENTS = {
    1: "2026-01-12 05:59:59.999999",
    2: "2026-01-12 06:00",
    3: "2026-01-13 23:59:59.5",
    4: "2026-01-14",
    5: "2026-01-31 23:59:59.999999",
    6: "2026-02-01",
    7: "2026-02-03 23:00",
    8: "2026-02-12",
}
_DAYS = ("2026-01-20", "2026-02-03", "2026-02-12")
# After each of these days' runs: the rows that have come, and the end of what is noted.
_EXPECTED = {
    "hour": (([2, 3, 4], "01-20"), ([5, 6], "02-03"), ([7], "02-12")),
    "week": (([1, 2, 3], "01-14"), ([4], "01-28"), ([5, 6, 7], "02-11")),
    "month": (([], "01-01"), ([1, 2, 3, 4, 5], "02-01"), ([], "02-01")),
}


def given(project: Project) -> None:
    """The rows of `raw`: each moment without a zone, in the zone of the database, and its day."""
    columns = (
        sa.Column("at", sa.DateTime),
        sa.Column("zoned", sa.DateTime(timezone=True)),
        sa.Column("day", sa.Date),
    )
    table = sa.Table("raw", sa.MetaData(), sa.Column("id", sa.Integer), *columns)
    rows = []
    for number, text in _MOMENTS.items():
        at = datetime.fromisoformat(text)
        rows.append({"id": number, "at": at, "zoned": at.replace(tzinfo=UTC), "day": at.date()})
    with project.resources.engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), rows)


def found(project: Project, name: str) -> tuple[list[int], str]:
    """The numbers of a table's rows, and the end of what its ledger has."""
    session = project.resources.session
    rows = sorted(row.id for row in session.table(name).select("id").collect())
    return rows, f"{ledger.read(session.engine, session.schema, name).spans[-1][1]:%m-%d}"


def told(interval: str) -> list[tuple[list[int], str]]:
    """What is to be found after each run."""
    rows = accumulate((came for came, _end in _EXPECTED[interval]), operator.add)
    return [(all_of_them, end) for all_of_them, (_came, end) in zip(rows, _EXPECTED[interval], strict=True)]


def test_each_run_takes_the_intervals_that_are_over(tmp_path: Path, database_url: str) -> None:
    """Each row comes with the run after its hour, week or month, once; a week begins where the start says."""
    comes: dict[str, list[tuple[list[int], str]]] = {}
    with opened(make_shop(tmp_path, database_url, "", _MODELS)) as project:
        given(project)
        for day in _DAYS:
            done = project.run(project.plan(force=True, on=date.fromisoformat(day)), threads=1)
            assert done.status is Status.SUCCESS, [each.failure for each in done.task_runs]
            for name in project.dag.tasks.keys() - {"raw"}:
                comes.setdefault(name, []).append(found(project, name))

    assert comes == {
        f"{interval}_{on}": told(interval) for interval, columns in _COLUMNS.items() for on in columns
    }
