"""SQLite's engines: real transactions, no `database is locked`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.connections.sqlite import is_reading

THREADS, ROUNDS = 8, 25


@pytest.fixture(params=["file", "memory"])
def engine(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Engine]:
    """PyDBT's engine on a file, and in memory."""
    yield engine_from(sqlite_url if request.param == "file" else "sqlite://")
    dispose_all()


def fail() -> None:
    """An error in the middle of a transaction."""
    raise RuntimeError


def count(engine: Engine) -> int:
    """How far the counter is."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT n FROM t")).scalar_one())


def test_ddl_is_rolled_back(engine: Engine) -> None:
    """DROP belongs to the transaction it stands in."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    with pytest.raises(RuntimeError), engine.begin() as connection:  # noqa: PT012  it is the transaction that fails
        connection.exec_driver_sql("DROP TABLE t")
        fail()

    assert count(engine) == 1


def test_savepoints_are_undone_with_the_whole(engine: Engine) -> None:
    """What a savepoint kept goes when the transaction goes."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    with pytest.raises(RuntimeError), engine.begin() as connection:  # noqa: PT012  it is the transaction that fails
        with connection.begin_nested():
            connection.exec_driver_sql("UPDATE t SET n = 2")
        fail()

    assert count(engine) == 1


def test_read_and_then_write_never_loses_and_never_fails(engine: Engine) -> None:
    """Eight threads read and add one, in `engine.begin()`: every one counts, none is locked out."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 0 AS n")

    def adding(_number: int) -> None:
        for _round in range(ROUNDS):
            with engine.begin() as connection:
                before = connection.execute(sa.text("SELECT n FROM t")).scalar_one()
                connection.execute(sa.text("UPDATE t SET n = :n"), {"n": before + 1})

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(adding, range(THREADS)))

    assert count(engine) == THREADS * ROUNDS


def test_readers_do_not_wait_for_a_writer(sqlite_url: str) -> None:
    """A SELECT on a plain connection goes on while another transaction writes; it sees the old rows."""
    engine = engine_from(sqlite_url, busy_timeout=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    query: Any = sa.select(sa.column("n")).select_from(sa.table("t"))
    with engine.begin() as writer:
        writer.exec_driver_sql("UPDATE t SET n = 2")
        with engine.connect() as reader:
            seen = reader.execute(query).scalar()

    assert (seen, count(engine)) == (1, 2)
    dispose_all()


def test_a_reader_keeps_its_snapshot(sqlite_url: str) -> None:
    """Two SELECTs of one transaction see the same rows, whatever is written between."""
    engine = engine_from(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    query: Any = sa.select(sa.column("n")).select_from(sa.table("t"))
    with engine.connect() as reader:
        before = reader.execute(query).scalar()
        with engine.begin() as writer:
            writer.exec_driver_sql("UPDATE t SET n = 2")
        after = reader.execute(query).scalar()

    assert (before, after) == (1, 1)
    dispose_all()


def test_a_select_that_does_not_compile_leaves_nothing_behind(sqlite_url: str) -> None:
    """The next transaction on the pooled connection takes the write lock at its start, as always."""
    engine = engine_from(sqlite_url, pool_size=1, busy_timeout=0)
    broken: Any = sa.select(sa.Column("n"))
    with engine.connect() as connection, pytest.raises(sa.exc.CompileError):
        connection.execute(broken.where(sa.column("n").op("=")(sa.Column())))
    other = engine_from(sqlite_url, busy_timeout=0.0)

    with engine.begin(), pytest.raises(sa.exc.OperationalError, match="locked"), other.begin():
        pass
    dispose_all()


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("/* who */ select 1", True),
        ("-- who\n  (select 1)", True),
        ("/* a */ -- b\n/* c */with a as (select 1) select * from a", True),
        ("select replace('ab', 'b', 'c')", True),
        ("select replace ('ab', 'b', 'c')", True),
        ("replace into t values (1)", False),
        ("with a as (select 1) replace into t select * from a", False),
        ("with a as (select 1) replace /* who */ into t select * from a", False),
        ("/* a */ drop table t /* b */ select 1", False),
        ("/* select 1", False),
        ("-- select 1", False),
        ("/* select */ delete from t", False),
    ],
)
def test_reading_is_told_by_the_statements_own_words(statement: str, *, reads: bool) -> None:
    """Comments and the function `replace` do not make a reader wait; in doubt it writes."""
    assert is_reading(statement) == reads


def test_a_commented_select_does_not_wait_for_a_writer(sqlite_url: str) -> None:
    """It begins as a reader."""
    engine = engine_from(sqlite_url, busy_timeout=0)
    with engine.begin(), engine.connect() as reader:
        assert reader.execute(sa.text("/* who */ SELECT replace('ab', 'b', 'c')")).scalar() == "ac"
    dispose_all()


def test_a_long_comment_is_read_once() -> None:
    """A hostile text takes no time that grows faster than it does."""
    started = time.perf_counter()

    assert not is_reading("/* a */ (" * 50_000 + "drop")
    assert time.perf_counter() - started < 2


def test_autocommit_stays_possible(engine: Engine) -> None:
    """Each statement is its own transaction then, and the connection is in order afterwards."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("ROLLBACK")
    with pytest.raises(RuntimeError), engine.begin() as connection:  # noqa: PT012  it is the transaction that fails
        connection.exec_driver_sql("DROP TABLE t")
        fail()

    assert count(engine) == 1


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    """What one thread writes another reads; two engines are two databases."""
    engine, other = engine_from("sqlite://"), engine_from("sqlite://", busy_timeout=1)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(count(engine)))
    thread.start()
    thread.join()

    assert (seen, sa.inspect(other).get_table_names()) == ([1], [])
    dispose_all()


def test_the_log_and_the_patience_are_set(sqlite_url: str) -> None:
    """WAL and 30 seconds; foreign keys are left alone."""
    with engine_from(sqlite_url).connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys")
        ]

    assert found == ["wal", 30000, 0]
    dispose_all()


def test_a_file_one_may_only_read_is_read(sqlite_url: str) -> None:
    """It cannot be set to WAL, and need not be."""
    writable = engine_from(sqlite_url, is_wal=False)
    with writable.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS n")
    dispose_all()
    path = writable.url.database

    assert count(engine_from(f"sqlite:///file:{path}?mode=ro&uri=true")) == 1
    dispose_all()
