"""Operators and functions of one row. NULL is None; three-valued logic is spelled out."""

from __future__ import annotations

import datetime as dt
import math
import operator
import re
from calendar import monthrange
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from hashlib import md5
from typing import Any

Scalar = Callable[..., Any]


def strict(function: Scalar) -> Scalar:
    """The function, NULL where any argument is."""

    def wrapped(*args: Any) -> Any:
        return None if None in args else function(*args)

    return wrapped


def met(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values that Python would not take together: a decimal and a float, a date and a moment."""
    if isinstance(one, Decimal) and isinstance(other, float):
        return float(one), other
    if isinstance(one, float) and isinstance(other, Decimal):
        return one, float(other)
    if isinstance(one, dt.date) and isinstance(other, dt.date):
        return _moment(one), _moment(other)
    return one, other


def _moment(day: dt.date) -> dt.datetime:
    return day if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001  as databases keep it


def _binary(function: Scalar) -> Scalar:
    return strict(lambda one, other: function(*met(one, other)))


def divided(one: Any, other: Any) -> float | None:
    """A true division, NULL by zero."""
    return None if other == 0 else float(one) / float(other)


def floored(one: Any, other: Any) -> Any:
    """A division rounded down, whole numbers staying whole, NULL by zero."""
    if other == 0:
        return None
    if isinstance(one, int) and isinstance(other, int):
        return one // other
    return float(math.floor(float(one) / float(other)))


def rest(one: Any, other: Any) -> Any:
    """What a floor division leaves: it has the divisor's sign. NULL by zero."""
    if other == 0:
        return None
    if isinstance(one, int) and isinstance(other, int):
        return one % other
    return float(one) - float(other) * math.floor(float(one) / float(other))


def both(*args: bool | None) -> bool | None:
    """AND: false if one is, else unknown if one is."""
    if False in args:
        return False
    return None if None in args else True


def either(*args: bool | None) -> bool | None:
    """OR: true if one is, else unknown if one is."""
    if True in args:
        return True
    return None if None in args else False


def case(*args: Any) -> Any:
    """CASE: conditions and values in turn, and what else there is."""
    for position in range(0, len(args) - 1, 2):
        if args[position] is True:
            return args[position + 1]
    return args[-1] if len(args) % 2 else None


def like(text: str, pattern: str, flags: int = 0) -> bool:
    """LIKE, without an escape."""
    signs = {"%": ".*", "_": "."}
    form = "".join(signs.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch(form, text, re.DOTALL | flags) is not None


def rounded(number: Any, digits: int) -> Any:
    """The nearest number of so many digits after the point, halves away from zero."""
    return type(number)(Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _whole(function: Scalar) -> Scalar:
    return strict(lambda number: type(number)(function(number)))


def split_part(text: str, separator: str, number: int) -> str:
    """One of the parts between separators, from 1 on or from the end."""
    found = text.split(separator)
    place = number - 1 if number > 0 else number + len(found)
    return found[place] if 0 <= place < len(found) else ""


def capital(letter: str) -> str:
    """A capital letter; one for one, so that the length stays."""
    return "ẞ" if letter == "ß" else letter.upper()


def add_months(day: Any, count: int) -> Any:
    """So many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def days(one: dt.date, other: dt.date) -> int:
    """How many days begin between two moments."""
    return (dt.date(other.year, other.month, other.day) - dt.date(one.year, one.month, one.day)).days


def month_begin(day: Any) -> Any:
    """When the month began: a date of a date, a moment of a moment."""
    return _moment(day.date()).replace(day=1) if isinstance(day, dt.datetime) else day.replace(day=1)


def _known(choose: Scalar) -> Scalar:
    def chosen(*args: Any) -> Any:
        known = [each for each in args if each is not None]
        return choose(known) if known else None

    return chosen


def _isin(value: Any, *others: Any) -> bool:
    return any(operator.eq(*met(value, each)) for each in others)


SCALARS: dict[str, Scalar] = {
    "+": _binary(operator.add),
    "-": _binary(operator.sub),
    "*": _binary(operator.mul),
    "/": strict(divided),
    "//": strict(floored),
    "%": strict(rest),
    "neg": strict(operator.neg),
    "abs": strict(abs),
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "trunc": _whole(math.trunc),
    "round": strict(rounded),
    "bitwise_and": strict(operator.and_),
    "bitwise_or": strict(operator.or_),
    "bitwise_xor": strict(operator.xor),
    "bitwise_not": strict(operator.invert),
    "==": _binary(operator.eq),
    "!=": _binary(operator.ne),
    "<": _binary(operator.lt),
    "<=": _binary(operator.le),
    ">": _binary(operator.gt),
    ">=": _binary(operator.ge),
    "between": lambda value, low, high: both(
        SCALARS["<="](low, value),
        SCALARS["<="](value, high),
    ),
    "in": strict(_isin),
    "not_in": strict(lambda value, *others: not _isin(value, *others)),
    "and": both,
    "or": either,
    "not": strict(operator.not_),
    "is_null": lambda value: value is None,
    "is_not_null": lambda value: value is not None,
    "case": case,
    "coalesce": lambda *args: next((each for each in args if each is not None), None),
    "nullif": lambda one, other: None if one is not None and one == other else one,
    "lower": strict(str.lower),
    "length": strict(len),
    "trim": strict(lambda text: text.strip(" ")),
    "substr": strict(lambda text, start, count: text[start - 1 : start - 1 + count]),
    "replace": strict(str.replace),
    "like": strict(like),
    "not_like": strict(lambda text, pattern: not like(text, pattern)),
    "ilike": strict(lambda text, pattern: like(text, pattern, re.IGNORECASE)),
    "contains": strict(lambda text, part: part in text),
    "startswith": strict(str.startswith),
    "endswith": strict(str.endswith),
    "as_text": strict(str),
    "as_float": strict(float),
    "as_long": strict(int),
    "greatest": _known(max),
    "least": _known(min),
    "sign": strict(lambda number: (number > 0) - (number < 0)),
    "upper": strict(lambda text: "".join(map(capital, text))),
    "reverse": strict(lambda text: text[::-1]),
    "left": strict(lambda text, count: text[:count]),
    "right": strict(lambda text, count: text[-count:] if count else ""),
    "lpad": strict(lambda text, width, fill: (fill * width)[: max(width - len(text), 0)] + text[:width]),
    "rpad": strict(lambda text, width, fill: (text + fill * width)[:width]),
    "ltrim": strict(str.lstrip),
    "rtrim": strict(str.rstrip),
    "repeat": strict(operator.mul),
    "split_part": strict(split_part),
    "concat_ws": lambda sign, *texts: sign.join(each for each in texts if each is not None),
    "ascii": strict(lambda text: ord(text[0]) if text else 0),
    "md5": strict(lambda text: md5(text.encode()).hexdigest()),
    "strpos": strict(lambda text, part: text.find(part) + 1),
    **{
        part: strict(operator.attrgetter(part))
        for part in ("year", "month", "day", "hour", "minute", "second")
    },
    "quarter": strict(lambda day: (day.month + 2) // 3),
    "week": strict(lambda day: day.isocalendar()[1]),
    "day_of_week": strict(lambda day: day.isocalendar()[2]),
    "day_of_year": strict(lambda day: day.timetuple().tm_yday),
    "date": strict(lambda moment: moment.date()),
    "last_day": strict(lambda day: day.replace(day=monthrange(day.year, day.month)[1])),
    "month_begin": strict(month_begin),
    "add_days": strict(lambda day, count: day + dt.timedelta(days=count)),
    "add_months": strict(add_months),
    "diff_days": strict(days),
    "diff_months": strict(lambda one, other: (other.year - one.year) * 12 + other.month - one.month),
}
