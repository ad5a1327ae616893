"""Groups: NULL is one, keys may be computed, and sets of keys below each other."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import func, literal

from pydbt.sql import functions as F
from pydbt.testing.backend.case import Case

_D1, _D2, _D3 = dt.date(2022, 1, 1), dt.date(2022, 1, 2), dt.date(2022, 1, 3)
_TEAM = {"team": "text", "n": "integer"}
CASES = (
    Case(
        "groups: by one key, NULL is one",
        lambda t: t.sales.group_by("team").agg(n=func.sum(t.sales.n)),
        _TEAM,
        [("a", 8), ("b", 1), ("c", 4), (None, 2)],
    ),
    Case(
        "groups: the seed's form",
        lambda t: t.sales.group_by("team", agg={"n": (func.count, "rows"), "price": (func.sum, "total")}),
        {"team": "text", "rows": "integer", "total": "decimal"},
        [
            ("a", 2, Decimal("2.75")),
            ("b", 1, Decimal("2.25")),
            ("c", 1, Decimal(4)),
            (None, 1, Decimal(3)),
        ],
    ),
    Case(
        "groups: by two keys",
        lambda t: t.sales.group_by("team", "day").agg(n=func.count()),
        {"team": "text", "day": "date", "n": "integer"},
        [("a", _D1, 1), ("b", _D1, 1), ("a", _D2, 1), ("c", _D3, 1), ("a", _D3, 1), (None, _D3, 1)],
    ),
    Case(
        "groups: by a computed key",
        lambda t: t.sales.group_by((t.sales.id % 2).label("odd")).agg(n=func.sum(t.sales.n)),
        {"odd": "integer", "n": "integer"},
        [(1, 8), (0, 7)],
    ),
    Case(
        "groups: by a key with a constant in it",
        lambda t: t.sales.group_by((t.sales.team + "!").label("team")).agg(n=func.count()),
        _TEAM,
        [("a!", 3), ("b!", 1), ("c!", 1), (None, 1)],
    ),
    Case(
        "groups: having",
        lambda t: t.sales.group_by("team").having(func.count() > 1).agg(n=func.max(t.sales.n)),
        _TEAM,
        [("a", 5)],
    ),
    Case(
        "groups: a filter on an aggregate",
        lambda t: (lambda g: g.where(g.n > 2))(t.sales.group_by("team").agg(n=func.sum(t.sales.n))),
        _TEAM,
        [("a", 8), ("c", 4)],
    ),
    Case(
        "groups: a filter on a computed key",
        lambda t: (lambda g: g.where(g.k > 5))(
            t.sales.group_by((t.sales.id + t.sales.n).label("k")).agg(n=func.count())
        ),
        {"k": "integer", "n": "integer"},
        [(8, 2), (10, 1)],
    ),
    Case(
        "groups: a filter on a key of text",
        lambda t: (lambda g: g.where(g.team >= "b"))(t.sales.group_by("team").agg(n=func.count())),
        _TEAM,
        [("b", 1), ("c", 1)],
    ),
    Case(
        "groups: of groups",
        lambda t: t.sales.group_by("team").agg(k=func.count()).group_by("k").agg(n=func.count()),
        {"k": "integer", "n": "integer"},
        [(3, 1), (1, 3)],
    ),
    Case(
        "groups: of no rows are none",
        lambda t: t.nothing.group_by("s").agg(n=func.count()),
        {"s": "text", "n": "integer"},
        [],
    ),
    Case(
        "groups: of a limit",
        lambda t: t.sales.order_by("id").limit(2).group_by("day").agg(n=func.count()),
        {"day": "date", "n": "integer"},
        [(_D1, 2)],
    ),
    Case(
        "groups: a key and an aggregate in an expression",
        lambda t: t.sales.group_by("day").agg(n=func.count() + F.day("day")),
        {"day": "date", "n": "integer"},
        [(_D1, 3), (_D2, 3), (_D3, 6)],
    ),
    Case(
        "groups: filtered aggregates beside each other",
        lambda t: t.sales.group_by("day").agg(
            a=func.count().filter(t.sales.team == "a"), b=func.sum(t.sales.n).filter(t.sales.team == "b")
        ),
        {"day": "date", "a": "integer", "b": "integer"},
        [(_D1, 1, 1), (_D2, 1, None), (_D3, 1, None)],
    ),
    Case(
        "groups: rollup",
        lambda t: t.sales.where(t.sales.n < 4).rollup("day", "team").agg(n=func.sum(t.sales.n)),
        {"day": "date", "team": "text", "n": "integer"},
        [
            (_D1, "a", 3),
            (_D1, "b", 1),
            (_D1, None, 4),
            (_D3, None, 2),
            (_D3, None, 2),
            (None, None, 6),
        ],
    ),
    Case(
        "groups: cube",
        lambda t: t.sales.where(t.sales.id < 3).cube("day", "team").agg(n=func.sum(t.sales.n)),
        {"day": "date", "team": "text", "n": "integer"},
        [(_D1, "a", 3), (_D1, "b", 1), (_D1, None, 4), (None, "a", 3), (None, "b", 1), (None, None, 4)],
    ),
    Case(
        "groups: grouping sets",
        lambda t: t.sales.where(t.sales.id < 3).grouping_sets(["team"], []).agg(n=func.sum(t.sales.n)),
        _TEAM,
        [("a", 3), ("b", 1), (None, 4)],
    ),
    Case(
        "groups: an aggregate nobody reads is one row",
        lambda t: t.sales.agg(n=func.count()).select(one=literal(1)),
        {"one": "integer"},
        [(1,)],
    ),
    Case(
        "groups: pivot",
        lambda t: t.sales.group_by("day").pivot("team", ["a", "b"]).agg(n=func.sum(t.sales.n)),
        {"day": "date", "a": "integer", "b": "integer"},
        [(_D1, 3, 1), (_D2, None, None), (_D3, 5, None)],
    ),
)
