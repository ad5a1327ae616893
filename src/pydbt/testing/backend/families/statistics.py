"""Aggregates of ``F`` that databases have under other names, or not at all."""

from __future__ import annotations

import math

from pydbt.sql import functions as F
from pydbt.testing.backend.case import each
from pydbt.testing.backend.families.aggregates import one

CASES = (
    one("sales", "count_if", "integer", lambda t: F.count_if(t.n > 2), 3),
    one("sales", "count_distinct", "integer", lambda t: F.count_distinct("team"), 3),
    one("flags", "bool_and", "boolean", lambda t: F.bool_and("f"), False),  # noqa: FBT003  it is the value
    one("flags", "bool_or", "boolean", lambda t: F.bool_or("f"), True),  # noqa: FBT003  it is the value
    one("sales", "median", "float", lambda t: F.median("n"), 3.0),
    one("sales", "quantile is interpolated", "float", lambda t: F.quantile("n", 0.125), 1.5),
    one("sales", "stddev of a sample", "float", lambda t: F.stddev("n"), math.sqrt(2.5)),
    one("sales", "var_pop", "float", lambda t: F.var_pop("n"), 2.0),
    one(
        "sales",
        "string_agg in order",
        "text",
        lambda t: F.string_agg("team", ",", order_by="id"),
        "a,b,a,c,a",
    ),
    one("sales", "first in order", "integer", lambda t: F.first("n", order_by="id"), 3),
    one("sales", "last in order", "integer", lambda t: F.last("n", order_by="price"), 4),
    *each(
        "windows",
        "sales",
        "integer",
        {
            "F.lead with a default": (lambda t: F.lead("n", 1, 0).over(order_by="id"), [1, None, 4, 5, 2, 0]),
            "F.lag": (lambda t: F.lag("n").over(order_by="id"), [None, 3, 1, None, 4, 5]),
            "F.sum up to the row": (lambda t: F.sum("n").over(order_by="id"), [3, 4, 4, 8, 13, 15]),
            "F.row_number in parts": (
                lambda t: F.row_number().over(partition_by="team", order_by="id"),
                [1, 1, 2, 1, 3, 1],
            ),
        },
    ),
)
