"""DataFrames of tables for tests: without a database, where only the SQL matters, and in one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

ENGINE: Engine = sa.create_engine("sqlite://", future=True)


def frame(name: str = "t") -> DataFrame:
    """A table of an id, a number, text, a day, a moment, a price and a flag."""
    columns: list[Any] = [
        sa.column("id", sa.Integer()),
        sa.column("k", sa.Integer()),
        sa.column("s", sa.String()),
        sa.column("day", sa.Date()),
        sa.column("moment", sa.DateTime()),
        sa.column("price", sa.Numeric(12, 3)),
        sa.column("flag", sa.Boolean()),
    ]
    return DataFrame(sa.table(name, *columns), ENGINE)


def small(name: str = "t") -> DataFrame:
    """The first three columns only, so that the SQL stays short."""
    return frame(name).select("id", "k", "s")


def sql(made: DataFrame, dialect: str = "postgresql") -> str:
    """The SQL on one line."""
    return " ".join(made.sql(dialect).split())


def made(engine: Engine, name: str, columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> DataFrame:
    """A table with rows."""
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, type_) for column, type_ in columns.items()))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [dict(zip(columns, row, strict=True)) for row in rows])
    return Session(engine).table(name)
