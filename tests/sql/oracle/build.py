"""A program as DataFrames: each part of it is said with the public verbs, as a user would."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from pydbt.sql import functions as F  # noqa: N812  its public name
from pydbt.sql.dataframe import DataFrame
from tests.sql.oracle.program import (
    Agg,
    Alias,
    Call,
    Col,
    Combine,
    Distinct,
    Drop,
    Dropna,
    Fillna,
    Group,
    Join,
    Key,
    Limit,
    Lit,
    Order,
    Pick,
    Plan,
    Program,
    Rename,
    Right,
    Select,
    Where,
    Window,
    WithColumns,
)
from tests.sql.oracle.values import TYPES

Kept = Callable[[DataFrame], DataFrame]


def build(program: Program, tables: Sequence[DataFrame], keep: Kept | None = None) -> list[DataFrame]:
    """The DataFrame of the first table, and that after each verb.

    Args:
        program: What is built.
        tables: Its tables, in order.
        keep: What becomes of the frame after each verb: it may be written down and read again.
    """
    return _Building(program, tables, keep).run(program.plan, ())


class _Building:
    """One program on one database."""

    def __init__(self, program: Program, tables: Sequence[DataFrame], keep: Kept | None) -> None:
        self.program = program
        self.tables = tables
        self.keep = keep

    def run(self, plan: Plan, known: Sequence[DataFrame]) -> list[DataFrame]:
        first = self.tables[plan.table] if plan.table is not None else known[plan.frame or 0]
        made = [first]
        for step in plan.steps:
            frame = self.after(step, made[-1], known or made)
            made.append(self.keep(frame) if self.keep is not None else frame)
        return made

    def after(self, step: Any, frame: DataFrame, known: Sequence[DataFrame]) -> DataFrame:
        if isinstance(step, (Join, Combine)):
            other = self.run(step.other, known)[-1]
            if isinstance(step, Combine):
                combined: DataFrame = getattr(frame, step.verb)(other)
                return combined
            return _joined(step, frame, other)
        # What is written down has columns of its own: those of earlier frames are gone.
        earlier = known if self.keep is None else ()
        return apply(step, frame, earlier)


def apply(step: Any, frame: DataFrame, earlier: Sequence[DataFrame] = ()) -> DataFrame:
    """The frame after a verb that needs no other."""
    made: DataFrame = _VERBS[type(step)](step, frame, Making(frame, earlier))
    return made


class Making:
    """Expressions over a frame.

    Args:
        frame: Whose columns they read.
        earlier: Frames that columns may be taken from as well.
        right: The right side of a join.
    """

    def __init__(
        self, frame: DataFrame, earlier: Sequence[DataFrame] = (), right: DataFrame | None = None
    ) -> None:
        self.frame = frame
        self.earlier = earlier
        self.right = right

    def __call__(self, expr: Any) -> Any:
        """The expression as SQLAlchemy has it."""
        if isinstance(expr, Col):
            if expr.source is not None and self.earlier:
                number, name = expr.source
                return self.earlier[number][name]
            return self.frame[expr.name]
        if isinstance(expr, Right):
            assert self.right is not None
            return self.frame[expr.name + "_right"] if self.right is self.frame else self.right[expr.name]
        if isinstance(expr, Lit):
            return sa.literal(expr.value, TYPES[expr.kind])
        if isinstance(expr, Call):
            return self.call(expr)
        return self.aggregate(expr) if isinstance(expr, Agg) else self.window(expr)

    def plain(self, expr: Any, *, is_compared: bool = False) -> Any:
        """As a user writes it: values as Python has them, and dates that are compared as text."""
        if isinstance(expr, Lit):
            return expr.value.isoformat() if is_compared and expr.kind == "date" else expr.value
        return self(expr)

    def call(self, expr: Call) -> Any:
        if expr.name in _BINARY:
            one, other = expr.args
            if isinstance(one, Lit) and not isinstance(other, Lit):
                return _BINARY[expr.name](self.plain(one, is_compared=True), self(other))
            return _BINARY[expr.name](self(one), self.plain(other, is_compared=True))
        if expr.name == "case":
            pairs = [
                (self(one), self(other)) for one, other in zip(expr.args[::2], expr.args[1::2], strict=False)
            ]
            return sa.case(*pairs, else_=self(expr.args[-1]) if len(expr.args) % 2 else None)
        first, *others = expr.args
        if expr.name in _OF_COLUMNS:
            return _CALLS[expr.name](*(self(each) for each in expr.args))
        is_compared = expr.name in {"in", "not_in", "between"}
        return _CALLS[expr.name](self(first), *(self.plain(each, is_compared=is_compared) for each in others))

    def aggregate(self, expr: Agg) -> Any:
        if expr.arg is None:
            made = func.count()
        else:
            argument = self(expr.arg)
            if expr.name in _OF_CONDITIONS:
                return getattr(F, expr.name)(argument)
            made = getattr(func, expr.name)(sa.distinct(argument) if expr.is_distinct else argument)
        return made if expr.where is None else made.filter(self(expr.where))

    def window(self, expr: Window) -> Any:
        function = getattr(func, expr.name)(*(self.plain(each) for each in expr.args))
        options: dict[str, Any] = {} if expr.rows is None else {"rows": expr.rows}
        if expr.partition:
            options["partition_by"] = [self(each) for each in expr.partition]
        if expr.order:
            options["order_by"] = [self.key(each) for each in expr.order]
        return function.over(**options)

    def key(self, key: Key) -> Any:
        made = self(key.expr)
        if key.descending:
            made = made.desc()
        return made.nulls_first() if key.nulls_first else made

    def items(self, items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        return {name: self(expr) for name, expr in items}


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALLS: dict[str, Callable[..., Any]] = {
    "and": lambda one, *others: _folded(operator.and_, one, others),
    "or": lambda one, *others: _folded(operator.or_, one, others),
    "not": operator.invert,
    "neg": operator.neg,
    "abs": func.abs,
    "floor": func.floor,
    "between": lambda value, low, high: value.between(low, high),
    "in": lambda value, *others: value.in_(list(others)),
    "not_in": lambda value, *others: value.not_in(list(others)),
    "is_null": lambda value: value.is_(None),
    "is_not_null": lambda value: value.is_not(None),
    "coalesce": func.coalesce,
    "nullif": func.nullif,
    "lower": func.lower,
    "length": func.length,
    "trim": func.trim,
    "substr": func.substr,
    "replace": func.replace,
    "like": lambda text, pattern: text.like(pattern),
    "not_like": lambda text, pattern: text.not_like(pattern),
    "ilike": lambda text, pattern: text.ilike(pattern),
    "contains": lambda text, part: text.contains(part),
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "as_text": lambda value: sa.cast(value, sa.String()),
    "as_float": lambda value: sa.cast(value, sa.Double()),
    "as_long": lambda value: sa.cast(value, sa.BigInteger()),
    "greatest": F.greatest,
    "least": F.least,
    "sign": F.sign,
    "upper": F.upper,
    "reverse": F.reverse,
    "left": F.left,
    "right": F.right,
    "strpos": F.strpos,
    "year": F.year,
    "month": F.month,
    "day": F.day,
    "last_day": F.last_day,
    "month_begin": lambda value: F.date_trunc("month", value),
    "add_days": lambda value, count: F.date_add(value, count, "day"),
    "add_months": lambda value, count: F.date_add(value, count, "month"),
    "diff_days": lambda one, other: F.date_diff("day", one, other),
    "diff_months": lambda one, other: F.date_diff("month", one, other),
}


# To these, text is the name of a column.
_OF_COLUMNS = frozenset(("greatest", "least", "diff_days", "diff_months"))
_OF_CONDITIONS = frozenset(("count_if", "bool_and", "bool_or"))


def _folded(function: Callable[[Any, Any], Any], made: Any, others: Sequence[Any]) -> Any:
    for other in others:
        made = function(made, other)
    return made


def _own_name(expr: Col) -> str:
    """The name that a column goes by where it was taken from."""
    return expr.name if expr.source is None else expr.source[1]


def _selected(step: Select, make: Making) -> list[Any]:
    return [
        make(expr) if isinstance(expr, Col) and _own_name(expr) == name else make(expr).label(name)
        for name, expr in step.items
    ]


def _with_columns(step: WithColumns, frame: DataFrame, make: Making) -> DataFrame:
    if len(step.items) == 1:
        return frame.with_column(step.items[0][0], make(step.items[0][1]))
    return frame.with_columns(**make.items(step.items))


def _grouped(step: Group, frame: DataFrame, make: Making) -> DataFrame:
    keys = [
        name if isinstance(expr, Col) and _own_name(expr) == name else make(expr).label(name)
        for name, expr in step.keys
    ]
    items = make.items(step.items)
    if step.sets:
        grouped: DataFrame = getattr(frame, step.sets)(*keys).agg(**items)
        return grouped
    made: DataFrame = frame.group_by(*keys).agg(**items) if keys else frame.agg(**items)
    return made


_VERBS: dict[type, Callable[[Any, DataFrame, Making], DataFrame]] = {
    Where: lambda step, frame, make: frame.where(*(make(each) for each in step.conditions)),
    Select: lambda step, frame, make: frame.select(*_selected(step, make)),
    Rename: lambda step, frame, _: frame.rename(dict(step.pairs)),
    Drop: lambda step, frame, _: frame.drop(*step.names),
    Distinct: lambda _step, frame, _: frame.distinct(),
    Order: lambda step, frame, make: frame.order_by(*(make.key(each) for each in step.keys)),
    Limit: lambda step, frame, _: frame.limit(step.count, step.offset),
    Alias: lambda step, frame, _: frame.alias(step.name),
    Dropna: lambda step, frame, _: frame.dropna(step.how, list(step.names)),
    Fillna: lambda step, frame, _: frame.fillna({name: each.value for name, each in step.pairs}),
    Pick: lambda step, frame, make: frame.drop_duplicates(
        list(step.names), step.keep, [make.key(each) for each in step.keys]
    ),
    WithColumns: _with_columns,
    Group: _grouped,
}


def _joined(step: Join, frame: DataFrame, other: DataFrame) -> DataFrame:
    if other is frame and any(f"{name}_right" in frame for name in frame.columns):
        other = frame.alias("me")  # ``df.x_right`` is a column of its own here.
    if step.how == "cross":
        return frame.cross_join(other, step.suffix)
    on: list[Any] = list(step.names)
    if step.condition is not None:
        on.append(Making(frame, right=other)(step.condition))
    return frame.join(other, on[0] if len(on) == 1 else on, step.how, step.suffix)
