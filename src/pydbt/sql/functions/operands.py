"""Operands: what users hand to functions, columns, their names and Python values, as SQLAlchemy elements.

Where a function expects a column, text is the name of one, as in every verb: ``F.upper("name")``. Where it
expects a value, a pattern or a separator, text is that text: ``F.replace("name", "a", "b")``. ``F.lit`` and
``F.col`` say it where the other is meant.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import BindParameter, ColumnClause, ColumnElement, Null
from sqlalchemy.types import BigInteger, Boolean, Integer, Numeric, String, TypeEngine

from pydbt.errors import (
    ColumnArgumentError,
    FunctionArgumentError,
    NotAConditionError,
    user_location,
)
from pydbt.sql.column import HiddenColumn
from pydbt.sql.condition import Guarded
from pydbt.sql.methods import Methods
from pydbt.sql.semantics import Double
from pydbt.sql.values import check_size, known, type_of_value, unwrapped

if TYPE_CHECKING:
    Element = ColumnElement[Any]
    # Text is the name of a column.
    ColumnOrName = ColumnElement[Any] | str
    Number = ColumnElement[Any] | str | float | Decimal
    # Text is text.
    Text = ColumnElement[Any] | str
    Count = ColumnElement[Any] | str | int
    _Clause = ColumnClause[Any]
    _Parameter = BindParameter[Any]
else:
    # SQLAlchemy 1.4 has no generic classes.
    Element = ColumnElement
    ColumnOrName = Number = Text = Count = Any
    _Clause = ColumnClause
    _Parameter = BindParameter

STRING, BOOLEAN, INTEGER, LONG, DOUBLE = String(), Boolean(), Integer(), BigInteger(), Double()
_LARGEST_PLAIN_INTEGER = 2**31 - 1


class NamedColumn(Guarded, _Clause):
    """A column that is only named: whose it is shows where it is used."""

    __visit_name__ = "column"
    inherit_cache = True

    def __shown__(self) -> str:
        return f"F.col({self.name!r})"

    def __bool__(self) -> bool:
        what = f"column {self.name!r} is not true or false in Python"
        hint = "combine conditions with & | ~ and parentheses"
        raise NotAConditionError(what, where=user_location(), hint=hint)


class Literal(Guarded, _Parameter):
    """What ``F.lit`` makes of a value: a parameter with methods, until a verb takes ``plain``."""

    inherit_cache = True
    plain: BindParameter[Any]


class Missing(Guarded, Null):
    """``F.lit(None)``: NULL with methods."""

    inherit_cache = True
    plain = sa.null()


def column(argument: Any) -> Element:
    """A column, an expression, or a Python value; text is the name of a column."""
    return named(argument) if isinstance(argument, str) else value(argument)


def named(name: str) -> NamedColumn:
    """The column of that name."""
    if not name:
        hint = 'F.lit("") is empty text'
        raise ColumnArgumentError("'' is not the name of a column", where=user_location(), hint=hint)
    return NamedColumn(name)


def value(argument: Any) -> Element:
    """A column, an expression, or a Python value; text is text."""
    if isinstance(argument, ColumnElement):
        return argument
    if isinstance(argument, HiddenColumn):
        argument.refused()
    clause = getattr(argument, "__clause_element__", None)
    return value(clause()) if clause is not None else literal(argument)


def literal(argument: Any) -> Element:
    """A Python value with the type it has everywhere."""
    argument = known(argument)
    if argument is None:
        return sa.null()
    return BindParameter(None, argument, type_=_type_of(argument), unique=True)


def spoken(argument: Any) -> Methods:
    """As :func:`literal`, for a user to go on with."""
    argument = known(argument)
    if argument is None:
        missing: Methods = object.__new__(Missing)  # Of Null, SQLAlchemy makes one only.
        return missing
    plain = literal(argument)
    made: Any = Literal.__new__(Literal)
    made.__dict__ |= plain.__dict__
    made.plain = plain
    element: Methods = made
    return element


def shown(argument: Any) -> str:
    """An argument as users write it: a parameter of SQL says nothing to them."""
    if isinstance(argument, BindParameter):
        return repr(argument.value)
    written = getattr(type(argument), "__shown__", None)
    if written is not None:
        return str(written(argument))
    return str(argument) if isinstance(argument, ColumnElement) else repr(argument)


def count(argument: Any, function: str, least: int | None = None) -> Element:
    """How many characters: a whole number, or a column of them; beyond 31 bits it is all the same.

    Args:
        argument: What the user gave.
        function: Who asks.
        least: The smallest number it may be.
    """
    argument = unwrapped(argument)
    if isinstance(argument, int) and not isinstance(argument, bool):
        if least is not None and argument < least:
            hint = f"give a number from {least} on"
            raise FunctionArgumentError(
                f"F.{function} was given {argument}", where=user_location(), hint=hint
            )
        return literal(max(-_LARGEST_PLAIN_INTEGER, min(argument, _LARGEST_PLAIN_INTEGER)))
    return column(argument)


def constant(argument: Any) -> Element:
    """A Python value that is written into the SQL, where a database takes nothing else."""
    return BindParameter(None, argument, type_=_type_of(argument), unique=True, literal_execute=True)


def _type_of(argument: Any) -> TypeEngine[Any] | None:
    if isinstance(argument, bool):
        return BOOLEAN
    if isinstance(argument, int):
        check_size(argument)
        return INTEGER if abs(argument) <= _LARGEST_PLAIN_INTEGER else LONG
    if isinstance(argument, float):
        return DOUBLE
    return _decimal(argument) if isinstance(argument, Decimal) else type_of_value(argument)


def _decimal(number: Decimal) -> TypeEngine[Any]:
    """A decimal of so many digits after the point: SQLite cuts what comes back to the digits of its type."""
    exponent = number.as_tuple().exponent
    return Numeric(None, max(-exponent, 0)) if isinstance(exponent, int) else Numeric()
