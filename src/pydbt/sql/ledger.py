"""The ledger of incremental tables: which time is in them. A table beside them, in their own schema.

A row is written in the transaction that publishes what it is about, so the two agree whatever dies when.
Rows are only added, but for a table that is made anew. Of a table that is not there nothing counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.expression import Executable

from pydbt.errors import Location
from pydbt.sql.catalog import Columns, ask
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.identifiers import relation_name
from pydbt.sql.increment import moved
from pydbt.sql.ownership import owned
from pydbt.sql.publication import Existing, Publication, Refusal, Step, Steps
from pydbt.sql.transaction import writing

NAME = "_pydbt_increments"
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Noted:
    """What a ledger says of a table.

    Args:
        spans: The time that is in the table, in the order in which it came.
        token: The number of the last note; 0 for none.
    """

    spans: tuple[Span, ...] = ()
    token: int = 0


def ledger(schema: str | None) -> sa.Table:
    """The ledger of a schema, as SQLAlchemy knows it."""
    return sa.Table(
        NAME,
        sa.MetaData(),
        sa.Column("relation", relation_name(), primary_key=True),
        # Two writers who know the same last note cannot both add the next one.
        sa.Column("token", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("starts", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime, nullable=False),
        schema=schema,
    )


def ensure(engine: Engine, schema: str | None) -> None:
    """Make the ledger where there is none; an empty one says nothing."""
    dialect = dialect_of(engine)
    with engine.connect() as connection:
        if _is_there(connection, dialect, schema):
            return
    wanted = Publication(sa.select(sa.literal(1).label("n")), NAME, schema)
    with writing(engine) as connection, owned(connection, dialect, wanted):
        if not _is_there(connection, dialect, schema):
            connection.execute(sa.schema.CreateTable(ledger(schema)))


def read(engine: Engine, schema: str | None, relation: str) -> Noted:
    """What the ledger says of a table."""
    dialect = dialect_of(engine)
    table = ledger(schema)
    query = (
        sa.select(table.c.starts, table.c.ends, table.c.token)
        .where(table.c.relation == relation)
        .order_by(table.c.token)
    )
    with engine.connect() as connection:
        if not _is_there(connection, dialect, schema):
            return Noted()
        rows = connection.execute(query).fetchall()
    return Noted(tuple((row[0], row[1]) for row in rows), rows[-1][2] if rows else 0)


def unmoved(schema: str | None, relation: str, token: int, where: Location | None) -> Refusal:
    """That the last note is still the one that is known."""
    table = ledger(schema)
    last = sa.func.coalesce(sa.func.max(table.c.token), 0).label("token")
    known = sa.select(last).where(table.c.relation == relation).subquery("known")
    changed = sa.select(known.c.token).where(known.c.token != token)
    return Refusal(changed, lambda _row: moved(relation, where))


def note(
    schema: str | None, relation: str, span: Span, token: int, *, run: str, at: datetime
) -> tuple[Executable, ...]:
    """Write down that a time is in the table."""
    values: dict[str, Any] = {"relation": relation, "token": token, "starts": span[0], "ends": span[1]}
    return (sa.insert(ledger(schema)).values(**values, run=run, published_at=at.replace(microsecond=0)),)


def reset(
    schema: str | None, relation: str, start: datetime, token: int, *, run: str, at: datetime
) -> tuple[Executable, ...]:
    """Forget what is known of a table, for it is made anew; that it has a ledger stays known."""
    table = ledger(schema)
    nothing = note(schema, relation, (start, start), token, run=run, at=at)
    return (sa.delete(table).where(table.c.relation == relation), *nothing)


def forgetting(schema: str | None, relation: str, steps: Steps) -> Steps:
    """A way to publish a table that has no ledger any more: what was noted of one of its name goes.

    It goes first: where DDL commits, a table without its notes is an error later, and notes of another table
    would be believed.
    """
    table = ledger(schema)

    def taken(
        dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        forgotten = sa.delete(table).where(table.c.relation == relation)
        return (forgotten, *steps(dialect, wanted, columns, existing))

    return taken


def _is_there(connection: Connection, dialect: Dialect, schema: str | None) -> bool:
    return ask(connection, dialect, dialect.relation(schema, NAME)).first() is not None
