"""A database of its own for each test, on the session's PostgreSQL and on its MariaDB.

PostgreSQL copies some 300 files for a new database, which costs more than most tests do. So what a test
leaves is emptied and lent again, under another name: nobody who still knows the last one can get in.
"""

from __future__ import annotations

import importlib
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from pydbt.sql.transfer import passing

# Nothing vacuums its catalogue.
_MOST_USES = 40
# The newest may still be left by the session that emptied it.
_SPARE = 2
# As in a new database, where `public` is everybody's to look into and its owner's to change.
_EMPTY = """
SET client_min_messages = warning;
DO $$
DECLARE found name;
BEGIN
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR found IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', found);
    END LOOP;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
END $$
"""
# What is in no schema.
_LEFT = """
SELECT count(*) FROM (
    SELECT oid FROM pg_cast UNION ALL SELECT oid FROM pg_largeobject_metadata UNION ALL
    SELECT pg_database.oid FROM pg_database JOIN pg_db_role_setting ON setdatabase = pg_database.oid
        WHERE datname = current_database()
) AS found WHERE oid >= 16384
"""


class PostgresqlDatabases:
    """Databases of a PostgreSQL, each lent to one test at a time.

    Args:
        server: The server's URL as a superuser, with ``{}`` in the place of the database.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._admin = _admin(server.format("postgres"))
        self._spare: deque[tuple[str, int]] = deque()

    def close(self) -> None:
        """Let the server go; the databases go with it."""
        self._admin.dispose()

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of an empty database that nobody has seen."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        uses = self._take(name)
        try:
            yield self._server.format(name)
        finally:
            _forget_rows_in(name)
            if uses < _MOST_USES and self._is_emptied(name):
                self._spare.append((name, uses + 1))
            else:
                self._drop(name)

    def _take(self, name: str) -> int:
        """Make a database, or give a spare one the name; how often it has been used."""
        if len(self._spare) < _SPARE:
            self._run(f"CREATE DATABASE {name}")
            return 0
        spare, uses = self._spare.popleft()
        # Who kept the last name may have come back.
        self._run(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{spare}'")
        self._run(f"ALTER DATABASE {spare} RENAME TO {name}")
        return uses

    def _is_emptied(self, name: str) -> bool:
        url = make_url(self._server.format(name))
        driver = importlib.import_module(url.get_driver_name())
        settings = {"user": url.username, "host": url.query["host"], "dbname": name}
        try:
            with closing(driver.connect(**settings)) as connection, closing(connection.cursor()) as cursor:
                connection.autocommit = True
                cursor.execute(_EMPTY)
                cursor.execute(_LEFT)
                return bool(cursor.fetchone() == (0,))
        except driver.Error:  # More tables than locks, for instance.
            return False

    def _drop(self, name: str) -> None:
        # FORCE: a test of killed or hanging sessions must not take the next ones with it.
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


class MariadbDatabases:
    """Databases of a MariaDB, which makes one in no time.

    Args:
        server: The server's URL as root, with ``{}`` in the place of the database.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._admin = _admin(server.format(""))

    def close(self) -> None:
        """Let the server go; the databases go with it."""
        self._admin.dispose()

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of an empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield self._server.format(name)
        _forget_rows_in(name)
        with self._admin.connect() as connection:
            # A forgotten transaction would make the DROP wait for it.
            sessions = sa.text("SELECT id FROM information_schema.processlist WHERE db = :name")
            for number in connection.execute(sessions, {"name": name}).scalars().all():
                with suppress(sa.exc.OperationalError):  # It went by itself.
                    connection.exec_driver_sql(f"KILL {number}")
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def _forget_rows_in(name: str) -> None:
    """What holds the rows of frames there goes with the database: the process' end has nothing to drop."""
    for table, owned in [*passing._LIVE.items()]:
        if owned.engine.url.database == name:
            del passing._LIVE[table]


def _admin(url: str) -> Engine:
    """One connection, kept; looked at before it is used, for a test may have cut it."""
    return sa.create_engine(
        url, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=0, pool_pre_ping=True, future=True
    )
