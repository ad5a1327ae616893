"""Databases for the tests: SQLite, DuckDB, a real PostgreSQL, a real MariaDB, each test with one of its own.

A test that asks for a server and gets none fails with the reason; it is never skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.engine import Engine

from tests.databases import MariadbDatabases, PostgresqlDatabases
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


@pytest.fixture(scope="session")
def _postgresql_databases(postgresql_server: str) -> Iterator[PostgresqlDatabases]:
    with closing(PostgresqlDatabases(postgresql_server)) as databases:
        yield databases


@pytest.fixture
def postgresql_url(_postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """The URL of an empty PostgreSQL database that this test has to itself."""
    with _postgresql_databases.lend() as url:
        yield url


@pytest.fixture(scope="module")
def postgresql_module_url(_postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """As `postgresql_url`, but one database for all tests of a module, for data that is dear to load."""
    with _postgresql_databases.lend() as url:
        yield url


@pytest.fixture(scope="session")
def mysql_server(pytestconfig: pytest.Config) -> str:
    """The URL of the session's one MariaDB, as root, with ``{}`` in the place of the database."""
    try:
        home = started_server(pytestconfig.stash[_MARIADB_FOLDER], "tests.mariadb")
    except NoServerError as error:
        pytest.fail(f"no MariaDB server: {error}", pytrace=False)
    return f"mysql+pymysql://root@localhost/{{}}?unix_socket={home / 'socket'}"


@pytest.fixture(scope="session")
def _mariadb_databases(mysql_server: str) -> Iterator[MariadbDatabases]:
    with closing(MariadbDatabases(mysql_server)) as databases:
        yield databases


@pytest.fixture
def mysql_url(_mariadb_databases: MariadbDatabases) -> Iterator[str]:
    """The URL of an empty MariaDB database made for this one test, dropped after it."""
    with _mariadb_databases.lend() as url:
        yield url


@pytest.fixture(scope="module")
def mysql_module_url(_mariadb_databases: MariadbDatabases) -> Iterator[str]:
    """As `mysql_url`, but one database for all tests of a module."""
    with _mariadb_databases.lend() as url:
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
    is_on_mariadb = getattr(metafunc.module, "RUNS_ON_MARIADB", False)
    for fixture in {"database_url", "database_module_url"} & {*metafunc.fixturenames}:
        names = (*DATABASES, "mysql") if is_on_mariadb else DATABASES
        metafunc.parametrize(fixture, names, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own, on each database in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module")
def database_module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """As `database_url`, but one database for all tests of a module that read the same tables."""
    name = request.param
    if name in {"sqlite", "duckdb"}:
        return f"{name}:///{tmp_path_factory.mktemp('module') / f'test.{name}'}"
    url: str = request.getfixturevalue(f"{name}_module_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty database of this test's own, on each database in turn."""
    from pydbt.connections import dispose_all, engine_from

    yield engine_from(database_url)
    dispose_all()
