"""Which columns: selected, computed, renamed, dropped, and filters on them."""

from __future__ import annotations

from sqlalchemy import literal

from pydbt.testing.backend.case import Case

_AB = [(7, 2), (-7, 2), (7, -2), (5, 0), (None, 3)]
CASES = (
    Case(
        "projections: select",
        lambda t: t.numbers.select("b", "a"),
        {"b": "integer", "a": "integer"},
        [(b, a) for a, b in _AB],
    ),
    Case(
        "projections: select under other names",
        lambda t: t.numbers.select(x="a", y=t.numbers.b),
        {"x": "integer", "y": "integer"},
        _AB,
    ),
    Case(
        "projections: with_column",
        lambda t: t.numbers.select("a").with_column("twice", t.numbers.a * 2),
        {"a": "integer", "twice": "integer"},
        [(a, None if a is None else a * 2) for a, _ in _AB],
    ),
    Case(
        "projections: with_column in the place of one",
        lambda t: t.numbers.select("a", "b").with_column("a", t.numbers.b),
        {"a": "integer", "b": "integer"},
        [(b, b) for _, b in _AB],
    ),
    Case(
        "projections: each step reads the one before",
        lambda t: (lambda d: d.with_column("a", d.a * 2))(
            t.numbers.select("a").with_column("a", t.numbers.a + 1)
        ),
        {"a": "integer"},
        [(16,), (-12,), (16,), (12,), (None,)],
    ),
    Case(
        "projections: two names change places",
        lambda t: t.numbers.select("a", "b").rename({"a": "b", "b": "a"}),
        {"b": "integer", "a": "integer"},
        _AB,
    ),
    Case(
        "projections: drop", lambda t: t.numbers.drop("id", "x", "d"), {"a": "integer", "b": "integer"}, _AB
    ),
    Case(
        "projections: names with blanks and quotes",
        lambda t: t.numbers.select(**{"a b": "a", 'q"q': "b", "100%": "a", "order": "b"}).limit(0),
        {"a b": "integer", 'q"q': "integer", "100%": "integer", "order": "integer"},
        [],
    ),
    Case(
        "projections: names that differ in case",
        lambda t: t.numbers.select(v="a", V="b"),
        {"v": "integer", "V": "integer"},
        _AB,
    ),
    Case(
        "projections: names that differ in case, nested",
        lambda t: (lambda d: d.where(d["V"] > 0))(t.numbers.select(v="a", V="b").distinct()),
        {"v": "integer", "V": "integer"},
        [(7, 2), (-7, 2), (None, 3)],
    ),
    Case(
        "projections: where",
        lambda t: t.numbers.where(t.numbers.a > 5).select("id"),
        {"id": "integer"},
        [(1,), (3,)],
    ),
    Case(
        "projections: where twice",
        lambda t: t.numbers.where(t.numbers.a > 0).where(t.numbers.b > 0).select("id"),
        {"id": "integer"},
        [(1,)],
    ),
    Case(
        "projections: where on a computed column",
        lambda t: (lambda d: d.where(d.both > 5).select("id"))(
            t.numbers.with_column("both", t.numbers.a + t.numbers.b)
        ),
        {"id": "integer"},
        [(1,)],
    ),
    Case(
        "projections: where after a limit",
        lambda t: t.numbers.order_by("id").limit(2).where(t.numbers.a < 0).select("id"),
        {"id": "integer"},
        [(2,)],
    ),
    Case(
        "projections: a constant column",
        lambda t: t.numbers.select("id", one=literal(1)).where(t.numbers.id < 3),
        {"id": "integer", "one": "integer"},
        [(1, 1), (2, 1)],
    ),
    Case(
        "projections: distinct",
        lambda t: t.numbers.select("b").distinct(),
        {"b": "integer"},
        [(2,), (-2,), (0,), (3,)],
    ),
    Case(
        "projections: distinct takes NULL for one",
        lambda t: t.sales.select("team").distinct(),
        {"team": "text"},
        [("a",), ("b",), ("c",), (None,)],
    ),
    Case(
        "projections: count of a distinct",
        lambda t: t.sales.select("day").distinct().agg(n=literal(1)),
        {"n": "integer"},
        [(1,)],
    ),
    Case(
        "projections: dropna",
        lambda t: t.sales.select("id", "n").dropna(),
        {"id": "integer", "n": "integer"},
        [(1, 3), (2, 1), (4, 4), (5, 5), (6, 2)],
    ),
    Case(
        "projections: fillna",
        lambda t: t.sales.where(t.sales.id < 4).select("id", "n").fillna(0),
        {"id": "integer", "n": "integer"},
        [(1, 3), (2, 1), (3, 0)],
    ),
    Case(
        "projections: replace",
        lambda t: t.sales.where(t.sales.id < 3).select("id", "team").replace({"a": "z"}),
        {"id": "integer", "team": "text"},
        [(1, "z"), (2, "b")],
    ),
    Case(
        "projections: of no rows",
        lambda t: t.nothing.with_column("x", t.nothing.id + 1),
        {"id": "integer", "s": "text", "x": "integer"},
        [],
    ),
)
