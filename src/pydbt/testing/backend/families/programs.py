"""Frames used more than once, under other names, and long programs."""

from __future__ import annotations

from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables


def _many_steps(tables: Tables) -> DataFrame:
    frame = tables.numbers.select("id")
    for _ in range(100):
        frame = frame.with_column("id", frame.id + 1)
    return frame


def _used_twice(tables: Tables) -> DataFrame:
    grouped = tables.sales.group_by("team").agg(n=func.sum(tables.sales.n))
    best = grouped.agg(most=func.max(grouped.n))
    return grouped.cross_join(best).where(grouped.n == best.most).select("team")


CASES = (
    Case(
        "programs: a hundred steps",
        _many_steps,
        {"id": "integer"},
        [(101,), (102,), (103,), (104,), (105,)],
    ),
    Case("programs: a frame used twice", _used_twice, {"team": "text"}, [("a",)]),
    Case(
        "programs: an ordered frame used twice keeps its order",
        lambda t: (lambda o: o.limit(2).select("id").union_all(o.limit(1).select("id")))(
            t.sales.order_by(t.sales.price.desc())
        ),
        {"id": "integer"},
        [(4,), (6,), (4,)],
    ),
    Case(
        "programs: an alias",
        lambda t: (lambda o: t.sales.join(o, t.sales.n < o.n).select("id", other=o.id))(
            t.sales.select("id", "n").alias("o")
        ),
        {"id": "integer", "other": "integer"},
        [
            (2, 6),
            (2, 1),
            (2, 4),
            (2, 5),
            (6, 1),
            (6, 4),
            (6, 5),
            (1, 4),
            (1, 5),
            (4, 5),
        ],
    ),
    Case(
        "programs: a program of many verbs",
        lambda t: (lambda d: d.where(d.total > 1).order_by(d.total.desc(), "city").limit(2))(
            t.sales.where(t.sales.n.is_not_null())
            .join(t.teams, "team", "left")
            .with_column("worth", t.sales.n * 2)
            .group_by("city")
            .agg(total=func.sum(t.sales.n))
        ),
        {"city": "text", "total": "integer"},
        [("Ulm", 8), (None, 6)],
        is_ordered=True,
    ),
)
