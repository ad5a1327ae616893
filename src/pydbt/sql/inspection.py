"""Rows looked at before readers see them: whoever inspects is given DataFrames, inside the transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import NullType

from pydbt.sql.publication import Existing

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that are about to be published, seen from inside the transaction that publishes them.

    Args:
        connection: The transaction's: no other connection sees the rows.
        frame: The rows as they will stand under the name.
        before: The table that stands there now; None where there is none.
        kind: What stands under the name now: ``table``, ``view``; None where nothing does.
        is_published: Whether they are what stands there already: no new ones have come.
    """

    connection: Connection
    frame: DataFrame
    before: DataFrame | None = None
    kind: str | None = None
    is_published: bool = False

    def collect(self, frame: DataFrame) -> list[Row[Any]]:
        """The rows of any DataFrame of the same database, as the transaction sees them."""
        return list(self.connection.execute(frame.query))


Inspect = Callable[[Rows], None]


def look_at(frame: DataFrame, inspect: Inspect) -> None:
    """Show an inspection the rows of a DataFrame; nothing is written."""
    with frame.engine.connect() as connection:
        inspect(Rows(connection, frame))


def shown_to(
    inspect: Inspect, frame: DataFrame, schema: str | None, name: str, *, is_published: bool = False
) -> Callable[[Connection, TableClause, Existing | None], None]:
    """What `publish` calls, so that an inspection is shown DataFrames: the new rows and the old table."""
    from pydbt.sql.session import Session

    session = Session(frame.engine, schema)
    columns = frame.schema

    def shown(connection: Connection, table: TableClause, existing: Existing | None) -> None:
        before = None
        # What is added to stands there already with the new rows: how it was cannot be seen any more.
        if existing is not None and existing.kind == "table" and table.name != name:
            before = session.declare(name, dict.fromkeys(existing.names, NullType()))
        kind = None if existing is None else existing.kind
        inspect(Rows(connection, session.declare(table.name, columns), before, kind, is_published))

    return shown
