"""Windows: over all rows, over parts of them, in an order, in a frame."""

from __future__ import annotations

from sqlalchemy import func

from pydbt.testing.backend.case import Case, each

_INTEGERS = each(
    "windows",
    "sales",
    "integer",
    {
        "row_number": (lambda t: func.row_number().over(order_by=t.id.desc()), [6, 5, 4, 3, 2, 1]),
        "row_number in parts": (
            lambda t: func.row_number().over(partition_by=t.team, order_by=t.id),
            [1, 1, 2, 1, 3, 1],
        ),
        "rank, NULL last": (lambda t: func.rank().over(order_by=t.n), [3, 1, 6, 4, 5, 2]),
        "rank down, NULL last": (lambda t: func.rank().over(order_by=t.n.desc()), [3, 5, 6, 2, 1, 4]),
        "rank down, NULL first": (
            lambda t: func.rank().over(order_by=t.n.desc().nulls_first()),
            [4, 6, 1, 3, 2, 5],
        ),
        "dense_rank of days": (lambda t: func.dense_rank().over(order_by=t.day), [1, 1, 2, 3, 3, 3]),
        "rank of text by code point, NULL last": (
            lambda t: func.rank().over(order_by=t.team),
            [1, 4, 1, 5, 1, 6],
        ),
        "count over all": (lambda _: func.count().over(), [6] * 6),
        "sum in parts": (lambda t: func.sum(t.n).over(partition_by=t.team), [8, 1, 8, 4, 8, 2]),
        "sum up to the row": (lambda t: func.sum(t.n).over(order_by=t.id), [3, 4, 4, 8, 13, 15]),
        "sum of rows beside": (
            lambda t: func.sum(t.n).over(order_by=t.id, rows=(-1, 1)),
            [4, 4, 5, 9, 11, 7],
        ),
        "lag": (lambda t: func.lag(t.n).over(order_by=t.id), [None, 3, 1, None, 4, 5]),
        "lead with a default": (lambda t: func.lead(t.n, 1, 0).over(order_by=t.id), [1, None, 4, 5, 2, 0]),
        "first_value": (lambda t: func.first_value(t.n).over(order_by=t.id), [3] * 6),
        "max in parts": (lambda t: func.max(t.n).over(partition_by=t.day), [3, 3, None, 5, 5, 5]),
        "ntile": (lambda t: func.ntile(2).over(order_by=t.id), [1, 1, 1, 2, 2, 2]),
        "a window in an expression": (
            lambda t: t.n - func.min(t.n).over(partition_by=t.day),
            [2, 0, None, 2, 3, 0],
        ),
    },
)
_FLOATS = each(
    "windows",
    "sales",
    "float",
    {
        "avg in parts": (lambda t: func.avg(t.n).over(partition_by=t.team), [4.0, 1.0, 4.0, 4.0, 4.0, 2.0]),
        "percent_rank": (lambda t: func.percent_rank().over(order_by=t.id), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
    },
)
CASES = (
    *_INTEGERS,
    *_FLOATS,
    Case(
        "windows: a filter on a window",
        lambda t: t.sales.where(
            func.row_number().over(partition_by=t.sales.team, order_by=t.sales.id) == 1
        ).select("id"),
        {"id": "integer"},
        [(1,), (2,), (4,), (6,)],
    ),
    Case(
        "windows: over groups",
        lambda t: (lambda g: g.select("team", place=func.rank().over(order_by=g.n.desc())))(
            t.sales.group_by("team").agg(n=func.sum(t.sales.n))
        ),
        {"team": "text", "place": "integer"},
        [("a", 1), ("c", 2), (None, 3), ("b", 4)],
    ),
    Case(
        "windows: a filter after a window does not change it",
        lambda t: t.sales.with_column("rows", func.count().over()).where(t.sales.id < 3).select("id", "rows"),
        {"id": "integer", "rows": "integer"},
        [(1, 6), (2, 6)],
    ),
)
