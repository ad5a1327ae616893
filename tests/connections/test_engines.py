"""Engines: one for a URL, and which is meant when none is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt import connections
from pydbt.connections import check, dispose_all, duckdb, engine_from, get_engine, postgresql, sqlite, use
from pydbt.errors import NoDatabaseError

VARIABLES = (
    "PYDBT_URL",
    "DATABASE_URL",
    "PGHOST",
    "PGHOSTADDR",
    "PGDATABASE",
    "PGUSER",
    "PGSERVICE",
    "PGPORT",
)


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    use(None)
    yield
    use(None)
    dispose_all()


def test_one_engine_for_a_url(sqlite_url: str) -> None:
    """The same URL is the same engine; other options are another; after the end of all, a new one."""
    first = engine_from(sqlite_url)
    same = engine_from(sqlite_url)
    other = engine_from(sqlite_url, busy_timeout=1)
    dispose_all()

    assert (first is same, first is other, first is engine_from(sqlite_url)) == (True, False, False)


def test_the_projects_target_is_meant(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`get_engine()` gives the active project's target, before what the environment says."""
    monkeypatch.setenv("PYDBT_URL", "sqlite:///other.db")
    use(sqlite_url)

    assert [get_engine() is engine_from(sqlite_url), sqlite.get_engine() is engine_from(sqlite_url)] == [
        True,
        True,
    ]
    assert connections.active_url() == sqlite_url


@pytest.mark.parametrize("variable", ["PYDBT_URL", "DATABASE_URL"])
def test_the_environment_is_meant(variable: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no project is active, or its target is another database."""
    monkeypatch.setenv(variable, sqlite_url)
    use("postgresql://h/d")

    assert sqlite.get_engine() is engine_from(sqlite_url)


def test_libpqs_variables_are_meant(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PGHOST and its like say where PostgreSQL is."""
    url = sa.engine.make_url(postgresql_url)
    monkeypatch.setenv("PGHOST", str(url.query["host"]))
    monkeypatch.setenv("PGUSER", "postgres")
    monkeypatch.setenv("PGDATABASE", str(url.database))

    with postgresql.get_engine().connect() as connection:
        assert connection.exec_driver_sql("SELECT current_database()").scalar() == url.database


@pytest.mark.parametrize(
    ("ask", "advises"),
    [
        (get_engine, "PYDBT_URL"),
        (sqlite.get_engine, "sqlite:///file"),
        (duckdb.get_engine, "duckdb:///file"),
        (postgresql.get_engine, "PGHOST"),
    ],
)
def test_no_url_says_what_to_set(ask: Any, advises: str) -> None:
    """The error names the variables and shows the call."""
    with pytest.raises(NoDatabaseError, match="get_engine\\(\\) was given none") as caught:
        ask()

    assert advises in caught.value.hint
    assert "PYDBT_URL" in caught.value.hint


def test_another_target_is_said() -> None:
    """A model asks for PostgreSQL while the project's target is SQLite."""
    use("sqlite:///x.db")

    with pytest.raises(NoDatabaseError, match="the project's target is not postgresql"):
        postgresql.get_engine()


def test_the_report_says_what_answered(database_url: str) -> None:
    """Database, version, driver, who and where, and the schemas; in pairs for printing."""
    report = check(engine_from(database_url))

    database = database_url.partition(":")[0].partition("+")[0]
    schema = "public" if database == "postgresql" else "main"
    assert (report.database, schema in report.schemas, report.user) == (
        database,
        True,
        "postgres" if database == "postgresql" else None,
    )
    assert {"version", "driver", "driver version", "schemas"} <= {name for name, _value in report}


def test_importing_connects_to_nothing_and_loads_no_driver() -> None:
    """Drivers are loaded by whoever needs one."""
    code = (
        "import sys, pydbt.connections\n"
        "heavy = {'duckdb', 'duckdb_sqlalchemy', 'psycopg', 'psycopg2', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert out.strip() == "[]"


def test_a_forked_child_makes_connections_of_its_own(postgresql_url: str) -> None:
    """It neither talks on its parent's pooled connections nor closes them."""
    engine = engine_from(postgresql_url)
    mine = backend(engine)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, f"{backend(engine)} {backend(engine_from(postgresql_url))}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read().split()
    os.waitpid(child, 0)

    assert (backend(engine) == mine, len(told), str(mine) in told) == (True, 2, False)


def backend(engine: Engine) -> int:
    """The server's process of a connection of the pool."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
