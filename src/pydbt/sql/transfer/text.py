"""``session.sql``: the user's own SQL as a DataFrame, its values bound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.expression import TextClause
from sqlalchemy.types import BigInteger, TypeEngine

from pydbt.errors import NotAQueryError, did_you_mean, user_location
from pydbt.sql.catalog import Columns
from pydbt.sql.dialects import dialect_of
from pydbt.sql.identifiers import check_whole
from pydbt.sql.query import Query, Value
from pydbt.sql.semantics import Double
from pydbt.sql.transfer.probe import columns_of
from pydbt.sql.transfer.scan import Scanned, scan
from pydbt.sql.values import check_finite, check_size, check_zone, type_of_value, unwrapped
from pydbt.sql.verbs.source import Selectable

# In scanned text every other colon is escaped.
_PARAMETER = re.compile(r"(?<!\\):(\w+)")


def of_text(engine: Engine, text: str, values: Mapping[str, Any]) -> Query:
    """A plan that begins with a query in SQL text; see `Session.sql`."""
    scanned = scan(text)
    for value in values.values():
        check_zone(value, engine.dialect.name)
        check_finite(value, engine.dialect.name)
    clause = _bound(scanned, values)
    dialect = dialect_of(engine)
    try:
        with engine.connect() as connection:
            columns = columns_of(connection, dialect, clause)
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


def _check_names(columns: Columns) -> None:
    seen: set[str] = set()
    for position, (name, _kind) in enumerate(columns, 1):
        if not name or name == "?column?" or name in seen:
            nameless = f"column {position} of the SQL has no name"
            what = f"two columns of the SQL are called {name!r}" if name in seen else nameless
            raise NotAQueryError(what, where=user_location(), hint="give it one: … AS name")
        seen.add(name)
