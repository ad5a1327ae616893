"""Joins of every kind: which rows, and from which side."""

from __future__ import annotations

from sqlalchemy import func, literal

from pydbt.sql.dataframe import exists
from pydbt.testing.backend.case import Case, Row

_PAIR = {"id": "integer", "team": "text", "city": "text"}
_INNER: list[Row] = [(1, "a", "Ulm"), (3, "a", "Ulm"), (5, "a", "Ulm"), (2, "b", "Bonn")]
_LEFT: list[Row] = [*_INNER, (4, "c", None), (6, None, None)]
CASES = (
    Case("joins: inner by name", lambda t: t.sales.select("id", "team").join(t.teams, "team"), _PAIR, _INNER),
    Case(
        "joins: left by name",
        lambda t: t.sales.select("id", "team").join(t.teams, "team", "left"),
        _PAIR,
        _LEFT,
    ),
    Case(
        "joins: right by name",
        lambda t: t.sales.select("id", "team").join(t.teams, "team", "right"),
        _PAIR,
        [*_INNER, (None, "d", "Kiel"), (None, None, "Nowhere")],
    ),
    Case(
        "joins: full by name",
        lambda t: t.sales.select("id", "team").join(t.teams, "team", "full"),
        _PAIR,
        [*_LEFT, (None, "d", "Kiel"), (None, None, "Nowhere")],
    ),
    Case(
        "joins: full by a condition",
        lambda t: (
            t.sales.select("id")
            .where(t.sales.id < 3)
            .join(t.numbers.select(k="b").distinct(), t.sales.id == t.numbers.b, "full")
        ),
        {"id": "integer", "k": "integer"},
        [(1, None), (2, 2), (None, -2), (None, 0), (None, 3)],
    ),
    Case(
        "joins: full, then a filter and an order",
        lambda t: (
            t.sales.select("id", "team")
            .join(t.teams, "team", "full")
            .where(t.sales.id.is_null())
            .select("city")
            .order_by("city")
        ),
        {"city": "text"},
        [("Kiel",), ("Nowhere",)],
        is_ordered=True,
    ),
    Case(
        "joins: full of nothing",
        lambda t: t.nothing.join(t.teams, t.nothing.s == t.teams.team, "full").select("id", "city"),
        {"id": "integer", "city": "text"},
        [(None, "Ulm"), (None, "Bonn"), (None, "Kiel"), (None, "Nowhere")],
    ),
    Case(
        "joins: semi",
        lambda t: t.sales.select("id", "team").join(t.teams, "team", "semi").select("id"),
        {"id": "integer"},
        [(1,), (2,), (3,), (5,)],
    ),
    Case(
        "joins: anti is not fooled by NULL",
        lambda t: t.sales.select("id", "team").join(t.teams, "team", "anti").select("id"),
        {"id": "integer"},
        [(4,), (6,)],
    ),
    Case(
        "joins: semi by a condition",
        lambda t: t.sales.select("id").join(t.numbers, t.sales.id == t.numbers.b, "semi"),
        {"id": "integer"},
        [(2,), (3,)],
    ),
    Case(
        "joins: cross",
        lambda t: t.teams.select("city").cross_join(t.numbers.where(t.numbers.id < 3).select("id")),
        {"city": "text", "id": "integer"},
        [(city, number) for city in ("Ulm", "Bonn", "Kiel", "Nowhere") for number in (1, 2)],
    ),
    Case(
        "joins: by an inequality",
        lambda t: t.sales.select("id").join(t.numbers.select(k="a"), t.sales.id > t.numbers.a),
        {"id": "integer", "k": "integer"},
        [(number, -7) for number in range(1, 7)] + [(6, 5)],
    ),
    Case(
        "joins: a table with itself",
        lambda t: (lambda e: e.join(e, e.id == e.b_right).select("id", "id_right"))(
            t.numbers.select("id", "b")
        ),
        {"id": "integer", "id_right": "integer"},
        [(2, 1), (2, 2), (3, 5)],
    ),
    Case(
        "joins: three tables",
        lambda t: (
            t.sales.select("id", "team")
            .join(t.teams, "team")
            .join(t.numbers.select("id", "a"), "id")
            .select("city", "a")
        ),
        {"city": "text", "a": "integer"},
        [("Ulm", 7), ("Ulm", 7), ("Ulm", None), ("Bonn", -7)],
    ),
    Case(
        "joins: a constant of the right side is NULL without a match",
        lambda t: (
            t.sales.select("id", "team")
            .join(t.teams.select("team", found=literal(1)), "team", "left")
            .select("id", "found")
        ),
        {"id": "integer", "found": "integer"},
        [(1, 1), (2, 1), (3, 1), (4, None), (5, 1), (6, None)],
    ),
    Case(
        "joins: a filtered right side",
        lambda t: (
            t.sales.select("id", "team")
            .join(t.teams.where(t.teams.city == "Ulm"), "team", "left")
            .select("id", "city")
        ),
        {"id": "integer", "city": "text"},
        [(1, "Ulm"), (2, None), (3, "Ulm"), (4, None), (5, "Ulm"), (6, None)],
    ),
    Case(
        "joins: a filter after a left join",
        lambda t: (
            t.sales.select("id", "team")
            .join(t.teams, "team", "left")
            .where(t.teams.city.is_null())
            .select("id")
        ),
        {"id": "integer"},
        [(4,), (6,)],
    ),
    Case(
        "joins: groups of a join",
        lambda t: t.sales.join(t.teams, "team").group_by("city").agg(n=func.sum(t.sales.n)),
        {"city": "text", "n": "integer"},
        [("Ulm", 8), ("Bonn", 1)],
    ),
    Case(
        "joins: a join of groups",
        lambda t: t.teams.join(t.sales.group_by("team").agg(n=func.count()), "team").select("city", "n"),
        {"city": "text", "n": "integer"},
        [("Ulm", 3), ("Bonn", 1)],
    ),
    Case(
        "joins: exists",
        lambda t: t.teams.where(exists(t.sales, t.teams.team == t.sales.team)).select("city"),
        {"city": "text"},
        [("Ulm",), ("Bonn",)],
    ),
    Case(
        "joins: not exists",
        lambda t: t.teams.where(~exists(t.sales, t.teams.team == t.sales.team)).select("city"),
        {"city": "text"},
        [("Kiel",), ("Nowhere",)],
    ),
    Case(
        "joins: in a frame",
        lambda t: t.sales.where(t.sales.team.isin(t.teams.select("team"))).select("id"),
        {"id": "integer"},
        [(1,), (2,), (3,), (5,)],
    ),
    Case(
        "joins: a scalar of a frame",
        lambda t: t.sales.where(t.sales.n > t.sales.agg(m=func.avg(t.sales.n)).scalar()).select("id"),
        {"id": "integer"},
        [(4,), (5,)],
    ),
)
