"""Rewriting: a plan as the database can run it, where a verb has another one for those that lack something.

A step with ``rewritten(query, dialect)`` gives such a plan, with the values its query has, or None where it
can stay. The queries above keep their steps and values, and stand on the new plan.
"""

from __future__ import annotations

from pydbt.sql.dialects import Dialect
from pydbt.sql.query import Query, in_order


def rewritten(order: list[Query], dialect: Dialect) -> list[Query]:
    """The queries of a plan for a database, parents first; the same ones where every step can stay."""
    if not any(hasattr(kind, "rewritten") for kind in {query.step.__class__ for query in order}):
        return order
    made: dict[Query, Query] = {}
    for query in order:
        parents = tuple(made[parent] for parent in query.parents)
        same = all(one is other for one, other in zip(parents, query.parents, strict=True))
        moved = query if same else Query(query.step, parents, query.fields)
        rewrite = getattr(query.step, "rewritten", None)
        other = None if rewrite is None else rewrite(moved, dialect)
        made[query] = moved if other is None else other
    return in_order(made[order[-1]])
