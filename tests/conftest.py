"""Databases for the tests: SQLite, DuckDB and a real PostgreSQL, each test with one of its own.

A test that asks for PostgreSQL and gets none fails with the reason; it is never skipped.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
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
_SESSION = pytest.StashKey[SessionFolder]()


def pytest_configure(config: pytest.Config) -> None:
    """One folder, so one PostgreSQL, for the session and all its xdist workers."""
    if hasattr(config, "workerinput"):
        config.stash[_FOLDER] = Path(config.workerinput["pydbt_server_folder"])
        return
    session = SessionFolder()
    config.stash[_SESSION] = session
    config.stash[_FOLDER] = session.path


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the session's folder is."""
    node.workerinput["pydbt_server_folder"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL, if anybody started it."""
    session = config.stash.get(_SESSION, None)
    if session is not None:
        session.close()


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


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file of this test's own, not there yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture
def duckdb_url(tmp_path: Path) -> str:
    """The URL of a DuckDB file of this test's own, not there yet; needs SQLAlchemy 2."""
    return f"duckdb:///{tmp_path / 'test.duckdb'}"


@pytest.fixture(params=DATABASES)
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
