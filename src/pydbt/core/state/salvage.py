"""What can still be read of a damaged state: rows whose checksums fit, wherever they can be reached."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from pydbt.core.state.engine import is_postgresql
from pydbt.core.state.rows import PARSERS, DamagedRowError, Row, opened

_rowid: sa.ColumnElement[int] = sa.literal_column("rowid", sa.BigInteger)
_everything: sa.ColumnElement[Any] = sa.literal_column("*")
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
# Each probe is a look into a part that could not be read from either end.
_PROBES = 300


@dataclass(slots=True)
class Tally:
    """What became of the rows of one table.

    Args:
        changed: Rows that were there and whose checksum did not fit.
        is_cut: Whether a part could not be read.
    """

    changed: int = 0
    is_cut: bool = False


def salvaged(
    connection: Connection, table: sa.Table, named: sa.Table, tally: Tally
) -> Iterator[dict[str, Any]]:
    """The rows of a table that are as PyDBT wrote them; the tally says what is left out.

    Args:
        connection: Reads the damaged state.
        table: The table, as it is called there.
        named: The table, as PyDBT calls it.
        tally: Counts.
    """
    parse = PARSERS.get(named.name, dict)
    for found in (_all_rows if is_postgresql(connection) else _reachable)(connection, table, tally):
        # An older version's rows lack columns.
        row = {column.name: found.get(column.name) for column in named.columns}
        try:
            opened(named, row, parse)
        except DamagedRowError:
            tally.changed += 1
        else:
            yield row


def _all_rows(connection: Connection, table: sa.Table, _tally: Tally) -> Iterator[Row]:
    query = sa.select(_everything).select_from(table).execution_options(stream_results=True)
    with closing(connection.execute(query)) as found:
        yield from found.mappings()


def _reachable(connection: Connection, table: sa.Table, tally: Tally) -> Iterator[Row]:
    """Rows from both ends of each part that cannot be read, and between them by halving it."""
    parts, probes = [(_LOWEST, _HIGHEST)], _PROBES
    while parts:
        low, high = parts.pop()
        low, is_whole = yield from _walk(connection, table, low, high, is_down=False)
        if is_whole:
            continue
        tally.is_cut = True
        high, _ = yield from _walk(connection, table, low, high, is_down=True)
        middle = (low + high) // 2
        if probes > 0 and low < middle < high:
            probes -= 1
            parts += [(low, middle + 1), (middle, high)]


def _walk(
    connection: Connection, table: sa.Table, low: int, high: int, *, is_down: bool
) -> Generator[Row, None, tuple[int, bool]]:
    """The rows between two row ids, in their order; how far it came, and whether to the end."""
    order = _rowid.desc() if is_down else _rowid
    within = sa.and_(_rowid > low, _rowid < high)
    query = sa.select(_rowid.label("_rowid"), _everything).select_from(table).where(within)
    reached = high if is_down else low
    try:
        found = connection.execute(query.order_by(order)).mappings()
        while (row := found.fetchone()) is not None:
            rowid = row["_rowid"]
            # A page that hangs in the tree twice makes it go backward.
            if not (low < rowid < reached if is_down else reached < rowid < high):
                return reached, False
            reached = rowid
            yield row
    except (DBAPIError, UnicodeDecodeError):
        return reached, False
    return reached, True
