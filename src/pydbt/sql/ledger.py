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
from pydbt.sql.catalog import Columns, read_one
from pydbt.sql.ddl import AddColumn
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.identifiers import relation_name
from pydbt.sql.increment import moved
from pydbt.sql.ownership import owned
from pydbt.sql.publication import Existing, Publication, Refusal, Step, Steps
from pydbt.sql.transaction import writing

NAME = "_pydbt_increments"
_ON = "on_column"
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Noted:
    """What a ledger says of a table.

    Args:
        spans: The time that is in the table, in the order in which it came.
        token: The number of the last note; 0 for none.
        on: The column whose time is meant; None where an older version has written all notes.
    """

    spans: tuple[Span, ...] = ()
    token: int = 0
    on: str | None = None


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
        # NULL in notes of a version that did not write it down.
        sa.Column(_ON, relation_name(), nullable=True),
        schema=schema,
    )


def ensure(engine: Engine, schema: str | None) -> None:
    """Make the ledger where there is none, which says nothing; complete that of an older version."""
    dialect = dialect_of(engine)
    with engine.connect() as connection:
        if _ON in _names(connection, dialect, schema):
            return
    wanted = Publication(sa.select(sa.literal(1).label("n")), NAME, schema)
    table = ledger(schema)
    with writing(engine) as connection, owned(connection, dialect, wanted):
        names = _names(connection, dialect, schema)
        if not names:
            connection.execute(sa.schema.CreateTable(table))
        elif _ON not in names:
            connection.execute(AddColumn(table, _ON, table.c[_ON].type))


def read(engine: Engine, schema: str | None, relation: str) -> Noted:
    """What the ledger says of a table."""
    dialect = dialect_of(engine)
    table = ledger(schema)
    with engine.connect() as connection:
        names = _names(connection, dialect, schema)
        if not names:
            return Noted()
        on = table.c[_ON] if _ON in names else sa.null()
        query = sa.select(table.c.starts, table.c.ends, table.c.token, on.label(_ON))
        rows = connection.execute(
            query.where(table.c.relation == relation).order_by(table.c.token)
        ).fetchall()
    known = next((row[3] for row in reversed(rows) if row[3] is not None), None)
    return Noted(tuple((row[0], row[1]) for row in rows), rows[-1][2] if rows else 0, known)


def unmoved(schema: str | None, relation: str, token: int, where: Location | None) -> Refusal:
    """That the last note is still the one that is known."""
    table = ledger(schema)
    last = sa.func.coalesce(sa.func.max(table.c.token), 0).label("token")
    known = sa.select(last).where(table.c.relation == relation).subquery("known")
    changed = sa.select(known.c.token).where(known.c.token != token)
    return Refusal(changed, lambda _row: moved(relation, where))


@dataclass(frozen=True, slots=True)
class Notes:
    """How notes of a table are written.

    Args:
        schema: Where it is.
        relation: The table.
        on: The column whose time is noted.
        run: The run that writes them.
        at: The moment that they say.
    """

    schema: str | None
    relation: str
    on: str
    run: str
    at: datetime

    def note(self, span: Span, token: int) -> tuple[Executable, ...]:
        """Write down that a time is in the table."""
        values: dict[str, Any] = {
            "relation": self.relation,
            "token": token,
            "starts": span[0],
            "ends": span[1],
            "run": self.run,
            "published_at": self.at.replace(microsecond=0),
            _ON: self.on,
        }
        return (sa.insert(ledger(self.schema)).values(**values),)

    def reset(self, start: datetime, token: int) -> tuple[Executable, ...]:
        """Forget what is known of a table, for it is made anew; that it has a ledger stays known."""
        return (forgotten(self.schema, self.relation), *self.note((start, start), token))


def forgotten(schema: str | None, relation: str) -> Executable:
    """Forget what is known of a table."""
    table = ledger(schema)
    return sa.delete(table).where(table.c.relation == relation)


def forgetting(schema: str | None, relation: str, steps: Steps) -> Steps:
    """A way to publish a table that has no ledger any more: what was noted of one of its name goes.

    It goes first: where DDL commits, a table without its notes is an error later, and notes of another table
    would be believed.
    """

    def taken(
        dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        return (forgotten(schema, relation), *steps(dialect, wanted, columns, existing))

    return taken


def _names(connection: Connection, dialect: Dialect, schema: str | None) -> set[str]:
    """The columns that the ledger has; none where there is no ledger."""
    return {name for name, _kind in read_one(connection, dialect, schema, NAME)}
