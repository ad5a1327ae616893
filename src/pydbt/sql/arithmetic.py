"""Arithmetic: calculations with numbers, made in a fifth of the time SQLAlchemy takes for the same.

Of what it takes to build a small model, SQLAlchemy's coercions and its choice of a type took most. Of numbers
that choice is asked for once: it follows from the classes of the types. For whole numbers of one type it is
known beforehand. Everything else goes SQLAlchemy's way.
"""

from __future__ import annotations

import operator as python_operators
from decimal import Decimal
from typing import Any

from sqlalchemy.sql import coercions, operators, roles
from sqlalchemy.sql.elements import BinaryExpression, ColumnClause, ColumnElement
from sqlalchemy.types import BIGINT, INTEGER, SMALLINT, BigInteger, Integer, SmallInteger, TypeEngine

from pydbt.sql.condition import Condition, guarded, operands
from pydbt.sql.nodes import operation, parameter
from pydbt.sql.types import Family, family_of, whole_type

_OPERATORS = frozenset({operators.add, operators.sub, operators.mul})
_OPERATORS_OF_WHOLE = _OPERATORS | {operators.mod}
_WHOLE = frozenset({Integer, INTEGER, BigInteger, BIGINT, SmallInteger, SMALLINT})
_NUMBERS = frozenset({int, float, Decimal})


class Calculation(Condition):
    """A calculation with numbers, guarded as every expression of columns is."""

    inherit_cache = True

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Build the expression."""
        computed = arithmetic(self, op, other)
        return super().operate(op, *other, **kwargs) if computed is None else computed

    def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:
        """As :meth:`operate`, with this expression on the right."""
        computed = calculation(self, op, other, is_right=True)
        return super().reverse_operate(op, other, **kwargs) if computed is None else computed


class Arithmetic(Calculation):
    """A calculation with whole numbers of one type."""

    inherit_cache = True


def arithmetic(left: Any, op: Any, other: tuple[Any, ...]) -> Calculation | None:
    """What SQLAlchemy would make of a column or a calculation beside a number, a column or a calculation."""
    if op not in _OPERATORS_OF_WHOLE:
        return None
    (operand,) = other
    type_ = left.type
    kind = type_.__class__
    if kind not in _WHOLE:
        return calculation(left, op, operand)
    if operand.__class__ is int:
        right: Any = parameter("param", operand, type_)
    elif isinstance(operand, (ColumnClause, Arithmetic)) and operand.type.__class__ is kind:
        right = operand.self_group(against=op)
    else:
        return calculation(left, op, operand)
    return operation(Arithmetic, left.self_group(against=op), right, op, type_)


def calculation(element: Any, op: Any, operand: Any, *, is_right: bool = False) -> Calculation | None:
    """What SQLAlchemy would make of two numbers, with the same parentheses; None where it is no such pair."""
    if op not in _OPERATORS or family_of(element.type) is not Family.NUMBER:
        return None
    if operand.__class__ in _NUMBERS:
        name = element.key if isinstance(element, ColumnClause) else "param"
        other: Any = parameter(name, operand, element.type.coerce_compared_value(op, operand))
    elif isinstance(operand, (ColumnClause, Calculation)) and family_of(operand.type) is Family.NUMBER:
        other = operand
    else:
        return None
    if _is_by(element, op) or _is_by(other, op):
        return None  # Of a chain of one operator SQLAlchemy 2 makes one node.
    left, right = (other, element) if is_right else (element, other)
    type_ = _type_of(op, left, right)
    return operation(Calculation, left.self_group(against=op), right.self_group(against=op), op, type_)


def _is_by(side: Any, op: Any) -> bool:
    return isinstance(side, Calculation) and side.operator is op


# Whether the left side's type comes out, by operator and the classes of both sides' types.
_IS_OF_LEFT: dict[tuple[Any, type, type], bool] = {}


def _type_of(op: Any, left: Any, right: Any) -> TypeEngine[Any]:
    """The type that SQLAlchemy says the result has: that of one of the sides."""
    key = (op, left.type.__class__, right.type.__class__)
    is_of_left = _IS_OF_LEFT.get(key)
    if is_of_left is None:
        _, type_ = left.comparator._adapt_expression(op, right.comparator)  # noqa: SLF001  its own way
        type_ = whole_type(left.type, right.type) or type_  # SQLAlchemy takes a short one's from the left.
        if left.type is not right.type and (type_ is left.type or type_ is right.type):
            _IS_OF_LEFT[key] = type_ is left.type
        found: TypeEngine[Any] = type_
        return found
    chosen: TypeEngine[Any] = left.type if is_of_left else right.type
    return chosen


def _floor_division(left: ColumnElement[Any], right: Any) -> Any:
    return _divided(left, _beside(left, right))


def _reverse_floor_division(right: ColumnElement[Any], left: Any) -> Any:
    return _divided(_beside(right, left), right)


def _divided(left: ColumnElement[Any], right: ColumnElement[Any]) -> Any:
    op: Any = python_operators.floordiv
    operands(op, left, (right,))
    return guarded(BinaryExpression(left, right, op, type_=left.type))


def _beside(element: ColumnElement[Any], value: Any) -> Any:
    """The value as SQLAlchemy puts it beside an element: of its type, if that can be."""
    expected: Any = coercions.expect
    return expected(roles.BinaryElementRole, value, expr=element, operator=operators.truediv)


if not hasattr(ColumnElement, "__floordiv__"):  # As in SQLAlchemy 2, whatever func, case or cast made it.
    for _name, _method in (("__floordiv__", _floor_division), ("__rfloordiv__", _reverse_floor_division)):
        setattr(ColumnElement, _name, _method)
