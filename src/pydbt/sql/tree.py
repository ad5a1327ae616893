"""Copies of SQLAlchemy's expression trees: the one place that uses what its traversals are made of.

``replacement_traverse`` does the same with more bookkeeping; every expression passes here twice, so it
is kept small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ColumnClause, Grouping
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromClause

from pydbt.sql.arithmetic import Arithmetic
from pydbt.sql.column import Column
from pydbt.sql.condition import Comparison, Condition
from pydbt.sql.nodes import of_sides
from pydbt.sql.query import Value


def cloned(node: Any) -> Any:
    """A shallow copy of one node."""
    return node._clone()  # noqa: SLF001  SQLAlchemy's traversals are built on it; there is no public copy


def cloned_by(node: Any, visit: Callable[..., Any]) -> Any:
    """A copy of a node whose children went through ``visit``."""
    new = node._clone()  # noqa: SLF001  see cloned
    new._copy_internals(clone=visit)  # noqa: SLF001  see cloned
    return new


def is_foreign(node: Any) -> bool:
    """Whether no leaf can be in it: it is a column of a table, or a table.

    SQLAlchemy's functions are FROM clauses too, so they are not meant.
    """
    return isinstance(node, ColumnClause) or (
        isinstance(node, FromClause) and not isinstance(node, FunctionElement)
    )


_OF_TWO_SIDES = frozenset({BinaryExpression, Arithmetic, Comparison, Condition})


def substituted(element: Any, replacement: Callable[[Value], Any]) -> Any:
    """The expression with what they name in the place of the leaves."""

    def visit(node: Any, **_: Any) -> Any:
        kind = node.__class__
        if kind is Column:
            return replacement(node.value)
        if kind is BindParameter:
            return node
        if kind in _OF_TWO_SIDES:
            return of_sides(node, visit(node.left), visit(node.right))
        if kind is Grouping:
            inner = visit(node.element)
            return inner if inner.__class__ is Grouping else Grouping(inner)
        if is_foreign(node):
            return node
        return cloned_by(node, visit)

    return visit(element)
