"""Aggregates over all rows, with NULL left out, and over none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables


def one(table: str, name: str, kind: str, aggregate: Callable[[DataFrame], Any], value: Any) -> Case:
    """A case of one aggregate over all rows of a table."""

    def program(tables: Tables) -> DataFrame:
        frame = tables.frames[table]
        return frame.agg(value=aggregate(frame))

    return Case(f"aggregates: {name}", program, {"value": kind}, [(value,)])


CASES = (
    one("sales", "count of rows", "integer", lambda _: func.count(), 6),
    one("sales", "count of values", "integer", lambda t: func.count(t.n), 5),
    one("sales", "count of different values", "integer", lambda t: func.count(t.team.distinct()), 3),
    one("sales", "count of different days", "integer", lambda t: func.count(t.day.distinct()), 3),
    one("sales", "sum of whole numbers is whole", "integer", lambda t: func.sum(t.n), 15),
    one("sales", "sum of decimals is a decimal", "decimal", lambda t: func.sum(t.price), Decimal(12)),
    one("sales", "sum of an expression", "integer", lambda t: func.sum(t.n * 2), 30),
    one("sales", "avg of whole numbers is a float", "float", lambda t: func.avg(t.n), 3.0),
    one("numbers", "avg is not rounded", "float", lambda t: func.avg(t.b), 1.0),
    one("sales", "avg of thirds is not rounded", "float", lambda t: func.avg(t.id * t.id), 91 / 6),
    one("sales", "avg of decimals is a float", "float", lambda t: func.avg(t.price), 2.0),
    one("sales", "min of numbers", "integer", lambda t: func.min(t.n), 1),
    one("sales", "max of decimals", "decimal", lambda t: func.max(t.price), Decimal(4)),
    one("texts", "min of text goes by code point", "text", lambda t: func.min(t.s), "B"),
    one("texts", "max of text goes by code point", "text", lambda t: func.max(t.s), "é"),
    one("sales", "max of a filter", "integer", lambda t: func.max(t.n).filter(t.team == "a"), 5),
    one("sales", "count of a filter", "integer", lambda t: func.count().filter(t.n > 1), 4),
    one("sales", "avg of a filter", "float", lambda t: func.avg(t.n).filter(t.team == "a"), 4.0),
    one("sales", "an aggregate in an expression", "integer", lambda t: func.max(t.n) - func.min(t.n) + 1, 5),
    one("nothing", "count of no rows", "integer", lambda _: func.count(), 0),
    one("nothing", "sum of no rows is NULL", "integer", lambda t: func.sum(t.id), None),
    one("nothing", "max of no text is NULL", "text", lambda t: func.max(t.s), None),
)
