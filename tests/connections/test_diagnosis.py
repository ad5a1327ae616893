"""What databases' errors mean: each provoked in a real database, none made up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pydbt.connections import diagnose, dispose_all, engine_from, explain_failure
from pydbt.errors import ServerBusyError

DRIVERS = ["psycopg2"] if sa.__version__.startswith("1.4") else ["psycopg", "psycopg2"]
EMBEDDED = ["sqlite", *(["duckdb"] if len(DRIVERS) > 1 else [])]


def made(request: pytest.FixtureRequest, name: str, **options: Any) -> Engine:
    """PyDBT's engine on a database, PostgreSQL by the driver of that name, with two tables of two rows."""
    if name.startswith("psycopg"):
        url = sa.engine.make_url(request.getfixturevalue("postgresql_url"))
        address = url.set(drivername=f"postgresql+{name}").render_as_string(hide_password=False)
    else:
        address = request.getfixturevalue(f"{name}_url")
    engine = engine_from(address, **options)
    with engine.begin() as connection:
        for table in ("a", "b"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
            connection.exec_driver_sql(f"INSERT INTO {table} VALUES (1, 0), (2, 0)")
    return engine


@pytest.fixture(params=DRIVERS)
def postgresql(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """PostgreSQL by each driver, with little patience."""
    yield made(request, request.param, lock_timeout=0.2)
    dispose_all()


@pytest.fixture
def mysql(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """MariaDB, with little patience."""
    yield made(request, "mysql", lock_timeout=1)
    dispose_all()


@pytest.fixture(params=[*EMBEDDED, *DRIVERS, "mysql"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each database and driver."""
    yield made(request, request.param)
    dispose_all()


@contextmanager
def failing() -> Iterator[list[Exception]]:
    """Gather what the block raises; it has to."""
    caught: list[Exception] = []
    try:
        yield caught
    except Exception as error:  # noqa: BLE001  which one is the question
        caught.append(error)
    assert caught, "nothing was raised"


def raised(engine: Engine, *statements: str) -> BaseException:
    """What the last of the statements raises."""
    with failing() as caught, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return caught[0]


def told(error: BaseException | None) -> tuple[str, bool]:
    """What is told of an error that is known: what it is, and whether it passes."""
    assert error is not None
    diagnosis = diagnose(error)
    assert diagnosis is not None, repr(error)
    return diagnosis.what, diagnosis.is_transient


def deadlocked(engine: Engine) -> BaseException:
    """The error of the one of two transactions that the database gives up, each waiting for the other."""
    both_hold_one = threading.Barrier(2, timeout=30)
    errors: list[BaseException] = []

    def work(first: str, second: str) -> None:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE {first} SET n = n + 1 WHERE id = 1")
                both_hold_one.wait()
                connection.exec_driver_sql(f"UPDATE {second} SET n = n + 1 WHERE id = 1")
        except Exception as error:  # noqa: BLE001  the question
            errors.append(error)

    threads = [threading.Thread(target=work, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (error,) = errors
    return error


def terminate(connection: Connection) -> None:
    """End a session of PostgreSQL's from another one."""
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with connection.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")


def test_a_deadlock_passes(request: pytest.FixtureRequest) -> None:
    """Of PostgreSQL, by both drivers, and of MariaDB."""
    for name in (*DRIVERS, "mysql"):
        engine = made(request, name, lock_timeout=20)

        assert told(deadlocked(engine)) == ("deadlock", True)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE a")
            connection.exec_driver_sql("DROP TABLE b")
    dispose_all()


def test_a_serialization_failure_passes(postgresql: Engine) -> None:
    """Two transactions that read and change the same row at the level SERIALIZABLE."""
    strict = postgresql.execution_options(isolation_level="SERIALIZABLE")
    with failing() as caught, strict.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM a")
        with strict.begin() as other:
            other.exec_driver_sql("UPDATE a SET n = 1 WHERE id = 1")
        connection.exec_driver_sql("UPDATE a SET n = 2 WHERE id = 1")

    assert told(caught[0]) == ("serialization failure", True)


def test_a_lock_that_does_not_come_passes(request: pytest.FixtureRequest) -> None:
    """PostgreSQL's lock_timeout and MariaDB's 1205."""
    for name in (*DRIVERS, "mysql"):
        engine = made(request, name, lock_timeout=1)
        with engine.begin() as holder:
            holder.exec_driver_sql("UPDATE a SET n = 1 WHERE id = 1")
            error = raised(engine, "UPDATE a SET n = 2 WHERE id = 1")

        assert told(error) == ("lock timeout", True)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE a")
            connection.exec_driver_sql("DROP TABLE b")
    dispose_all()


def test_a_session_that_the_server_ends_passes(postgresql: Engine) -> None:
    """The statement after that tells of a shutdown, or of a lost connection."""
    with failing() as caught, postgresql.connect() as connection:
        terminate(connection)
        connection.exec_driver_sql("SELECT 1")

    assert told(caught[0]) in {("the server is shutting down", True), ("connection lost", True)}


def test_a_session_that_mariadb_ends_passes(mysql: Engine) -> None:
    """KILL is error 2006 or 2013 for whoever is killed."""
    with failing() as caught, mysql.connect() as connection:
        number = connection.exec_driver_sql("SELECT connection_id()").scalar()
        with mysql.connect() as other:
            other.exec_driver_sql(f"KILL {number}")
        connection.exec_driver_sql("SELECT 1")

    assert told(caught[0]) == ("connection lost", True)


@pytest.mark.parametrize("driver", DRIVERS)
def test_too_many_connections_pass(driver: str, postgresql_url: str) -> None:
    """The server's own words become an error of PyDBT's that another try may mend, not a wrong password."""
    url = sa.engine.make_url(postgresql_url).set(drivername=f"postgresql+{driver}")
    name = f"poor_{driver}"
    admin = engine_from(url.render_as_string(hide_password=False))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 1")
    poor = engine_from(url.set(username=name).render_as_string(hide_password=False))
    with poor.connect(), pytest.raises(ServerBusyError) as caught, poor.connect():
        pass
    poor.dispose()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP ROLE {name}")
    dispose_all()

    assert told(caught.value) == ("the server takes no connection", True)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ('FATAL: too many connections for database "shop"', ServerBusyError),
        ("FATAL:  the database system is starting up", ServerBusyError),
        ("FATAL:  the database system is shutting down", ServerBusyError),
        ("FATAL:  terminating connection due to administrator command", ServerBusyError),
        ("FATAL:  sorry, too many clients already", ServerBusyError),
        ("server closed the connection unexpectedly", ServerBusyError),
    ],
)
def test_a_busy_server_is_not_taken_for_a_missing_database(said: str, error: type[Exception]) -> None:
    """The words of servers, when one connects."""
    assert type(explain_failure("postgresql://ann@db/shop", OSError(said))) is error


def test_a_busy_sqlite_passes(request: pytest.FixtureRequest) -> None:
    """Another writer keeps the file longer than one waits."""
    engine = made(request, "sqlite", busy_timeout=0.1)
    with engine.begin() as holder:
        holder.exec_driver_sql("UPDATE a SET n = 1")
        error = raised(engine, "UPDATE a SET n = 2")
    dispose_all()

    assert told(error) == ("the database is locked", True)


def test_a_conflict_of_duckdb_passes(request: pytest.FixtureRequest) -> None:
    """Two transactions that change one row, and two that make one table."""
    for name in EMBEDDED[1:]:
        engine = made(request, name)
        for statement in (
            "UPDATE a SET n = n + 1 WHERE id = 1",
            "CREATE OR REPLACE TABLE c AS SELECT 1 AS n",
        ):
            with engine.begin() as first:
                first.exec_driver_sql(statement)
                error = raised(engine, statement)

            assert told(error) == ("transaction conflict", True)
    dispose_all()


PERMANENT = {
    "missing column": "SELECT amuont FROM a",
    "missing table": "SELECT * FROM nowhere",
    "syntax error": "SELEC 1",
    "constraint": "INSERT INTO a VALUES (1, 1)",
}


@pytest.mark.parametrize("what", PERMANENT)
def test_what_stays_is_told_with_what_to_do(anywhere: Engine, what: str) -> None:
    """On each database and driver: another try would fail in the same way."""
    diagnosis = diagnose(raised(anywhere, PERMANENT[what]))

    assert diagnosis is not None
    assert (diagnosis.what, diagnosis.is_transient, bool(diagnosis.hint)) == (what, False, True)


def test_every_kind_of_constraint_stays(anywhere: Engine) -> None:
    """A NULL in a column that takes none, too."""
    assert told(raised(anywhere, "INSERT INTO a VALUES (3, NULL)")) == ("constraint", False)


def test_what_may_not_be_done_stays(postgresql: Engine) -> None:
    """A role without rights on the table."""
    role = f"guest_{postgresql.dialect.driver}"
    error = raised(postgresql, f"CREATE ROLE {role}", f"SET LOCAL ROLE {role}", "SELECT * FROM a")

    assert told(error) == ("no permission", False)


def test_a_hint_of_postgresql_is_passed_on(postgresql: Engine) -> None:
    """It knows which column was meant."""
    diagnosis = diagnose(raised(postgresql, "SELECT a.nn FROM a"))

    assert diagnosis is not None
    assert diagnosis.hint == 'Perhaps you meant to reference the column "a.n".'


def test_a_statement_that_somebody_stopped_is_not_tried_again(postgresql: Engine) -> None:
    """Neither by a timeout of the server's nor by hand."""
    error = raised(postgresql, "SET LOCAL statement_timeout = '50ms'", "SELECT pg_sleep(20)")

    assert told(error) == ("statement timeout", False)


def test_a_full_disk_stays(request: pytest.FixtureRequest) -> None:
    """SQLite at its largest number of pages."""
    engine = made(request, "sqlite")
    many = "WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < 99999) SELECT x FROM s"
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 20")
        with failing() as caught:
            connection.exec_driver_sql(f"CREATE TABLE big AS {many}")
        connection.invalidate()
    dispose_all()

    assert told(caught[0]) == ("disk full", False)


def test_the_drivers_own_errors_are_read_without_sqlalchemy(tmp_path: Path) -> None:
    """A task may use the driver itself."""
    import sqlite3

    holder = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    other = sqlite3.connect(tmp_path / "a.db", timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError) as caught:
        other.execute("BEGIN IMMEDIATE")
    holder.close()
    other.close()

    assert told(caught.value) == ("the database is locked", True)


def test_a_users_own_error_is_left_alone() -> None:
    """Whatever it says, and whatever it was raised from."""
    error = ValueError("deadlock detected")
    error.__cause__ = explain_failure("postgresql://ann@db/shop", OSError("connection refused"))

    assert diagnose(error) is None
