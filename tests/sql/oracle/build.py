"""A program as DataFrames: each part of it is said with the public verbs, as a user would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func

from pydbt.sql import functions as F  # noqa: N812  its public name
from pydbt.sql.dataframe import DataFrame, exists
from tests.sql.oracle.calls import BINARY, CALLS, OF_COLUMNS, OF_OURS
from tests.sql.oracle.program import (
    Agg,
    Alias,
    Asof,
    ByName,
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
    Replace,
    Right,
    Sample,
    Select,
    Sub,
    TopK,
    Unpivot,
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
        for position, step in enumerate(plan.steps):
            frame = self.after(step, made[-1], known or made)
            keep = None if _is_in_order(plan.steps, position) else self.keep
            made.append(frame if keep is None else keep(frame))
        return made

    def after(self, step: Any, frame: DataFrame, known: Sequence[DataFrame]) -> DataFrame:
        if type(step) in _OF_TWO:
            return _OF_TWO[type(step)](step, frame, self.run(step.other, known)[-1])
        # What is written down has columns of its own: those of earlier frames are gone.
        earlier = known if self.keep is None else ()
        # A subquery stays one: of what is written down nobody knows that it has one row.
        inner = _Building(self.program, self.tables, None)
        making = Making(frame, earlier, plans=lambda plan: inner.run(plan, known)[-1])
        return _VERBS[type(step)](step, frame, making)


def _is_in_order(steps: Sequence[Any], position: int) -> bool:
    """Whether a limit later cuts by an order that stands by now: what is written down would be in none."""
    ordered = None
    for place, step in enumerate(steps):
        if isinstance(step, Limit) and ordered is not None and ordered <= position < place:
            return True
        if isinstance(step, (Order, TopK)):
            ordered = place
    return False


class Making:
    """Expressions over a frame.

    Args:
        frame: Whose columns they read.
        earlier: Frames that columns may be taken from as well.
        right: The right side of a join.
        plans: What makes a DataFrame of the plan of a subquery.
    """

    def __init__(
        self,
        frame: DataFrame,
        earlier: Sequence[DataFrame] = (),
        right: DataFrame | None = None,
        plans: Callable[[Plan], DataFrame] | None = None,
    ) -> None:
        self.frame = frame
        self.earlier = earlier
        self.right = right
        self.plans = plans

    def __call__(self, expr: Any) -> Any:  # noqa: PLR0911  one form each
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
        if isinstance(expr, Sub):
            return self.subquery(expr)
        return self.aggregate(expr) if isinstance(expr, Agg) else self.window(expr)

    def subquery(self, expr: Sub) -> Any:
        """Another frame as a condition or a value."""
        assert self.plans is not None
        other = self.plans(expr.other)
        if expr.name == "scalar":
            return other.scalar()
        if expr.name == "isin":
            return self(expr.arg).isin(other)
        other = _apart(other, self.frame)
        on: list[Any] = list(expr.names)
        if expr.condition is not None:
            on.append(Making(self.frame, right=other)(expr.condition))
        return exists(other, on[0] if len(on) == 1 else on or None)

    def plain(self, expr: Any, *, is_compared: bool = False) -> Any:
        """As a user writes it: values as Python has them, and dates that are compared as text."""
        if isinstance(expr, Lit):
            return expr.value.isoformat() if is_compared and expr.kind == "date" else expr.value
        return self(expr)

    def call(self, expr: Call) -> Any:
        if expr.name in BINARY:
            one, other = expr.args
            if isinstance(one, Lit) and not isinstance(other, Lit):
                return BINARY[expr.name](self.plain(one, is_compared=True), self(other))
            return BINARY[expr.name](self(one), self.plain(other, is_compared=True))
        if expr.name == "case":
            pairs = [
                (self(one), self(other)) for one, other in zip(expr.args[::2], expr.args[1::2], strict=False)
            ]
            return sa.case(*pairs, else_=self(expr.args[-1]) if len(expr.args) % 2 else None)
        first, *others = expr.args
        if expr.name in OF_COLUMNS:
            return CALLS[expr.name](*(self(each) for each in expr.args))
        is_compared = expr.name in {"in", "not_in", "between"}
        return CALLS[expr.name](self(first), *(self.plain(each, is_compared=is_compared) for each in others))

    def aggregate(self, expr: Agg) -> Any:
        if expr.arg is None:
            made = func.count()
        else:
            argument = self(expr.arg)
            made = getattr(F if expr.name in OF_OURS else func, expr.name)(
                sa.distinct(argument) if expr.is_distinct else argument
            )
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
    if not (keys or step.having or step.pivot):
        return frame.agg(**items)
    if step.sets == "grouping_sets":
        grouped = frame.grouping_sets(*([keys[number] for number in one] for one in step.of))
    else:
        grouped = getattr(frame, step.sets or "group_by")(*keys)
    if step.pivot is not None:
        values = {name: each.value for name, each in step.pivot.values}
        grouped = grouped.pivot(make(step.pivot.expr), values)
    having = [make(each) for each in step.having]
    made: DataFrame = grouped.having(*having).agg(**items) if having else grouped.agg(**items)
    return made


def _topk(step: TopK, frame: DataFrame, make: Making) -> DataFrame:
    """A key without a direction is downwards here."""
    keys = []
    for key in step.keys:
        made = make(key.expr) if key.descending else make(key.expr).asc()
        keys.append(made.nulls_first() if key.nulls_first else made)
    return frame.topk(step.count, keys)


def _sampled(step: Sample, frame: DataFrame, _make: Making) -> DataFrame:
    by = None if step.names == tuple(frame.columns) else list(step.names)
    return frame.sample(step.fraction, n=step.count, seed=step.seed, by=by)


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
    TopK: _topk,
    Replace: lambda step, frame, _: frame.replace(
        {old.value: new.value for old, new in step.pairs}, list(step.names)
    ),
    Unpivot: lambda step, frame, _: frame.unpivot(
        list(step.ids), list(step.names), step.names_to, step.values_to
    ),
    Sample: _sampled,
    WithColumns: _with_columns,
    Group: _grouped,
}


def _joined(step: Join, frame: DataFrame, other: DataFrame) -> DataFrame:
    other = _apart(other, frame)
    if step.how == "cross":
        return frame.cross_join(other, step.suffix)
    on: list[Any] = list(step.names)
    if step.condition is not None:
        on.append(Making(frame, right=other)(step.condition))
    return frame.join(other, on[0] if len(on) == 1 else on, step.how, step.suffix)


def _apart(other: DataFrame, frame: DataFrame) -> DataFrame:
    """The right side, under another name where ``df.x_right`` is a column of the left side itself."""
    is_taken = other is frame and any(f"{name}_right" in frame for name in frame.columns)
    return frame.alias("me") if is_taken else other


def _beside(step: Asof, frame: DataFrame, other: DataFrame) -> DataFrame:
    tolerance: Any = step.tolerance
    if tolerance is not None and frame.schema[step.on[0]].python_type in {dt.date, dt.datetime}:
        tolerance = dt.timedelta(tolerance)
    on = step.on[0] if step.on[0] == step.on[1] else step.on
    return frame.asof_join(other, on, list(step.names), step.direction, tolerance, step.suffix)


_OF_TWO: dict[type, Callable[[Any, DataFrame, DataFrame], DataFrame]] = {
    Join: _joined,
    Combine: lambda step, frame, other: getattr(frame, step.verb)(other),
    ByName: lambda step, frame, other: frame.union_by_name(other, allow_missing=step.allow_missing),
    Asof: _beside,
}
