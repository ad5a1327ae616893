"""The databases: one connection each, on which a program's tables live until it is over."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.types import TypeEngine

from pydbt.connections import engine_from
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.ddl import CreateView
from pydbt.sql.rendering import render
from pydbt.sql.session import Session
from tests.conftest import DATABASES, IS_SQLALCHEMY_14
from tests.sql.oracle.program import Table
from tests.sql.oracle.values import TYPES

_SQL_TYPES = {
    "int": "INTEGER",
    "long": "BIGINT",
    "decimal": "NUMERIC(12, 3)",
    "float": "DOUBLE PRECISION",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "DATE",
    "moment": "TIMESTAMP",
}
# What a driver is told before a program and after it. Where it can be, all is done in a transaction that is
# rolled back: so each program finds an empty database, and nothing is ever dropped.
_AROUND = {
    "duckdb_sqlalchemy": (("BEGIN",), ("ROLLBACK",)),
    "psycopg": (("BEGIN",), ("ROLLBACK",)),
    "psycopg2": ((), ("DISCARD TEMP",)),  # With SQLAlchemy 1.4, which rolls back whatever it is given.
}


class Database:
    """One engine with one connection, shared by all programs, whose tables are temporary."""

    def __init__(self, url: str) -> None:
        # Who reads leaves our transaction as it is. SQLAlchemy 1.4 would not, so there is none there.
        left: dict[str, Any] = {"skip_autocommit_rollback": True, "pool_reset_on_return": None}
        self.engine: Engine = engine_from(
            url,
            pool_size=1,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
            **({} if IS_SQLALCHEMY_14 else left),
        )
        self.name = self.engine.dialect.name
        self.session = Session(self.engine)
        with closing(self.engine.raw_connection()) as lent:
            # The pool has this one connection, so whoever asks for one gets the same.
            driver: Any = lent.driver_connection
        self.driver = driver
        if self.name == "duckdb":
            self.run("SET threads = 1")
        elif self.engine.driver == "psycopg":
            self.driver.prepare_threshold = None  # Tables of one name come and go.

    def close(self) -> None:
        """Let the connection go."""
        self.engine.dispose()

    def run(self, *statements: str) -> None:
        """Statements without values, past SQLAlchemy: tables are not what is tested."""
        # SQLite takes one at a time, or else commits first.
        with closing(self.driver.cursor()) as cursor:
            for statement in statements if self.name == "sqlite" else (";".join(statements),):
                cursor.execute(statement)

    @contextmanager
    def program(self, tables: Sequence[Table], used: Collection[int]) -> Iterator[list[DataFrame]]:
        """The program's tables as DataFrames, for as long as it runs; those it reads are there."""
        made = [statement for number in sorted(used) for statement in self._made(tables[number])]
        before, after = _AROUND.get(self.engine.driver, ((), ()))
        try:
            self.run(*before, *made)
            yield [
                self.declared(table.name, {n: TYPES[kind] for n, kind in table.columns}) for table in tables
            ]
        finally:
            self.run(*after, *self._left())

    def _left(self) -> list[str]:
        """Statements that drop what a program leaves in SQLite, whose driver commits before each of ours."""
        if self.name != "sqlite":
            return []
        made = self.driver.execute("SELECT type, name FROM sqlite_temp_master").fetchall()
        return [f"DROP {kind} {self._quoted(name)}" for kind, name in reversed(made)]

    def declared(self, name: str, columns: dict[str, TypeEngine[Any]]) -> DataFrame:
        """A table that is there, as a DataFrame, without asking the catalogue."""
        return self.session.declare(name, columns)

    def adopted(self, frame: DataFrame) -> DataFrame:
        """A frame of another database as one of this: the same plan."""
        return DataFrame._of(frame._query, self.engine, None)

    def kept(self, frame: DataFrame, name: str, kind: str) -> DataFrame:
        """The frame's rows written down as a temporary ``TABLE`` or ``VIEW``, and read from there."""
        if kind == "VIEW":
            made = render(CreateView(sa.table(name), frame.query), frame.engine.dialect)
            self.run(made.replace("CREATE", "CREATE TEMPORARY", 1))
        else:
            self.run(f"CREATE TEMPORARY TABLE {self._quoted(name)} AS {frame.sql(pretty=False)}")
        return self.declared(name, frame.schema)

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def _made(self, table: Table) -> list[str]:
        columns = ", ".join(f"{self._quoted(name)} {_SQL_TYPES[kind]}" for name, kind in table.columns)
        made = [f"CREATE TEMPORARY TABLE {self._quoted(table.name)} ({columns})"]
        if table.rows:
            rows = ", ".join("(" + ", ".join(map(self._literal, row)) + ")" for row in table.rows)
            made.append(f"INSERT INTO {self._quoted(table.name)} VALUES {rows}")
        return made

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        if isinstance(value, bool):
            return str(int(value)) if self.name == "sqlite" else str(value)
        if isinstance(value, dt.datetime):
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"  # As SQLAlchemy keeps it in SQLite.
        if isinstance(value, dt.date):
            return f"'{value}'"
        return repr(value) if isinstance(value, float) else str(value)


@contextmanager
def databases(postgresql_url: str | None) -> Iterator[list[Database]]:
    """SQLite and DuckDB in memory, where this SQLAlchemy knows it, and PostgreSQL where there is one."""
    urls = {"sqlite": "sqlite://", "duckdb": "duckdb:///:memory:", "postgresql": postgresql_url}
    opened = [Database(url) for name, url in urls.items() if url is not None and name in DATABASES]
    try:
        yield opened
    finally:
        for database in opened:
            database.close()


def version(database: Database) -> str:
    """What the database calls itself."""
    with database.engine.connect() as connection:
        if database.name == "sqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        return str(connection.execute(sa.select(sa.func.version())).scalar()).split(" on ")[0]
