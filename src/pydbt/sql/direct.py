"""One statement sent straight to DuckDB's driver: the way 1,000 small tables a second take.

SQLAlchemy still compiles it, and the pool lends the connection. What is left out is SQLAlchemy's bookkeeping
of a transaction and a result, which takes nearly as long as DuckDB takes to make a small table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt.sql.ddl import CreateTableAs
from pydbt.sql.rendering import render


def is_direct(engine: Engine, statement: object) -> bool:
    """Whether a statement can take this way: a table of DuckDB's, whoever made the engine."""
    return isinstance(statement, CreateTableAs) and engine.dialect.name == "duckdb"


def create_table_as(engine: Engine, statement: CreateTableAs) -> int | None:
    """Run the statement as its own transaction, and give the number of rows DuckDB says it wrote.

    Raises:
        DBAPIError: As SQLAlchemy raises it.
    """
    # Without parameters: for the first one that it is given, DuckDB imports pandas where that is installed.
    text = render(statement, engine.dialect)
    error_class: Any = engine.dialect.dbapi.Error if engine.dialect.dbapi is not None else Exception
    lent = engine.raw_connection()
    try:
        driver: Any = lent.driver_connection
        answer = driver.execute(text).fetchone()
    except error_class as error:
        raise DBAPIError.instance(text, None, error, error_class, dialect=engine.dialect) from error
    finally:
        lent.close()
    return None if answer is None else int(answer[0])
