"""describe: a row for each column, with what its values are like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from pydbt.errors import ColumnArgumentError, user_location
from pydbt.sql.casts import NUMBERS, Kind, kind_of
from pydbt.sql.column import Column, column_of
from pydbt.sql.functions.statistics import stddev
from pydbt.sql.query import Query
from pydbt.sql.semantics import Double
from pydbt.sql.verbs.aggregate import group
from pydbt.sql.verbs.arguments import flattened, name_here
from pydbt.sql.verbs.constants import constants
from pydbt.sql.verbs.join import join
from pydbt.sql.verbs.order import order_by
from pydbt.sql.verbs.project import select

STATISTICS = ("count", "nulls", "mean", "stddev", "min", "max")
_POSITION = "position"
# Six aggregates each make a row of columns that PostgreSQL, with 1,664, still takes.
MOST_COLUMNS = 250
_TEXT = sa.String()
_TYPES: dict[str, Any] = {"count": sa.BigInteger(), "min": _TEXT, "max": _TEXT}


def describe(query: Query, columns: Iterable[Any]) -> Query:
    """How many values each column has, how many it lacks, and their mean, spread, least and greatest."""
    names = _names(query, columns)
    # All in one SELECT of one row; what a column has no such thing of is left out.
    aggregates = [
        (f"{at}_{statistic}", made)
        for at, name in enumerate(names)
        for statistic, made in _statistics(column_of(query, name)).items()
    ]
    totals = group(query, (), [("rows", func.count()), *aggregates])
    listed = constants("names", {_POSITION: range(len(names)), "column": names})
    both = join(totals, listed, None, "cross")
    count = _of_each(both, names, "count")
    made = {
        "column": column_of(both, "column"),
        "count": count,
        "nulls": column_of(both, "rows") - count,
        **{statistic: _of_each(both, names, statistic) for statistic in STATISTICS[2:]},
    }
    return select(order_by(both, [_POSITION]), (), made)


def _names(query: Query, columns: Iterable[Any]) -> list[str]:
    names = [name_here(query, column, "describe") for column in flattened(columns)] or list(query.fields)
    if len(names) > MOST_COLUMNS:
        hint = f"name them, at most {MOST_COLUMNS} at a time: describe(*df.columns[:{MOST_COLUMNS}])"
        what = f"describe of {len(names)} columns"
        raise ColumnArgumentError(what, where=user_location(), hint=hint)
    return names


def _statistics(column: Column) -> dict[str, Any]:
    """The aggregates that a column of its kind has; least and greatest are text, as kinds are many."""
    kind = kind_of(column.type)
    made: dict[str, Any] = {"count": func.count(column)}
    if kind in NUMBERS:
        made |= {"mean": func.avg(column), "stddev": stddev(column)}
    if kind is Kind.BOOLEAN:  # PostgreSQL has no least of them; as words they are in order.
        made |= {"min": func.min(column.cast(_TEXT)), "max": func.max(column.cast(_TEXT))}
    elif kind is not Kind.OTHER:
        made |= {"min": sa.cast(func.min(column), _TEXT), "max": sa.cast(func.max(column), _TEXT)}
    return made


def _of_each(both: Query, names: Sequence[str], statistic: str) -> Any:
    """The statistic of the column whose row it is; NULL where the column has none."""
    position = column_of(both, _POSITION)
    keys = [(at, f"{at}_{statistic}") for at in range(len(names))]
    cases = [(position == at, column_of(both, key)) for at, key in keys if key in both.fields]
    type_: Any = _TYPES.get(statistic, Double())
    if not cases:
        return sa.cast(sa.null(), type_)
    made: Any = sa.case(*cases, else_=sa.null())
    made.type = type_
    return made
