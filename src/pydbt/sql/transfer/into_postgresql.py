"""Rows into a table of PostgreSQL: one COPY, whatever the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import TableClause

from pydbt.errors import IncomingError
from pydbt.sql.rendering import render
from pydbt.sql.transfer.copy_csv import as_csv
from pydbt.sql.transfer.copy_text import as_lines
from pydbt.sql.transfer.incoming import Incoming, has_pyarrow
from pydbt.sql.transfer.statements import CopyIn


def copy(connection: Connection, table: TableClause, rows: Incoming, names: Sequence[str]) -> None:
    """Put the rows into a table whose columns have these names, as CSV where pyarrow can write it."""
    is_csv = has_pyarrow()
    text = render(CopyIn(table, names, is_csv=is_csv), connection.dialect)
    pieces = map(as_csv, rows.parts()) if is_csv else (as_lines(chunk, rows.types) for chunk in rows.chunks())
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        if hasattr(cursor, "copy_expert"):
            _copy_with_psycopg2(cursor, text, pieces)
            return
        with cursor.copy(text) as copying:
            for piece in pieces:
                copying.write(piece)


def _copy_with_psycopg2(cursor: Any, text: str, pieces: Iterator[bytes]) -> None:
    reading = _Reading(pieces)
    try:
        cursor.copy_expert(text, reading)
    except Exception:
        # The driver tells of an error while reading as of one of the server's.
        if reading.error is not None:
            raise reading.error from None
        raise


class _Reading:
    """What psycopg2 reads from: pieces of text as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        if not self._rest:
            try:
                self._rest = next(self._pieces, b"")
            except (IncomingError, UnicodeEncodeError, OverflowError) as error:
                self.error = error
                raise
        if size < 0:
            size = len(self._rest)
        found, self._rest = self._rest[:size], self._rest[size:]
        return found
