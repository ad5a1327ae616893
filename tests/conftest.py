"""Databases for the tests: SQLite, DuckDB, a real PostgreSQL, a real MariaDB, each test with one of its own.

A test that asks for a server and gets none fails with the reason; it is never skipped.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from tests.postgresql import NoServerError, SessionFolder, started_server

IS_SQLALCHEMY_14 = sqlalchemy.__version__.startswith("1.4")
POSTGRESQL_DRIVER = "psycopg2" if IS_SQLALCHEMY_14 else "psycopg"

# duckdb-sqlalchemy needs SQLAlchemy 2.
DATABASES = ("sqlite", "postgresql") if IS_SQLALCHEMY_14 else ("sqlite", "duckdb", "postgresql")

_FOLDER = pytest.StashKey[Path]()
_MARIADB_FOLDER = pytest.StashKey[Path]()
_SESSIONS = pytest.StashKey[tuple[SessionFolder, ...]]()
_INPUTS = {"pydbt_server_folder": _FOLDER, "pydbt_mariadb_folder": _MARIADB_FOLDER}


def pytest_configure(config: pytest.Config) -> None:
    """One folder for each server, so one PostgreSQL and one MariaDB, for the session and all its workers."""
    config.addinivalue_line("markers", "mariadb: runs on MariaDB; added to each test that does")
    if hasattr(config, "workerinput"):
        for name, key in _INPUTS.items():
            config.stash[key] = Path(config.workerinput[name])
        return
    sessions = SessionFolder(), SessionFolder("pydbt-my-")
    config.stash[_SESSIONS] = sessions
    for key, session in zip(_INPUTS.values(), sessions, strict=True):
        config.stash[key] = session.path


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the session's folders are."""
    for name, key in _INPUTS.items():
        node.workerinput[name] = str(node.config.stash[key])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers that anybody started."""
    for session in config.stash.get(_SESSIONS, ()):
        session.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs MariaDB, for ``-m "not mariadb"``."""
    for item in items:
        chosen = getattr(item, "callspec", None)
        # Other parameters may be expressions of columns, which do not compare.
        names = {each for each in (chosen.params.values() if chosen else ()) if isinstance(each, str)}
        is_on_it = "mysql" in names
        if is_on_it or {"mysql_url", "mysql_server"} & {*getattr(item, "fixturenames", ())}:
            item.add_marker("mariadb")


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> str:
    """The URL of the session's one PostgreSQL, as a superuser, with ``{}`` in the place of the database."""
    try:
        socket = started_server(pytestconfig.stash[_FOLDER])
    except NoServerError as error:
        pytest.fail(f"no PostgreSQL server: {error}", pytrace=False)
    return f"postgresql+{POSTGRESQL_DRIVER}://postgres@/{{}}?host={socket}"


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database made for this one test, dropped after it."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def postgresql_module_url(postgresql_server: str) -> Iterator[str]:
    """As `postgresql_url`, but one database for all tests of a module, for data that is dear to load."""
    with _database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def mysql_server(pytestconfig: pytest.Config) -> str:
    """The URL of the session's one MariaDB, as root, with ``{}`` in the place of the database."""
    try:
        home = started_server(pytestconfig.stash[_MARIADB_FOLDER], "tests.mariadb")
    except NoServerError as error:
        pytest.fail(f"no MariaDB server: {error}", pytrace=False)
    return f"mysql+pymysql://root@localhost/{{}}?unix_socket={home / 'socket'}"


@pytest.fixture
def mysql_url(mysql_server: str) -> Iterator[str]:
    """The URL of an empty MariaDB database made for this one test, dropped after it."""
    with _mysql_database(mysql_server) as url:
        yield url


@pytest.fixture(scope="module")
def mysql_module_url(mysql_server: str) -> Iterator[str]:
    """As `mysql_url`, but one database for all tests of a module."""
    with _mysql_database(mysql_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file of this test's own, not there yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture
def duckdb_url(tmp_path: Path) -> str:
    """The URL of a DuckDB file of this test's own, not there yet; needs SQLAlchemy 2."""
    return f"duckdb:///{tmp_path / 'test.duckdb'}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each database in turn; MariaDB, too, in a module that says ``RUNS_ON_MARIADB = True``."""
    if "database_url" in metafunc.fixturenames:
        is_on_mariadb = getattr(metafunc.module, "RUNS_ON_MARIADB", False)
        names = (*DATABASES, "mysql") if is_on_mariadb else DATABASES
        metafunc.parametrize("database_url", names, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own, on each database in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty database of this test's own, on each database in turn."""
    from pydbt.connections import dispose_all, engine_from

    yield engine_from(database_url)
    dispose_all()


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(
        server.format("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.format(name)
    finally:
        with admin.connect() as connection:
            # FORCE: a test of killed or hanging sessions must not take the next ones with it.
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _mysql_database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(server.format(""), poolclass=NullPool, future=True)
    with admin.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.format(name)
    with admin.begin() as connection:
        # A forgotten transaction would make the DROP wait for it.
        sessions = sqlalchemy.text("SELECT id FROM information_schema.processlist WHERE db = :name")
        for number in connection.execute(sessions, {"name": name}).scalars().all():
            with suppress(sqlalchemy.exc.OperationalError):  # It went by itself.
                connection.exec_driver_sql(f"KILL {number}")
        connection.exec_driver_sql(f"DROP DATABASE {name}")
