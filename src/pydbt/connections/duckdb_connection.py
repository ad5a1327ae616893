"""The connection to DuckDB that PyDBT's engines hand out. Imported only when a DuckDB file is opened."""

from __future__ import annotations

from typing import Any

from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.engine import Dialect


class ThreadConnection(ConnectionWrapper):
    """A connection of one thread that knows whether a transaction is open.

    DuckDB answers a ROLLBACK without a transaction with an exception, which costs 0.3 ms and more; SQLAlchemy
    sends one each time a connection goes back to the pool.
    """

    _is_open = False

    def begin(self) -> None:
        """Begin a transaction, unless each statement is its own."""
        super().begin()
        self._is_open = not self.autocommit

    def commit(self) -> None:
        """Commit, where there is something to commit."""
        if self._is_open:
            self._is_open = False
            super().commit()

    def rollback(self) -> None:
        """Roll back, where there is something to roll back."""
        if self._is_open:
            self._is_open = False
            super().rollback()


def opened(dialect: Dialect, args: list[Any], named: dict[str, Any]) -> ThreadConnection:
    """A new connection, with what the dialect makes of the URL's options."""
    connection: Any = dialect.connect(*args, **named)
    # The dialect makes it, settings and all, and always of its own class; how it ends is ours.
    connection.__class__ = ThreadConnection
    return connection  # type: ignore[no-any-return]
