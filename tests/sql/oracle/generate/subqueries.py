"""Random subqueries: whether a value or a row that matches is in another plan, or its one value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.sql.oracle.generate.choices import Typed
from tests.sql.oracle.generate.expressions import COMPARISONS, Expressions, equal
from tests.sql.oracle.generate.several import Several
from tests.sql.oracle.generate.steps import Made, State
from tests.sql.oracle.generate.windows import aggregate
from tests.sql.oracle.program import Call, Col, Group, Limit, Select, Sub, Where
from tests.sql.oracle.values import TABLE_NAMES


class Subqueries:
    """Makes verbs that read subqueries."""

    def __init__(self, several: Several) -> None:
        self.several = several
        self.choices = several.choices
        self.steps = several.steps

    def where(self, state: State) -> Made:
        """The rows for which a subquery says so, by itself or with another condition."""
        condition = self._condition(state)
        if condition is None:
            return None
        if self.choices.chance(30):
            condition = Call("not", (condition,))
        if self.choices.chance(30):
            parts = [condition, self.steps.over(state).condition(1)]
            condition = Call(self.choices.pick(("or", "and")), tuple(self.choices.some(parts, 2)))
        return Where((condition,)), state

    def with_column(self, state: State) -> Made:
        """A column that a subquery gives, by itself or in an expression."""
        if self.choices.chance(50):
            made = self._scalar()
        else:
            condition = self._condition(state)
            made = None if condition is None else Typed(condition, "bool")
        if made is None:
            return None
        if made.kind == "bool" and self.choices.chance(40):
            one, other = (self.several.steps.over(state).literal("int").expr for _ in range(2))
            made = Typed(Call("case", (made.expr, one, other)), "int", 2**31)
        return self.steps.added(state, {self.steps.free(state.names): made})

    def _condition(self, state: State) -> Any:
        form = self.choices.below(5)
        if form <= 1:
            return self._isin(state)
        return self._exists(state) if form <= 3 else self._compared(state)

    def _isin(self, state: State) -> Any:
        plan, other = self.several.other()
        pairs = [(one, two) for one in state.columns for two in other.columns if equal(one, two)]
        pairs = [pair for pair in pairs if pair[0].kind not in {"approx", "ratio"}]
        if not pairs:
            return None
        one, two = self.choices.pick(pairs)
        plan = replace(plan, steps=(*plan.steps, Select(((two.name, Col(two.name)),))))
        return Sub("isin", plan, self.steps.over(state).reference(one))

    def _exists(self, state: State) -> Any:
        plan, other = self.several.other()
        if self.choices.chance(10):
            return Sub("exists", plan)
        names_here = {*state.names, *other.names}
        if any(isinstance(step, Group) for step in plan.steps) and names_here.intersection(TABLE_NAMES):
            return None  # In a HAVING, DuckDB takes the name of a table outside for a column of that name.
        names, condition = self.several.on(state, other)
        return Sub("exists", plan, None, names, condition) if names or condition is not None else None

    def _compared(self, state: State) -> Any:
        made = self._scalar()
        if made is None:
            return None
        beside = [known for known in state.columns if known.kind == made.kind and known.kind != "approx"]
        if not beside:
            return Call("is_not_null", (made.expr,))
        one = self.steps.over(state).reference(self.choices.pick(beside))
        if made.kind == "bool":
            return Call("or", (one, made.expr))
        return Call(self.choices.pick(COMPARISONS), tuple(self.choices.some([one, made.expr], 2)))

    def _scalar(self) -> Typed | None:
        """An aggregate of another plan, or the column of its one row."""
        plan, other = self.several.other()
        if self.choices.chance(25):
            cut = self.steps.order(other)
            if cut is None or not cut[1].is_ordered:
                return None
            known = self.choices.pick(other.columns)
            steps = (*plan.steps, cut[0], Limit(1), Select(((known.name, Col(known.name)),)))
            return Typed(Sub("scalar", replace(plan, steps=steps)), known.kind, known.bound)
        found = aggregate(Expressions(self.choices, other.columns))
        group = Group((), (("n", found.expr),))
        return replace(found, expr=Sub("scalar", replace(plan, steps=(*plan.steps, group))))
