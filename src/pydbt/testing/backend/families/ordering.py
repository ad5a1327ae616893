"""Order, limit, and what comes first."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables


def _ids(name: str, make: Callable[[DataFrame], DataFrame], ids: list[int], *, table: str = "sales") -> Case:
    def program(tables: Tables) -> DataFrame:
        return make(tables.frames[table]).select("id")

    rows = [(number,) for number in ids]
    return Case(f"ordering: {name}", program, {"id": "integer"}, rows, is_ordered=True)


CASES = (
    _ids("NULL last", lambda t: t.order_by("n"), [2, 6, 1, 4, 5, 3]),
    _ids("down, NULL last", lambda t: t.order_by(t.n.desc()), [5, 4, 1, 6, 2, 3]),
    _ids("NULL first", lambda t: t.order_by("n", nulls_first=True), [3, 2, 6, 1, 4, 5]),
    _ids("down, NULL first", lambda t: t.order_by(t.n.desc().nulls_first()), [3, 5, 4, 1, 6, 2]),
    _ids("two keys", lambda t: t.order_by("team", t.id.desc()), [5, 3, 1, 2, 4, 6]),
    _ids("an expression", lambda t: t.order_by(t.id % 3, "id"), [3, 6, 1, 4, 2, 5]),
    _ids("a day and a decimal", lambda t: t.order_by(t.day.desc(), "price"), [5, 6, 4, 3, 1, 2]),
    _ids("text by code point", lambda t: t.order_by("s"), [2, 3, 6, 1, 4, 5], table="texts"),
    _ids("flags, false first", lambda t: t.order_by("f", "g", "id"), [3, 2, 1, 5, 4, 6], table="flags"),
    _ids("limit", lambda t: t.order_by("id").limit(2), [1, 2]),
    _ids("limit and offset", lambda t: t.order_by("id").limit(2, 3), [4, 5]),
    _ids("limit of nothing", lambda t: t.order_by("id").limit(0), []),
    _ids("limit of a limit", lambda t: t.order_by("id").limit(4).limit(2, 1), [2, 3]),
    _ids("a filter keeps the order", lambda t: t.order_by(t.id.desc()).where(t.id > 3), [6, 5, 4]),
    _ids("a limit keeps the order", lambda t: t.order_by(t.n.desc()).limit(3).where(t.n > 3), [5, 4]),
    _ids(
        "a computed column of the name of another",
        lambda t: t.with_column("n", func.coalesce(t.n, 0)).order_by("n"),
        [3, 2, 6, 1, 4, 5],
    ),
    _ids(
        "by a window",
        lambda t: t.order_by(func.count().over(partition_by=t.team).desc(), "id"),
        [1, 3, 5, 2, 4, 6],
    ),
    _ids(
        "drop_duplicates keeps the first",
        lambda t: t.drop_duplicates("team", keep="first", order_by="id").order_by("id"),
        [1, 2, 4, 6],
    ),
    _ids("topk", lambda t: t.topk(2, t.n.desc()).order_by("id"), [4, 5]),
)
