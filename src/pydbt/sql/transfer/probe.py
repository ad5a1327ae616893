"""Probe: the columns of a query in SQL text, with their types, as the database tells without running it."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import TextClause
from sqlalchemy.types import NullType, TypeEngine

from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import Drop
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.rendering import render
from pydbt.sql.transfer.statements import CreateProbe, DescribeQuery, ShowColumns

_TYPE_NAMES = sa.text("SELECT oid, format_type(oid, NULL) FROM pg_type WHERE oid = ANY(:oids)")
_PROBED = sa.text("SELECT type FROM pragma_table_xinfo(:name, 'temp') ORDER BY cid")
_NUMERIC_OID = 1700
# What MariaDB makes of a column that is NULL.
_OF_NULL = "binary(0)"


def described(engine: Engine, clause: TextClause) -> Columns:
    """The columns of a query that DuckDB makes, without running it."""
    with engine.connect() as connection:
        return _described(connection, dialect_of(engine), clause)


def columns_of(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    """The columns the query would give, as the database tells without running it."""
    if dialect.name == "duckdb":
        return _described(connection, dialect, clause)
    if dialect.name == "sqlite":
        return _probed(connection, dialect, clause)
    if dialect.name == "postgresql":
        return _of_oids(connection, dialect, clause)
    if dialect.name == "mysql":
        return _of_table(connection, dialect, clause)
    return _untyped(connection, clause)


def _untyped(connection: Connection, clause: TextClause) -> Columns:
    result = connection.execute(_nothing_of(clause))
    return tuple((name, NullType()) for name in result.keys())  # noqa: SIM118  a result's keys are its columns


def _nothing_of(clause: TextClause) -> Any:
    """The query with LIMIT 0 around it."""
    inner = clause.columns(sa.literal_column("1")).alias("asked")
    return sa.select(sa.literal_column("*")).select_from(inner).limit(0)


def _described(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    names = getattr(connection.dialect, "ischema_names", {})
    rows = _execute(connection, DescribeQuery(clause)).fetchall()
    return tuple((row[0], dialect.read_type(row[1], None, names) or NullType()) for row in rows)


def _probed(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    # SQLite knows the types of plain columns alone, and tells them of views only.
    result = connection.execute(_nothing_of(clause))
    found = _unnumbered(list(result.keys()))
    name = f"__pydbt_probe_{secrets.token_hex(4)}"
    view = sa.table(name, schema="temp")
    names = getattr(connection.dialect, "ischema_names", {})
    _execute(connection, CreateProbe(name, clause))
    try:
        columns = connection.execute(_PROBED, {"name": name}).fetchall()
    finally:
        _execute(connection, Drop(view, "view"))
    return tuple(
        (own, dialect.read_type(text, None, names) or NullType())
        for own, (text,) in zip(found, columns, strict=True)
    )


def _of_table(connection: Connection, dialect: Dialect, clause: TextClause) -> Columns:
    """MariaDB tells types of tables only; to whom it gives no temporary ones it tells the names alone."""
    untyped = _untyped(connection, clause)
    table = sa.table(f"__pydbt_probe_{secrets.token_hex(4)}")
    names = getattr(connection.dialect, "ischema_names", {})
    try:
        _execute(connection, CreateProbe(table.name, _nothing_of(clause)))
    except DBAPIError:
        return untyped
    try:
        rows = _execute(connection, ShowColumns(table)).fetchall()
    finally:
        _execute(connection, Drop(table, "temporary table"))
    return tuple((row[0], _kind_of(dialect, row[1], row[2], names)) for row in rows)


def _kind_of(dialect: Dialect, text: str, collation: str | None, names: Any) -> TypeEngine[Any]:
    if text == _OF_NULL:
        return NullType()
    written = text if collation is None else f"{text} COLLATE {collation}"
    return dialect.read_type(written, None, names) or NullType()


def _execute(connection: Connection, statement: Any) -> Any:
    """Run a statement with its values written in: none of these takes parameters."""
    text = render(statement, connection.dialect)
    return connection.exec_driver_sql(text, execution_options={"no_parameters": True})


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
