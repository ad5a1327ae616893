"""How far an incremental table is before a run adds to it, and that it is still so when the rows come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import REAL

from pydbt.errors import Location
from pydbt.sql import ledger
from pydbt.sql.catalog import Columns, catalog_of
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.functions import max as largest
from pydbt.sql.increment import Increment, moved
from pydbt.sql.inspection import Inspect, shown_to
from pydbt.sql.ledger import Noted
from pydbt.sql.materialize import look, publish
from pydbt.sql.publication import Existing, Publication, Refusal, Step, Steps
from pydbt.sql.transfer.passing import sweep

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame
    from pydbt.sql.session import Session


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there when a run begins.

    Args:
        existing: The table; None where there is none.
        noted: What the ledger says of it.
        frame: The table as a DataFrame.
        marked: Its column by which rows are new; None where it is not asked for, or the table has none.
        mark: The largest value of that column.
    """

    existing: Existing | None = None
    noted: Noted = field(default_factory=Noted)
    frame: DataFrame | None = None
    marked: str | None = None
    mark: Any = None

    def after(self, notes: int) -> Standing:
        """What is there when so many notes more are in the ledger."""
        return replace(self, noted=replace(self.noted, token=self.noted.token + notes))


def standing(session: Session, name: str, mark: str | None = None) -> Standing:
    """What is there now.

    Args:
        session: Where.
        name: The table.
        mark: The column whose largest value is asked for.
    """
    engine, dialect = session.engine, dialect_of(session.engine)
    wanted = Publication(sa.select(sa.literal(1).label("n")), name, session.schema)
    noted = ledger.read(engine, session.schema, name)
    with engine.connect() as connection:
        existing = look(connection, dialect, wanted)
    if existing is None:
        # A ledger of a table that somebody dropped says nothing; its numbers go on.
        return Standing(noted=Noted(token=noted.token))
    frame = session.declare(name, dict(existing.columns))
    key = None if mark is None else dialect.column_key(mark)
    marked = next((column for column in existing.names if dialect.column_key(column) == key), None)
    if marked is None:
        # A table of other columns is told as such when it is added to.
        return Standing(existing, noted, frame)
    return Standing(existing, noted, frame, marked, _mark(frame, marked).collect()[0][0])


def unmoved(found: Standing, name: str, mark: str, where: Location | None) -> Refusal:
    """That the largest value is still the one that is known."""
    assert found.frame is not None, "the table is there"
    now = _mark(found.frame, mark)
    known = now.query.subquery("known")
    value = sa.literal(found.mark, now.schema["mark"])
    changed = known.c.mark.is_not(None) if found.mark is None else known.c.mark.is_distinct_from(value)
    return Refusal(sa.select(known.c.mark).where(changed), lambda _row: moved(name, where))


def add(
    frame: DataFrame,
    name: str,
    schema: str | None,
    increment: Increment,
    inspect: Inspect | None,
    steps: Steps | None = None,
) -> int:
    """Add the rows of a DataFrame to a table, or make it of them; how many there were.

    Args:
        frame: The rows.
        name: The table.
        schema: Where it is.
        increment: How they are added.
        inspect: Looks at the table before readers see the rows.
        steps: What runs, where it is more than the increment's own.
    """
    engine = frame.engine
    sweep(engine)
    rows = publish(
        engine,
        frame.query,
        name,
        schema=schema,
        mode="overwrite" if increment.is_first or increment.is_whole else "append",
        inspect=None if inspect is None else shown_to(inspect, frame, schema, name),
        steps=steps or increment.steps,
    )
    if increment.on_schema_change != "fail":
        _announce(frame, name, schema)
    return rows or 0


def as_it_is(
    _dialect: Dialect, wanted: Publication, _columns: Columns, existing: Existing | None
) -> tuple[Step, ...]:
    """A way to publish that adds nothing: the table is looked at."""
    if existing is None or existing.kind != "table":
        raise moved(str(wanted), None)
    return wanted.inspection(wanted.table)


def settle(table: DataFrame, name: str, schema: str | None, inspect: Inspect | None, steps: Steps) -> None:
    """Bring a table to what is said of it, with no rows to add.

    Args:
        table: The table as it is.
        name: Its name.
        schema: Where it is.
        inspect: Looks at it.
        steps: What runs: `as_it_is`, and more.
    """
    shown = None if inspect is None else shown_to(inspect, table, schema, name, is_published=True)
    publish(table.engine, table.query, name, schema=schema, mode="append", inspect=shown, steps=steps)


def _announce(frame: DataFrame, name: str, schema: str | None) -> None:
    """Tell which columns the table has now: its own, and the query's."""
    engine = frame.engine
    with engine.connect() as connection:
        found = look(connection, dialect_of(engine), Publication(frame.query, name, schema))
    if found is not None:
        catalog_of(engine).announce(schema, name, found.columns)


def _mark(frame: DataFrame, column: str) -> DataFrame:
    value = frame[column]
    if isinstance(value.type, REAL):
        # Drivers read it in as few digits as tell it from others of its kind: none of them is its value.
        value = sa.cast(value, sa.Float(53))
    return frame.agg(mark=largest(value))
