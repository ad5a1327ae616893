"""Copies of SQLAlchemy's expression trees: the one place that uses what its traversals are made of.

``replacement_traverse`` does the same with more bookkeeping; every expression passes here twice, so it
is kept small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ColumnClause, Grouping
from sqlalchemy.sql.functions import Function, FunctionElement
from sqlalchemy.sql.selectable import FromClause

from pydbt.sql.arithmetic import Arithmetic, Calculation
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
    if has_only_arguments(node):
        new.clause_expr = _of_arguments(node.clause_expr, visit)
    else:
        new._copy_internals(clone=visit)  # noqa: SLF001  see cloned
    return new


def has_only_arguments(node: Any) -> bool:
    """Whether a node is a function that holds nothing besides its arguments."""
    internals = getattr(node, "_traverse_internals", None)
    return internals is _OF_FUNCTION or internals is _OF_FUNCTION_ELEMENT


_OF_FUNCTION = Function._traverse_internals  # noqa: SLF001  see cloned
_OF_FUNCTION_ELEMENT = FunctionElement._traverse_internals  # noqa: SLF001  see cloned


def _of_arguments(group: Grouping[Any], visit: Callable[..., Any]) -> Grouping[Any]:
    """A copy of a function's arguments, in a third of the time that SQLAlchemy takes for any node."""
    arguments: Any = cloned(group.element)
    arguments.clauses = [visit(each) for each in arguments.clauses]
    new: Grouping[Any] = cloned(group)
    new.element = arguments
    return new


def is_foreign(node: Any) -> bool:
    """Whether no leaf can be in it: it is a column of a table, or a table.

    SQLAlchemy's functions are FROM clauses too, so they are not meant.
    """
    return isinstance(node, ColumnClause) or (
        isinstance(node, FromClause) and not isinstance(node, FunctionElement)
    )


_OF_TWO_SIDES = frozenset({BinaryExpression, Arithmetic, Calculation, Comparison, Condition})


def substituted(node: Any, replacement: Callable[[Value], Any]) -> Any:
    """The expression with what they name in the place of the leaves."""
    kind = node.__class__
    if kind is Column:
        return replacement(node.value)
    if kind is BindParameter:
        return node
    if kind in _OF_TWO_SIDES:
        return of_sides(node, substituted(node.left, replacement), substituted(node.right, replacement))
    if kind is Grouping:
        inner = substituted(node.element, replacement)
        return inner if inner.__class__ is Grouping else Grouping(inner)
    if is_foreign(node):
        return node
    return cloned_by(node, lambda inner, **_: substituted(inner, replacement))
