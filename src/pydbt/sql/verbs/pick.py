"""drop_duplicates, topk: one row for each key, and the rows that are largest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression

from pydbt.errors import ColumnArgumentError, did_you_mean, user_location
from pydbt.sql.query import Query
from pydbt.sql.verbs.arguments import element_of, flattened, named
from pydbt.sql.verbs.filter import filter_rows
from pydbt.sql.verbs.order import check_count, distinct, limit, order_by

KEPT = ("first", "last", "any")


def drop_duplicates(query: Query, subset: Any, keep: str, order: Any) -> Query:
    """One row for each combination of the columns of the subset; without a subset, each row once.

    Args:
        query: Whose rows.
        subset: Columns or their names; None is every column.
        keep: The ``first`` or the ``last`` in the order, or ``any``.
        order: The keys of the order.
    """
    verb = "drop_duplicates"
    if keep not in KEPT:
        hint = did_you_mean(str(keep), KEPT)
        raise ColumnArgumentError(f"{verb} was given keep={keep!r}", where=user_location(), hint=hint)
    keys = [] if order is None else [element_of(query, key, verb) for key in flattened([order])]
    if keep != "any" and not keys:
        hint = f'a table has no order of its own: {verb}("id", keep={keep!r}, order_by="at"), or keep="any"'
        raise ColumnArgumentError(f"{verb} was given no order", where=user_location(), hint=hint)
    if subset is None:
        return distinct(query)
    columns = [element_of(query, column, verb) for column in flattened([subset])]
    if not columns:
        hint = "name at least one column, or leave it out for all of them"
        raise ColumnArgumentError(f"{verb} was given no columns", where=user_location(), hint=hint)
    for column in columns:
        named(query, column, verb)
    if keep == "last":
        keys = [_reversed(key) for key in keys]
    # DISTINCT ON, where there is one, is not worth a second spelling: in DuckDB it saves an eighth.
    number = func.row_number().over(partition_by=columns, order_by=keys or None)
    return filter_rows(query, [number == 1], verb)


def _reversed(key: ColumnElement[Any]) -> Any:
    """The key of the order the other way round, its NULLs at the other end too."""
    descends, nulls_first, inner = False, False, key
    while isinstance(inner, UnaryExpression) and inner.modifier is not None:
        descends = descends or inner.modifier is operators.desc_op
        nulls_first = nulls_first or inner.modifier is operators.nulls_first_op
        inner = inner.element
    turned = inner.asc() if descends else inner.desc()
    return turned.nulls_last() if nulls_first else turned.nulls_first()


def topk(query: Query, count: int, by: Any) -> Query:
    """The rows with the largest values, largest first; NULLs are smaller than everything."""
    check_count(count, "topk")
    keys: Sequence[Any] = [element_of(query, key, "topk") for key in flattened([by])]
    downwards = [key if _has_direction(key) else key.desc() for key in keys]
    return limit(order_by(query, downwards), count)


def _has_direction(key: Any) -> bool:
    while isinstance(key, UnaryExpression) and key.modifier is not None:
        if key.modifier in {operators.desc_op, operators.asc_op}:
            return True
        key = key.element
    return False
