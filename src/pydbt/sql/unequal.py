"""EXISTS on DuckDB, which finds a row for a NULL that is compared by ``!=`` beside an ``=``.

Such an EXISTS becomes a mark join there, and its ``!=`` an IS DISTINCT FROM, as if NULL were a value. No
comparison with NULL is true, so the outer side may as well be asked for outside, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ColumnClause,
    ColumnElement,
    Grouping,
    UnaryExpression,
)

from pydbt.sql.correlation import Reference


def must_be_known(conditions: Iterable[Any]) -> list[ColumnElement[bool]]:
    """That what is unequal to something of a subquery, in conditions that all hold there, is not NULL.

    Args:
        conditions: Those of the subquery's WHERE.
    """
    return [side.is_not(None) for each in conditions for side in _outer_sides(each, is_true=True)]


def _outer_sides(condition: Any, *, is_true: bool) -> Iterator[Any]:
    """The sides of ``!=`` that are of the row around the subquery alone."""
    if isinstance(condition, Grouping):
        yield from _outer_sides(condition.element, is_true=is_true)
    elif isinstance(condition, UnaryExpression) and condition.operator is operators.inv:
        yield from _outer_sides(condition.element, is_true=not is_true)
    elif isinstance(condition, BooleanClauseList):
        if condition.operator is (operators.and_ if is_true else operators.or_):
            for each in condition.clauses:
                yield from _outer_sides(each, is_true=is_true)
    elif _is_of(condition, operators.ne if is_true else operators.eq):
        yield from (side for side in (condition.left, condition.right) if _is_outer(side))


def _is_of(condition: Any, operator: Any) -> bool:
    return isinstance(condition, BinaryExpression) and condition.operator is operator


def _is_outer(side: Any) -> bool:
    leaves = list(_leaves(side))
    return any(isinstance(leaf, Reference) for leaf in leaves) and not any(
        isinstance(leaf, ColumnClause) for leaf in leaves
    )


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, (Reference, ColumnClause)):
        yield node
    else:
        for child in node.get_children():
            yield from _leaves(child)
