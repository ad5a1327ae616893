"""Engines of MariaDB: set right whatever the server is set to, and clear about why they cannot connect."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from pydbt.connections import Cancelled, cancel_all, check, dispose_all, engine_from, mysql
from pydbt.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NoDatabaseError,
    ServerUnreachableError,
    UnknownDatabaseError,
    UnknownHostError,
)
from pydbt.sql.dialects.mysql import SETTINGS

# PyMySQL leaves the socket open that it could not connect; the warning comes when it is collected.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collected"),
]
_LONG = """
WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000)
SELECT sum(sqrt(a.n * b.n * c.n * d.n)) FROM s a, s b, s c, s d
"""


@pytest.fixture
def collected() -> Iterator[None]:
    """Collect such sockets here, for no other test to be told of them."""
    yield
    gc.collect()


@pytest.fixture
def engine(mysql_url: str) -> Iterator[Engine]:
    """PyDBT's engine."""
    yield engine_from(mysql_url)
    dispose_all()


def value(engine: Engine, query: str) -> object:
    """The one value of a query."""
    with engine.connect() as connection:
        return connection.exec_driver_sql(query).scalar()


def test_a_connection_means_standard_sql(mysql_url: str) -> None:
    """However the server is set: the session's mode, clock and collation are PyDBT's."""
    mode = "PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,HIGH_NOT_PRECEDENCE,PAD_CHAR_TO_FULL_LENGTH"
    hostile = f"SET sql_mode = '{mode}', time_zone = '+05:00'"
    engine = engine_from(mysql_url, connect_args={"init_command": hostile})

    found = (
        value(engine, "SELECT @@sql_mode"),
        value(engine, "SELECT @@time_zone"),
        value(engine, "SELECT 'a' = 'A' OR 'a' = 'a '"),
        value(engine, "SELECT 'a' 'b'"),
        value(engine, "SELECT @@tx_isolation"),
    )
    dispose_all()

    mode = "NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"
    assert found == (mode, "+00:00", 0, "ab", "READ-COMMITTED")


def test_the_rooms_agree_on_the_settings() -> None:
    """What connections set on their own engines is what DataFrames set on everybody's."""
    assert mysql.SETTINGS == SETTINGS


def test_both_names_of_the_database_are_one(mysql_url: str) -> None:
    """``mariadb://`` and ``mysql://``, with and without the driver."""
    urls = [mysql_url.replace("mysql+pymysql", name) for name in ("mysql", "mariadb", "mariadb+pymysql")]

    drivers = {engine_from(url).driver for url in urls}
    versions = {"MariaDB" in str(value(engine_from(url), "SELECT version()")) for url in urls}
    dispose_all()

    assert (drivers, versions) == ({"pymysql"}, {True})


def test_a_statement_is_cancelled_in_the_database(engine: Engine) -> None:
    """KILL QUERY reaches the statement that runs, and the connection lives on."""
    caught: list[BaseException] = []

    def work() -> None:
        try:
            value(engine, _LONG)
        except OperationalError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    cancelled: list[Cancelled] = []
    while not cancelled and time.monotonic() < deadline:
        time.sleep(0.05)
        cancelled = cancel_all()
    thread.join(20)

    assert not thread.is_alive()
    assert (len(cancelled), cancelled[0].session is not None, len(caught)) == (1, True, 1)
    assert "interrupted" in str(caught[0])
    assert value(engine, "SELECT 1") == 1


def test_an_idle_connection_is_left_alone(engine: Engine) -> None:
    """A KILL would end the next statement."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        cancelled = cancel_all()
        assert connection.exec_driver_sql("SELECT 2").scalar() == 2

    assert cancelled == []


def test_debug_tells_what_answers(engine: Engine) -> None:
    """The report of `pydbt debug`: version, driver, database, user, schemas."""
    report = check(engine)

    assert (report.database, report.driver, report.user, "MariaDB" in report.version) == (
        "mysql",
        "pymysql",
        "root@localhost",
        True,
    )
    assert engine.url.database in report.schemas
    assert "information_schema" not in report.schemas


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (("root@", "nobody:s3cret@"), AuthenticationError, "refused user 'nobody'"),
        (("/test_", "/nosuch_"), UnknownDatabaseError, "has no database 'nosuch_"),
        (("socket=", "socket=/nowhere/"), ServerUnreachableError, "nothing listens at"),
    ],
)
def test_a_refusal_says_why(
    mysql_url: str, change: tuple[str, str], kind: type[ConnectionFailedError], says: str
) -> None:
    """Wrong user, database or place: PyDBT's error, without the password."""
    with pytest.raises(kind, match=says) as told:
        value(engine_from(mysql_url.replace(*change)), "SELECT 1")
    dispose_all()

    assert "s3cret" not in str(told.value)


def test_a_server_that_is_not_there_is_told_with_its_port() -> None:
    """3306, when the URL says nothing else."""
    with pytest.raises((ServerUnreachableError, UnknownHostError), match=r"3306|no address"):
        value(engine_from("mysql://me:s3cret@nosuch.invalid/shop"), "SELECT 1")
    dispose_all()


def test_get_engine_without_a_url_says_what_it_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is a URL of MariaDB's."""
    monkeypatch.delenv("PYDBT_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///shop.db")

    with pytest.raises(NoDatabaseError) as told:
        mysql.get_engine()

    assert "mysql://user:password@host/database" in told.value.hint


def test_get_engine_takes_the_environments_url(monkeypatch: pytest.MonkeyPatch, mysql_url: str) -> None:
    """Under either name."""
    monkeypatch.setenv("PYDBT_URL", mysql_url.replace("mysql+pymysql", "mariadb"))

    found = sa.inspect(mysql.get_engine()).get_table_names()
    dispose_all()

    assert found == []
