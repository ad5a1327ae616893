"""Both sides of an operator, once an expression is whole: values read as the type of the other side."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from operator import is_
from typing import Any

from sqlalchemy import null
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, Case, Grouping, UnaryExpression
from sqlalchemy.sql.functions import coalesce
from sqlalchemy.types import BigInteger, Boolean, DateTime, NullType, Numeric, SmallInteger, TypeEngine

from pydbt.sql import semantics
from pydbt.sql.column import COMPARISONS, check_comparable
from pydbt.sql.condition import CHAINS, closed
from pydbt.sql.functions import portable
from pydbt.sql.functions.call import Call
from pydbt.sql.functions.rule import type_with, united
from pydbt.sql.functions.units import UNITS, begins
from pydbt.sql.identifiers import check_whole
from pydbt.sql.operator_types import check_signed, check_types
from pydbt.sql.query import Query, database_of
from pydbt.sql.tree import cloned
from pydbt.sql.types import Family, family_of, is_float, is_integer, meet, whole_type
from pydbt.sql.values import check_finite, check_size, check_zone, known, type_of_value, unwrapped

CALCULATIONS = frozenset({operators.add, operators.sub, operators.mul})


def meet_each_other(left: Any, right: Any, operator: Any) -> tuple[Any, Any]:
    """Both sides of an operator; of a comparison, a value is read as the type of the other side."""
    if operator not in COMPARISONS:
        check_types(operator, left, right)
        return left, right
    if right.__class__ is BindParameter:
        right = _met(right, left.type)
        return (_kept_apart(left, right) if operator in _EQUALITIES else left), right
    if operator in _OF_THREE:
        ends = cloned(right)
        ends.clauses = [
            _met(end, left.type) if end.__class__ is BindParameter else end for end in right.clauses
        ]
        return left, ends
    if left.__class__ is BindParameter:
        left = _met(left, right.type)
        return left, (_kept_apart(right, left) if operator in _EQUALITIES else right)
    if operator in _OF_TWO:
        check_comparable(left, right)
    return semantics.same_moment(left, right)


def _kept_apart(element: Any, bound: BindParameter[Any]) -> Any:
    """A truncated moment beside a value that it can never be.

    DuckDB takes ``date_trunc('month', x) <> '2022-12-30 12:30'`` for true, where x is NULL as well.
    """
    if element.__class__ is not Call or not isinstance(bound.value, dt.date):
        return element
    word, _, unit = element.rule_name.partition(" ")
    if word != "date_trunc" or unit not in UNITS or begins(bound.value, unit):
        return element
    return coalesce(element, null(), type_=element.type)


def typed(node: Any) -> Any:
    """What SQLAlchemy typed when its parts were names, or did not type, with its type; all else as it is."""
    if node.__class__ in CHAINS and node.operator in CALCULATIONS:
        return portable.chained(node.clauses, node.operator)
    if isinstance(node, UnaryExpression):
        if node.operator is operators.inv:
            node.type = Boolean()
        elif isinstance(node.type, NullType) or node.operator in _OF_ITS_OPERAND:
            node.type = closed(node.element).type
        if node.operator is operators.neg:
            check_signed(closed(node.element))
            if _is_negative(node.element):
                # Written as literals, two signs side by side would begin a comment.
                node.element = Grouping(node.element)
    elif isinstance(node, Case):
        results = [*(result for _, result in node.whens), *([] if node.else_ is None else [node.else_])]
        made = united(results, "case")
        node.type = type_with(node.type, made)
        node.whens = [(condition, result) for (condition, _), result in zip(node.whens, made, strict=False)]
        node.else_ = None if node.else_ is None else made[-1]
    return node


_OF_ITS_OPERAND = frozenset({operators.neg, operators.distinct_op})


def _is_negative(element: Any) -> bool:
    is_number = isinstance(element, BindParameter) and isinstance(element.value, (int, float, Decimal))
    return is_number and element.value < 0


_LOOKED_AT = frozenset({int, Decimal, list, str, tuple})
SENT_AS_IT_IS = frozenset({bool, bytes, dt.date, dt.time, dt.timedelta, type(None)})
_LONGEST = 36  # DuckDB's decimals have 38 digits.


def sendable(bound: BindParameter[Any], query: Query) -> BindParameter[Any]:
    """The value as a wider whole number where its column's type has no room: PostgreSQL would refuse it.

    And a decimal with its point: psycopg2 would write a whole one as an integer. And what SQLAlchemy's own
    operators and functions were given without what libraries wrap around it.

    Args:
        bound: The value.
        query: Where it is used.

    Raises:
        ColumnArgumentError: It is no value.
        LiteralError: Not every database takes it, or not this one.
    """
    type_, value = bound.type, bound.value
    if value.__class__ is int and -(2**15) <= value < 2**15:
        return bound  # Most are.
    if value.__class__ is float:
        check_finite(value, database_of(query))
        return bound
    if value.__class__ not in _LOOKED_AT:
        return _zoned(bound, query) if isinstance(value, dt.datetime) else _unwrapped(bound, query)
    if value.__class__ is Decimal:
        return _with_point(bound)
    check_whole(value)
    if isinstance(value, (list, tuple)):
        for each in value:
            _check_taken(each, database_of(query))
    return _with_room(bound) if is_integer(type_) else bound


def _check_taken(value: Any, database: str) -> None:
    check_zone(value, database)
    check_finite(value, database)


def _with_room(bound: BindParameter[Any]) -> BindParameter[Any]:
    type_, value = bound.type, bound.value
    if value.__class__ is int:
        check_size(value)
    if isinstance(type_, BigInteger):
        return bound
    room = 2**15 if isinstance(type_, SmallInteger) else 2**31
    values = value if isinstance(value, (list, tuple)) else (value,)
    if all(not isinstance(each, int) or -room <= each < room for each in values):
        return bound
    return BindParameter(None, value, type_=BigInteger(), unique=True, expanding=bound.expanding)


def _with_point(bound: BindParameter[Any]) -> BindParameter[Any]:
    value: Any = bound.value
    if not value.is_finite() or value != value.to_integral_value() or value.adjusted() > _LONGEST:
        return bound
    return BindParameter(None, Decimal(f"{value:.1f}"), type_=bound.type, unique=True)


def _zoned(bound: BindParameter[Any], query: Query) -> BindParameter[Any]:
    """A moment; SQLAlchemy's own functions give it a type without a zone, whatever it has."""
    value: Any = unwrapped(bound.value)
    is_zoned = value is not None and value.tzinfo is not None
    if is_zoned:
        check_zone(value, database_of(query))
    is_guessed = isinstance(bound.type, NullType) or (is_zoned and bound.type.__class__ is DateTime)
    if value is bound.value and not is_guessed:
        return bound
    return BindParameter(None, value, type_=type_of_value(value) if is_guessed else bound.type, unique=True)


def _unwrapped(bound: BindParameter[Any], query: Query) -> BindParameter[Any]:
    type_, value = bound.type, bound.value
    if family_of(type_) is not Family.OTHER:
        made = BindParameter(None, known(value), type_=type_, unique=True)
    elif isinstance(type_, NullType) and not isinstance(value, Enum):
        plain = unwrapped(value)
        made = BindParameter(None, plain, type_=type_of_value(plain), unique=True)
    else:
        return bound  # Its type takes it.
    # A day of a class of its own stays one, and so does what only its driver knows.
    is_done = made.value is value or made.value.__class__ in SENT_AS_IT_IS
    return made if is_done else sendable(made, query)


_OF_THREE = frozenset({operators.between_op, operators.not_between_op})
_EQUALITIES = frozenset(
    {operators.eq, operators.ne, operators.is_distinct_from, operators.is_not_distinct_from}
)
_OF_TWO = frozenset({operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge})


def _met(bound: BindParameter[Any], type_: TypeEngine[Any]) -> BindParameter[Any]:
    if bound.callable is not None:
        return bound
    value = bound.value
    if bound.expanding and isinstance(value, (list, tuple)):
        return _all_met(bound, type_)
    met = value if isinstance(type_, NullType) else meet(value, type_)
    if met is value or (met.__class__ is value.__class__ and met == value):
        return bound
    return BindParameter(None, met, type_=type_, unique=True)


def _all_met(bound: BindParameter[Any], type_: TypeEngine[Any]) -> BindParameter[Any]:
    """The values of an IN; SQLAlchemy took the type of the first for that of all."""
    values: Any = bound.value
    met = values if isinstance(type_, NullType) else [meet(each, type_) for each in values]
    kinds = {each.__class__ for each in met}
    if len(kinds) > 1 and kinds <= _NUMBERS:
        type_ = semantics.Double() if is_float(type_) else Numeric()
        met = [_number(each, type_) for each in met]
    elif all(map(is_, met, values)):
        return bound
    return BindParameter(None, met, type_=type_, unique=True, expanding=True)


_NUMBERS = frozenset({int, float, Decimal})


def _number(value: Any, type_: TypeEngine[Any]) -> Any:
    """A number as a float, or as the decimal it is written as; what is none, such as infinity, stays."""
    return float(value) if is_float(type_) else meet(value, type_)


def typed_again(node: BinaryExpression[Any], left: Any, right: Any) -> BinaryExpression[Any]:
    """An operation on columns that had only names when it was written, now that their types are known."""
    if node.operator not in CALCULATIONS or isinstance(left.type, NullType):
        return node
    # Of a name and a whole number SQLAlchemy made a whole number, whatever the name stands for.
    was_guessed = isinstance(node.type, NullType) or any(
        before.__class__ is not BindParameter and before.type.__class__ is not after.type.__class__
        for before, after in ((node.left, left), (node.right, right))
    )
    whole = whole_type(left.type, right.type)
    if whole is not None and whole.__class__ is not node.type.__class__:
        node = cloned(node)
        node.type = whole
        return node
    if not was_guessed:
        return node
    # SQLAlchemy's own way from the types of the sides to the operator and the type of the result.
    op, type_ = left.comparator._adapt_expression(node.operator, right.comparator)  # noqa: SLF001  as above
    return BinaryExpression(left, right, op, type_=type_, negate=node.negate, modifiers=node.modifiers)
