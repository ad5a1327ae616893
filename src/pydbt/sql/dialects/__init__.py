"""What differs between databases: the ANSI default and one small file for each database."""

from __future__ import annotations

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine import Dialect as SQLAlchemyDialect

from pydbt.sql.dialects.ansi import ANSI, Dialect
from pydbt.sql.dialects.duckdb import DUCKDB
from pydbt.sql.dialects.mysql import MYSQL
from pydbt.sql.dialects.postgresql import POSTGRESQL
from pydbt.sql.dialects.sqlite import SQLITE

__all__ = [
    "ANSI",
    "DUCKDB",
    "MYSQL",
    "POSTGRESQL",
    "SQLITE",
    "Dialect",
    "dialect_of",
    "keep_names_whole",
    "quote_reserved_words",
]

_BY_NAME = {dialect.name: dialect for dialect in (DUCKDB, MYSQL, POSTGRESQL, SQLITE)}
# SQLAlchemy's second name for the same dialect, of URLs that begin with mariadb://.
_BY_NAME["mariadb"] = MYSQL


def dialect_of(bind_or_dialect: Engine | Connection | SQLAlchemyDialect) -> Dialect:
    """The differences of the database behind an engine, a connection or a SQLAlchemy dialect.

    >>> from sqlalchemy import create_engine
    >>> dialect_of(create_engine("sqlite://")).name
    'sqlite'
    """
    if isinstance(bind_or_dialect, (Engine, Connection)):
        return dialect_of(bind_or_dialect.dialect)
    return _BY_NAME.get(bind_or_dialect.name, ANSI)


def quote_reserved_words(dialect: SQLAlchemyDialect) -> None:
    """Make SQLAlchemy quote the names that it takes for plain ones and the database does not.

    >>> from sqlalchemy.dialects.sqlite import dialect
    >>> sqlite = dialect()
    >>> quote_reserved_words(sqlite)
    >>> sqlite.identifier_preparer.quote("returning")
    '"returning"'
    """
    preparer = dialect.identifier_preparer
    missing = dialect_of(dialect).reserved_words - set(preparer.reserved_words)
    if missing:
        # Its own set: the inherited one is that of every engine.
        preparer.reserved_words = {*preparer.reserved_words, *missing}


# SQLAlchemy keeps room for a number behind a label.
_ROOM = 6
_ANY_LENGTH = 10_000


def keep_names_whole(dialect: SQLAlchemyDialect) -> None:
    """Let SQLAlchemy cut no column's name: what is too long for the database is refused here, and told."""
    ours = dialect_of(dialect)
    longest = ours.max_identifier_bytes or ours.max_identifier_characters or _ANY_LENGTH
    dialect.max_identifier_length = max(dialect.max_identifier_length, longest + _ROOM)
