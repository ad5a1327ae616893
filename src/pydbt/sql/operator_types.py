"""Operator types: between values of which types an operator means something on every database.

SQLite and MariaDB compute with whatever they are given, ``true + true``, ``'a' - 'b'``, a date as the number
20240131, and PostgreSQL and DuckDB fail. Where the types are known, it is an error at the user's line.
"""

from __future__ import annotations

import datetime as dt
import operator as python_operators
from decimal import Decimal
from typing import Any, NoReturn

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import NullType

from pydbt.errors import TypeMismatchError, user_location
from pydbt.sql.types import Family, family_of, family_of_value, is_fraction
from pydbt.sql.values import IN_UTC, known

ARITHMETIC: dict[Any, str] = {
    operators.add: "+",
    operators.sub: "-",
    operators.mul: "*",
    operators.truediv: "/",
    python_operators.floordiv: "//",
    operators.mod: "%",
}

Pairs = frozenset[tuple[Family, Family]]

_NUMBERS = (Family.NUMBER, Family.NUMBER)
_TEXTS = (Family.TEXT, Family.TEXT)
_INTERVALS = (Family.INTERVAL, Family.INTERVAL)
_MOMENTS = (Family.DATE, Family.DATETIME)
_LATER = {
    (Family.DATE, Family.NUMBER),
    *((moment, Family.INTERVAL) for moment in (*_MOMENTS, Family.TIME)),
}
_SCALED = (Family.INTERVAL, Family.NUMBER)

_PAIRS: dict[Any, Pairs] = {
    operators.add: frozenset(
        {
            _NUMBERS,
            _TEXTS,
            _INTERVALS,
            *_LATER,
            *((other, one) for one, other in _LATER),
            (Family.DATE, Family.TIME),
            (Family.TIME, Family.DATE),
        }
    ),
    operators.sub: frozenset(
        {
            _NUMBERS,
            _INTERVALS,
            *_LATER,
            *((one, other) for one in _MOMENTS for other in _MOMENTS),
            (Family.TIME, Family.TIME),
        }
    ),
    operators.mul: frozenset({_NUMBERS, _SCALED, _SCALED[::-1]}),
    operators.truediv: frozenset({_NUMBERS, _SCALED}),
    python_operators.floordiv: frozenset({_NUMBERS}),
    operators.mod: frozenset({_NUMBERS}),
    **dict.fromkeys(
        (
            operators.concat_op,
            operators.like_op,
            operators.not_like_op,
            operators.ilike_op,
            operators.not_ilike_op,
            operators.contains_op,
            operators.not_contains_op,
            operators.startswith_op,
            operators.not_startswith_op,
            operators.endswith_op,
            operators.not_endswith_op,
            operators.regexp_match_op,
            operators.not_regexp_match_op,
        ),
        frozenset({_TEXTS}),
    ),
}
_DAYS = {Family.DATE, Family.NUMBER}
_SIGNED = frozenset({Family.NUMBER, Family.INTERVAL, Family.OTHER})


def check_types(op: Any, left: Any, right: Any) -> None:
    """Raise when an operator stands between two sides of types that do not go together.

    Args:
        op: One of ``sqlalchemy.sql.operators``; of comparisons nothing is checked here.
        left: A SQLAlchemy element or a Python value.
        right: As ``left``.

    Raises:
        TypeMismatchError: They do not.
        ColumnArgumentError: One is no value at all.
    """
    pairs = _PAIRS.get(op)
    if pairs is None:
        return
    one, other = _family(left), _family(right)
    if (one, other) in pairs:
        if {one, other} == _DAYS and (_is_broken(left) or _is_broken(right)):
            _refused(op, one, other)
        if one in _MOMENTS and other in _MOMENTS and _has_zone(left) is not _has_zone(right):
            what = f"{ARITHMETIC[op]} stands between a moment with a time zone and one without"
            raise TypeMismatchError(what, where=user_location(), hint=IN_UTC)
    elif one is Family.OTHER or other is Family.OTHER:
        for side in () if one is other else (left, right):
            if side.__class__ is BindParameter and isinstance(side.type, NullType):
                known(side.value)
    else:
        _refused(op, one, other)


def check_signed(element: Any) -> None:
    """Raise when ``-`` stands before what has no sign.

    Raises:
        TypeMismatchError: It does.
    """
    family = family_of(element.type)
    if family not in _SIGNED:
        what = f"- stands before {family.value}"
        raise TypeMismatchError(what, where=user_location(), hint=_HINTS.get(family, "cast it to a number"))


def _family(side: Any) -> Family:
    return family_of(side.type) if isinstance(side, ColumnElement) else family_of_value(side)


def _has_zone(side: Any) -> bool:
    """Whether it is a moment with a time zone; SQLAlchemy's type of a value says nothing of it."""
    value = getattr(side, "value", side)
    has_zone = isinstance(value, dt.datetime) and value.tzinfo is not None
    return has_zone or bool(getattr(getattr(side, "type", None), "timezone", False))


def _is_broken(side: Any) -> bool:
    """Whether it is a number that is not whole."""
    return is_fraction(side.type) if isinstance(side, ColumnElement) else isinstance(side, (float, Decimal))


_HINTS = {
    Family.BOOLEAN: 'df.a.cast("int") is 1 or 0; conditions are combined by & | ~',
    Family.DATE: "add a datetime.timedelta, or whole days, or use F.date_add and F.date_diff",
    Family.DATETIME: "add a datetime.timedelta, or use F.date_add and F.date_diff",
}


def _refused(op: Any, one: Family, other: Family) -> NoReturn:
    sign = ARITHMETIC.get(op) or ("+" if op is operators.concat_op else op.__name__.removesuffix("_op"))
    if op not in ARITHMETIC and op is not operators.concat_op:
        hint = f'cast what is no text: df.a.cast("text").{sign}("…")'
    elif {one, other} == {Family.NUMBER, Family.TEXT}:
        one, other = Family.NUMBER, Family.TEXT
        hint = 'cast one of the two: df.a.cast("text") + "…" is text, df.b.cast("int") + 1 a number'
    else:
        hint = _HINTS.get(one) or _HINTS.get(other) or "cast one of the two"
    what = f"{sign} stands between {one.value} and {other.value}"
    raise TypeMismatchError(what, where=user_location(), hint=hint)
