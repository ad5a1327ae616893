"""Bodies: what a task returns is published where the target says, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.command import make_project, pydbt

_TWO_SCHEMAS = """\
from pydbt import Session, Task

@Task
def load(session):
    with session.engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS raw")
        connection.exec_driver_sql("CREATE OR REPLACE TABLE raw.till AS SELECT 1 AS number")

@Task(materialized="table", depends_on=[load])
def orders(session):
    return Session(session.engine, schema="raw").table("till")

@Task
def report(orders):
    orders.show()
"""

_OTHER_DATABASE = """\
import sqlalchemy as sa
from pydbt import Session, Task

@Task(materialized="table")
def orders():
    return Session(sa.create_engine("{url}")).table("till")
"""


def _load(url: str) -> None:
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE till (number INTEGER)")
        connection.exec_driver_sql("INSERT INTO till VALUES (1)")


def test_rows_read_in_another_schema_are_published_in_the_targets(tmp_path: Path) -> None:
    """Whichever session read them: the next task looks for the table where the settings say."""
    make_project(
        tmp_path,
        {"pydbt.toml": '[targets.dev]\nurl = "duckdb:///shop.db"\n', "models/shop.py": _TWO_SCHEMAS},
    )

    run = pydbt(tmp_path, "run")

    assert (run.code, run.err) == (0, "")
    assert "number\n------\n     1\n" in run.out


@pytest.mark.parametrize("words", ["run", "show orders", "sql orders"])
def test_a_dataframe_of_another_database_is_refused(tmp_path: Path, words: str) -> None:
    """It would be published over there, and reported as published here."""
    url = f"sqlite:///{tmp_path}/till.db"
    _load(url)
    make_project(tmp_path, {"models/shop.py": _OTHER_DATABASE.format(url=url)})
    (tmp_path / "shop.db").touch()

    refused = pydbt(tmp_path, *words.split())

    assert refused.code == 1
    assert f"PYDBT-E550: the task 'orders' returned a DataFrame of another database: {url}" in refused.err
    assert sa.inspect(sa.create_engine(url)).get_table_names() == ["till"]


def test_another_engine_on_the_same_database_will_do(tmp_path: Path) -> None:
    """A session of the module, on an engine of its own, as long as it leads to the target's file."""
    url = f"sqlite:///{tmp_path}/shop.db"
    _load(url)
    make_project(tmp_path, {"models/shop.py": _OTHER_DATABASE.format(url=url)})

    run = pydbt(tmp_path, "run")

    assert (run.code, run.err) == (0, "")
    assert sorted(sa.inspect(sa.create_engine(url)).get_table_names()) == ["orders", "till"]


def test_what_a_failed_attempt_has_made_is_seen_by_the_next(tmp_path: Path) -> None:
    """A task that is tried again finds its tables as its last attempt left them."""
    models = """\
from pydbt import Task

@Task(retry=1)
def load(session):
    columns = session.table("raw").columns if session.has_table("raw") else []
    with session.engine.begin() as connection:
        if not columns:
            connection.exec_driver_sql("CREATE TABLE raw (number INTEGER)")
        elif "day" not in columns:
            connection.exec_driver_sql("ALTER TABLE raw ADD COLUMN day DATE")
    print(columns)
    if columns == ["number"]:
        raise ConnectionError("the line is down")
"""
    make_project(tmp_path, {"models/shop.py": models})
    assert pydbt(tmp_path, "run").code == 0

    run = pydbt(tmp_path, "run")

    assert (run.code, run.err) == (0, "")
    assert "['number', 'day']" in run.out
