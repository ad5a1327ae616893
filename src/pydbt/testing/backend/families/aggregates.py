"""Aggregates over all rows, with NULL left out, and over none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables


def _one(table: str, name: str, kind: str, aggregate: Callable[[DataFrame], Any], value: Any) -> Case:
    def program(tables: Tables) -> DataFrame:
        frame = tables.frames[table]
        return frame.agg(value=aggregate(frame))

    return Case(f"aggregates: {name}", program, {"value": kind}, [(value,)])


CASES = (
    _one("sales", "count of rows", "integer", lambda _: func.count(), 6),
    _one("sales", "count of values", "integer", lambda t: func.count(t.n), 5),
    _one("sales", "count of different values", "integer", lambda t: func.count(t.team.distinct()), 3),
    _one("sales", "count of different days", "integer", lambda t: func.count(t.day.distinct()), 3),
    _one("sales", "sum of whole numbers is whole", "integer", lambda t: func.sum(t.n), 15),
    _one("sales", "sum of decimals is a decimal", "decimal", lambda t: func.sum(t.price), Decimal(12)),
    _one("sales", "sum of an expression", "integer", lambda t: func.sum(t.n * 2), 30),
    _one("sales", "avg of whole numbers is a float", "float", lambda t: func.avg(t.n), 3.0),
    _one("numbers", "avg is not rounded", "float", lambda t: func.avg(t.b), 1.0),
    _one("sales", "avg of thirds is not rounded", "float", lambda t: func.avg(t.id * t.id), 91 / 6),
    _one("sales", "avg of decimals is a float", "float", lambda t: func.avg(t.price), 2.0),
    _one("sales", "min of numbers", "integer", lambda t: func.min(t.n), 1),
    _one("sales", "max of decimals", "decimal", lambda t: func.max(t.price), Decimal(4)),
    _one("texts", "min of text goes by code point", "text", lambda t: func.min(t.s), "B"),
    _one("texts", "max of text goes by code point", "text", lambda t: func.max(t.s), "é"),
    _one("sales", "max of a filter", "integer", lambda t: func.max(t.n).filter(t.team == "a"), 5),
    _one("sales", "count of a filter", "integer", lambda t: func.count().filter(t.n > 1), 4),
    _one("sales", "avg of a filter", "float", lambda t: func.avg(t.n).filter(t.team == "a"), 4.0),
    _one("sales", "an aggregate in an expression", "integer", lambda t: func.max(t.n) - func.min(t.n) + 1, 5),
    _one("nothing", "count of no rows", "integer", lambda _: func.count(), 0),
    _one("nothing", "sum of no rows is NULL", "integer", lambda t: func.sum(t.id), None),
    _one("nothing", "max of no text is NULL", "text", lambda t: func.max(t.s), None),
)
