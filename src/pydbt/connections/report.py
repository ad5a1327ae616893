"""What a connection is to: for `pydbt debug`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import metadata

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from pydbt.connections.failure import explain_failure

_VERSION = {
    "sqlite": "SELECT sqlite_version()",
    "duckdb": "SELECT version()",
    "postgresql": "SHOW server_version",
}
_SCHEMAS = {
    "duckdb": "SELECT schema_name FROM duckdb_schemas()"
    " WHERE schema_name NOT IN ('information_schema', 'pg_catalog') AND database_name = current_database()"
    " ORDER BY 1",
    "sqlite": "SELECT name FROM pragma_database_list ORDER BY seq",
    "mysql": "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN"
    " ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1",
    "postgresql": "SELECT nspname FROM pg_catalog.pg_namespace"
    " WHERE nspname NOT LIKE 'pg!_%' ESCAPE '!' AND nspname <> 'information_schema' ORDER BY 1",
}
# The distribution a driver's module comes in, where the names differ.
_DISTRIBUTIONS = {
    "pysqlite": "",
    "psycopg2": "psycopg2-binary",
    "duckdb": "duckdb",
    "duckdb_sqlalchemy": "duckdb",
}


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What answered; iterating gives ``(name, value)`` of what is known.

    Args:
        database: ``duckdb``, ``sqlite``, ``postgresql``, …
        version: The database's own version.
        driver: The name of the driver.
        driver_version: The driver's version.
        name: The database's name, or its file.
        user: Who is connected; None where there are no users.
        host: Where it runs; None for a file.
        schemas: The schemas a user may name.
    """

    database: str
    version: str
    driver: str
    driver_version: str
    name: str
    user: str | None
    host: str | None
    schemas: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                shown = ", ".join(value) if isinstance(value, tuple) else str(value)
                yield field.name.replace("_", " "), shown


def check(engine: Engine) -> ConnectionReport:
    """Connect, ask, and report what answered.

    Raises:
        ConnectionFailedError: It could not be reached; the kind says why.
    """
    try:
        with engine.connect() as connection:
            return _report(connection, engine)
    except SQLAlchemyError as error:
        raise explain_failure(engine.url, error) from None


def _report(connection: Connection, engine: Engine) -> ConnectionReport:
    database = engine.dialect.name
    version = connection.exec_driver_sql(_VERSION.get(database, "SELECT version()")).scalar()
    is_server = database not in {"sqlite", "duckdb"}
    user = connection.execute(sa.text("SELECT CURRENT_USER")).scalar() if is_server else None
    socket = engine.url.query.get("unix_socket") or engine.url.query.get("host", "")
    host = engine.url.host or (socket if isinstance(socket, str) else ", ".join(socket)) or "localhost"
    if database in _SCHEMAS:
        schemas = tuple(name for (name,) in connection.execute(sa.text(_SCHEMAS[database])))
    else:
        schemas = tuple(sa.inspect(connection).get_schema_names())
    return ConnectionReport(
        database=database,
        version=str(version),
        driver=engine.dialect.driver,
        driver_version=_driver_version(engine.dialect.driver),
        name=engine.url.database or (":memory:" if not is_server else str(user)),
        user=None if user is None else str(user),
        host=host if is_server else None,
        schemas=schemas,
    )


def _driver_version(driver: str) -> str:
    distribution = _DISTRIBUTIONS.get(driver, driver)
    if not distribution:
        return "part of Python"
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
