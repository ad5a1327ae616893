"""Column: the leaf that names a column of a DataFrame.

It is a SQLAlchemy column element with the right type, so ``func``, ``case``, ``and_`` and every operator
work on it, but it stands in no table. When SQL is asked for, ``compile.py`` puts what it names in its
place. The leaf never changes while expressions are built, so nothing SQLAlchemy does to a tree, merging
or cloning, can lose track of it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler, StrSQLCompiler
from sqlalchemy.sql.elements import ColumnClause, ColumnElement
from sqlalchemy.types import Boolean

from pydbt.errors import (
    ColumnArgumentError,
    ColumnGoneError,
    ColumnNotFoundError,
    ForeignColumnError,
    HiddenColumnError,
    TypeMismatchError,
    did_you_mean,
    user_location,
)
from pydbt.sql.arithmetic import arithmetic, calculation
from pydbt.sql.condition import (
    MEMBERSHIPS,
    Comparison,
    guarded,
    is_clause,
    not_true_or_false,
    operand_before,
    operands,
    true_or_false,
)
from pydbt.sql.methods import Methods, is_list, no_method
from pydbt.sql.nodes import operation, parameter
from pydbt.sql.operator_types import ARITHMETIC
from pydbt.sql.query import Query, Value
from pydbt.sql.types import Family, can_compare, family_of, meet

if TYPE_CHECKING:
    from collections.abc import Callable

    _Leaf = ColumnClause[Any]
else:
    # SQLAlchemy 1.4 has no generic classes.
    _Leaf = ColumnClause

RIGHT = "_right"

COMPARISONS = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.lt,
        operators.le,
        operators.gt,
        operators.ge,
        operators.in_op,
        operators.not_in_op,
        operators.between_op,
        operators.not_between_op,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
    }
)
_EQUALITIES = frozenset({operators.eq, operators.ne})
_NEGATIONS: dict[Any, Any] = {
    operators.eq: operators.ne,
    operators.ne: operators.eq,
    operators.lt: operators.ge,
    operators.ge: operators.lt,
    operators.gt: operators.le,
    operators.le: operators.gt,
}
_PLAIN = frozenset({int, str, dt.date, dt.datetime})
_BOOLEAN = Boolean()


NAMED_IN_AGG = (
    'name it in agg, then use its column: each = df.group_by("a").agg(n=func.count()); each.where(each.n > 1)'
)


class Column(Methods, _Leaf):
    """A column of a DataFrame: ``df.name`` or ``df["name"]``.

    Args:
        name: The name in the DataFrame it was taken from.
        value: What it names.
        query: The DataFrame's query, to say so in errors and to tell the sides of a join.
        is_right: It was written ``df.name_right``: the name the column will have on the right of a join.
    """

    __visit_name__ = "pydbt_column"
    inherit_cache = True
    is_literal = is_right = False
    table = None

    def __init__(self, name: str, value: Value, query: Query | None, *, is_right: bool = False) -> None:
        # The base class would only look for what is known here; columns are made by the million.
        self.key = self.name = name
        self.type = value.type
        self.value = value
        self.query = query
        if is_right:
            self.is_right = True

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Build the expression, once the values have met the column's type."""
        if op in COMPARISONS:
            other = tuple([_met(self, operand, op) for operand in other])
            if op in _NEGATIONS and not kwargs:
                direct = _compared(self, op, other[0])
                if direct is not None:
                    return direct
            return guarded(super().operate(op, *other, **kwargs))
        if op in ARITHMETIC:
            computed = arithmetic(self, op, other)
            if computed is not None:
                return computed
        other = operands(op, self, other)
        return guarded(super().operate(op, *other, **kwargs))

    def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:
        """As :meth:`operate`, with the column on the right."""
        if op in ARITHMETIC:
            computed = calculation(self, op, other, is_right=True)
            if computed is not None:
                return computed
        return guarded(super().reverse_operate(op, operand_before(op, self, other), **kwargs))

    def __bool__(self) -> bool:
        raise not_true_or_false(f"column {self.name!r}")

    def __rand__(self, other: Any) -> Any:
        return self & true_or_false("&", other)

    def __ror__(self, other: Any) -> Any:
        return self | true_or_false("|", other)

    def __contains__(self, item: Any) -> NoReturn:
        raise not_true_or_false(f"a value in column {self.name!r}")

    def __round__(self, digits: int = 0) -> NoReturn:
        raise no_method(self, "round")

    def __abs__(self) -> NoReturn:
        raise no_method(self, "abs")

    __iter__ = None  # Else Python would try a[0], a[1], …

    def __shown__(self) -> str:
        return f"df.{self.name}" if self.name.isidentifier() else f"df[{self.name!r}]"

    def __repr__(self) -> str:
        return f"<column {self.name!r}: {self.type!r}>"


@compiles(Column)
def _unbound(column: Column, compiler: SQLCompiler, **_: Any) -> str:
    """A leaf never reaches a database: it would be read as whatever has its name there."""
    if isinstance(compiler, StrSQLCompiler):
        return column.name
    what = f"column {column.name!r} belongs to a DataFrame and was used in a statement of its own"
    raise ForeignColumnError(
        what, where=user_location(), hint="build the statement from df.query.subquery().c"
    )


class HiddenColumn:
    """What ``df.count`` is when there is a column ``count``: the method, and an error as a column."""

    __slots__ = ("_method", "_name")

    def __init__(self, method: Callable[..., Any], name: str) -> None:
        self._method = method
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return self._method(*args, **kwargs)

    def refused(self, *_: Any) -> Any:
        """Raise the error that names the way to the column."""
        what = f"df.{self._name} is a method, not the column {self._name!r}"
        raise HiddenColumnError(what, where=user_location(), hint=f'use df["{self._name}"]')

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            return getattr(self._method, name)
        return self.refused()

    def __hash__(self) -> int:
        return hash(self._method)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = refused
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = refused
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = refused
    __and__ = __rand__ = __or__ = __ror__ = __invert__ = __neg__ = refused
    __clause_element__ = refused


def _compared(column: Column, op: Any, operand: Any) -> Comparison | None:
    """What SQLAlchemy would make of a column beside a plain value or column, in a third of the time."""
    if operand.__class__ is Column:
        right: Any = operand
    elif operand.__class__ in _PLAIN and family_of(column.type) is not Family.OTHER:
        right = parameter(column.name, operand, column.type)
    else:
        return None
    return operation(Comparison, column, right, op, _BOOLEAN, negate=_NEGATIONS[op], is_boolean=True)


def _met(column: Column, operand: Any, op: Any) -> Any:
    """The operand of a comparison as the column's type takes it."""
    if operand.__class__ in _PLAIN:
        return meet(operand, column.type)
    if operand.__class__ is Column:
        check_comparable(column, operand)
        return operand
    if op in MEMBERSHIPS and is_list(operand):
        return [_one_met(column, item, op) for item in operand]
    return _one_met(column, operand, op)


def _one_met(column: Column, operand: Any, op: Any) -> Any:
    """As :func:`_met`, for one operand."""
    if isinstance(operand, HiddenColumn):
        return operand.refused()
    if isinstance(operand, ColumnElement):
        check_comparable(column, operand)
        return operand
    if is_clause(operand):
        return operand
    if hasattr(type(operand), "__holds__"):
        hint = f"use df[{column.name!r}].isin(other), or its one value, other.scalar()"
        what = f"column {column.name!r} is compared with a DataFrame"
        raise TypeMismatchError(what, where=user_location(), hint=hint)
    met = meet(operand, column.type)
    if met is None and op not in _EQUALITIES:
        what = f"column {column.name!r} is compared with None"
        raise TypeMismatchError(what, where=user_location(), hint=f"use df[{column.name!r}].is_null()")
    return met


def check_comparable(left: ColumnElement[Any], right: ColumnElement[Any]) -> None:
    """Raise when two columns are of types that databases compare each in its own way."""
    if not can_compare(left.type, right.type):
        one, other = (f"{_named(side)} is {family_of(side.type).value}" for side in (left, right))
        hint = "they do not compare; cast one of the two"
        raise TypeMismatchError(f"{one}, {other}", where=user_location(), hint=hint)


def _named(element: ColumnElement[Any]) -> str:
    return f"column {element.name!r}" if isinstance(element, Column) else "the other side"


def column_of(query: Query, name: str) -> Column:
    """The column of that name, or an error with the nearest names: the only place that looks columns up.

    ``name_right`` is accepted for a column ``name``: it means that column on the right of a join.
    """
    value = query.fields.get(name)
    if value is not None:
        return Column(name, value, query)
    if not isinstance(name, str):
        hint = "give a name, or a list of names"
        raise ColumnArgumentError(f"{name!r} is not the name of a column", where=user_location(), hint=hint)
    if name.endswith(RIGHT):
        value = query.fields.get(name.removesuffix(RIGHT))
        if value is not None:
            return Column(name, value, query, is_right=True)
    raise column_not_found(query, name)


def column_not_found(query: Query, name: str) -> ColumnNotFoundError:
    """The error for a name that is not there."""
    hint = did_you_mean(name, query.fields) or "there are no columns"
    return ColumnNotFoundError(f"no column {name!r}", where=user_location(), hint=hint)


def check_value(query: Query, column: Column) -> None:
    """Raise unless the column's value is still among the columns of the query."""
    value = column.value
    if column.is_right:
        left = column.name.removesuffix(RIGHT)
        hint = f"it means {left!r} of the right side, in the condition of a join only"
        raise ColumnNotFoundError(f"no column {column.name!r}", where=user_location(), hint=hint)
    if query.fields.get(column.name) is value or query.name_of(value) is not None:
        return
    lost = query.lost_at(value)
    if lost is not None:
        what = f"column {column.name!r} is not there any more: it went at {lost.step.describe()}"
        if column.name in query.fields:
            hint = f"the column now called {column.name!r} is another one"
        elif lost.step.verb == "group_by":
            hint = NAMED_IN_AGG
        else:
            hint = did_you_mean(column.name, query.fields)
        raise ColumnGoneError(what, where=user_location(), hint=hint)
    hint = "join the other DataFrame first"
    if column.name in query.fields:
        hint += f", or take this DataFrame's own column {column.name!r}"
    raise ForeignColumnError(
        f"column {column.name!r} belongs to another DataFrame", where=user_location(), hint=hint
    )
