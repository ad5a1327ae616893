"""Both sides of an operator, once an expression is whole: values read as the type of the other side."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, Case, UnaryExpression
from sqlalchemy.types import BigInteger, Boolean, NullType, SmallInteger, TypeEngine

from pydbt.sql import semantics
from pydbt.sql.column import check_comparable
from pydbt.sql.tree import cloned
from pydbt.sql.types import is_decimal, is_integer, meet

CALCULATIONS = frozenset({operators.add, operators.sub, operators.mul})


def meet_each_other(left: Any, right: Any, operator: Any) -> tuple[Any, Any]:
    """Both sides of a comparison, a value read as the type of the other side."""
    if right.__class__ is BindParameter:
        return left, _met(right, left.type)
    if operator in _OF_THREE:
        ends = cloned(right)
        ends.clauses = [
            _met(end, left.type) if end.__class__ is BindParameter else end for end in right.clauses
        ]
        return left, ends
    if left.__class__ is BindParameter:
        return _met(left, right.type), right
    if operator in _OF_TWO:
        check_comparable(left, right)
    return semantics.same_moment(left, right)


def typed(node: Any) -> Any:
    """A NOT, or a CASE of functions, with its type, of which SQLAlchemy says nothing; all else as it is."""
    if isinstance(node, UnaryExpression):
        if node.operator is operators.inv:
            node.type = Boolean()
        elif isinstance(node.type, NullType):
            node.type = node.element.type
    elif isinstance(node, Case) and isinstance(node.type, NullType):
        results = [*(result for _, result in node.whens), *([] if node.else_ is None else [node.else_])]
        node.type = next((each.type for each in results if not isinstance(each.type, NullType)), node.type)
    return node


def exact_beside_decimal(left: Any, right: Any, operator: Any) -> BinaryExpression[Any] | None:
    """``price * 1.1`` as the decimal one reads, not a binary fraction; None where there is none to change."""
    if right.__class__ is BindParameter and isinstance(right.value, float) and is_decimal(left.type):
        return BinaryExpression(left, _met(right, left.type), operator, type_=left.type)
    if left.__class__ is BindParameter and isinstance(left.value, float) and is_decimal(right.type):
        return BinaryExpression(_met(left, right.type), right, operator, type_=right.type)
    return None


def widened(bound: BindParameter[Any]) -> BindParameter[Any]:
    """The value as a wider whole number where its column's type has no room: PostgreSQL would refuse it."""
    type_, value = bound.type, bound.value
    if not is_integer(type_) or isinstance(type_, BigInteger):
        return bound
    room = 2**15 if isinstance(type_, SmallInteger) else 2**31
    values = value if isinstance(value, (list, tuple)) else (value,)
    if all(not isinstance(each, int) or -room <= each < room for each in values):
        return bound
    return BindParameter(None, value, type_=BigInteger(), unique=True, expanding=bound.expanding)


_OF_THREE = frozenset({operators.between_op, operators.not_between_op})
_OF_TWO = frozenset({operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge})


def _met(bound: BindParameter[Any], type_: TypeEngine[Any]) -> BindParameter[Any]:
    if isinstance(type_, NullType) or bound.callable is not None:
        return bound
    value = bound.value
    if bound.expanding and isinstance(value, (list, tuple)):
        met: Any = [meet(item, type_) for item in value]
    else:
        met = meet(value, type_)
    if met is value or (met == value and met.__class__ is value.__class__):
        return bound
    return BindParameter(None, met, type_=type_, unique=True, expanding=bound.expanding)


def typed_again(node: BinaryExpression[Any], left: Any, right: Any) -> BinaryExpression[Any]:
    """An operation on columns that had only names when it was written, now that their types are known."""
    if node.operator not in CALCULATIONS or not isinstance(node.type, NullType):
        return node
    if isinstance(left.type, NullType):
        return node
    # SQLAlchemy's own way from the types of the sides to the operator and the type of the result.
    op, type_ = left.comparator._adapt_expression(node.operator, right.comparator)  # noqa: SLF001  as above
    return BinaryExpression(left, right, op, type_=type_, negate=node.negate, modifiers=node.modifiers)
