"""Casts that mean the same on every database: which there are, and what text they read.

Databases agree that ``'12'`` is a number. They do not on ``'1.5'`` as a whole number, on ``'1_000'``,
``'2026-1-5'`` or ``'abc'``. So text is read by one grammar, a regular expression for each type
(:data:`GRAMMARS`), and only what matches it meets the database's own cast; the rest is an error, or NULL in a
``try_cast``.
``cast_rendering.py`` says how each database spells that.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import BigInteger, SmallInteger, TypeEngine

from pydbt.errors import TypeMismatchError, user_location
from pydbt.sql.semantics import Portable
from pydbt.sql.types import Family, family_of, is_float, is_integer


class Kind(Enum):
    """What a cast starts from or leads to."""

    INTEGER = "a whole number"
    FLOAT = "a float"
    DECIMAL = "a decimal"
    TEXT = "text"
    BOOLEAN = "true or false"
    DATE = "a date"
    DATETIME = "a date with time"
    TIME = "a time"
    OTHER = "something else"


_KINDS = {
    Family.TEXT: Kind.TEXT,
    Family.BOOLEAN: Kind.BOOLEAN,
    Family.DATE: Kind.DATE,
    Family.DATETIME: Kind.DATETIME,
    Family.TIME: Kind.TIME,
}
NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL})
_MOMENTS = frozenset({Kind.DATE, Kind.DATETIME, Kind.TIME})

# From the year 1000 on: what is before it is a slip of the hand.
_DAY = "[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?"
_NUMBER = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?"
# In the dialect that DuckDB, PostgreSQL and Python share; blanks may stand around. That there is no
# thirtieth of February is left to the database.
GRAMMARS: dict[Kind, str] = {
    Kind.INTEGER: "^ *[+-]?[0-9]+ *$",
    Kind.FLOAT: f"^ *{_NUMBER} *$",
    Kind.DECIMAL: f"^ *{_NUMBER} *$",
    Kind.DATE: f"^ *{_DAY} *$",
    Kind.DATETIME: f"^ *{_DAY}([T ]{_CLOCK})? *$",
    Kind.TIME: f"^ *{_CLOCK} *$",
}
# Unless it cannot try: then the grammar tells which days there are.
_REAL_DAY = (
    "([1-9][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29)"
)
EXACT_GRAMMARS = {kind: grammar.replace(_DAY, _REAL_DAY) for kind, grammar in GRAMMARS.items()}
TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")


def kind_of(type_: TypeEngine[Any]) -> Kind:
    """What a cast takes a type for.

    >>> from sqlalchemy import Float, Integer, Numeric
    >>> kind_of(Integer()), kind_of(Numeric(9, 2)), kind_of(Float())
    (<Kind.INTEGER: 'a whole number'>, <Kind.DECIMAL: 'a decimal'>, <Kind.FLOAT: 'a float'>)
    """
    family = family_of(type_)
    if family is Family.NUMBER:
        if is_integer(type_):
            return Kind.INTEGER
        return Kind.FLOAT if is_float(type_) else Kind.DECIMAL
    if getattr(type_, "timezone", False):
        return Kind.OTHER
    return _KINDS.get(family, Kind.OTHER)


def bits_of(type_: TypeEngine[Any]) -> int:
    """How many bits a whole number of this type has."""
    if isinstance(type_, SmallInteger):
        return 16
    return 64 if isinstance(type_, BigInteger) else 32


def digits_of(type_: Any) -> tuple[int, int] | None:
    """A decimal's digits, and how many of them are after the point; None where the type does not say."""
    return None if type_.precision is None else (type_.precision, type_.scale or 0)


def can_cast(source: Kind, target: Kind) -> bool:
    """Whether databases agree that there is such a cast at all.

    >>> can_cast(Kind.TEXT, Kind.DATE), can_cast(Kind.INTEGER, Kind.DATE)
    (True, False)
    """
    if Kind.OTHER in (source, target) or Kind.TEXT in (source, target) or source is target:
        return True
    if source in _MOMENTS or target in _MOMENTS:
        return Kind.DATETIME in (source, target) and (source, target) != (Kind.TIME, Kind.DATETIME)
    return True


def check_castable(source: TypeEngine[Any], target: TypeEngine[Any], *, is_try: bool = False) -> None:
    """Raise when there is no cast between the types, or no way to try it."""
    one, other = kind_of(source), kind_of(target)
    if not can_cast(one, other):
        what = f"{one.value} cannot be cast to {other.value}"
        raise TypeMismatchError(what, where=user_location(), hint="cast it to text first, or compute it")
    if is_try and other is Kind.OTHER:
        what = f"try_cast to {target!r}"
        hint = "it leads to numbers, text, booleans, dates and times; cast() leads to every type"
        raise TypeMismatchError(what, where=user_location(), hint=hint)


class CastTo(Portable):
    """A cast with its one meaning."""

    inherit_cache = True
    __visit_name__ = "pydbt_cast_to"

    def __init__(self, element: ColumnElement[Any], type_: TypeEngine[Any], *, is_try: bool) -> None:
        super().__init__(element, type_)
        self.is_try = is_try

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("is_try", InternalTraversal.dp_boolean),
        ("type", InternalTraversal.dp_type),
    ]


def mentions(source: TypeEngine[Any], target: TypeEngine[Any], *, is_try: bool) -> int:
    """How often a database's spelling of the cast may repeat what is cast."""
    one, other = kind_of(source), kind_of(target)
    if other is Kind.TEXT:
        return 9 if one is Kind.FLOAT else 1
    if one in {Kind.TEXT, Kind.OTHER}:
        return 3
    is_checked = is_try or (one is Kind.FLOAT and other is Kind.DECIMAL)
    return 3 if is_checked and other in NUMBERS else 1
