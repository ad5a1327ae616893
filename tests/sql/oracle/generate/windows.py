"""Random aggregates and windows that are the same whatever order a database takes the rows in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.sql.oracle.generate.choices import Known, Typed
from tests.sql.oracle.generate.expressions import Expressions
from tests.sql.oracle.program import Agg, Call, Lit, Window
from tests.sql.oracle.reference.frame import MOST_ROWS
from tests.sql.oracle.values import NUMBERS, WIDEST

_PLACES = ("row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist")
_OF_ROWS = ("first_value", "last_value", "lag", "lead", "nth_value")
_TOTALS = ("sum", "count", "min", "max", "avg")
_ORDERED = (*NUMBERS, "text", "date", "moment")


def exact(columns: Sequence[Known]) -> list[Known]:
    """The columns that may decide about anything."""
    return [known for known in columns if known.kind != "approx"]


def aggregate(made: Expressions) -> Typed:
    """An aggregate, at times of distinct values, of some rows only, or in an expression."""
    if made.choices.chance(12):
        name = made.choices.pick(("count_if", "bool_and", "bool_or"))
        kind = "long" if name == "count_if" else "bool"
        return Typed(Agg(name, made.condition(1)), kind, MOST_ROWS)
    name, argument = _total(made, is_window=False)
    is_distinct = argument.expr is not None and name != "median" and made.choices.chance(20)
    where = made.condition(1) if made.choices.chance(20) else None
    found = Typed(Agg(name, argument.expr, is_distinct, where), argument.kind, argument.bound)
    if found.kind == "long" and made.choices.chance(20):
        small = made.fit(found, 10**6)
        return replace(small, expr=Call("+", (small.expr, Lit(1, "int"))), bound=small.bound + 1)
    return found


def _total(made: Expressions, *, is_window: bool = True) -> tuple[str, Typed]:
    """The name of an aggregate and its argument, with the kind and bound of what comes out."""
    name = made.choices.pick(_TOTALS)
    if name == "avg" and not is_window and made.choices.chance(30):
        name = "median"
    if name == "count":
        argument = made.any(1) if made.choices.chance(60) else Typed(None, "")
        return name, Typed(argument.expr, "long", MOST_ROWS)
    if name in {"min", "max"}:
        return name, made.leaf([kind for kind in _ORDERED if kind != "ratio"])
    if name in {"avg", "median"}:
        argument = made.leaf(NUMBERS)
        if argument.kind == "long":  # SQLite before 3.43 would sum it as floats.
            argument = made.fit(argument, 2**31)
        return name, Typed(argument.expr, "approx")
    argument = made.number(1)
    argument = made.fit(argument, WIDEST[argument.kind] // MOST_ROWS if argument.kind != "int" else 2**31)
    kind = "long" if argument.kind == "int" else argument.kind
    return name, Typed(argument.expr, kind, argument.bound * MOST_ROWS)


def window(made: Expressions) -> Typed:
    """A window: those that go by the place of a row are over all columns in order."""
    columns = exact(made.columns)
    is_whole = len(columns) == len(made.columns)
    partition = tuple(made.reference(each) for each in made.choices.some(columns, made.choices.below(3)))
    total_order = made.keys(made.choices.some(columns, len(columns))) if is_whole else ()
    form = made.choices.below(8)
    if form <= 1 or not is_whole:
        return _of_partition(made, partition, columns)
    if form <= 4:
        name = made.choices.pick(_PLACES)
        if name not in {"row_number", "ntile"}:
            total_order = total_order[:1]
        if name in {"percent_rank", "cume_dist"}:
            return Typed(Window(name, (), partition, total_order), "ratio", 1)
        buckets = (Lit(made.choices.below(3) + 1, "int"),) if name == "ntile" else ()
        return Typed(Window(name, buckets, partition, total_order), "long", MOST_ROWS)
    if form == 5:
        name = made.choices.pick(_OF_ROWS)
        known = made.choices.pick(columns)
        args: tuple[Any, ...] = (made.reference(known),)
        if name == "nth_value" or (name in {"lag", "lead"} and made.choices.chance(40)):
            args = (*args, Lit(made.choices.below(3) + 1, "int"))
        return Typed(Window(name, args, partition, total_order), known.kind, known.bound)
    return _running(made, partition, total_order)


def _of_partition(made: Expressions, partition: tuple[Any, ...], columns: Sequence[Known]) -> Typed:
    """An aggregate over the whole partition, or up to the rows of the same key."""
    name, argument = _total(made)
    args = () if argument.expr is None else (argument.expr,)
    order = made.keys(made.choices.some(columns, 1)) if made.choices.chance(40) else ()
    return Typed(Window(name, args, partition, order), argument.kind, argument.bound)


def _running(made: Expressions, partition: tuple[Any, ...], order: tuple[Any, ...]) -> Typed:
    """An aggregate over so many rows before and after."""
    name, argument = _total(made)
    args = () if argument.expr is None else (argument.expr,)
    rows = made.choices.pick(((None, 0), (-1, 0), (-2, 1), (0, None), (-1, -1), (1, 2)))
    return Typed(Window(name, args, partition, order, rows), argument.kind, argument.bound)
