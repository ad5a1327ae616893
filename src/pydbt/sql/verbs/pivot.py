"""pivot: a column for each value of a column, aggregates of the rows that have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql.elements import BindParameter, ColumnElement, FunctionFilter, Label, WithinGroup
from sqlalchemy.sql.functions import FunctionElement

from pydbt.errors import AggregateError, ColumnArgumentError, user_location
from pydbt.sql.column import Column
from pydbt.sql.expression import adopt
from pydbt.sql.functions.call import Call, CallOverRows
from pydbt.sql.functions.known import SCALARS, VOLATILE
from pydbt.sql.query import Query
from pydbt.sql.tree import cloned_by, is_foreign
from pydbt.sql.verbs.arguments import check_no_aggregate, check_once, element_of

_ROW_BY_ROW = SCALARS | VOLATILE


@dataclass(frozen=True, slots=True)
class Pivot:
    """The column whose values become columns, and the condition of each, by its name."""

    conditions: tuple[tuple[str, Any], ...]

    def spread(self, query: Query, aggregates: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Each aggregate once for each value; one alone is called by the value, several by both."""
        pairs = list(aggregates)
        if not pairs:
            hint = "name one: .agg(total=func.sum(df.a)), or .count()"
            raise AggregateError("a pivot was given no aggregates", where=user_location(), hint=hint)
        spread = []
        for value, condition in self.conditions:
            for name, aggregate in pairs:
                element = element_of(query, aggregate, "agg")
                inner = element.element if isinstance(element, Label) else element
                spread.append((value if len(pairs) == 1 else f"{value}_{name}", _of_rows(inner, condition)))
        return spread


def pivot(query: Query, column: Any, values: Any) -> Pivot:
    """The pivot over a column, checked."""
    element: Any = element_of(query, column, "pivot")
    element = element.element if isinstance(element, Label) else element
    check_no_aggregate(adopt(query, element), "pivot")
    if values is None:
        name = getattr(element, "name", "a")
        hint = (
            "it does not ask the database by itself; do so: "
            f'values=[row[0] for row in df.select("{name}").distinct().order_by("{name}").collect()]'
        )
        raise ColumnArgumentError(
            "pivot needs the values that become columns", where=user_location(), hint=hint
        )
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        hint = 'give a list, ["a", "b"], or names with values, {"small": 1, "large": 2}'
        raise ColumnArgumentError(f"pivot was given values={values!r}", where=user_location(), hint=hint)
    named = (
        list(values.items()) if isinstance(values, Mapping) else [(_name_of(each), each) for each in values]
    )
    if not named:
        hint = "give at least one value"
        raise ColumnArgumentError("pivot was given no values", where=user_location(), hint=hint)
    check_once((name for name, _ in named), "pivot")
    return Pivot(tuple((name, _condition(element, value)) for name, value in named))


def _condition(element: Any, value: Any) -> Any:
    return element.is_(None) if value is None else element == value


def _name_of(value: Any) -> str:
    """A value as the name of a column, as PySpark writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _of_rows(element: ColumnElement[Any], condition: Any) -> Any:
    """The expression, every aggregate in it over the rows of the condition: ``sum(a) FILTER (WHERE …)``."""

    def visit(node: Any, **_: Any) -> Any:
        if isinstance(node, FunctionFilter):
            both = condition if node.criterion is None else node.criterion & condition
            return FunctionFilter(node.func, both)
        if isinstance(node, WithinGroup) or _may_aggregate(node):
            return node.filter(condition)
        if isinstance(node, Call):
            return node.with_arguments([visit(argument) for argument in node.arguments])
        if isinstance(node, (Column, BindParameter)) or is_foreign(node):
            return node
        return cloned_by(node, visit)

    return visit(element)


def _may_aggregate(node: Any) -> bool:
    if isinstance(node, CallOverRows):
        return node.asked.kind == "aggregate"
    is_function = isinstance(node, FunctionElement) and not isinstance(node, Call)
    return is_function and getattr(node, "name", "").lower() not in _ROW_BY_ROW
