"""exists, isin and scalar: a DataFrame as a condition or a value in an expression of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import Boolean

from pydbt.errors import ColumnArgumentError, JoinError, SubqueryError, user_location
from pydbt.sql.column import Column, check_comparable, check_value, column_of
from pydbt.sql.correlation import Attached, OuterValue, Subquery, open_plans
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.query import Query, Value, in_order
from pydbt.sql.verbs.aggregate import Aggregate
from pydbt.sql.verbs.arguments import check_is_condition, check_no_aggregate, condition_of, flattened
from pydbt.sql.verbs.attach import Attach, attach
from pydbt.sql.verbs.filter import Filter
from pydbt.sql.verbs.order import Distinct, Limit, Sort
from pydbt.sql.verbs.project import Project
from pydbt.sql.verbs.sides import Sides
from pydbt.sql.verbs.source import Alias


def exists(other: Query, on: Any = None) -> Subquery:
    """Whether there is a row in the other query that matches; without ``on``, whether there is any."""

    def bind(query: Query) -> Attached:
        plan = other if on is None else _matching(query, other, on)
        return _attached(query, plan, "exists", Value(Boolean()))

    return Subquery(Boolean(), bind)


def holds(other: Query, element: ColumnElement[Any]) -> Subquery:
    """Whether a value of each row is among those of the other query's one column."""
    name, value = _only_column(other, "isin")
    check_comparable(element, Column(name, value, other))

    def bind(query: Query) -> Attached:
        needle = adopt(query, element)
        if needle.attached or not needle.may_be_inlined:
            what = "isin of a DataFrame was asked of an aggregate, a window, chance or another subquery"
            hint = "compute it in a with_column first, and ask the column"
            raise SubqueryError(what, where=user_location(), hint=hint)
        return _attached(query, other, "in", Value(Boolean()), needle)

    return Subquery(Boolean(), bind)


def scalar(other: Query) -> Subquery:
    """The one value of a query of one column and at most one row; NULL without a row."""
    _, value = _only_column(other, "scalar")
    if not has_one_row(other):
        hint = "aggregate it, df.agg(m=func.max(df.a)).scalar(), or take the first: .order_by(…).limit(1)"
        what = f"scalar() of a DataFrame that may have several rows: {other.describe()}"
        raise SubqueryError(what, where=user_location(), hint=hint)

    def bind(query: Query) -> Attached:
        return _attached(query, other, "scalar", Value(value.type))

    return Subquery(value.type, bind)


# The steps that give no row more than they were given.
_ROW_BY_ROW = (Alias, Attach, Distinct, Filter, Limit, Project, Sort)


def has_one_row(query: Query) -> bool:
    """Whether the verbs of a query leave one row at most: an aggregate over all rows, or a limit."""
    while query.parents:
        if isinstance(query.step, Aggregate) and not query.step.keys:
            return True
        if isinstance(query.step, Limit) and query.step.count <= 1:
            return True
        if not isinstance(query.step, _ROW_BY_ROW):
            return False
        query = query.parents[0]
    return False


def _only_column(query: Query, verb: str) -> tuple[str, Value]:
    if len(query.fields) != 1:
        hint = f'select one: other.select("a"){".scalar()" if verb == "scalar" else ""}'
        what = f"{verb} takes a DataFrame of one column, and was given {', '.join(query.fields)}"
        raise SubqueryError(what, where=user_location(), hint=hint)
    return next(iter(query.fields.items()))


def _attached(
    query: Query, plan: Query, kind: str, value: Value, needle: Expression | None = None
) -> Attached:
    """A subquery with those of its outer values that are this query's own; others wait for one around it."""
    own = []
    for outer in sorted(open_plans(in_order(plan)).get(plan, ()), key=lambda each: each.serial):
        if query.name_of(outer.column.value) is not None:
            own.append(outer)
        elif query.lost_at(outer.column.value) is not None:
            check_value(query, outer.column)
    return Attached(value, plan, kind, tuple(own), needle)


def _matching(query: Query, other: Query, on: Any) -> Query:
    """The rows of the other query that match a row of the query around it."""
    sides = Sides(query, other)
    waiting: dict[Value, OuterValue] = {}

    def bind(column: Column) -> Column:
        bound = sides.bind(column)
        value = sides.fresh.get(bound.value, bound.value)
        if bound.value in sides.fresh or query.name_of(value) is None:
            return Column(bound.name, value, other)
        return Column(bound.name, waiting.setdefault(value, OuterValue(bound, user_location())), None)

    conditions = tuple(_condition(query, other, each, bind) for each in _conditions(query, other, on))
    if not waiting or not any(set(each.values) - set(waiting.values()) for each in conditions):
        side = "other DataFrame" if waiting else "inner side"
        what = f"the condition of exists speaks of the {side} only" if conditions else "exists needs one"
        hint = "relate the two: exists(other, df.id == other.id); for any row at all, exists(other)"
        raise JoinError(what, where=user_location(), hint=hint)
    return Query(Filter(conditions, "where"), (attach(other, waiting.values()),), other.fields)


def _conditions(query: Query, other: Query, on: Any) -> Iterable[Any]:
    for each in flattened([on]):
        if isinstance(each, str):
            left, right = column_of(query, each), column_of(other, each)
            yield left == Column(f"{each}_right", right.value, other, is_right=True)
        else:
            yield each


def _condition(query: Query, other: Query, condition: Any, bind: Any) -> Expression:
    if not isinstance(condition, ColumnElement):
        condition_of(query, condition, "exists")
    if isinstance(condition, Subquery):
        hint = "put it into the other DataFrame: exists(other.where(…), on)"
        raise ColumnArgumentError("exists was given a subquery for its on", where=user_location(), hint=hint)
    expression = adopt(other, condition, bind)
    check_is_condition(expression, "exists")
    check_no_aggregate(expression, "the condition of exists")
    return expression
