"""Aggregates: one value of many rows, and the same over a window.

Each leaves NULLs out, and of no values gives NULL (``count`` gives 0). ``.filter(condition)`` takes the rows
for which the condition is true, ``.over(…)`` makes it a window function.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import BigInteger

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_aggregates  # noqa: F401  importing it lists what SQLite lacks
from pydbt.sql.functions.call import CallOverRows, call_over_rows
from pydbt.sql.functions.operands import BOOLEAN, DOUBLE, LONG, ColumnOrName, column
from pydbt.sql.functions.rule import ANY, CONDITION, NUMBER, SUMMED, Rule, Types, type_of_first
from pydbt.sql.types import Family, family_of, is_integer, is_interval

_X = {"x": ANY}
_COUNT_ROWS = Rule("count rows", {}, LONG, {"ansi": "count(*)"}, kind="aggregate")
_COUNT = Rule("count", _X, LONG, {"ansi": "count({x})"}, kind="aggregate")
_COUNT_IF = Rule(
    "count_if",
    {"condition": CONDITION},
    LONG,
    {"ansi": "count(CASE WHEN {condition} THEN 1 END)"},
    kind="aggregate",
)
_COUNT_DISTINCT = Rule(
    "count_distinct", _X, LONG, {"ansi": "count(DISTINCT {x})"}, kind="aggregate", has_window=False
)


def _of_tuples(*columns: Any) -> Any:
    """A row with a NULL in it is no row to count, as it is no value in the count of one column."""
    is_whole = sa.and_(*(each.is_not(None) for each in columns))
    return sa.func.count(sa.case((is_whole, sa.tuple_(*columns))).distinct())


_COUNT_DISTINCT_TUPLES = Rule(
    "count_distinct of several",
    {"*x": ANY},
    LONG,
    {"ansi": _of_tuples, "sqlite": "pydbt_count_distinct({*x})", "mysql": "count(DISTINCT {*x})"},
    kind="aggregate",
    # Python's aggregates give NULL there where no row comes.
    around={"sqlite": "coalesce({result}, 0)"},
    has_window=False,
)


def count(x: ColumnOrName | None = None) -> CallOverRows:
    """How many values there are, or how many rows: ``count(x)``, ``count(*)``.

    Args:
        x: Whose values; without it, or with ``"*"``, every row counts.

    >>> from pydbt import F
    >>> games().agg(rows=F.count(), goals=F.count("goals")).first()
    (3, 2)
    """
    is_of_rows = x is None or (isinstance(x, str) and x == "*")
    return call_over_rows(_COUNT_ROWS) if is_of_rows else call_over_rows(_COUNT, column(x))


def count_distinct(*x: ColumnOrName) -> CallOverRows:
    """How many different values there are, of one column or of several together: ``count(DISTINCT x)``.

    Of several columns it counts the different rows in which none is NULL. It has no window form.

    >>> from pydbt import F
    >>> games().agg(n=F.count_distinct("team"), pairs=F.count_distinct("team", "goals")).first()
    (2, 2)
    """
    if not x:
        hint = 'name a column: F.count_distinct("a")'
        raise FunctionArgumentError("F.count_distinct was given no columns", where=user_location(), hint=hint)
    columns = [column(each) for each in x]
    return call_over_rows(_COUNT_DISTINCT if len(columns) == 1 else _COUNT_DISTINCT_TUPLES, *columns)


def count_if(condition: ColumnOrName) -> CallOverRows:
    """For how many rows a condition is true: ``count(CASE WHEN condition THEN 1 END)``.

    >>> from pydbt import F
    >>> games().agg(n=F.count_if(F.col("goals") > 1)).first()
    (1,)
    """
    return call_over_rows(_COUNT_IF, column(condition))


_LONG_SUM = {"ansi": "CAST({result} AS BIGINT)", "sqlite": "{result}", "mysql": "CAST({result} AS SIGNED)"}
_SUM = {"ansi": "sum({x})"}
_SUM_OF_LONG = Rule("sum of long", {"x": NUMBER}, LONG, _SUM, kind="aggregate", around=_LONG_SUM)
_SUM_OF_WHOLE = Rule(
    "sum of whole",
    {"x": NUMBER},
    LONG,
    _SUM,
    kind="aggregate",
    around={**_LONG_SUM, "postgresql": "{result}"},  # Only the sum of a bigint is numeric there.
)


_SUM_OF_INTERVAL = Rule(
    "sum of intervals",
    {"x": SUMMED},
    type_of_first,
    {**_SUM, **dict.fromkeys(("duckdb", "sqlite", "mysql"))},
    kind="aggregate",
)


def _sum_of(types: Types) -> Rule:
    if is_interval(types[0]):
        return _SUM_OF_INTERVAL
    if not is_integer(types[0]):
        return _SUM_OF_ANY
    return _SUM_OF_LONG if isinstance(types[0], BigInteger) else _SUM_OF_WHOLE


_SUM_OF_ANY = Rule("sum", {"x": SUMMED}, type_of_first, _SUM, kind="aggregate", variant=_sum_of)
_AVG = Rule(
    "avg",
    {"x": NUMBER},
    DOUBLE,
    # MariaDB's average of exact numbers has four digits more than they.
    {"ansi": "avg({x})", "mysql": "avg(CAST({x} AS DOUBLE))"},
    kind="aggregate",
    around={
        "ansi": "CAST({result} AS DOUBLE PRECISION)",
        **dict.fromkeys(("duckdb", "sqlite", "mysql"), "{result}"),
    },
)


def sum(x: ColumnOrName) -> CallOverRows:  # noqa: A001  the name it has in SQL
    """The sum of numbers: of whole numbers a whole number of 64 bits, of decimals a decimal.

    A sum over 64 bits is the database's error. PostgreSQL sums intervals, too.

    >>> from pydbt import F
    >>> games().agg(goals=F.sum("goals"), of_a=F.sum("goals").filter(F.col("team") == "a")).first()
    (4, 3)
    """
    return call_over_rows(_SUM_OF_ANY, column(x))


def avg(x: ColumnOrName) -> CallOverRows:
    """The average of numbers, a float: ``avg(x)``.

    >>> from pydbt import F
    >>> games().agg(goals=F.avg("goals")).first()
    (2.0,)
    """
    return call_over_rows(_AVG, column(x))


def _extreme(name: str, function: str, of_booleans: str) -> Rule:
    """The rules of the smallest or greatest value: text by code point, false before true."""
    of_text = Rule(
        f"{name} of text",
        _X,
        type_of_first,
        {"ansi": f"{function}({{x}})", "postgresql": f'{function}({{x}} COLLATE "C")'},
        kind="aggregate",
    )
    of_truth = Rule(
        f"{name} of booleans",
        _X,
        BOOLEAN,
        {"ansi": f"{of_booleans}({{x}})", "sqlite": f"{function}({{x}})", "mysql": f"{function}({{x}})"},
        kind="aggregate",
    )

    def chosen(types: Types) -> Rule:
        family = family_of(types[0])
        if family is Family.TEXT:
            return of_text
        return of_truth if family is Family.BOOLEAN else of_any

    of_any = Rule(name, _X, type_of_first, {"ansi": f"{function}({{x}})"}, kind="aggregate", variant=chosen)
    return of_any


_MIN, _MAX = _extreme("min", "min", "bool_and"), _extreme("max", "max", "bool_or")
_ANY_VALUE = _extreme("any_value", "min", "bool_and")


def min(x: ColumnOrName) -> CallOverRows:  # noqa: A001  the name it has in SQL
    """The smallest value: of text by code point, of booleans false if there is one.

    >>> from pydbt import F
    >>> games().agg(goals=F.min("goals"), team=F.min("team")).first()
    (1, 'a')
    """
    return call_over_rows(_MIN, column(x))


def max(x: ColumnOrName) -> CallOverRows:  # noqa: A001  the name it has in SQL
    """The greatest value: of text by code point, of booleans true if there is one.

    >>> from pydbt import F
    >>> games().agg(goals=F.max("goals"), team=F.max("team")).first()
    (3, 'b')
    """
    return call_over_rows(_MAX, column(x))


def any_value(x: ColumnOrName) -> CallOverRows:
    """One of the values, where all are the same or it does not matter which: the smallest, on every database.

    >>> from pydbt import F
    >>> games().group_by("team").agg(goals=F.any_value("goals")).order_by("team").collect()
    [('a', 3), ('b', 1)]
    """
    return call_over_rows(_ANY_VALUE, column(x))


def _of_conditions(name: str, function: str) -> Rule:
    sql = {
        "ansi": f"{name}({{condition}})",
        **dict.fromkeys(("sqlite", "mysql"), f"{function}({{condition}})"),
    }
    return Rule(name, {"condition": CONDITION}, BOOLEAN, sql, kind="aggregate")


_BOOL_AND, _BOOL_OR = _of_conditions("bool_and", "min"), _of_conditions("bool_or", "max")


def bool_and(condition: ColumnOrName) -> CallOverRows:
    """Whether a condition is true for all rows for which it is not NULL: ``bool_and(condition)``.

    >>> from pydbt import F
    >>> games().agg(all_score=F.bool_and(F.col("goals") > 0)).first()
    (True,)
    """
    return call_over_rows(_BOOL_AND, column(condition))


def bool_or(condition: ColumnOrName) -> CallOverRows:
    """Whether a condition is true for any row: ``bool_or(condition)``.

    >>> from pydbt import F
    >>> games().agg(some_win=F.bool_or(F.col("goals") > 2)).first()
    (True,)
    """
    return call_over_rows(_BOOL_OR, column(condition))
