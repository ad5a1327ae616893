"""What is SQLite's alone: transactions that are real on anybody's engine."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from pydbt.sql.materialize import publish
from pydbt.sql.transaction import writing
from tests.sql.test_materialize import one, rows


def by_the_manual(url: str) -> Engine:
    """An engine set up by the recipe of SQLAlchemy's manual."""
    engine = sa.create_engine(url, future=True)

    @event.listens_for(engine, "connect")
    def connect(driver: Any, _record: Any) -> None:
        driver.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def plain(url: str) -> Engine:
    """An engine as `create_engine` gives it."""
    return sa.create_engine(url, future=True)


@pytest.mark.parametrize("make", [plain, by_the_manual])
def test_ddl_is_undone_with_its_transaction(make: Any, sqlite_url: str) -> None:
    """DROP and RENAME are rolled back on every engine; afterwards the engine works as its owner set it."""
    engine = make(sqlite_url)
    publish(engine, one(n=1), "t")

    with pytest.raises(sa.exc.DBAPIError), writing(engine) as connection:  # noqa: PT012  all of it is one transaction
        connection.exec_driver_sql("DROP TABLE t")
        connection.exec_driver_sql("nonsense")

    assert rows(engine, "t") == [(1,)]
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    assert rows(engine, "t") == [(1,), (2,)]
    engine.dispose()


@pytest.mark.parametrize("make", [plain, by_the_manual])
def test_the_write_lock_is_taken_at_the_start(make: Any, sqlite_url: str) -> None:
    """Another writer waits from BEGIN on: nobody upgrades in the middle and fails."""
    engine = make(sqlite_url)
    other = sqlite3.connect(str(engine.url.database), timeout=0)

    with writing(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("CREATE TABLE x (n)")

    other.execute("CREATE TABLE x (n)")
    other.close()
    engine.dispose()


def test_a_swap_leaves_the_connection_as_it_was(sqlite_url: str) -> None:
    """`legacy_alter_table` is on for the swap alone, also when it fails."""
    engine = sa.create_engine(sqlite_url, future=True, poolclass=sa.pool.StaticPool)
    publish(engine, one(n=1), "t")
    with pytest.raises(sa.exc.DBAPIError):
        publish(engine, sa.select(sa.column("nosuch").label("n")).select_from(sa.table("x")), "t")

    with engine.connect() as connection:
        pragma = connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar()
        renamed = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    assert (pragma, renamed) == (0, 1)
    engine.dispose()


def test_an_attached_database_is_a_schema(tmp_path: Path) -> None:
    """Tables and views go into the database that is named."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}", future=True, poolclass=sa.pool.StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH '{tmp_path / 'b.db'}' AS \"other one\"")
    for _round in range(2):
        publish(engine, one(n=1), "t", schema="other one")

    with engine.connect() as connection:
        names = connection.exec_driver_sql('SELECT name FROM "other one".sqlite_master').fetchall()
    assert names == [("t",)]
    engine.dispose()


@pytest.mark.parametrize("kind", ["view", "table"])
def test_a_view_that_cannot_be_read_any_more_is_replaced(sqlite_url: str, kind: Any) -> None:
    """What it reads has other columns: SQLite tells no columns of it, and it goes all the same."""
    engine = sa.create_engine(sqlite_url, future=True)
    publish(engine, one(n=1), "s")
    publish(engine, sa.select(sa.table("s", sa.column("n", sa.Integer)).c.n), "v", kind="view")
    publish(engine, one(m=2), "s")

    publish(engine, sa.select(sa.table("s", sa.column("m", sa.Integer)).c.m), "v", kind=kind)

    assert rows(engine, "v", "m") == [(2,)]
    engine.dispose()


def test_a_full_disk_leaves_the_old_version(sqlite_url: str) -> None:
    """SQLite undoes the transaction itself then; nothing of ours runs outside of one afterwards."""
    engine = sa.create_engine(sqlite_url, future=True, poolclass=sa.pool.StaticPool)
    publish(engine, one(n=1), "t")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=12")
    series = sa.text(
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) SELECT n FROM s"
    )

    with pytest.raises(sa.exc.DBAPIError, match="full"):
        publish(engine, series.columns(sa.column("n", sa.Integer)), "t")

    assert rows(engine, "t") == [(1,)]
    engine.dispose()
