"""Aggregates with their FILTER, WITHIN GROUP and OVER, in the walk through an expression.

``depth`` counts what is or may be an aggregate around what is visited; ``around`` names one that is, and
``over`` says whether there is a window.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.elements import FunctionFilter, Over, WithinGroup
from sqlalchemy.sql.functions import FunctionElement

from pydbt.errors import AggregateError, user_location
from pydbt.sql.functions.call import Call, finished
from pydbt.sql.functions.frame import adopt_window
from pydbt.sql.tree import cloned, cloned_by


def enter(walk: Any, name: str) -> None:
    """Go into an aggregate, in which no other may stand."""
    _check_not_inside(walk, name)
    walk.aggregate, walk.around = True, name


def _check_not_inside(walk: Any, what: str) -> None:
    around = walk.around or ("a window" if walk.over and what == "a window" else "")
    if around:
        hint = "compute the inner one in a verb of its own: agg(…) before agg(…), with_column for a window"
        raise AggregateError(f"{what} stands in {around}", where=user_location(), hint=hint)


def adopt_filtered(walk: Any, node: FunctionFilter[Any]) -> Any:
    """An aggregate with its FILTER."""
    return finished(_filtered(walk, node))


def _filtered(walk: Any, node: FunctionFilter[Any]) -> Any:
    walk.size += 1
    new = cloned(node)
    new.func = _inner(walk, node.func)
    walk.depth += 1
    around, walk.around = walk.around, "a filter"
    if node.criterion is not None:
        new.criterion = walk.visit(node.criterion)
    walk.around = around
    walk.depth -= 1
    return new


def adopt_within_group(walk: Any, node: WithinGroup[Any]) -> Any:
    """An aggregate with the order of its rows."""
    walk.size += 1
    walk.aggregate = walk.aggregate or walk.depth >= 0
    walk.depth += 1
    new = cloned_by(node, walk.visit)
    walk.depth -= 1
    return new


def adopt_over(walk: Any, node: Over[Any]) -> Any:
    """A function with its window."""
    _check_not_inside(walk, "a window")
    walk.size += 1
    new = cloned(node)
    around, walk.over = walk.over, True
    # Over a window it is no aggregate of the query, and what it is computed of stands outside of one.
    walk.depth -= 1
    new.element = _inner(walk, node.element)
    walk.depth += 1
    adopt_window(new, walk.visit, walk.query)
    walk.window, walk.over = True, around
    return finished(new)


def _inner(walk: Any, node: Any) -> Any:
    """What stands before FILTER or OVER: the cast of the result goes around the whole."""
    if isinstance(node, FunctionFilter):
        return _filtered(walk, node)
    if isinstance(node, Call):
        return walk.bare_call(node)
    if isinstance(node, FunctionElement):
        return walk.bare_function(node)
    return walk.visit(node)
