"""fillna, dropna, replace: values for what is missing, rows without gaps, other values for some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, null, or_
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from pydbt.errors import ColumnArgumentError, TypeMismatchError, did_you_mean, user_location
from pydbt.sql.casts import Kind, kind_of
from pydbt.sql.column import Column, check_comparable, column_of
from pydbt.sql.query import Query
from pydbt.sql.types import family_of, meet
from pydbt.sql.values import known, type_of_value, unwrapped
from pydbt.sql.verbs.arguments import check_known, flattened, name_here
from pydbt.sql.verbs.filter import filter_rows
from pydbt.sql.verbs.project import with_columns


def fillna(query: Query, value: Any, subset: Any) -> Query:
    """All columns, NULL replaced by a value.

    Args:
        query: Whose columns.
        value: One for every column that can hold it, or ``{column: value}``.
        subset: The columns, if not all; each must be able to hold the value.
    """
    if isinstance(value, Mapping):
        if subset is not None:
            hint = "name the columns in one of the two"
            raise ColumnArgumentError("fillna was given columns twice", where=user_location(), hint=hint)
        check_known(query, value)
        wanted = [(column_of(query, name), unwrapped(each)) for name, each in value.items()]
    else:
        value = unwrapped(value)
        wanted = [(column, value) for column in _columns(query, subset, [value], "fillna")]
    if not wanted:
        hint = 'give a value, or columns with values: fillna({"a": 0})'
        raise ColumnArgumentError("fillna was given no columns", where=user_location(), hint=hint)
    filled = {
        column.name: func.coalesce(column, _value(column, each, "fillna"), type_=column.type)
        for column, each in wanted
    }
    return with_columns(query, filled, "fillna")


def dropna(query: Query, how: str, subset: Any) -> Query:
    """The rows where no value is missing, or not every one.

    Args:
        query: Whose rows.
        how: ``any``: a row goes when a value is missing; ``all``: when every value is.
        subset: The columns that count, if not all.
    """
    if how not in {"any", "all"}:
        hint = did_you_mean(str(how), ("any", "all"))
        raise ColumnArgumentError(f"dropna was given how={how!r}", where=user_location(), hint=hint)
    columns = _named(query, subset, "dropna")
    present = [column.is_not_null() for column in columns]
    return filter_rows(query, [(and_ if how == "any" else or_)(*present)], "dropna")


def replace(query: Query, values: Mapping[Any, Any], subset: Any) -> Query:
    """All columns, some values replaced by others, all at once: ``{1: 2, 2: 1}`` swaps.

    Args:
        query: Whose columns.
        values: Old value to new one; a new one may be None.
        subset: The columns, if not every one that can hold the values.
    """
    if not isinstance(values, Mapping) or not values:
        hint = 'give old values with new ones: replace({"n/a": None})'
        raise ColumnArgumentError(f"replace was given {values!r}", where=user_location(), hint=hint)
    values = {unwrapped(old): unwrapped(new) for old, new in values.items()}
    if None in values:
        what, hint = "replace was given None for an old value", "use fillna for what is missing"
        raise ColumnArgumentError(what, where=user_location(), hint=hint)
    every = [*values, *values.values()]
    columns = _columns(query, subset, every, "replace")
    return with_columns(query, {column.name: _replaced(column, values) for column in columns}, "replace")


def _replaced(column: Column, values: Mapping[Any, Any]) -> ColumnElement[Any]:
    pairs = [
        (column == _value(column, old, "replace"), _value(column, new, "replace"))
        for old, new in values.items()
    ]
    made: ColumnElement[Any] = case(*pairs, else_=column)
    made.type = column.type
    return made


def _named(query: Query, subset: Any, verb: str) -> list[Column]:
    """The columns of a subset, by the names they have here; without a subset all."""
    if subset is None:
        return [column_of(query, name) for name in query.fields]
    columns = [column_of(query, name_here(query, each, verb)) for each in flattened([subset])]
    if not columns:
        hint = "name at least one column, or leave it out for all of them"
        raise ColumnArgumentError(f"{verb} was given no columns", where=user_location(), hint=hint)
    return columns


def _columns(query: Query, subset: Any, values: Iterable[Any], verb: str) -> list[Column]:
    """The columns of a subset, or those that can hold all of the values."""
    columns = _named(query, subset, verb)
    if subset is not None:
        return columns
    known = list(values)
    fitting = [column for column in columns if all(_holds(column, value) for value in known)]
    if not fitting:
        what = f"{verb}: no column holds {', '.join(map(repr, known))}"
        hint = "name the columns to be told why: subset=…"
        raise TypeMismatchError(what, where=user_location(), hint=hint)
    return fitting


def _holds(column: Column, value: Any) -> bool:
    """Whether a value is of a column's own kind: what would have to be read or rounded first is not."""
    type_ = (
        column.type
        if value is None
        else value.type
        if isinstance(value, ColumnElement)
        else type_of_value(value)
    )
    if type_ is None or family_of(type_) is not family_of(column.type):
        return False
    return not (_is_broken(value) and kind_of(column.type) is Kind.INTEGER)


def _is_broken(value: Any) -> bool:
    """Whether it is a number that is not whole."""
    return isinstance(value, (float, Decimal)) and value != value // 1


def _value(column: Column, value: Any, verb: str) -> Any:
    """The value as the column takes it, or an error."""
    if isinstance(value, ColumnElement):
        check_comparable(column, value)
        return value
    if value is None:
        if verb == "fillna":
            what = f"fillna was given None for column {column.name!r}"
            raise ColumnArgumentError(what, where=user_location(), hint="give a value that is not NULL")
        return null()
    known(value, f"{verb}, for column {column.name!r},")
    if kind_of(column.type) is Kind.INTEGER and _is_broken(value):
        what = f"column {column.name!r} is of whole numbers, {value!r} is none"
        raise TypeMismatchError(what, where=user_location(), hint="cast the column first")
    return BindParameter(None, meet(value, column.type), type_=column.type, unique=True)
