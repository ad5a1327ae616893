"""Set operations: by position, NULL is equal to NULL, and evaluated from the left."""

from __future__ import annotations

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables

_TEAM = {"team": "text"}


def _sold(tables: Tables) -> DataFrame:
    return tables.sales.select("team")


def _known(tables: Tables) -> DataFrame:
    return tables.teams.select("team")


CASES = (
    Case(
        "sets: union", lambda t: _sold(t).union(_known(t)), _TEAM, [("a",), ("b",), ("c",), ("d",), (None,)]
    ),
    Case(
        "sets: union_all",
        lambda t: _sold(t).union_all(_known(t)),
        _TEAM,
        [("a",), ("b",), ("a",), ("c",), ("a",), (None,), ("a",), ("b",), ("d",), (None,)],
    ),
    Case("sets: intersect", lambda t: _sold(t).intersect(_known(t)), _TEAM, [("a",), ("b",), (None,)]),
    Case("sets: except_", lambda t: _sold(t).except_(_known(t)), _TEAM, [("c",)]),
    Case("sets: except_ the other way", lambda t: _known(t).except_(_sold(t)), _TEAM, [("d",)]),
    Case(
        "sets: union, then intersect",
        lambda t: _sold(t).union(_known(t)).intersect(_known(t)),
        _TEAM,
        [("a",), ("b",), ("d",), (None,)],
    ),
    Case(
        "sets: union of an intersect",
        lambda t: _known(t).union(_sold(t).intersect(_known(t))),
        _TEAM,
        [("a",), ("b",), ("d",), (None,)],
    ),
    Case(
        "sets: except_ of an except_",
        lambda t: _sold(t).except_(_known(t).except_(_sold(t))),
        _TEAM,
        [("a",), ("b",), ("c",), (None,)],
    ),
    Case(
        "sets: three unions",
        lambda t: _sold(t).union_all(_known(t)).union_all(t.nothing.select("s")),
        _TEAM,
        [("a",), ("b",), ("a",), ("c",), ("a",), (None,), ("a",), ("b",), ("d",), (None,)],
    ),
    Case(
        "sets: by position, the names are the left's",
        lambda t: t.numbers.select("a").union(t.numbers.select("b")),
        {"a": "integer"},
        [(7,), (-7,), (5,), (None,), (2,), (-2,), (0,), (3,)],
    ),
    Case(
        "sets: numbers of two kinds",
        lambda t: t.nothing.select(v="id").union_all(t.numbers.select(v="x")),
        {"v": "float"},
        [(1.5,), (-1.5,), (0.0,), (2.25,), (None,)],
    ),
    Case(
        "sets: of limits",
        lambda t: (
            t.sales.order_by("id")
            .limit(1)
            .select("team")
            .union_all(t.sales.order_by(t.sales.id.desc()).limit(1).select("team"))
        ),
        _TEAM,
        [("a",), (None,)],
    ),
    Case(
        "sets: a filter, an order and a limit on a union",
        lambda t: (lambda u: u.where(u.team > "a").order_by("team").limit(2))(_sold(t).union(_known(t))),
        _TEAM,
        [("b",), ("c",)],
        is_ordered=True,
    ),
    Case(
        "sets: union_by_name",
        lambda t: (
            t.numbers.select("a", "b")
            .limit(0)
            .union_by_name(t.numbers.where(t.numbers.id == 1).select("b", "a"))
        ),
        {"a": "integer", "b": "integer"},
        [(7, 2)],
    ),
)
