"""What the names of operators and functions mean to a user of ``pydbt``."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from pydbt.sql import functions as F  # noqa: N812  its public name
from pydbt.sql.methods import Methods
from tests.sql.oracle.values import DOUBLE

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CALLS: dict[str, Callable[..., Any]] = {
    "and": lambda one, *others: _folded(operator.and_, one, others),
    "or": lambda one, *others: _folded(operator.or_, one, others),
    "not": operator.invert,
    "neg": operator.neg,
    "abs": func.abs,
    "floor": func.floor,
    "between": lambda value, low, high: value.between(low, high),
    "in": lambda value, *others: value.in_(list(others)),
    "not_in": lambda value, *others: value.not_in(list(others)),
    "is_null": lambda value: value.is_(None),
    "is_not_null": lambda value: value.is_not(None),
    "coalesce": func.coalesce,
    "nullif": func.nullif,
    "lower": func.lower,
    "length": func.length,
    "trim": func.trim,
    "substr": func.substr,
    "replace": func.replace,
    "like": lambda text, pattern: text.like(pattern),
    "not_like": lambda text, pattern: text.not_like(pattern),
    "ilike": lambda text, pattern: text.ilike(pattern),
    "contains": lambda text, part: _own(text, "contains", F.contains)(part),
    "startswith": lambda text, part: _own(text, "startswith", F.starts_with)(part),
    "endswith": lambda text, part: _own(text, "endswith", F.ends_with)(part),
    "as_text": lambda value: sa.cast(value, sa.String()),
    "as_float": lambda value: sa.cast(value, DOUBLE),
    "as_long": lambda value: sa.cast(value, sa.BigInteger()),
    "greatest": F.greatest,
    "least": F.least,
    "sign": F.sign,
    "upper": F.upper,
    "reverse": F.reverse,
    "left": F.left,
    "right": F.right,
    "strpos": F.strpos,
    "ceil": F.ceil,
    "trunc": F.trunc,
    "round": F.round,
    "bitwise_and": F.bitwise_and,
    "bitwise_or": F.bitwise_or,
    "bitwise_xor": F.bitwise_xor,
    "bitwise_not": F.bitwise_not,
    "lpad": F.lpad,
    "rpad": F.rpad,
    "ltrim": F.ltrim,
    "rtrim": F.rtrim,
    "repeat": F.repeat,
    "split_part": F.split_part,
    "ascii": F.ascii,
    "md5": F.md5,
    "hour": F.hour,
    "minute": F.minute,
    "second": F.second,
    "quarter": F.quarter,
    "week": F.week,
    "day_of_week": F.day_of_week,
    "day_of_year": F.day_of_year,
    "date": F.date,
    "concat_ws": lambda sign, *texts: F.concat_ws(sign.value, *texts),
    "year": F.year,
    "month": F.month,
    "day": F.day,
    "last_day": F.last_day,
    "month_begin": lambda value: F.date_trunc("month", value),
    "add_days": lambda value, count: F.date_add(value, count, "day"),
    "add_months": lambda value, count: F.date_add(value, count, "month"),
    "diff_days": lambda one, other: F.date_diff("day", one, other),
    "diff_months": lambda one, other: F.date_diff("month", one, other),
}


# To these, text is the name of a column.
OF_COLUMNS = frozenset(
    ("greatest", "least", "diff_days", "diff_months", "concat_ws", "bitwise_and", "bitwise_or", "bitwise_xor")
)
# What SQLAlchemy has no type for.
OF_OURS = frozenset(("count_if", "bool_and", "bool_or", "median"))


def _folded(function: Callable[[Any, Any], Any], made: Any, others: Sequence[Any]) -> Any:
    for other in others:
        made = function(made, other)
    return made


def _own(text: Any, name: str, of_f: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """The column's method; of SQLAlchemy's functions it takes patterns, and F is asked."""
    return getattr(text, name) if isinstance(text, Methods) else partial(of_f, text)
