"""A transaction that is one: on every engine, PyDBT's own or anybody's, on every supported SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from pydbt.failpoints import reached
from pydbt.owner.writing import check_writer


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that writes: committed at the end, undone by any exception.

    On SQLite it is ``BEGIN IMMEDIATE``, whatever the engine is set to: Python's own driver starts no
    transaction before DDL, so that DROP and CREATE would each commit by itself.
    """
    if engine.dialect.name == "sqlite":
        with _writing_sqlite(engine) as connection:
            yield connection
        return
    reached("transaction.before.begin")
    with engine.connect() as connection:
        transaction = connection.begin()
        reached("transaction.after.begin")
        try:
            yield connection
            if transaction.is_active:
                commit(connection)
        finally:
            if transaction.is_active:
                transaction.rollback()


def commit(connection: Connection) -> None:
    """Commit a transaction of `writing` before its end, for who has more to do on the connection."""
    transaction = connection.get_transaction()
    assert transaction is not None, "writing begins one"
    reached("transaction.before.commit")
    transaction.commit()
    reached("transaction.after.commit")


@contextmanager
def single(engine: Engine) -> Iterator[Connection]:
    """A connection on which each statement is its own transaction: for one that is atomic by itself."""
    if engine.dialect.name == "sqlite":
        with _writing_sqlite(engine) as connection:
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


@contextmanager
def _writing_sqlite(engine: Engine) -> Iterator[Connection]:
    # AUTOCOMMIT takes SQLAlchemy and the driver out of the way: BEGIN and COMMIT are ours alone.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A listener of the engine's owner may have begun one, by the recipe of SQLAlchemy's manual.
        connection.exec_driver_sql("SELECT 1")
        if _is_open(connection):
            connection.exec_driver_sql("ROLLBACK")
        reached("transaction.before.begin")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except DBAPIError as error:
            check_writer(engine.url.database, error)
            raise
        reached("transaction.after.begin")
        try:
            # Without it a view on the replaced table stops the RENAME.
            connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
            yield connection
            reached("transaction.before.commit")
            connection.exec_driver_sql("COMMIT")
            reached("transaction.after.commit")
        finally:
            # A full disk has undone the transaction already.
            if _is_open(connection):
                connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


def _is_open(connection: Connection) -> bool:
    driver = connection.connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", False))
