"""The repair of a state on PostgreSQL: its tables get other names, new ones theirs, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement

from pydbt.core.state.carry import CARRIED, NewState, agree, carry, refuse_live_runs
from pydbt.core.state.engine import lock_for_migration, writing
from pydbt.core.state.migrations import make_tables
from pydbt.core.state.salvage import Tally
from pydbt.core.state.schema import TABLES
from pydbt.failpoints import reached

_INDEXES = sa.text(
    "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE x.indrelid = CAST(quote_ident(:table_name) AS regclass) ORDER BY 1"
)


class _Rename(DDLElement):
    """``ALTER … RENAME TO …``.

    Args:
        kind: ``TABLE`` or ``INDEX``.
        name: As it is called.
        new_name: As it will be called.
    """

    inherit_cache = False

    def __init__(self, kind: str, name: str, new_name: str) -> None:
        self.kind = kind
        self.name = name
        self.new_name = new_name


@compiles(_Rename)  # type: ignore[no-untyped-call,untyped-decorator,unused-ignore]
def _rename(rename: _Rename, compiler: Any, **_: Any) -> str:
    quote = compiler.preparer.quote
    return f"ALTER {rename.kind} {quote(rename.name)} RENAME TO {quote(rename.new_name)}"


def repair_tables(engine: Engine, ending: str) -> NewState:
    """Set the tables aside and make new ones of what can be read of them; all of it or nothing.

    Args:
        engine: The state.
        ending: Of the names under which they are kept.

    Raises:
        StateLockedError: A run is going on, or holds the tables.
    """
    suffix = f"_{ending}_{time.strftime('%Y%m%d%H%M%S', time.gmtime())}"
    with writing(engine) as connection:
        lock_for_migration(connection)
        there = {*sa.inspect(connection).get_table_names()}
        kept = [table.name + suffix for table in TABLES if table.name in there]
        for rename in [*_renames(connection, there, suffix)]:
            reached("repair.before.rename")
            connection.execute(rename)
        make_tables(connection)
        tallies = {table.name: _carried(connection, table, there, suffix) for table in CARRIED}
        refuse_live_runs(connection, engine.url.render_as_string(hide_password=True))
        new = agree(connection, tallies, "")
        return replace(new, kept=", ".join(kept))


def _renames(connection: Connection, there: set[str], suffix: str) -> Iterator[_Rename]:
    for table in TABLES:
        if table.name in there:
            for index in connection.execute(_INDEXES, {"table_name": table.name}).scalars().all():
                yield _Rename("INDEX", index, index + suffix)
            yield _Rename("TABLE", table.name, table.name + suffix)


def _carried(connection: Connection, table: sa.Table, there: set[str], suffix: str) -> Tally:
    reached("repair.before.carry")
    if table.name not in there:
        return Tally(is_cut=True)
    kept = table.to_metadata(sa.MetaData(), name=table.name + suffix)
    return carry(connection, kept, connection, table)
