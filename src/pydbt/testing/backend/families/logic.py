"""Three-valued logic: AND, OR and NOT of true, false and NULL, and what stands for conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case, not_, or_

from pydbt.sql import functions as F
from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables, each

_VALUES = each(
    "logic",
    "flags",
    "boolean",
    {
        "a flag comes back as true, false or NULL": (lambda t: t.f, [True, True, False, None, None, None]),
        "and": (lambda t: t.f & t.g, [True, False, False, None, False, None]),
        "or": (lambda t: t.f | t.g, [True, True, False, True, None, None]),
        "not": (lambda t: ~t.f, [False, False, True, None, None, None]),
        "not of and": (lambda t: ~(t.f & t.g), [False, True, True, None, True, None]),
        "not of or": (lambda t: ~(t.f | t.g), [False, False, True, False, None, None]),
        "and_ of SQLAlchemy": (lambda t: and_(t.f, t.g), [True, False, False, None, False, None]),
        "or_ and not_ of SQLAlchemy": (lambda t: or_(not_(t.f), t.g), [True, False, True, True, None, None]),
        "a flag equal to True": (lambda t: t.f == True, [True, True, False, None, None, None]),  # noqa: E712  that is what is tested
        "a flag equal to 0": (lambda t: t.f == 0, [False, False, True, None, None, None]),
        "flags compared": (lambda t: t.f == t.g, [True, False, True, None, None, None]),
        "or before and needs its brackets": (
            lambda t: (t.f | t.g) & ~t.g,
            [False, True, False, False, None, None],
        ),
        "a CASE of flags": (
            lambda t: case((t.f.is_null(), t.g), else_=t.f),
            [True, True, False, True, False, None],
        ),
        "coalesce of flags": (lambda t: F.coalesce(t.f, t.g), [True, True, False, True, False, None]),
    },
)


def _kept(name: str, condition: Callable[[DataFrame], Any], ids: list[int]) -> Case:
    def program(tables: Tables) -> DataFrame:
        return tables.flags.where(condition(tables.flags)).select("id")

    return Case(f"logic: {name}", program, {"id": "integer"}, [(number,) for number in ids])


CASES = (
    *_VALUES,
    _kept("a filter keeps what is true", lambda t: t.f, [1, 2]),
    _kept("a filter of a negation leaves NULL out", lambda t: ~t.f, [3]),
    _kept("a filter by a condition or its negation leaves NULL out", lambda t: t.f | ~t.f, [1, 2, 3]),
    _kept("a filter by NULL", lambda t: t.f.is_null() & t.g, [4]),
    _kept("a filter by a comparison of conditions", lambda t: (t.id > 2) == t.g, [2, 4]),
)
