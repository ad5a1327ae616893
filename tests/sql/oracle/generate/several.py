"""Random joins and set operations, with another table, another plan, or an earlier frame of the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.sql.oracle.generate.choices import Choices, Known
from tests.sql.oracle.generate.expressions import COMPARISONS, Expressions, equal
from tests.sql.oracle.generate.steps import MOST_COLUMNS, Made, State, Steps
from tests.sql.oracle.program import Asof, ByName, Call, Col, Combine, Join, Lit, Plan, Right, Select
from tests.sql.oracle.values import POOLS

_MOMENTS = {"date", "moment"}
_MEASURED = {"int", "long", "decimal", "float", "date", "moment"}
_KINDS = ("inner", "left", "right", "full", "semi", "anti", "cross")
_VERBS = ("union", "union_all", "intersect", "except_")


class Several:
    """Makes the verbs of two frames.

    Args:
        choices: Who decides.
        tables: The columns of the program's tables.
        frames: The columns of the program's own frames so far.
    """

    def __init__(
        self, choices: Choices, tables: Sequence[tuple[Known, ...]], frames: Sequence[tuple[Known, ...]]
    ) -> None:
        self.choices = choices
        self.steps = Steps(choices)
        self.tables = tables
        self.frames = frames

    def other(self) -> tuple[Plan, State]:
        """A plan of its own: a table, or an earlier frame, and up to two verbs."""
        if self.choices.chance(35):
            number = self.choices.below(len(self.frames))
            plan, state = Plan(None, frame=number), State(self.frames[number])
        else:
            number = self.choices.below(len(self.tables))
            plan, state = Plan(number), State(self.tables[number])
        steps = self.steps
        verbs = (steps.where, steps.with_columns, steps.group, steps.select, steps.rename, steps.distinct)
        for _ in range(self.choices.below(3)):
            if self.choices.chance(12):
                made = steps.order(state)
                cut = steps.limit(made[1]) if made is not None else None
                if made is not None and cut is not None:
                    plan, state = replace(plan, steps=(*plan.steps, made[0], cut[0])), cut[1]
                continue
            made = self.choices.pick(verbs)(state)
            if made is not None:
                plan, state = replace(plan, steps=(*plan.steps, made[0])), made[1]
        return plan, state

    def join(self, state: State) -> Made:
        """A join of any kind, on one or two names, a condition, or both."""
        plan, other = self.other()
        how = self.choices.pick(_KINDS)
        if how == "left" and self.choices.chance(50):
            # What it is filtered by belongs to ON.
            made = self.steps.where(other)
            plan = plan if made is None else replace(plan, steps=(*plan.steps, made[0]))
        suffix = self.choices.pick(("_right", "_2", " r"))
        names, condition = ((), None) if how == "cross" else self.on(state, other)
        if how != "cross" and not names and condition is None:
            return None
        step = Join(plan, how, names, condition, suffix)
        if how in {"semi", "anti"}:
            return step, state
        columns = self._joined(step, state, other)
        return None if columns is None else (step, replace(state, columns=columns, is_ordered=False))

    def on(self, state: State, other: State) -> tuple[tuple[str, ...], Any]:
        """What two frames are matched by: names, or a condition; nothing where no columns are alike."""
        theirs = {known.name: known for known in other.columns}
        common = [one.name for one in state.columns if one.name in theirs and _equal(one, theirs[one.name])]
        if common and self.choices.chance(50):
            return tuple(self.choices.some(common, self.choices.below(2) + 1)), None
        pairs = [(one, two) for one in state.columns for two in other.columns if _equal(one, two)]
        if not pairs:
            return (), None
        matched = [self._equal(*pair) for pair in self.choices.some(pairs, self.choices.below(2) + 1)]
        if self.choices.chance(20):
            one, two = self.choices.pick(pairs)
            matched.append(Call(self.choices.pick(COMPARISONS), (Col(one.name), Right(two.name))))
        if self.choices.chance(15):
            # One side's own condition, or either's: parentheses matter.
            made = Expressions(self.choices, other.columns, is_right=True)
            if self.choices.chance(50):
                made = Expressions(self.choices, state.columns)
            matched[-1] = Call(self.choices.pick(("and", "or")), (matched[-1], made.condition(1)))
        return (), matched[0] if len(matched) == 1 else Call("and", tuple(matched))

    def _equal(self, one: Known, two: Known) -> Any:
        ours, theirs = Col(one.name), Right(two.name)
        if one.kind in {"int", "long"} and self.choices.chance(20):
            return Call("==", tuple(Call("%", (each, Lit(3, "int"))) for each in (ours, theirs)))
        return Call("==", (theirs, ours) if self.choices.chance(20) else (ours, theirs))

    def _joined(self, step: Join, state: State, other: State) -> tuple[Known, ...] | None:
        theirs = {known.name: known for known in other.columns}
        columns = [
            _key(known, theirs[known.name], step.how) if known.name in step.names else known
            for known in state.columns
        ]
        added = [known for known in other.columns if known.name not in step.names]
        names = [known.name + step.suffix if known.name in state.names else known.name for known in added]
        every = [*state.names, *names]
        if len(set(every)) < len(every) or len(every) > MOST_COLUMNS:
            return None
        # The rule is simpler, and refuses more: a new name must be no column of the right side either.
        if any(name != known.name and name in theirs for name, known in zip(names, added, strict=True)):
            return None
        columns += [Known(name, known.kind, known.bound) for name, known in zip(names, added, strict=True)]
        return tuple(columns)

    def combine(self, state: State) -> Made:
        """A set operation with rows of the same kinds, taken from anywhere."""
        verb = self.choices.pick(_VERBS)
        if not state.is_exact:
            return None
        if self.choices.chance(40):
            here = State(state.columns)
            made = self.steps.where(here)
            assert made is not None, "a condition can always be made"
            plan, bounds = Plan(None, (made[0],), len(self.frames) - 1), state.columns
        else:
            plan, other = self.other()
            taken = Expressions(self.choices, other.columns)
            items = [(known.name, taken.of_kind(known.kind)) for known in state.columns]
            plan = replace(plan, steps=(*plan.steps, Select(tuple((n, each.expr) for n, each in items))))
            bounds = tuple(Known(n, each.kind, each.bound) for n, each in items)
        columns = tuple(
            Known(known.name, known.kind, max(known.bound, other.bound))
            for known, other in zip(state.columns, bounds, strict=True)
        )
        return Combine(verb, plan), replace(state, columns=columns, is_ordered=False)

    def by_name(self, state: State) -> Made:
        """The rows of another plan below, its columns in any order, some missing on one side or the other."""
        if not state.is_exact:
            return None
        plan, other = self.other()
        taken = Expressions(self.choices, other.columns)
        kept = list(state.columns)
        allow_missing = self.choices.chance(50)
        if allow_missing:
            kept = self.choices.some(kept, self.choices.below(len(kept)) + 1)
        items = [(known.name, taken.of_kind(known.kind)) for known in self.choices.some(kept, len(kept))]
        if allow_missing and len(state.columns) < MOST_COLUMNS and self.choices.chance(60):
            items.append((self.steps.free([*state.names]), taken.leaf((self.choices.pick(tuple(POOLS)),))))
        plan = replace(plan, steps=(*plan.steps, Select(tuple((n, each.expr) for n, each in items))))
        bounds = {name: each.bound for name, each in items}
        columns = [Known(k.name, k.kind, max(k.bound, bounds.get(k.name, 0))) for k in state.columns]
        columns += [Known(n, each.kind, each.bound) for n, each in items if n not in state.names]
        return ByName(plan, allow_missing), State(tuple(columns), earlier=state.earlier)

    def asof(self, state: State) -> Made:
        """Each row beside the nearest of another plan, at times among rows of equal columns only."""
        plan, other = self.other()
        pairs = [
            (one, two)
            for one in state.columns
            for two in other.columns
            if {one.kind, two.kind} <= _MOMENTS or (one.kind in _MEASURED and equal(one, two))
        ]
        if not pairs or not other.is_exact:
            return None
        one, two = self.choices.pick(pairs)
        theirs = {known.name: known for known in other.columns}
        common = [k.name for k in state.columns if k.name in theirs and _equal(k, theirs[k.name])]
        by = [name for name in common if name not in {one.name, two.name}] if self.choices.chance(50) else []
        names = tuple(self.choices.some(by, self.choices.below(2) + 1))
        suffix = self.choices.pick(("_right", "_2"))
        columns = self._joined(Join(plan, "left", names, None, suffix), state, other)
        if columns is None:
            return None
        direction = self.choices.pick(("backward", "forward", "nearest"))
        tolerance = self.choices.pick((1, 10, 400, 0)) if self.choices.chance(35) else None
        step = Asof(plan, (one.name, two.name), names, direction, tolerance, suffix)
        return step, replace(state, columns=columns, is_ordered=False)


def _equal(one: Known, two: Known) -> bool:
    return "approx" not in {one.kind, two.kind} and equal(one, two)


def _key(one: Known, two: Known, how: str) -> Known:
    """A column of both sides that comes out once."""
    if how not in {"right", "full"}:
        return one
    wider = "long" if "long" in {one.kind, two.kind} else one.kind
    return Known(one.name, two.kind if how == "right" else wider, max(one.bound, two.bound))
