"""A shop with one incremental task `sales`, and what tests of it ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pydbt.core.results import Run
from pydbt.project.project import Project

Rows = list[tuple[Any, ...]]

_MODELS = """
from pydbt import Incremental, Task
from pydbt.checks import expression


@Task(materialized=Incremental(OPTIONS), checks=expression(lambda rows: rows.amount < 1000, "small"))
def sales(session, self, window):
    return session.table("raw")
"""
_TYPES = {"day": date, "id": int, "amount": int}


def make_shop(folder: Path, url: str, options: str, models: str = _MODELS) -> Path:
    """The folder of a shop, with these options of its task; made anew or changed."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "models" / "shop.py").write_text(models.replace("OPTIONS", options))
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[Project]:
    """The shop's project, closed at the end."""
    project = Project.open(folder)
    try:
        yield project
    finally:
        project.close()


def given(project: Project, rows: Rows, **types: type) -> None:
    """The rows that the task reads: the number of a day in January, an id, an amount; or other columns."""
    dated = [(day and date(2026, 1, day), *others) for day, *others in rows]
    schema = {"day": date, **types} if types else _TYPES
    project.resources.session.create_dataframe(dated, schema=schema).write("raw")


def run(project: Project, on: int, **options: Any) -> Run:
    """A run on that day of January."""
    return project.run(project.plan(force=True, on=date(2026, 1, on), **options), threads=1)


def failure(project: Project, on: int, **options: Any) -> str:
    """The code and the message of the failure of a run."""
    found = [each.failure for each in run(project, on, **options).task_runs if each.failure]
    assert found, "the run went well"
    return f"{found[0].code} {found[0].message}"


def table(project: Project, name: str = "sales") -> Rows:
    """The rows of the table, days by their number."""
    rows = project.resources.session.table(name).select("day", "id", "amount").collect()
    return sorted((day and day.day, number, amount) for day, number, amount in map(tuple, rows))


def ledger(project: Project) -> Rows:
    """The spans that the ledger has, days by their number, and how many notes there are."""
    session = project.resources.session
    session.engine.dispose()
    if not session.has_table("_pydbt_increments"):
        return []
    rows = session.table("_pydbt_increments").order_by("token").select("starts", "ends").collect()
    return [(start.day, end.day) for start, end in map(tuple, rows) if start < end]
