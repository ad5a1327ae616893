"""Arithmetic: calculations with whole numbers, made in a fifth of the time SQLAlchemy takes for the same.

Of what it takes to build a small model, SQLAlchemy's coercions and its choice of a type took most. For whole
numbers of one type both are known beforehand. Everything else goes SQLAlchemy's way.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import BIGINT, INTEGER, SMALLINT, BigInteger, Integer, SmallInteger

from pydbt.sql.condition import Condition
from pydbt.sql.nodes import operation, parameter

_OPERATORS = frozenset({operators.add, operators.sub, operators.mul, operators.mod})
_WHOLE = frozenset({Integer, INTEGER, BigInteger, BIGINT, SmallInteger, SMALLINT})


class Arithmetic(Condition):
    """A calculation with whole numbers, guarded as every expression of columns is."""

    inherit_cache = True

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Build the expression."""
        computed = arithmetic(self, op, other)
        return super().operate(op, *other, **kwargs) if computed is None else computed


def arithmetic(left: ColumnClause[Any] | Arithmetic, op: Any, other: tuple[Any, ...]) -> Arithmetic | None:
    """What SQLAlchemy would make of whole numbers of one type, with the same parentheses; else None."""
    if op not in _OPERATORS:
        return None
    (operand,) = other
    type_ = left.type
    kind = type_.__class__
    if kind not in _WHOLE:
        return None
    if operand.__class__ is int:
        right: Any = parameter("param", operand, type_)
    elif isinstance(operand, (ColumnClause, Arithmetic)) and operand.type.__class__ is kind:
        right = operand.self_group(against=op)
    else:
        return None
    return operation(Arithmetic, left.self_group(against=op), right, op, type_)
