"""Making the tables, and bringing older ones up to date."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from pydbt.core.state.engine import is_postgresql, lock_for_migration, reading, writing
from pydbt.core.state.location import SETTING
from pydbt.core.state.rows import DamagedRowError
from pydbt.core.state.schema import MIGRATIONS, TABLES, VERSION, schema_version
from pydbt.errors import StateVersionError
from pydbt.failpoints import reached

_LOCKED_VERSION = sa.select(schema_version.c.version).with_for_update()


def version_of(engine: Engine) -> int:
    """The version of the tables; 0 when there are none.

    Raises:
        DamagedRowError: Some tables are there and the one with the version is not.
    """
    with reading(engine) as connection:
        return _version(connection)


def migrate(engine: Engine, database: str) -> None:
    """Bring the tables to the newest version, each step in a transaction of its own.

    Raises:
        StateVersionError: A newer PyDBT made them.
    """
    while check_version(version_of(engine), database) < VERSION:
        with writing(engine) as connection:
            lock_for_migration(connection)
            # Asked again: while this process waited for the lock, another may have taken the step.
            version = check_version(_version(connection), database)
            _execute(connection, MIGRATIONS[version] if version < VERSION else ())
            connection.execute(sa.update(schema_version).values(version=min(version + 1, VERSION)))


def make_tables(connection: Connection) -> None:
    """Make the tables of the newest version where there are none, all within the caller's transaction."""
    for statements in MIGRATIONS:
        _execute(connection, statements)
    connection.execute(sa.update(schema_version).values(version=VERSION))


def _execute(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        reached("state.before.migration")
        connection.exec_driver_sql(statement)
        reached("state.after.migration")


def lock(connection: Connection, database: str) -> None:
    """Be the only writer until the transaction ends, on tables this PyDBT knows.

    On SQLite the transaction is alone already; on PostgreSQL the row of the version is the lock. One
    writer at a time cannot deadlock with another, and a migration does not run beneath one.

    Raises:
        StateVersionError: A newer PyDBT has changed the tables since they were opened.
    """
    version = connection.execute(_LOCKED_VERSION).scalar()
    if version is None:
        raise DamagedRowError("its version is gone")
    check_version(version, database)


def check_version(version: int, database: str) -> int:
    """The version, if this PyDBT knows it."""
    if version > VERSION:
        raise StateVersionError(
            f"the state {database} has version {version}, this PyDBT knows versions up to {VERSION}",
            where=SETTING,
            hint="upgrade PyDBT, or give another state in the setting; pydbt state repair --newer keeps this"
            " one aside and starts a new one",
        )
    return version


def _version(connection: Connection) -> int:
    names = set(sa.inspect(connection).get_table_names())
    if schema_version.name in names:
        versions = connection.execute(sa.select(schema_version.c.version)).scalars().all()
        if len(versions) != 1 or not isinstance(versions[0], int) or versions[0] < 1:
            raise DamagedRowError("its version cannot be read")
        return versions[0]
    if any(table.name in names for table in TABLES):
        raise DamagedRowError("its version is gone")
    _check_all_pages(connection)
    return 0


def _check_all_pages(connection: Connection) -> None:
    """A file of many pages that names no tables has lost them."""
    if is_postgresql(connection):
        return
    answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if answer != "ok":
        raise DamagedRowError(f"SQLite says {answer}")
