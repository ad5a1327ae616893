"""Statistics of numbers: median, quantile, deviation, variance, correlation. All are floats."""

from __future__ import annotations

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_aggregates  # noqa: F401  importing it lists what SQLite lacks
from pydbt.sql.functions.call import CallOverRows, call_over_rows
from pydbt.sql.functions.operands import DOUBLE, ColumnOrName, column, literal
from pydbt.sql.functions.rule import NUMBER, Rule
from pydbt.sql.values import unwrapped

_WITHIN = "WITHIN GROUP (ORDER BY CAST({x} AS DOUBLE PRECISION))"
_MEDIAN = Rule(
    "median",
    {"x": NUMBER},
    DOUBLE,
    {
        "ansi": f"percentile_cont(0.5) {_WITHIN}",
        "duckdb": "median(CAST({x} AS DOUBLE))",
        "sqlite": "pydbt_quantile({x}, 0.5)",
        "mysql": None,
    },
    kind="aggregate",
    has_window=False,
)
_QUANTILE = Rule(
    "quantile",
    {"x": NUMBER, "q": NUMBER},
    DOUBLE,
    {
        "ansi": f"percentile_cont({{q}}) {_WITHIN}",
        "duckdb": "quantile_cont(CAST({x} AS DOUBLE), {q})",
        "sqlite": "pydbt_quantile({x}, {q})",
        "mysql": None,
    },
    kind="aggregate",
    has_window=False,
)


def _spread(name: str, function: str) -> Rule:
    return Rule(
        name,
        {"x": NUMBER},
        DOUBLE,
        {
            "ansi": f"{function}(CAST({{x}} AS DOUBLE PRECISION))",
            "duckdb": f"{function}({{x}})",
            "sqlite": f"pydbt_{function}({{x}})",
            "mysql": f"{function}(CAST({{x}} AS DOUBLE))",
        },
        kind="aggregate",
    )


_STDDEV, _STDDEV_POP = _spread("stddev", "stddev_samp"), _spread("stddev_pop", "stddev_pop")
_VAR, _VAR_POP = _spread("var", "var_samp"), _spread("var_pop", "var_pop")
_CORR = Rule(
    "corr",
    {"x": NUMBER, "y": NUMBER},
    DOUBLE,
    {
        "ansi": "corr(CAST({x} AS DOUBLE PRECISION), CAST({y} AS DOUBLE PRECISION))",
        "duckdb": "corr({x}, {y})",
        "sqlite": "pydbt_corr({x}, {y})",
        "mysql": None,
    },
    kind="aggregate",
    # Where there is no correlation, it is NaN there.
    around={"duckdb": "nullif({result}, CAST('NaN' AS DOUBLE))"},
)


def median(x: ColumnOrName) -> CallOverRows:
    """The median of numbers, a float: of an even number of values the mean of the two in the middle.

    It has no window form, as PostgreSQL has none.

    >>> from pydbt import F
    >>> games().agg(goals=F.median("goals")).first()
    (2.0,)
    """
    return call_over_rows(_MEDIAN, column(x))


def quantile(x: ColumnOrName, q: float) -> CallOverRows:
    """The number below which a share of the values lies, a float: ``percentile_cont``.

    It is continuous: between two values it is interpolated, in a straight line over their places. With n
    values in order the place is q * (n - 1), counted from 0. It has no window form, as PostgreSQL has none.

    Args:
        x: The numbers.
        q: The share, a Python number from 0 to 1.

    >>> from pydbt import F
    >>> games().agg(goals=F.quantile("goals", 0.25)).first()
    (1.5,)
    """
    q = unwrapped(q)
    if isinstance(q, bool) or not isinstance(q, (int, float)) or not 0 <= q <= 1:
        what = f"F.quantile was given the share {q!r}"
        raise FunctionArgumentError(what, where=user_location(), hint="a share is a number from 0 to 1")
    return call_over_rows(_QUANTILE, column(x), literal(float(q)))


def stddev(x: ColumnOrName) -> CallOverRows:
    """The standard deviation of a sample; of a single value NULL: ``stddev_samp(x)``.

    >>> from pydbt import F
    >>> round(games().agg(goals=F.stddev("goals")).first()[0], 6)
    1.414214
    """
    return call_over_rows(_STDDEV, column(x))


def stddev_pop(x: ColumnOrName) -> CallOverRows:
    """The standard deviation of all there are; of a single value 0: ``stddev_pop(x)``.

    >>> from pydbt import F
    >>> games().agg(goals=F.stddev_pop("goals")).first()
    (1.0,)
    """
    return call_over_rows(_STDDEV_POP, column(x))


def var(x: ColumnOrName) -> CallOverRows:
    """The variance of a sample; of a single value NULL: ``var_samp(x)``.

    >>> from pydbt import F
    >>> games().agg(goals=F.var("goals")).first()
    (2.0,)
    """
    return call_over_rows(_VAR, column(x))


def var_pop(x: ColumnOrName) -> CallOverRows:
    """The variance of all there are; of a single value 0: ``var_pop(x)``.

    >>> from pydbt import F
    >>> games().agg(goals=F.var_pop("goals")).first()
    (1.0,)
    """
    return call_over_rows(_VAR_POP, column(x))


def corr(x: ColumnOrName, y: ColumnOrName) -> CallOverRows:
    """The correlation of two columns over the rows where neither is NULL: ``corr(x, y)``.

    It is NULL where there is none to speak of: of fewer than two rows, and of a column of one value only.

    >>> from pydbt import F
    >>> games().agg(r=F.corr("goals", -F.col("goals"))).first()
    (-1.0,)
    """
    return call_over_rows(_CORR, column(x), column(y))
