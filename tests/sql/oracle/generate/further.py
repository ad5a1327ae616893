"""Random verbs of one frame that are made of others: topk, replace, unpivot, sample."""

from __future__ import annotations

from dataclasses import replace

from tests.sql.oracle.generate.choices import Known
from tests.sql.oracle.generate.expressions import bound_of
from tests.sql.oracle.generate.steps import MOST_COLUMNS, Made, State, Steps
from tests.sql.oracle.generate.windows import exact
from tests.sql.oracle.program import Lit, Replace, Sample, TopK, Unpivot
from tests.sql.oracle.values import POOLS

_AS_TEXT = ("int", "long", "date", "text")  # Of these Python's text is everybody's.
_OF_ONE_KIND = ("int", "long", "decimal", "float", "text", "bool", "date", "moment")


class Further:
    """Makes these verbs over a frame."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.choices = steps.choices

    def topk(self, state: State) -> Made:
        """The first rows by all columns: only rows that are the same change places."""
        if not state.is_exact:
            return None
        keys = self.steps.over(state).keys(self.choices.some(state.columns, len(state.columns)))
        return TopK(self.choices.pick((3, 1, 2, 5, 8, 0)), keys), replace(state, is_ordered=True)

    def replace(self, state: State) -> Made:
        """Other values for some in the columns of a kind, at times two that change places."""
        found = self.steps.over(state).of(POOLS)
        if not found:
            return None
        kind = self.choices.pick(found).kind
        columns = self.choices.some([known for known in found if known.kind == kind], 2)
        olds = self.choices.some(POOLS[kind], self.choices.below(3) + 1)
        news = [None if self.choices.chance(15) else self.choices.pick(POOLS[kind]) for _ in olds]
        if len(olds) > 1 and self.choices.chance(30):
            news[:2] = olds[1::-1]
        step = Replace(
            tuple((Lit(old, kind), Lit(new, kind)) for old, new in zip(olds, news, strict=True)),
            tuple(known.name for known in columns),
        )
        bound = max(map(bound_of, news))
        changed = {known.name: Known(known.name, known.kind, max(known.bound, bound)) for known in columns}
        return step, replace(
            state,
            columns=tuple(changed.get(known.name, known) for known in state.columns),
            is_ordered=False,
        )

    def unpivot(self, state: State) -> Made:
        """Some columns of a kind below each other, and some of the others beside them."""
        found = self.steps.over(state).of(_OF_ONE_KIND)
        if not found:
            return None
        kind = self.choices.pick(found).kind
        kinds = ("int", "long") if kind in {"int", "long"} else (kind,)
        spread = self.choices.some(
            [known for known in found if known.kind in kinds], self.choices.below(3) + 1
        )
        names = [known.name for known in spread]
        others = [known for known in state.columns if known.name not in names]
        kept = self.choices.some(others, self.choices.below(len(others) + 1))
        ids = [known.name for known in kept]
        name = "name" if "name" not in ids else self.steps.free(ids)
        value = self.steps.free([*ids, name])
        if len(ids) + 2 > MOST_COLUMNS:
            return None
        wider = "long" if "long" in {known.kind for known in spread} else kind
        made = (Known(name, "text"), Known(value, wider, max(known.bound for known in spread)))
        columns = (*(Known(known.name, known.kind, known.bound) for known in kept), *made)
        return Unpivot(tuple(ids), tuple(names), name, value), State(columns)

    def sample(self, state: State) -> Made:
        """A share of the rows by some columns, or so many where a digest is of rows that are the same."""
        found = self.steps.over(state).of(_AS_TEXT)
        if not found:
            return None
        seed = self.choices.below(4)
        if len(found) == len(exact(state.columns)) == len(state.columns) and self.choices.chance(50):
            if all(known.kind != "text" for known in found):
                step = Sample(tuple(state.names), seed, count=self.choices.below(8) + 1)
                return step, replace(state, is_ordered=False)
            names = tuple(state.names)
        else:
            names = tuple(known.name for known in self.choices.some(found, self.choices.below(2) + 1))
        return Sample(names, seed, self.choices.pick((0.75, 0.5, 0.9, 1.0, 0.25))), state
