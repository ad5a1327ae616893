"""A test's PostgreSQL database is as a new one, whatever the tests before it left in theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from tests.databases import _SPARE, PostgresqlDatabases

_OBJECTS = sa.text("""
SELECT nspname::text, nspacl::text, pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace
    WHERE nspname !~ '^pg_temp|^pg_toast_temp'
UNION ALL SELECT relname, relkind::text, '' FROM pg_class WHERE oid >= 16384
UNION ALL SELECT proname, '', '' FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT typname, '', '' FROM pg_type WHERE oid >= 16384
UNION ALL SELECT evtname, '', '' FROM pg_event_trigger
UNION ALL SELECT setconfig::text, '', '' FROM pg_db_role_setting
ORDER BY 1, 2, 3
""")
_NUMBER = sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
_LITTER = (
    "CREATE TABLE a (id serial PRIMARY KEY)",
    "CREATE SCHEMA other CREATE VIEW b AS SELECT 1 AS x",
    "CREATE TYPE mood AS ENUM ('good')",
    "CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1",
    "DROP SCHEMA public CASCADE",
    "CREATE TEMPORARY TABLE mine (x int)",
)
_LASTING = (
    "CREATE CAST (bigint AS inet) WITH INOUT",
    "ALTER DATABASE {} SET work_mem = '1MB'",
    "SELECT lo_create(0)",
)


@pytest.fixture
def databases(postgresql_server: str) -> Iterator[PostgresqlDatabases]:
    with closing(PostgresqlDatabases(postgresql_server)) as found:
        yield found


def use(databases: PostgresqlDatabases, *statements: str) -> tuple[int, list[Any]]:
    """The number of a database and all that is in it; after that the statements, and nothing is tidied up."""
    with databases.lend() as url:
        connection = sa.create_engine(url, isolation_level="AUTOCOMMIT", future=True).connect()
        number: int = connection.execute(_NUMBER).scalar_one()
        found = [tuple(row) for row in connection.execute(_OBJECTS)]
        for statement in statements:
            connection.exec_driver_sql(statement.format(connection.engine.url.database))
    with pytest.raises(sa.exc.DBAPIError):  # Its session is gone.
        connection.execute(_NUMBER)
    connection.close()
    return number, found


def test_a_database_is_lent_again_as_a_new_one(databases: PostgresqlDatabases) -> None:
    """What a test made is gone, its sessions are ended, and nobody knows its name."""
    new = use(databases, *_LITTER)
    others = [use(databases) for _ in range(_SPARE - 1)]

    assert use(databases) == new
    assert new not in others


def test_nobody_stays_in_a_database_that_is_lent_again(databases: PostgresqlDatabases) -> None:
    """Whoever kept its old name and came back is sent away."""
    with databases.lend() as url:
        pass
    for _ in range(_SPARE - 1):
        use(databases)
    connection = sa.create_engine(url, future=True).connect()
    number = connection.execute(_NUMBER).scalar_one()

    assert use(databases)[0] == number
    with pytest.raises(sa.exc.DBAPIError):
        connection.execute(_NUMBER)
    connection.close()


@pytest.mark.parametrize("statement", _LASTING)
def test_a_database_that_cannot_be_emptied_is_not_lent_again(
    databases: PostgresqlDatabases, statement: str
) -> None:
    """What is in no schema goes with the database."""
    number = use(databases, statement)[0]

    assert number not in [use(databases)[0] for _ in range(_SPARE + 1)]
