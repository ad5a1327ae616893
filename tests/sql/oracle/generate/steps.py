"""Random verbs: each says what it is and which columns it leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.sql.oracle.generate.choices import Choices, Known, Typed
from tests.sql.oracle.generate.expressions import EXACT, Expressions
from tests.sql.oracle.generate.groups import group
from tests.sql.oracle.generate.windows import aggregate, exact, window
from tests.sql.oracle.program import (
    Agg,
    Alias,
    Call,
    Col,
    Distinct,
    Drop,
    Dropna,
    Fillna,
    Group,
    Limit,
    Lit,
    Order,
    Pick,
    Rename,
    Select,
    Where,
    WithColumns,
)
from tests.sql.oracle.values import NEW_NAMES, POOLS

MOST_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a frame.

    Args:
        columns: Its columns, in order.
        is_ordered: Whether its rows are in an order that leaves no choice about which come first.
        earlier: The columns of the frames before, where their columns may still be named.
    """

    columns: tuple[Known, ...]
    is_ordered: bool = False
    earlier: tuple[tuple[Known, ...], ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [known.name for known in self.columns]

    @property
    def is_exact(self) -> bool:
        """Whether every column may decide about anything."""
        return len(exact(self.columns)) == len(self.columns)


Made = tuple[Any, State] | None


class Steps:
    """Makes verbs that are valid over a frame."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def over(self, state: State) -> Expressions:
        """Expressions over the frame."""
        return Expressions(self.choices, state.columns, state.earlier)

    def free(self, names: Sequence[str]) -> str:
        """A name that none of these is."""
        name = self.choices.pick(NEW_NAMES)
        number = 1
        while name in names:
            number += 1
            name = f"{name}{number}"
        return name

    def known(self, name: str, made: Typed, state: State) -> Known:
        """The column an expression makes: the same one where it is nothing but a column."""
        if isinstance(made.expr, Col):
            same = next(known for known in state.columns if known.name == made.expr.name)
            return same.called(name)
        return Known(name, made.kind, made.bound)

    def where(self, state: State) -> Made:
        made = self.over(state)
        conditions = [made.condition(2)]
        if self.choices.chance(25):
            conditions.append(made.condition(1))
        return Where(tuple(conditions)), state

    def parted(self, state: State, column: Callable[[str], list[Any]]) -> Made:
        """A condition that most often takes some of the rows, and not all: by a value that is there."""
        made = self.over(state)
        found = made.of(POOLS)
        known = self.choices.pick(found) if found else None
        values = [] if known is None else [each for each in column(known.name) if each is not None]
        if known is None or not values:
            return None
        value = Lit(self.choices.pick(values), known.kind)
        signs = ("!=", "==") if known.kind == "bool" else ("!=", "<=", ">")
        return Where((Call(self.choices.pick(signs), (made.reference(known), value)),)), state

    def where_window(self, state: State) -> Made:
        """A condition on a window, by itself or with others."""
        made = self.over(state)
        found = window(made)
        if found.kind not in {"int", "long"}:
            return None
        condition: Any = Call(self.choices.pick(("<=", "==", ">")), (found.expr, Lit(2, "int")))
        if self.choices.chance(30):
            condition = Call("or" if self.choices.chance(50) else "and", (condition, made.condition(1)))
        others = (made.condition(1),) if self.choices.chance(30) else ()
        conditions = (*others, condition) if self.choices.chance(50) else (condition, *others)
        return Where(conditions), state

    def with_columns(self, state: State) -> Made:
        made = self.over(state)
        items: dict[str, Typed] = {}
        for _ in range(2 if self.choices.chance(20) else 1):
            is_replacing = self.choices.chance(30)
            name = self.choices.pick(state.names) if is_replacing else self.free([*state.names, *items])
            items[name] = made.any(2)
        return self.added(state, items)

    def with_window(self, state: State) -> Made:
        found = window(self.over(state))
        # Rows that are the same may get different values: their order leaves a choice from here on.
        return self.added(replace(state, is_ordered=False), {self.free(state.names): found})

    def upon(self, state: State, names: Sequence[str]) -> Made:
        """A column computed with one of these, where one is a number."""
        made = self.over(state)
        found = [known for known in made.of(EXACT) if known.name in names]
        if not found:
            return None
        known = self.choices.pick(found)
        one = Typed(made.reference(known), known.kind, known.bound)
        return self.added(state, {self.free(state.names): made.upon(one)})

    def added(self, state: State, items: dict[str, Typed]) -> Made:
        """These columns added, or in the place of others."""
        columns = {known.name: known for known in state.columns}
        columns |= {name: self.known(name, made, state) for name, made in items.items()}
        if len(columns) > MOST_COLUMNS:
            return None
        step = WithColumns(tuple((name, made.expr) for name, made in items.items()))
        return step, replace(state, columns=tuple(columns.values()))

    def select(self, state: State) -> Made:
        made = self.over(state)
        kept = self.choices.some(state.columns, self.choices.below(len(state.columns)) + 1)
        items = [(known.name, Typed(made.reference(known), known.kind, known.bound)) for known in kept]
        for _ in range(self.choices.below(3)):
            items.append((self.free([name for name, _ in items]), made.any(2)))
        columns = tuple(self.known(name, each, state) for name, each in items)
        return Select(tuple((name, each.expr) for name, each in items)), replace(state, columns=columns)

    def rename(self, state: State) -> Made:
        """New names, or the old ones shuffled."""
        if self.choices.chance(50):
            names = self.choices.some(state.names, len(state.columns))
        else:
            names = list(state.names)
            names[self.choices.below(len(names))] = self.free(names)
        pairs = tuple((old, new) for old, new in zip(state.names, names, strict=True) if old != new)
        if not pairs:
            return None
        columns = tuple(known.called(name) for known, name in zip(state.columns, names, strict=True))
        return Rename(pairs), replace(state, columns=columns)

    def drop(self, state: State) -> Made:
        if len(state.columns) < 2:
            return None
        names = self.choices.some(state.names, self.choices.below(len(state.columns) - 1) + 1)
        return self.without(state, names)

    def without(self, state: State, names: Sequence[str]) -> Made:
        """These columns dropped."""
        columns = tuple(known for known in state.columns if known.name not in names)
        return Drop(tuple(names)), replace(state, columns=columns)

    def distinct(self, state: State) -> Made:
        return (Distinct(), replace(state, is_ordered=False)) if state.is_exact else None

    def group(self, state: State) -> Made:
        made = self.over(state)
        columns = exact(state.columns)
        keys = [
            (known.name, Typed(Col(known.name), known.kind, known.bound))
            for known in self.choices.some(columns, self.choices.below(3))
        ]
        if self.choices.chance(30):
            keys.append((self.free([name for name, _ in keys]), made.any(1)))
        items: list[tuple[str, Typed]] = []
        for _ in range(self.choices.below(3) + (0 if keys else 1)):
            items.append((self.free([name for name, _ in (*keys, *items)]), aggregate(made)))
        if not keys and not items:
            return None
        found = group(made, keys, items)
        if found is None:
            return None
        step, beside = found
        grouped = tuple(self.known(name, each, state) for name, each in keys)
        if step.sets:
            grouped = tuple(Known(known.name, known.kind, known.bound) for known in grouped)
        totals = tuple(Known(name, each.kind, each.bound) for name, each in beside)
        if len(grouped) + len(totals) > MOST_COLUMNS:
            return None
        return step, replace(state, columns=grouped + totals, is_ordered=False)

    def order(self, state: State) -> Made:
        """All columns as keys, at times after an expression: only rows that are the same change places."""
        made = self.over(state)
        columns = exact(state.columns)
        if not columns:
            return None
        keys = made.keys(self.choices.some(columns, len(columns)))
        if self.choices.chance(20):
            first = made.number(1) if self.choices.chance(50) else made.text(1)
            keys = (replace(keys[0], expr=first.expr), *keys)
        return Order(keys), replace(state, is_ordered=state.is_exact)

    def limit(self, state: State) -> Made:
        if not state.is_ordered:
            return None
        return Limit(self.choices.below(8), self.choices.pick((0, 0, 1, 2))), state

    def dropna(self, state: State) -> Made:
        names = self.choices.some(state.names, self.choices.below(3) + 1)
        return Dropna(self.choices.pick(("any", "all")), tuple(names)), state

    def fillna(self, state: State) -> Made:
        made = self.over(state)
        found = self.choices.some(made.of(POOLS), self.choices.below(2) + 1)
        if not found:
            return None
        filled = {known.name: made.literal(known.kind) for known in found}
        columns = tuple(
            Known(known.name, known.kind, max(known.bound, filled[known.name].bound))
            if known.name in filled
            else known
            for known in state.columns
        )
        step = Fillna(tuple((name, each.expr) for name, each in filled.items()))
        return step, replace(state, columns=columns)

    def pick(self, state: State) -> Made:
        """One row of those that have some columns the same."""
        if not state.is_exact:
            return None
        names = self.choices.some(state.names, self.choices.below(2) + 1)
        keys = self.over(state).keys(self.choices.some(state.columns, len(state.columns)))
        keep = self.choices.pick(("first", "last"))
        return Pick(tuple(names), keep, keys), replace(state, is_ordered=False)

    def alias(self, state: State) -> Made:
        columns = tuple(Known(known.name, known.kind, known.bound) for known in state.columns)
        return Alias(self.choices.pick(("me", "t", "a b"))), replace(state, columns=columns)

    def exactly(self, state: State) -> Made:
        """Without the columns that may decide nothing."""
        names = [known.name for known in state.columns if known.kind == "approx"]
        return self.without(state, names) if 0 < len(names) < len(state.columns) else None

    def wrong(self, state: State) -> Any:
        """A verb that must be refused."""
        columns = {known.kind: known.name for known in state.columns}
        number = next((columns[kind] for kind in ("int", "long", "decimal") if kind in columns), None)
        some = state.names[0]
        offered: list[Any] = [
            Where((Call("is_null", (Col("no such"),)),)),
            Limit(-1),
            Drop(tuple(state.names)),
            Select(((some, Col(some)), (some, Col(some)))),
            Select(()),
            Rename((("no such", "b"),)),
            Where((Call("==", (Agg("count"), Lit(1, "int"))),)),
            Where((Agg("count"),)),
            Group((), ((("x"), Col(some)),)),
            Order(()),
        ]
        if len(state.columns) > 1:
            offered.append(Rename(((some, state.names[1]),)))
        if number is not None:
            offered += [
                Where((Call("==", (Col(number), Lit("a", "text"))),)),
                Where((Call("+", (Col(number), Lit(1, "int"))),)),
            ]
        if "date" in columns:
            offered.append(Where((Call("<", (Col(columns["date"]), Lit("2024-13-45", "text"))),)))
        if "text" in columns:
            offered.append(Group((), (("x", Agg("sum", Col(columns["text"]))),)))
        return self.choices.pick(offered)
