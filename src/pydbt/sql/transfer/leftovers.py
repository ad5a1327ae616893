"""Tables of rows whose process was killed: known by their names, which tell whose they are and since when."""

from __future__ import annotations

import logging
import secrets
import time
import weakref

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from pydbt.errors import PyDBTError
from pydbt.owner import is_leftover, mark, this_process
from pydbt.sql.transfer.passing import drop_left

_LOG = logging.getLogger(__name__)
PREFIX = "__pydbt_rows_"

_SWEPT: weakref.WeakSet[Engine] = weakref.WeakSet()


def new_name() -> str:
    """A name for a table of this process, which no other has."""
    return f"{PREFIX}{int(time.time()):x}_{mark(this_process())}_{secrets.token_hex(4)}"


def sweep_leftovers(engine: Engine, schema: str | None) -> None:
    """Drop the tables that processes left which have ended; none of a process that lives.

    Args:
        engine: Where.
        schema: The schema that is looked through.
    """
    _SWEPT.add(engine)
    if engine.dialect.name == "duckdb":
        # There they are in memory, and have gone with their process.
        return
    for name in _tables(engine, schema):
        if name.startswith(PREFIX) and _is_left(name):
            drop_left(engine, sa.table(name, schema=schema))


def sweep_leftovers_once(engine: Engine, schema: str | None) -> None:
    """As `sweep_leftovers`, for the first rows that come in on an engine."""
    if engine not in _SWEPT:
        sweep_leftovers(engine, schema)


def _tables(engine: Engine, schema: str | None) -> list[str]:
    try:
        # In a transaction SQLite would wait for whoever writes.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return sa.inspect(connection).get_table_names(schema)
    except (SQLAlchemyError, PyDBTError) as error:
        # It was not asked for: whoever comes to read or write is told what is wrong.
        _LOG.debug("what was left cannot be looked for: %s", error)
        return []


def _is_left(name: str) -> bool:
    made, _, rest = name.removeprefix(PREFIX).partition("_")
    marked, _, _chance = rest.rpartition("_")
    try:
        return is_leftover(marked, int(made, 16))
    except ValueError:
        return False  # Somebody else's, in spite of its name.
