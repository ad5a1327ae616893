"""Units of time: which there are, and which a date has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from pydbt.errors import FunctionArgumentError, TypeMismatchError, did_you_mean, user_location
from pydbt.sql.functions.operands import shown
from pydbt.sql.functions.rule import Types
from pydbt.sql.types import Family, family_of

UNITS_OF_DAYS = ("year", "quarter", "month", "week", "day")
UNITS_OF_TIME = ("hour", "minute", "second")
UNITS = UNITS_OF_DAYS + UNITS_OF_TIME
_PLACES = {
    "extract": 'first: F.extract("month", df.day)',
    "date_trunc": 'first: F.date_trunc("month", df.day)',
    "date_diff": 'first: F.date_diff("month", df.begin, df.end)',
    "date_add": 'last: F.date_add(df.day, 1, "month")',
}
_FINER = {"second": 1, "minute": 2, "hour": 3}  # How many finer parts of a moment there are.


def check_unit(unit: Any, known: Collection[str], function: str) -> str:
    """The unit in small letters, or an error with the nearest known ones and its place."""
    folded = unit.lower() if isinstance(unit, str) else ""
    if folded in known:
        return folded
    hint = f"it stands {_PLACES[function]}"
    if isinstance(unit, str):
        hint = f"{did_you_mean(unit, known)}; {hint}"
    what = f"F.{function} was given the unit {shown(unit)}"
    raise FunctionArgumentError(what, where=user_location(), hint=hint)


def begins(moment: dt.date, unit: str) -> bool:
    """Whether a unit begins at the moment.

    >>> import datetime as dt
    >>> begins(dt.datetime(2024, 4, 1), "quarter"), begins(dt.datetime(2024, 4, 1, 12), "day")
    (True, False)
    """
    finer = ("microsecond", "second", "minute", "hour")[: _FINER.get(unit, 4)]
    if any(getattr(moment, part, 0) for part in finer):
        return False
    if unit == "week":
        return moment.weekday() == 0
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    return months is None or (moment.day == 1 and (moment.month - 1) % months == 0)


def is_date(types: Types) -> bool:
    """Whether the first argument is a date without time."""
    return family_of(types[0]) is Family.DATE


def check_no_zone(types: Types, function: str) -> None:
    """Raise for a moment with a time zone: what day it is depends on the session of the database."""
    if any(getattr(type_, "timezone", False) for type_ in types):
        what = f"F.{function} was given a moment with a time zone"
        raise TypeMismatchError(what, where=user_location(), hint="cast it to a DateTime first")


def check_time_of_day(types: Types, function: str, unit: str) -> None:
    """Raise for a date where a time of day is asked for."""
    if unit in UNITS_OF_TIME and any(family_of(type_) is Family.DATE for type_ in types):
        what = f"F.{function}: a date has no {unit}"
        raise TypeMismatchError(what, where=user_location(), hint="cast it to a DateTime first")
