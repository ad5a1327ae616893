"""A COMMIT of an increment whose answer is lost: each interval is there once, and the ledger agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pydbt.connections import dispose_all, engine_from
from pydbt.core.results import TaskRun
from pydbt.project.project import Project
from tests.sql.losing import LosingProxy, socket_of, through

_MODELS = """\
from pydbt import F, Incremental, Task


@Task(materialized=Incremental(OPTIONS))
def t(session):
    return session.table("numbers").select("n", "day", version=F.lit(1))
"""
_FIRST, _SECOND, _THIRD = (dt.date(2024, 1, day) for day in (1, 2, 3))
_EARLIER, _LATER = ((1, _FIRST), (2, _FIRST)), ((3, _SECOND), (4, _SECOND))
_OPTIONS = {
    "append": '"append", on="day", start="2024-01-01"',
    "delete_insert": '"delete_insert", on="day", start="2024-01-01"',
    "merge": '"merge", key="n", on="day", start="2024-01-01"',
    "append beyond the last": '"append", on="day"',
}
_NOTED = """
    SELECT CAST(starts AS date), CAST(ends AS date) FROM _pydbt_increments WHERE starts < ends ORDER BY token
"""


@pytest.fixture(params=["postgresql", "mysql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database on a server."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture(params=[True, False], ids=["committed", "undone"])
def proxy(
    url: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LosingProxy]:
    """Breaks the connection after the COMMIT has come to the server, or before."""
    made = LosingProxy(socket_of(url), tmp_path_factory.mktemp("p"), is_committed=bool(request.param))
    yield made
    made.close()
    dispose_all()


def ran(folder: Path, url: str, on: dt.date) -> TaskRun:
    """Run the project on a day."""
    (folder / "pydbt.toml").write_text(f'[targets.dev]\nurl = "{url}"\n')
    opened = Project.open(folder)
    run = opened.run(opened.plan(on=on))
    opened.close()
    [task_run] = run.task_runs
    return task_run


def fill(url: str, rows: tuple[tuple[int, dt.date], ...]) -> None:
    """Add rows to the table that the task reads."""
    values = ", ".join(f"({n}, '{day}')" for n, day in rows)
    with engine_from(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS numbers (n integer, day date)")
        connection.exec_driver_sql(f"INSERT INTO numbers VALUES {values}")


def asked(url: str, query: str) -> tuple[tuple[Any, ...], ...]:
    """The rows of a query."""
    with engine_from(url).connect() as connection:
        return tuple(tuple(row) for row in connection.exec_driver_sql(query))


@pytest.mark.parametrize("options", _OPTIONS)
def test_an_increment_is_there_exactly_once(
    tmp_path: Path, url: str, proxy: LosingProxy, options: str
) -> None:
    """Committed: a success at once. Undone: the next try adds it. Either way the ledger agrees."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "t.py").write_text(_MODELS.replace("OPTIONS", _OPTIONS[options]))
    fill(url, _EARLIER)
    ran(tmp_path, url, _SECOND)
    fill(url, _LATER)
    proxy.is_losing = True

    task_run = ran(tmp_path, through(proxy, url), _THIRD)

    told = (task_run.status.value, task_run.attempts, proxy.losses)
    assert told == ("success", 1 if proxy.is_committed else 2, 1), task_run.failure
    assert asked(url, "SELECT n, day FROM t ORDER BY n") == _EARLIER + _LATER
    if "start" in _OPTIONS[options]:
        assert asked(url, _NOTED) == ((_FIRST, _SECOND), (_SECOND, _THIRD))
