"""Tables that hold a frame's rows for as long as the frame lives.

Connections are pooled and a temporary table belongs to one of them, so rows that are too many to stand in
the query get a table of their own, ``__pydbt_rows_…``: in DuckDB in a database in memory beside the user's
file, elsewhere in the session's schema. A `Lease` keeps it; how it goes stands in ``passing.py``.
"""

from __future__ import annotations

import secrets
import time
import weakref
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from pydbt.sql.rendering import render
from pydbt.sql.transaction import single, writing
from pydbt.sql.transfer.incoming import Incoming
from pydbt.sql.transfer.load import load
from pydbt.sql.transfer.passing import Lease, doom, is_live, leased, sweep
from pydbt.sql.transfer.statements import AttachMemory, CreateUnloggedTable

PREFIX = "__pydbt_rows_"
MEMORY = "__pydbt"
# Nobody can ask whether a process on another machine lives: what is older than this is its leftover.
LEFTOVER_AFTER = 7 * 24 * 3600.0

_SWEPT: weakref.WeakSet[Engine] = weakref.WeakSet()


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
    elif engine not in _SWEPT:
        _SWEPT.add(engine)
        _doom_leftovers(engine, schema)
    table = sa.table(f"{PREFIX}{int(time.time()):x}_{secrets.token_hex(4)}", schema=schema)
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


def _doom_leftovers(engine: Engine, schema: str | None) -> None:
    """Note what processes that were killed long ago have left."""
    oldest = time.time() - LEFTOVER_AFTER
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names(schema)
    for name in names:
        if name.startswith(PREFIX) and not is_live(name) and _made_at(name) < oldest:
            doom(engine, sa.table(name, schema=schema))
    sweep(engine)


def _made_at(name: str) -> float:
    try:
        return float(int(name.removeprefix(PREFIX).partition("_")[0], 16))
    except ValueError:
        return float("inf")  # Somebody else's, in spite of its name.
