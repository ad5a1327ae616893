"""Two runs of one incremental task at once: the second sees what the first has added, and adds the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.sql.dialects import dialect_of
from pydbt.sql.ownership import owned
from pydbt.sql.publication import Publication
from tests.cli.command import pydbt_process
from tests.project.shop import Rows, given, ledger, make_shop, opened, run, table

_ROWS = [(day, day, day) for day in range(1, 6)]
_RUN = ("run", "--force", "--date", "2026-01-06")


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """The lock of the table, as a publication has it."""
    wanted = Publication(sa.select(sa.literal(1).label("n")), "sales")
    with engine.begin() as connection, owned(connection, dialect_of(engine), wanted):
        yield


def wait_for(engine: Engine, sessions: int) -> None:
    """Until so many sessions wait for the lock of a table's name."""
    query = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.execute(query).scalar_one() == sessions:
                return
        time.sleep(0.02)
    pytest.fail("the runs do not come to the lock")


@pytest.mark.parametrize(
    ("start", "first"),
    [(', start="2026-01-01"', []), ("", _ROWS[:2])],
    ids=["the first run, with a ledger", "a later run, from the largest value"],
)
def test_two_runs_at_once_add_each_row_once(
    tmp_path: Path, postgresql_url: str, start: str, first: Rows
) -> None:
    """Both have seen the same table, and wait for its lock: the second begins anew with what it finds."""
    folder = make_shop(tmp_path, postgresql_url, f'"append", on="day"{start}')
    with opened(folder) as project:
        if first:
            given(project, first)
            run(project, on=3)
        given(project, _ROWS)
        watcher = sa.create_engine(postgresql_url, future=True)
        with ThreadPoolExecutor(2) as pool:
            with held(watcher):
                runs = [pool.submit(pydbt_process, folder, *_RUN) for _number in range(2)]
                wait_for(watcher, len(runs))
            done = [each.result() for each in runs]
        watcher.dispose()

        assert [(each.code, each.err) for each in done] == [(0, "")] * 2
        assert table(project) == _ROWS
        assert ledger(project) == ([(1, 6)] if start else [])
