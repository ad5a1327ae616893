"""What became of a COMMIT whose answer was lost: looked up, never guessed.

A connection that breaks after COMMIT was sent leaves the rows published or undone, and nobody to say which.
Two facts tell it. Whoever takes the lock of the table knows that the lost transaction has ended, for it held
that lock to its end. And then there is, or is not, something that only this transaction can have written:

- rows that are added have a mark, a row in a table beside them, on databases with a server;
- a table or view that PostgreSQL made anew has the number of the transaction in the catalogue.

The number alone would not do: after a crash PostgreSQL gives the numbers that it had not yet written down to
others, which may commit. Elsewhere what is replaced whole may be replaced again, so nothing need be known.
A database in this process cannot lose an answer without the process.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from pydbt.errors import OutcomeUnknownError, PyDBTError, user_location
from pydbt.sql.catalog import ask
from pydbt.sql.dialects import Dialect
from pydbt.sql.identifiers import relation_name
from pydbt.sql.ownership import owned
from pydbt.sql.publication import Publication
from pydbt.sql.transaction import writing

NAME = "_pydbt_commits"
PATIENCE = 30.0

_SERVERS = frozenset({"postgresql", "mysql"})
_PAUSE = 0.25
# No right to make a table: PostgreSQL's code and MariaDB's.
_DENIED = frozenset({"42501", 1142})
# A mark is asked for within a minute; one day is for people.
_KEPT = dt.timedelta(days=1)
MADE = sa.text(
    "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = coalesce(CAST(:schema AS name), current_schema())"
    " AND c.relname = CAST(:name AS name) AND c.xmin::text = :number"
)


@contextmanager
def settled(engine: Engine, dialect: Dialect, wanted: Publication) -> Iterator[Connection]:
    """A connection in the transaction that publishes, under the table's lock; committed at the end for sure.

    Raises:
        TableLockedError: Another writer has been at it for too long.
        OutcomeUnknownError: The answer to the COMMIT was lost, and the database cannot be asked.
        DBAPIError: What the database says; all is undone then, or may be done once more.
    """
    token = ""
    witness: Executable | None = None
    is_sent = False
    is_added = wanted.mode == "append" and dialect.name in _SERVERS
    try:
        with writing(engine) as connection, owned(connection, dialect, wanted) as number:
            # Where DDL commits it has to come before the rows; elsewhere it is undone with them.
            if is_added and not dialect.has_transactional_ddl:
                token = _token(connection, dialect, wanted.schema)
            yield connection
            if is_added and dialect.has_transactional_ddl:
                token = _token(connection, dialect, wanted.schema)
            witness = _witness(connection, wanted, token, number)
            is_sent = True
    except DBAPIError as error:
        if not (is_sent and error.connection_invalidated):
            raise
        if not _is_committed(engine, dialect, wanted, witness, token, error):
            raise


def _witness(
    connection: Connection, wanted: Publication, token: str, number: str | None
) -> Executable | None:
    """The query that gives a row when what is done here is committed; None where there is none."""
    if token:
        return _marked(connection, wanted, token)
    if number is not None and wanted.mode != "append":
        return MADE.bindparams(schema=wanted.schema, name=wanted.name, number=number)
    return None


def _is_committed(
    engine: Engine,
    dialect: Dialect,
    wanted: Publication,
    witness: Executable | None,
    token: str,
    error: DBAPIError,
) -> bool:
    deadline = time.monotonic() + PATIENCE
    while witness is not None and time.monotonic() < deadline:
        try:
            with writing(engine) as connection, owned(connection, dialect, wanted):
                if token and not _has_table(connection, dialect, wanted.schema):
                    return False  # It was made in the transaction that is undone.
                return ask(connection, dialect, witness).first() is not None
        except (DBAPIError, PyDBTError):
            # It cannot be reached yet, or the lost session is still at it.
            time.sleep(_PAUSE)
    if wanted.mode == "overwrite":
        return False
    marks = sa.table(NAME, schema=wanted.schema).fullname
    tells = f"the table {marks} has a row with the token {token!r} if they are there; if not, run it again"
    raise OutcomeUnknownError(
        f"the answer to the COMMIT of rows for {str(wanted)!r} was lost, and the database could not be asked:"
        " nobody knows whether they are there",
        where=user_location(),
        hint=tells if token else "look whether they are there before you run it again",
    ) from error


def _table(schema: str | None) -> sa.Table:
    return sa.Table(
        NAME,
        sa.MetaData(),
        sa.Column("relation", relation_name(), primary_key=True),
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("committed_at", sa.DateTime, nullable=False),
        schema=schema,
    )


def _marked(connection: Connection, wanted: Publication, token: str) -> Executable:
    """Leave a mark in the transaction, remove old ones, and give the query for it."""
    table = _table(wanted.schema)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    is_ours = table.c.relation == wanted.name
    connection.execute(sa.delete(table).where(is_ours, table.c.committed_at < now - _KEPT))
    connection.execute(sa.insert(table).values(relation=wanted.name, token=token, committed_at=now))
    return sa.select(table.c.token).where(is_ours, table.c.token == token)


def _token(connection: Connection, dialect: Dialect, schema: str | None) -> str:
    """A token for a mark, whose table is there now; empty for who may not make it."""
    if not _has_table(connection, dialect, schema):
        # A DDL that commits would take a savepoint with it.
        apart = connection.begin_nested() if dialect.has_transactional_ddl else nullcontext()
        try:
            with apart:
                connection.execute(sa.schema.CreateTable(_table(schema), if_not_exists=True))
        except DBAPIError as error:
            # Who may only add rows makes no table: a lost answer then stays unknown.
            if _state(error) not in _DENIED:
                raise
            return ""
    return secrets.token_hex(16)


def _has_table(connection: Connection, dialect: Dialect, schema: str | None) -> bool:
    return ask(connection, dialect, dialect.relation(schema, NAME)).first() is not None


def _state(error: DBAPIError) -> Any:
    """The code that the driver gives."""
    orig: Any = error.orig
    return getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None) or orig.args[0]
