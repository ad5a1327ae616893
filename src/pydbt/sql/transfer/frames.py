"""From rows to plans: few rows stand in the query itself, many in a table that the plan holds on to."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import DATETIME, TIME
from sqlalchemy.engine import Engine
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import BigInteger, DateTime, Float, TypeEngine

from pydbt.errors import IncomingError, WriteError, user_location
from pydbt.sql.block import Block
from pydbt.sql.collation import collate_by_code_point
from pydbt.sql.compile import Place
from pydbt.sql.dialects import SQLITE, dialect_of
from pydbt.sql.query import Query, Value
from pydbt.sql.semantics import AsDouble, Double
from pydbt.sql.transfer.incoming import Incoming, Schema, incoming
from pydbt.sql.transfer.kinds import is_exact, to_arrow_type
from pydbt.sql.transfer.passing import Lease
from pydbt.sql.transfer.staging import stage
from pydbt.sql.transfer.statements import PassingTable, Series, Values
from pydbt.sql.types import Family, family_of, is_float

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame

# As many values may stand in a query; more, and sending them with every query costs more than a table.
MOST_VALUES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Rows of the user's, in the query or in a table that is kept as long as the plan.

    Args:
        name: What they are called in the SQL.
        names: What their columns are called there, which may differ from the plan's names.
        shown: The method that made them, as ``repr`` and errors show it.
        database: The database they are in.
        select: The SELECT that has them written in it; None when a table has them.
        lease: Keeps that table.
    """

    name: str
    names: tuple[str, ...]
    shown: str
    database: str
    select: Any = None
    lease: Lease | None = None

    verb = "create_dataframe"

    @property
    def reserved_names(self) -> tuple[str, ...]:
        """The name no CTE may have."""
        return () if self.lease is None else (self.lease.table.name,)

    def describe(self) -> str:
        """Where the rows come from."""
        return self.shown

    def needs(self, place: Place) -> tuple[set[Value], ...]:  # noqa: ARG002  as every step
        """Nothing: it has no parents."""
        return ()

    def build(self, place: Place) -> Block:
        """SELECT … FROM the table, or from a CTE with the rows."""
        pairs = zip(place.query.fields.values(), self.names, strict=True)
        names = {value: name for value, name in pairs if value in place.wanted}
        if self.lease is not None:
            table = self.lease.table
            block = Block(PassingTable(table.name, schema=table.schema), self.name, names)
        else:
            name = place.compilation.free_name(self.name)
            place.compilation.ctes.append(self.select.cte(name))
            block = Block(sa.table(name), name, names)
        if not place.compilation.dialect.has_text_by_code_point:
            collate_by_code_point(block)
        return block


def of_data(engine: Engine, schema: str | None, data: Any, types: Schema, name: str | None) -> Query:
    """A plan that begins with rows Python holds; see `Session.create_dataframe`."""
    if name is not None and (not isinstance(name, str) or not name.isidentifier()):
        raise IncomingError(
            f"name={name!r} is no name for rows", where=user_location(), hint='give a word, such as "prices"'
        )
    return of_rows(engine, schema, incoming(data, types), name or "given", "create_dataframe")


def of_rows(engine: Engine, schema: str | None, rows: Incoming, name: str, verb: str) -> Query:
    """A plan that begins with these rows.

    Args:
        engine: Where they go, if they are many.
        schema: The schema they go to.
        rows: The rows.
        name: What they are called in the SQL.
        verb: Which method made them.
    """
    rows = _of_the_database(engine, rows)
    shown = f"{verb}({rows.count} rows)"
    database = engine.dialect.name
    names = _apart(rows.names, dialect_of(engine).max_identifier_bytes)
    if rows.count * len(rows.names) <= MOST_VALUES:
        step = Held(name, names, shown, database, select=_written(rows, names, database))
    else:
        step = Held(name, names, shown, database, lease=stage(engine, schema, rows, names))
    return Query(step, (), {name: Value(type_) for name, type_ in zip(rows.names, rows.types, strict=True)})


def of_range(engine: Engine, start: Any, stop: Any, step: Any) -> Query:
    """A plan that begins with the whole numbers from start to stop; see `Session.range`."""
    if stop is None:
        start, stop = 0, start
    for name, value in (("start", start), ("stop", stop), ("step", step)):
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**62:
            raise IncomingError(
                f"range was given {name}={value!r}",
                where=user_location(),
                hint="give whole numbers: range(0, 10, 2)",
            )
    if step == 0:
        raise IncomingError(
            "range was given step=0", where=user_location(), hint="step up or down by 1 or more"
        )
    number: ColumnElement[Any] = sa.column("column1", BigInteger())
    element = sa.select(number.label("id")).select_from(Series(start, stop, step))
    shown = f"range({start}, {stop}, {step})"
    held = Held("numbers", ("id",), shown, engine.dialect.name, select=element)
    return Query(held, (), {"id": Value(BigInteger())})


def check_lasting(frame: DataFrame) -> None:
    """Refuse a view over rows whose table goes with the frame.

    Raises:
        WriteError: The plan holds such rows.
    """
    query = frame._query  # noqa: SLF001  there is no way to it that a user should take
    for each in (query, *query.ancestors()):
        if isinstance(each.step, Held) and each.step.lease is not None:
            raise WriteError(
                f"a view cannot stand on {each.step.shown}: the rows go with the DataFrame",
                where=user_location(),
                hint='write them to a table first: as_="table"',
            )


def _written(rows: Incoming, own: Sequence[str], database: str) -> Any:
    """The rows as a SELECT over VALUES."""
    pairs = list(zip(own, rows.types, strict=True))
    if not rows.count:
        nothing = (_typed(sa.null(), type_, database).label(name) for name, type_ in pairs)
        return sa.select(*nothing).where(sa.literal_column("1") == sa.literal_column("0"))
    columns = next(rows.chunks())
    for name, column in zip(rows.names, columns, strict=True):
        _check_texts(name, column, database)
    kinds = [_sent_as(type_, database) for type_ in rows.types]
    makers = [float if isinstance(kind, Float) else None for kind in kinds]
    values = [
        [
            BindParameter(
                None, value if make is None or value is None else make(value), type_=kind, unique=True
            )
            for value, kind, make in zip(row, kinds, makers, strict=True)
        ]
        for row in zip(*columns, strict=True)
    ]
    columns_of_values = (
        _typed(sa.column(f"column{number}", type_), type_, database).label(name)
        for number, (name, type_) in enumerate(pairs, 1)
    )
    return sa.select(*columns_of_values).select_from(Values(values))


def _check_texts(name: str, column: Sequence[Any], database: str) -> None:
    """Refuse texts that the database cannot hold, before a query with them fails somewhere else."""
    for row, value in enumerate(column, 1):
        if isinstance(value, str) and (
            ("\x00" in value and database == "postgresql") or not _is_whole(value)
        ):
            raise IncomingError(
                f"column {name!r}, row {row}: {value!r:.60} holds a character that {database} has not",
                where=user_location(),
                hint="take it out, or give bytes",
            )


def _is_whole(text: str) -> bool:
    """Whether no character of the text is half of one: what comes of broken UTF-16."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(element: ColumnElement[Any], type_: TypeEngine[Any], database: str) -> ColumnElement[Any]:
    """The element as the type: a column of NULLs has none of its own. SQLite's CAST would spoil dates."""
    if database == "sqlite":
        return sa.type_coerce(element, type_)
    # SQLAlchemy would cast to FLOAT(53), which MariaDB does not read, and to moments without a fraction.
    if isinstance(type_, Double):
        return AsDouble(element)
    return sa.cast(element, _WITH_FRACTION.get(family_of(type_), type_) if database == "mysql" else type_)


_WITH_FRACTION: dict[Family, TypeEngine[Any]] = {Family.DATETIME: DATETIME(fsp=6), Family.TIME: TIME(fsp=6)}


def _sent_as(type_: TypeEngine[Any], database: str) -> TypeEngine[Any]:
    """The type a value is bound as: SQLite's driver takes no decimals."""
    return Double() if is_exact(type_) and database == "sqlite" else type_


def _apart(names: tuple[str, ...], longest: int | None) -> tuple[str, ...]:
    """The names of table and CTE: as given, unless they are too long, lost, or differ in case only."""
    lowered = {name.lower() for name in names}
    is_fit = len(lowered) == len(names) and lowered.isdisjoint(SQLITE.lost_names)
    if is_fit and (longest is None or all(len(name.encode()) <= longest for name in names)):
        return names
    return tuple(f"column{number}" for number in range(1, len(names) + 1))


def _of_the_database(engine: Engine, rows: Incoming) -> Incoming:
    """The rows with the types the database keeps: SQLite has no time zones, and is told UTC."""
    if engine.dialect.name == "mysql":
        _check_finite(rows)
    zoned = [isinstance(type_, DateTime) and type_.timezone for type_ in rows.types]
    if engine.dialect.name != "sqlite" or not any(zoned):
        return rows
    types = tuple(DateTime() if has else type_ for type_, has in zip(rows.types, zoned, strict=True))
    if rows.arrow is not None:
        kind = to_arrow_type(DateTime())
        columns = [
            column.cast(kind) if has else column
            for column, has in zip(rows.arrow.columns, zoned, strict=True)
        ]
        return replace(rows, types=types, arrow=rows.arrow.from_arrays(columns, names=list(rows.names)))
    utc = tuple(
        [None if value is None else value.astimezone(dt.UTC).replace(tzinfo=None) for value in column]
        if has
        else column
        for column, has in zip(rows.values or (), zoned, strict=True)
    )
    return replace(rows, types=types, values=utc)


def _check_finite(rows: Incoming) -> None:
    """Refuse infinity and what is no number by its row: MariaDB has neither."""
    columns: Any = rows.values if rows.arrow is None else rows.arrow.columns
    for name, type_, column in zip(rows.names, rows.types, columns, strict=True):
        values = () if not is_float(type_) else column if rows.arrow is None else column.to_pylist()
        for row, value in enumerate(values, 1):
            if value is not None and not math.isfinite(value):
                what = f"column {name!r}, row {row}: MariaDB has no number {value}"
                raise IncomingError(what, where=user_location(), hint="make it None, or a finite number")
