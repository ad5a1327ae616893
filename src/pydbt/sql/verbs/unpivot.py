"""unpivot: columns below each other, each value with the name of its column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from pydbt.errors import ColumnArgumentError, TypeMismatchError, user_location
from pydbt.sql.casts import kind_of
from pydbt.sql.column import Column, column_of
from pydbt.sql.compile import names_apart
from pydbt.sql.query import Query, Value
from pydbt.sql.types import family_of
from pydbt.sql.verbs.arguments import check_new_name, check_once, flattened, name_here
from pydbt.sql.verbs.combine import type_of_both
from pydbt.sql.verbs.constants import constants
from pydbt.sql.verbs.join import join
from pydbt.sql.verbs.project import select


def unpivot(query: Query, ids: Any, values: Any, names_to: str, values_to: str) -> Query:
    """For each row as many rows as there are columns of values.

    Args:
        query: Whose rows.
        ids: The columns that stay; None for all that are not values.
        values: The columns that become rows; None for all that are not ids.
        names_to: The column of their names.
        values_to: The column of their values.
    """
    spread = None if values is None else _names(query, values)
    kept = None if ids is None else _names(query, ids)
    if spread is None:
        spread = [name for name in query.fields if name not in (kept or ())]
    if kept is None:
        kept = [name for name in query.fields if name not in spread]
    if not spread:
        hint = 'name at least one: unpivot(ids="id", values=["a", "b"])'
        raise ColumnArgumentError("unpivot has no values", where=user_location(), hint=hint)
    made = [check_new_name(name, "unpivot") for name in (names_to, values_to)]
    check_once([*kept, *made], "unpivot")
    check_once(spread, "unpivot")
    type_ = _type_of_all(query, spread)
    # SQLite loses some names of a CTE's columns.
    (called,) = names_apart({names_to: Value(sa.String())})
    names = constants("names", {called: spread})
    # A name that the query has already is put aside while the two are joined.
    both = join(query, names, None, "cross", suffix="_unpivoted")
    name = Column(called, names.fields[called], names)
    cases = [(name == column, _as_type(query, column, type_)) for column in spread]
    value: Any = sa.case(*cases, else_=sa.null())
    value.type = type_
    return select(both, [column_of(query, column) for column in kept], {names_to: name, values_to: value})


def _names(query: Query, columns: Any) -> list[str]:
    return [name_here(query, column, "unpivot") for column in flattened([columns])]


def _type_of_all(query: Query, names: Sequence[str]) -> TypeEngine[Any]:
    found: TypeEngine[Any] | None = query.fields[names[0]].type
    for name in names[1:]:
        found = None if found is None else type_of_both(found, query.fields[name].type)
    if found is None:
        shown = ", ".join(f"{name!r} is {family_of(query.fields[name].type).value}" for name in names)
        what = f"unpivot would put values of different kinds into one column: {shown}"
        raise TypeMismatchError(what, where=user_location(), hint="cast them to one type, or name the values")
    return found


def _as_type(query: Query, name: str, type_: TypeEngine[Any]) -> Any:
    column = column_of(query, name)
    return column if kind_of(column.type) is kind_of(type_) else sa.cast(column, type_)
