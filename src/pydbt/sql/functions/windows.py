"""Window functions: places in an order, values of other rows. Each needs ``.over(order_by=…)``.

In the order of a window NULLs are last, unless told, as everywhere. With an order and no frame, a window
reaches from the first row to the last one that equals this one, as SQL has it: so ``last_value`` wants a
frame, ``rows=(None, None)``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import Numeric, TypeEngine

from pydbt.errors import FunctionArgumentError, TypeMismatchError, user_location
from pydbt.sql.functions.call import CallOverRows, call_over_rows
from pydbt.sql.functions.operands import DOUBLE, LONG, ColumnOrName, column, literal
from pydbt.sql.functions.operands import value as operand
from pydbt.sql.functions.rule import ANY, WHOLE, Rule, Types, type_of_first
from pydbt.sql.types import is_float, is_integer
from pydbt.sql.values import unwrapped


def _place(name: str, type_: TypeEngine[Any]) -> Rule:
    return Rule(name, {}, type_, {"ansi": f"{name}()"}, kind="window")


_ROW_NUMBER, _RANK, _DENSE_RANK = (_place(name, LONG) for name in ("row_number", "rank", "dense_rank"))
_PERCENT_RANK, _CUME_DIST = (_place(name, DOUBLE) for name in ("percent_rank", "cume_dist"))
_NTILE = Rule(
    "ntile",
    {"n": WHOLE},
    LONG,
    {"ansi": "ntile({n})"},
    kind="window",
    around={"ansi": "{result}", "postgresql": "CAST({result} AS BIGINT)"},
)


def _shift(name: str) -> tuple[Rule, Rule]:
    plain = Rule(
        name, {"x": ANY, "n": WHOLE}, type_of_first, {"ansi": f"{name}({{x}}, {{n}})"}, kind="window"
    )

    takes = {"x": ANY, "n": WHOLE, "default": ANY}
    call_with = f"{name}({{x}}, {{n}}, {{default}})"
    of_floats = Rule(
        f"{name} with a float",
        takes,
        type_of_first,
        # It would cast the default to the type of whole numbers.
        {"ansi": call_with, "duckdb": f"{name}(CAST({{x}} AS DOUBLE), {{n}}, {{default}})"},
        kind="window",
    )

    def chosen(types: Types) -> Rule:
        if is_integer(types[0]) and isinstance(types[2], Numeric) and not is_float(types[2]):
            what = f"F.{name} of whole numbers was given a decimal as the default"
            raise TypeMismatchError(what, where=user_location(), hint="cast the values to decimals first")
        return of_floats if is_float(types[0]) else defaulting

    defaulting = Rule(
        f"{name} with a default",
        takes,
        type_of_first,
        {"ansi": call_with},
        kind="window",
        is_united=True,
        apart=frozenset({"n"}),
        variant=chosen,
    )
    return plain, defaulting


_LAG, _LEAD = _shift("lag"), _shift("lead")
_FIRST_VALUE, _LAST_VALUE = (
    Rule(name, {"x": ANY}, type_of_first, {"ansi": f"{name}({{x}})"}, kind="window")
    for name in ("first_value", "last_value")
)
_NTH_VALUE = Rule(
    "nth_value", {"x": ANY, "n": WHOLE}, type_of_first, {"ansi": "nth_value({x}, {n})"}, kind="window"
)


def row_number() -> CallOverRows:
    """The number of the row in its window, from 1; among equal rows in no order that lasts.

    >>> from pydbt import F
    >>> games().select("goals", n=F.row_number().over(order_by="goals")).order_by("n").collect()
    [(1, 1), (3, 2), (None, 3)]
    """
    return call_over_rows(_ROW_NUMBER)


def rank() -> CallOverRows:
    """The place of the row, from 1; equal rows share a place, and the next places stay free.

    >>> from pydbt import F
    >>> games().select("team", n=F.rank().over(order_by="team")).order_by("n").collect()
    [('a', 1), ('a', 1), ('b', 3)]
    """
    return call_over_rows(_RANK)


def dense_rank() -> CallOverRows:
    """The place of the row, from 1; equal rows share a place, and the next place follows.

    >>> from pydbt import F
    >>> games().select("team", n=F.dense_rank().over(order_by="team")).order_by("n").collect()
    [('a', 1), ('a', 1), ('b', 2)]
    """
    return call_over_rows(_DENSE_RANK)


def percent_rank() -> CallOverRows:
    """The place of the row as a share, from 0 to 1: (rank - 1) / (rows - 1).

    >>> from pydbt import F
    >>> games().select("team", n=F.percent_rank().over(order_by="team")).order_by("n").collect()
    [('a', 0.0), ('a', 0.0), ('b', 1.0)]
    """
    return call_over_rows(_PERCENT_RANK)


def cume_dist() -> CallOverRows:
    """The share of the rows up to this one and its equals, from above 0 to 1.

    >>> from pydbt import F
    >>> games().select("goals", n=F.cume_dist().over(order_by="team")).order_by("n").collect()[-1]
    (1, 1.0)
    """
    return call_over_rows(_CUME_DIST)


def ntile(n: int) -> CallOverRows:
    """The number, from 1, of the part the row is in when the window is cut into so many, as equal as can be.

    >>> from pydbt import F
    >>> games().select("goals", n=F.ntile(2).over(order_by="goals")).order_by("goals").collect()
    [(1, 1), (3, 1), (None, 2)]
    """
    return call_over_rows(_NTILE, _count(n, "ntile", 1))


def lag(x: ColumnOrName, n: int = 1, default: Any = None) -> CallOverRows:
    """The value of so many rows before this one; the default where there is none.

    Args:
        x: The values.
        n: How many rows before.
        default: A value, text is text, or a column; of the values' type.

    >>> from pydbt import F
    >>> before = F.lag("goals", 1, 0).over(order_by="goals")
    >>> games().select("goals", before=before).order_by("goals").collect()
    [(1, 0), (3, 1), (None, 3)]
    """
    return _shifted(_LAG, x, _count(n, "lag", 0), default)


def lead(x: ColumnOrName, n: int = 1, default: Any = None) -> CallOverRows:
    """The value of so many rows after this one; the default where there is none.

    Args:
        x: The values.
        n: How many rows after.
        default: A value, text is text, or a column; of the values' type.

    >>> from pydbt import F
    >>> after = F.lead("goals").over(order_by="goals")
    >>> games().select("goals", after=after).order_by("goals").collect()
    [(1, 3), (3, None), (None, None)]
    """
    return _shifted(_LEAD, x, _count(n, "lead", 0), default)


def first_value(x: ColumnOrName) -> CallOverRows:
    """The value of the first row of the frame.

    >>> from pydbt import F
    >>> first = F.first_value("goals").over(order_by="goals")
    >>> games().select("goals", first=first).order_by("goals").collect()
    [(1, 1), (3, 1), (None, 1)]
    """
    return call_over_rows(_FIRST_VALUE, column(x))


def last_value(x: ColumnOrName) -> CallOverRows:
    """The value of the last row of the frame; with an order alone that is this row or one that equals it.

    >>> from pydbt import F
    >>> whole = F.last_value("team").over(order_by="team", rows=(None, None))
    >>> games().select("team", last=whole).order_by("team").collect()
    [('a', 'b'), ('a', 'b'), ('b', 'b')]
    """
    return call_over_rows(_LAST_VALUE, column(x))


def nth_value(x: ColumnOrName, n: int) -> CallOverRows:
    """The value of the n-th row of the frame, counted from 1; NULL where it has fewer.

    >>> from pydbt import F
    >>> second = F.nth_value("goals", 2).over(order_by="goals")
    >>> games().select("goals", second=second).order_by("goals").collect()
    [(1, None), (3, 3), (None, 3)]
    """
    return call_over_rows(_NTH_VALUE, column(x), _count(n, "nth_value", 1))


def _shifted(rules: tuple[Rule, Rule], x: ColumnOrName, n: Any, default: Any) -> CallOverRows:
    plain, defaulting = rules
    if default is None:
        return call_over_rows(plain, column(x), n)
    return call_over_rows(defaulting, column(x), n, operand(default))


def _count(n: Any, function: str, least: int) -> Any:
    n = unwrapped(n)
    if isinstance(n, bool) or not isinstance(n, int) or n < least:
        what = f"F.{function} was given {n!r}"
        raise FunctionArgumentError(what, where=user_location(), hint=f"give a whole number from {least} on")
    return literal(n)
