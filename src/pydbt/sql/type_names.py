"""Types as users write them: SQLAlchemy's and Python's classes, or names such as ``"decimal(10,2)"``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.types import (
    REAL,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Time,
    TypeEngine,
)

from pydbt.errors import ColumnArgumentError, did_you_mean, user_location
from pydbt.sql.semantics import Double
from pydbt.sql.types import is_float
from pydbt.sql.values import OWN_TYPES

_FORM = re.compile(
    r"\s*(?P<name>[a-z]+)\s*(?:\(\s*(?P<digits>[0-9]+(?:\s*,\s*[0-9]+)?)\s*\))?\s*", re.IGNORECASE
)

PYTHON_TYPES: dict[type, Callable[[], TypeEngine[Any]]] = {
    **{kind: type(own) for kind, own in OWN_TYPES.items()},
    int: BigInteger,
    float: Double,
}
"""Python's classes and the types that hold all their values."""

# The name, its type, and how many numbers may stand in brackets behind it.
_NAMED: dict[str, tuple[Callable[..., TypeEngine[Any]], int]] = {
    "smallint": (SmallInteger, 0),
    "int": (Integer, 0),
    "integer": (Integer, 0),
    "bigint": (BigInteger, 0),
    "float": (Double, 0),
    "double": (Double, 0),
    "real": (REAL, 0),
    "decimal": (Numeric, 2),
    "numeric": (Numeric, 2),
    "text": (String, 0),
    "string": (String, 1),
    "varchar": (String, 1),
    "bool": (Boolean, 0),
    "boolean": (Boolean, 0),
    "date": (Date, 0),
    "datetime": (DateTime, 0),
    "timestamp": (DateTime, 0),
    "time": (Time, 0),
}


def type_of_argument(argument: Any, verb: str) -> TypeEngine[Any]:
    """The type an argument means.

    Args:
        argument: A SQLAlchemy type or its class, one of Python's classes, or a name: ``"int"``,
            ``"decimal(10,2)"``.
        verb: Who was given it.

    Raises:
        ColumnArgumentError: It is no type, or a decimal that does not say its digits.

    >>> type_of_argument("decimal(10, 2)", "cast"), type_of_argument(Date, "cast")
    (Numeric(precision=10, scale=2), Date())
    >>> type_of_argument(int, "cast")
    BigInteger()
    """
    made = _named(argument, verb) if isinstance(argument, str) else instance(argument)
    if not isinstance(made, TypeEngine):
        hint = 'give a name, "int", a SQLAlchemy type, Integer, or one of Python\'s classes, int'
        raise ColumnArgumentError(
            f"{verb} was given {argument!r} for a type", where=user_location(), hint=hint
        )
    if isinstance(made, Numeric) and not is_float(made) and made.precision is None:
        # Without them PostgreSQL keeps every digit, DuckDB three after the point.
        hint = 'write how many it has, and how many of them after the point: "decimal(10,2)"'
        what = f"{verb} was given a decimal without its digits"
        raise ColumnArgumentError(what, where=user_location(), hint=hint)
    return made


def instance(argument: Any) -> Any:
    """The type that a class stands for, SQLAlchemy's or Python's; all else as it is."""
    if isinstance(argument, type) and (argument in PYTHON_TYPES or issubclass(argument, TypeEngine)):
        return PYTHON_TYPES.get(argument, argument)()
    return argument


def _named(text: str, verb: str) -> TypeEngine[Any]:
    form = _FORM.fullmatch(text)
    name = form["name"].lower() if form is not None else text
    if form is None or name not in _NAMED:
        hint = did_you_mean(name, _NAMED)
        raise ColumnArgumentError(f"{verb} was given {text!r} for a type", where=user_location(), hint=hint)
    kind, places = _NAMED[name]
    digits = [int(part) for part in (form["digits"] or "").split(",") if part]
    if len(digits) > places:
        hint = f"{name!r} takes {f'at most {places}' if places else 'no'} numbers in brackets"
        raise ColumnArgumentError(f"{verb} was given {text!r} for a type", where=user_location(), hint=hint)
    return kind(*digits)
