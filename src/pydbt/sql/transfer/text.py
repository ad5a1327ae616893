"""``session.sql``: the user's own SQL as a DataFrame, its values bound, its columns typed without a run."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.expression import TextClause
from sqlalchemy.types import BigInteger, NullType, TypeEngine

from pydbt.errors import NotAQueryError, did_you_mean, user_location
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import Drop
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.identifiers import check_whole
from pydbt.sql.query import Query, Value
from pydbt.sql.rendering import render
from pydbt.sql.semantics import Double
from pydbt.sql.transfer.scan import Scanned, scan
from pydbt.sql.transfer.statements import CreateProbe, DescribeQuery
from pydbt.sql.values import check_size, check_zone, type_of_value, unwrapped
from pydbt.sql.verbs.source import Selectable

_TYPE_NAMES = sa.text("SELECT oid, format_type(oid, NULL) FROM pg_type WHERE oid = ANY(:oids)")
# In scanned text every other colon is escaped.
_PARAMETER = re.compile(r"(?<!\\):(\w+)")
_PROBED = sa.text("SELECT type FROM pragma_table_xinfo(:name, 'temp') ORDER BY cid")
_NUMERIC_OID = 1700


def of_text(engine: Engine, text: str, values: Mapping[str, Any]) -> Query:
    """A plan that begins with a query in SQL text; see `Session.sql`."""
    scanned = scan(text)
    for value in values.values():
        check_zone(value, engine.dialect.name)
    clause = _bound(scanned, values)
    dialect = dialect_of(engine)
    try:
        with engine.connect() as connection:
            columns = _columns(connection, dialect, clause)
    except (DBAPIError, SQLAlchemyError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise NotAQueryError(
            f"{engine.dialect.name} does not take the SQL as a query: {str(cause).strip().splitlines()[0]}",
            where=user_location(),
            hint="one SELECT, as it would stand inside brackets",
        ) from error
    _check_names(columns)
    element = clause.columns(*(sa.column(name, type_) for name, type_ in columns))
    # A CTE of a name in the text would hide the table of that name.
    step = Selectable(element, "sql", scanned.words, dialect.name)
    return Query(step, (), {name: Value(type_) for name, type_ in columns})


def _bound(scanned: Scanned, values: Mapping[str, Any]) -> TextClause:
    """The text with its values, typed; none is written into it."""
    missing = [name for name in scanned.parameters if name not in values]
    if missing:
        raise NotAQueryError(
            f"the SQL names :{missing[0]}, which has no value",
            where=user_location(),
            hint=f"give it: sql(…, {missing[0]}=…)",
        )
    unknown = [name for name in values if name not in scanned.parameters]
    if unknown:
        raise NotAQueryError(
            f"the SQL names no :{unknown[0]}",
            where=user_location(),
            hint=did_you_mean(unknown[0], scanned.parameters)
            or f"write :{unknown[0]} where the value belongs",
        )
    # PostgreSQL would not know of which type a NULL is that it is sent as a value.
    nulls = {name for name, value in values.items() if value is None}
    clause = sa.text(_PARAMETER.sub(lambda found: "NULL" if found[1] in nulls else found[0], scanned.text))
    return clause.bindparams(*(_parameter(name, values[name]) for name in values if name not in nulls))


def _parameter(name: str, value: Any) -> Any:
    value = unwrapped(value)
    check_whole(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [unwrapped(item) for item in value]
        kind = next((_kind(name, item) for item in items if item is not None), None)
        return sa.bindparam(name, items, type_=kind, expanding=True)
    return sa.bindparam(name, value, type_=_kind(name, value))


def _kind(name: str, value: Any) -> TypeEngine[Any]:
    kind = type_of_value(value)
    if kind is None:
        raise NotAQueryError(
            f"{name}={value!r:.80} is no value a database knows",
            where=user_location(),
            hint="give a number, text, a date, bytes, or a list of such for IN :name",
        )
    if isinstance(value, int) and not isinstance(value, bool):
        check_size(value)
        return BigInteger()
    return Double() if isinstance(value, float) else kind


def described(engine: Engine, clause: TextClause) -> Columns:
    """The columns of a query that DuckDB makes, without running it."""
    with engine.connect() as connection:
        return _described(connection, dialect_of(engine), clause)


def _columns(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    """The columns the query would give, as the database tells without running it."""
    if dialect.name == "duckdb":
        return _described(connection, dialect, clause)
    if dialect.name == "sqlite":
        return _probed(connection, dialect, clause)
    if dialect.name == "postgresql":
        return _of_oids(connection, dialect, clause)
    result = connection.execute(_nothing_of(clause))
    return tuple((name, NullType()) for name in result.keys())  # noqa: SIM118  a result's keys are its columns


def _nothing_of(clause: TextClause) -> Any:
    """The query with LIMIT 0 around it."""
    inner = clause.columns(sa.literal_column("1")).alias("asked")
    return sa.select(sa.literal_column("*")).select_from(inner).limit(0)


def _described(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    names = getattr(connection.dialect, "ischema_names", {})
    text = render(DescribeQuery(clause), connection.dialect)
    rows = connection.exec_driver_sql(text, execution_options={"no_parameters": True}).fetchall()
    return tuple((row[0], dialect.read_type(row[1], None, names) or NullType()) for row in rows)


def _probed(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    # SQLite knows the types of plain columns alone, and tells them of views only.
    result = connection.execute(_nothing_of(clause))
    found = _unnumbered(list(result.keys()))
    name = f"__pydbt_probe_{secrets.token_hex(4)}"
    view = sa.table(name, schema="temp")
    names = getattr(connection.dialect, "ischema_names", {})
    options = {"no_parameters": True}
    connection.exec_driver_sql(
        render(CreateProbe(name, clause), connection.dialect), execution_options=options
    )
    try:
        columns = connection.execute(_PROBED, {"name": name}).fetchall()
    finally:
        connection.exec_driver_sql(render(Drop(view, "view"), connection.dialect), execution_options=options)
    return tuple(
        (own, dialect.read_type(text, None, names) or NullType())
        for own, (text,) in zip(found, columns, strict=True)
    )


def _unnumbered(names: list[str]) -> list[str]:
    """The names as the text has them: SQLite calls a second column ``a`` of a subquery ``a:1``."""
    made = []
    for position, name in enumerate(names):
        base, _, number = name.rpartition(":")
        made.append(base if number.isdigit() and base in names[:position] else name)
    return made


def _of_oids(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    cursor: Any = connection.execute(_nothing_of(clause)).cursor
    described = [(each.name, each.type_code, each.precision, each.scale) for each in cursor.description]
    oids = sorted({oid for _name, oid, _precision, _scale in described})
    texts = {row[0]: row[1] for row in connection.execute(_TYPE_NAMES, {"oids": oids})}
    names = getattr(connection.dialect, "ischema_names", {})

    def kind(oid: int, precision: int | None, scale: int | None) -> TypeEngine[Any]:
        if oid == _NUMERIC_OID:
            is_declared = precision is not None and scale is not None and 0 < precision <= 1000  # noqa: PLR2004  its most
            return sa.Numeric(precision, scale) if is_declared else sa.Numeric()
        return dialect.read_type(texts[oid], None, names) or NullType()

    return tuple((name, kind(oid, precision, scale)) for name, oid, precision, scale in described)


def _check_names(columns: Columns) -> None:
    seen: set[str] = set()
    for position, (name, _kind) in enumerate(columns, 1):
        if not name or name == "?column?" or name in seen:
            nameless = f"column {position} of the SQL has no name"
            what = f"two columns of the SQL are called {name!r}" if name in seen else nameless
            raise NotAQueryError(what, where=user_location(), hint="give it one: … AS name")
        seen.add(name)
