"""Condition: what operators make of columns, and no longer Python's true or false.

Python decides ``a and b``, ``not a``, ``a in [b]`` and ``1 < a < 3`` by asking whether ``a`` is true, and
binds ``&`` before ``==``. Each of these would build another query than it says, silently or with an error
that nobody understands; here it is an error that says how it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.sql import elements, operators
from sqlalchemy.sql.elements import (
    AsBoolean,
    BinaryExpression,
    BooleanClauseList,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    Grouping,
    UnaryExpression,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from pydbt.errors import NotAConditionError, user_location
from pydbt.sql.methods import Methods, is_list
from pydbt.sql.operator_types import check_signed, check_types
from pydbt.sql.types import Family, family_of
from pydbt.sql.values import PLAIN, is_missing, known, unwrapped

if TYPE_CHECKING:
    _Binary = BinaryExpression[Any]
    _Unary = UnaryExpression[Any]
    _OfMany = BinaryExpression[Any]
else:
    # SQLAlchemy 1.4 has no generic classes, nor operations of many sides.
    _Binary, _Unary = BinaryExpression, UnaryExpression
    _OfMany = getattr(elements, "ExpressionClauseList", BinaryExpression)

LOGICAL = {operators.and_: "&", operators.or_: "|", operators.inv: "~"}
MEMBERSHIPS = frozenset({operators.in_op, operators.not_in_op})
# What may be true or false.
LOGICAL_FAMILIES = frozenset({Family.BOOLEAN, Family.OTHER})
_IN_PARENTHESES = "put each comparison in parentheses, as & | ~ bind first: (df.a > 1) & (df.b == 2)"
_IN_SQL = (
    "combine conditions with & | ~ and parentheses: (df.a > 1) & (df.b == 2);"
    " one of several is df.a.isin([1, 2]), a range df.a.between(1, 3)"
)


class Condition(Methods, _Binary):
    """A comparison or an arithmetic of columns that refuses to be taken for true or false.

    SQLAlchemy's own ``==`` answers ``bool()`` with whether both sides are one object, so ``a == 1 and b
    == 2`` would silently be ``a == 1``.
    """

    inherit_cache = True

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Build the expression, which is guarded as this one is."""
        return guarded(super().operate(op, *operands(op, self, other), **kwargs))

    def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:
        """As :meth:`operate`, with this expression on the right."""
        return guarded(super().reverse_operate(op, operand_before(op, self, other), **kwargs))

    def __bool__(self) -> bool:
        raise not_true_or_false("an expression of columns")

    # Python asks the right side first where it is of a subclass: the left one is then SQLAlchemy's own.
    def __rand__(self, other: Any) -> Any:
        if isinstance(other, ColumnElement):
            return other.operate(operators.and_, self)
        return self & true_or_false("&", other)

    def __ror__(self, other: Any) -> Any:
        if isinstance(other, ColumnElement):
            return other.operate(operators.or_, self)
        return self | true_or_false("|", other)

    def __contains__(self, item: Any) -> NoReturn:
        raise not_true_or_false("an expression of columns")


class Guarded(Methods):
    """What makes guarded expressions, and is no operation itself."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Build the expression, which is not true or false in Python either."""
        return guarded(super().operate(op, *operands(op, self, other), **kwargs))

    def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:
        """As :meth:`operate`, with this on the right."""
        return guarded(super().reverse_operate(op, operand_before(op, self, other), **kwargs))

    def __bool__(self) -> bool:
        raise not_true_or_false("an expression of columns")


class Comparison(Condition):
    """A comparison of a column with a plain value or another column, which have met when it was made."""

    inherit_cache = True


class Negative(Guarded, _Unary):
    """A number with the other sign."""

    inherit_cache = True


class Denial(Guarded, _Unary):
    """NOT of conditions that are combined."""

    inherit_cache = True


class Truth(Guarded, AsBoolean):
    """A flag, or NOT of one, as SQLAlchemy writes it for databases without booleans."""

    inherit_cache = True


class Combination(Guarded, BooleanClauseList):
    """Conditions combined with ``&`` or ``|``."""

    inherit_cache = True


class Chain(Guarded, _OfMany):
    """``a + b + c``, of which SQLAlchemy makes one node from 2.0 on."""

    inherit_cache = True


CHAINS = frozenset({_OfMany, Chain} - {BinaryExpression})
_GUARDED: dict[type, Any] = {
    _OfMany: Chain,
    BinaryExpression: Condition,
    AsBoolean: Truth,
    BooleanClauseList: Combination,
}
_UNARY: dict[Any, Any] = {operators.neg: Negative, operators.inv: Denial}


def guarded(result: Any) -> Any:
    """The expression that SQLAlchemy made, as one of ours where it is an operation."""
    kind = _GUARDED.get(result.__class__)
    if kind is None and result.__class__ is UnaryExpression:
        kind = _UNARY.get(result.operator)
    if kind is None:
        return result
    made: Any = kind.__new__(kind)
    made.__dict__ = result.__dict__  # Nobody else has the other one.
    return made


def _where_it_can_be_meant(answer: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """SQLAlchemy's answer, where it can be meant: not for a column of a DataFrame, nor for a count of rows.

    What ``func``, ``case`` and ``cast`` of SQLAlchemy make of a column is its own, and so is what ``==``
    makes of that: ``func.lower(df.a) == "x" and df.b`` would be half of itself. So is what ``&``, ``|`` and
    ``~`` make of conditions, which SQLAlchemy refuses in its words. There is nothing of ours to ask.
    """

    def asked(expression: ColumnElement[Any]) -> bool:
        parts = [*iterate(expression)]
        is_of_none = not any(isinstance(part, ColumnClause) and not part.is_literal for part in parts)
        if any(
            part.__visit_name__ == "pydbt_column" or (is_of_none and isinstance(part, FunctionElement))
            for part in parts
        ):
            raise not_true_or_false("an expression of columns")
        return answer(expression)

    return asked


for _kind in (BinaryExpression, BooleanClauseList, UnaryExpression):
    setattr(_kind, "__bool__", _where_it_can_be_meant(_kind.__bool__))  # noqa: B010  mypy lets nobody assign a method


def not_true_or_false(what: str) -> NotAConditionError:
    """The error for ``and``, ``or``, ``not``, ``in``, ``if`` and chains of comparisons."""
    return NotAConditionError(f"{what} is not true or false in Python", where=user_location(), hint=_IN_SQL)


def true_or_false(sign: str, value: Any) -> bool:
    """The Python value beside a sign; to Python, ``df.a > 1 & df.b == 2`` is ``df.a > (1 & df.b) == 2``."""
    plain = unwrapped(value)
    if isinstance(plain, bool):
        return plain
    what = f"{value!r} stands beside {sign}, which combines conditions"
    raise NotAConditionError(what, where=user_location(), hint=_IN_PARENTHESES)


def operands(op: Any, element: ColumnElement[Any], others: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a user put behind an operator, without what libraries wrap around values.

    Args:
        op: The operator.
        element: What stands before it.
        others: What stands behind it, nothing for a sign.

    Raises:
        TypeMismatchError: The operator does not go with the types.
        NotAConditionError: It combines conditions, and one of the sides is none.
        ColumnArgumentError: One is no value.
    """
    if op in LOGICAL:
        others = tuple([each if isinstance(each, ColumnElement) else unwrapped(each) for each in others])
        check_logical(op, element, *others)
        return others
    if not others:
        if op is operators.neg:
            check_signed(element)
        return others
    made = tuple([_operand(element, each, op) for each in others])
    check_types(op, element, made[0])
    return made


def operand_before(op: Any, element: ColumnElement[Any], other: Any) -> Any:
    """As :func:`operands`, of what stands before the operator; the element is behind it."""
    made = _operand(element, other, op)
    check_types(op, made, element)
    return made


def _operand(element: ColumnElement[Any], value: Any, op: Any) -> Any:
    """The value; as it is beside what a type of the user's takes, and beside a name that is no column yet."""
    if value.__class__ in PLAIN or is_clause(value):
        return value
    if family_of(element.type) is Family.OTHER:
        return None if is_missing(value) else value
    if op in MEMBERSHIPS and is_list(value):
        return [_operand(element, each, None) for each in value]
    return known(value)


def is_clause(value: Any) -> bool:
    """Whether it is SQLAlchemy's, or what SQLAlchemy asks for it."""
    return isinstance(value, ClauseElement) or hasattr(type(value), "__clause_element__")


def check_logical(op: Any, *sides: Any) -> None:
    """Raise when ``&``, ``|`` or ``~`` stands beside what is known not to be true or false."""
    sign = LOGICAL[op]
    for side in sides:
        if not isinstance(side, ColumnElement):
            if isinstance(side, (int, float, str)):
                true_or_false(sign, side)
            continue
        family = family_of(side.type)
        if family not in LOGICAL_FAMILIES:
            shown = f"column {side.name!r}" if hasattr(side, "name") else "an expression"
            what = f"{shown} stands beside {sign}, which combines conditions, and is {family.value}"
            raise NotAConditionError(what, where=user_location(), hint=_IN_PARENTHESES)


_NOTS = frozenset({AsBoolean, Truth})


def closed(side: Any) -> Any:
    """The side in parentheses if it is a NOT: SQLAlchemy writes ``NOT a IS NULL`` for ``(NOT a) IS NULL``.

    What is in parentheses already has the type that its inside has by now.
    """
    if side.__class__ is Grouping:
        inner: Any = side.element
        side.type = inner.type
    return Grouping(side) if side.__class__ in _NOTS else side
