"""Tables that hold a frame's rows for as long as the frame lives.

Connections are pooled and a temporary table belongs to one of them, so rows that are too many to stand in
the query get a table of their own, ``__pydbt_rows_…``: in DuckDB in a database in memory beside the user's
file, elsewhere in the session's schema. A `Lease` keeps it; how it goes stands in ``passing.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from pydbt.sql.rendering import render
from pydbt.sql.transaction import single, writing
from pydbt.sql.transfer.incoming import Incoming
from pydbt.sql.transfer.leftovers import new_name, sweep_leftovers_once
from pydbt.sql.transfer.load import load
from pydbt.sql.transfer.passing import Lease, leased, sweep
from pydbt.sql.transfer.statements import AttachMemory, CreateUnloggedTable

MEMORY = "__pydbt"


def stage(engine: Engine, schema: str | None, rows: Incoming, names: Sequence[str]) -> Lease:
    """Put rows into a table of their own.

    Args:
        engine: Where.
        schema: The schema for it, where it is not in memory.
        rows: The rows.
        names: What the columns are called there.
    """
    sweep(engine)
    keeper = None
    if engine.dialect.name == "duckdb":
        schema = f"{MEMORY}.main"
        keeper = _attach(engine)
    else:
        sweep_leftovers_once(engine, schema)
    table = sa.table(new_name(), schema=schema)
    with writing(engine) as connection:
        create = CreateUnloggedTable(table, list(zip(names, rows.types, strict=True)))
        connection.exec_driver_sql(
            render(create, connection.dialect), execution_options={"no_parameters": True}
        )
        load(connection, table, rows, names)
    return leased(engine, table, keeper)


def _attach(engine: Engine) -> object:
    with single(engine) as connection:
        text = render(AttachMemory(MEMORY), connection.dialect)
        connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        if isinstance(engine.pool, NullPool):
            # With the last connection the memory would go: a further one stays as long as the lease.
            return connection.connection.cursor()
    return None
