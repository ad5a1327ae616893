"""Random programs: tables, and verbs that are valid over what the ones before them leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.sql.oracle.generate.choices import Choices, Known
from tests.sql.oracle.generate.expressions import Expressions
from tests.sql.oracle.generate.further import Further
from tests.sql.oracle.generate.several import Several
from tests.sql.oracle.generate.steps import Made, State, Steps
from tests.sql.oracle.generate.subqueries import Subqueries
from tests.sql.oracle.program import Call, Group, Limit, Plan, Program, Select, Table, Window, WithColumns
from tests.sql.oracle.reference.frame import Frame, TooManyRowsError
from tests.sql.oracle.reference.verbs import after
from tests.sql.oracle.relations import RELATIONS
from tests.sql.oracle.values import COLUMN_NAMES, KINDS, LARGEST, POOLS, TABLE_NAMES

MOST_STEPS = 10
_ROWS = (1, 0, 2, 3, 4, 5, 8, 12, 20, 30)
_NULL = 64  # Of 256: a quarter of the cells.
# Percent of the verbs that take the last row away which stay: no rows are the same rows in every wrong way.
_EMPTIED = 15
_LOOSE = frozenset(("+", "-", "*", "//", "%"))


@st.composite
def programs(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Program, tuple[Frame, ...]]:
    """A program, and its frames as the reference has them."""
    return _Making(Choices(draw)).run()


class _Making:
    """One program while it is made."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.steps = Steps(choices)

    def run(self) -> tuple[Program, tuple[Frame, ...]]:
        choices = self.choices
        tables = tuple(self._table(number) for number in range(choices.below(4) + 1))
        known = [
            tuple(Known(name, kind, LARGEST.get(kind, 0)) for name, kind in table.columns) for table in tables
        ]
        program = Program(tables, Plan(0))
        states = [State(known[0])]
        frames = [Frame(tuple(states[0].names), list(tables[0].rows))]
        for _ in range(choices.below(MOST_STEPS) + 1):
            last = program.plan.steps[-1] if program.plan.steps else None
            step, state = self._step(states, known, last, frames[-1])
            try:
                frame = after(step, frames[-1], program, tuple(frames))
            except TooManyRowsError:
                continue
            if frames[-1].rows and not frame.rows and not choices.chance(_EMPTIED):
                continue
            frames.append(frame)
            earlier = (*(each.columns for each in states),)
            states.append(replace(state, earlier=earlier))
            program = replace(program, plan=Plan(0, (*program.plan.steps, step)))
        return self._finished(program, states[-1]), tuple(frames)

    def _finished(self, program: Program, state: State) -> Program:
        choices = self.choices
        if choices.chance(5):
            steps = (*program.plan.steps, self.steps.wrong(state))
            return replace(program, plan=Plan(0, steps), is_wrong=True)
        over = Expressions(choices, state.columns)
        return replace(
            program,
            conditions=(over.condition(1), over.condition(1)),
            relations=(choices.pick(RELATIONS),),
            turn=choices.below(3),
        )

    def _table(self, number: int) -> Table:
        choices = self.choices
        names = choices.some(COLUMN_NAMES, choices.below(6) + 1)
        kinds = [choices.pick(KINDS) for _ in names]
        count = choices.pick(_ROWS)
        cells = iter(choices.bytes(count * len(names)))
        rows = tuple(tuple(_cell(kind, next(cells)) for kind in kinds) for _ in range(count))
        return Table(TABLE_NAMES[number], tuple(zip(names, kinds, strict=True)), rows)

    def _telling(self, state: State, last: Any, frame: Frame) -> Callable[[State], Made] | None:
        """What shows best whether the last verb did its work: an order is there to be cut, for instance."""
        steps = self.steps
        if state.is_ordered and not isinstance(last, Limit):
            return steps.limit
        computed = _computed(last)
        if computed and self.choices.chance(70):
            return lambda here: steps.upon(here, computed)
        keys = [name for name, _ in last.keys] if isinstance(last, Group) else []
        if len(keys) > 1 and self.choices.chance(50):
            return lambda here: steps.without(here, [self.choices.pick(keys)])
        is_window = isinstance(last, WithColumns) and any(isinstance(e, Window) for _, e in last.items)
        if is_window or isinstance(last, (Limit, Group)):
            return lambda here: steps.parted(here, frame.column) or steps.where(here)
        return None

    def _step(
        self, states: Sequence[State], tables: Sequence[tuple[Known, ...]], last: Any, frame: Frame
    ) -> tuple[Any, State]:
        """A verb; one that needs what is not there gives way to the simplest."""
        steps, state = self.steps, states[-1]
        several = Several(self.choices, tables, [each.columns for each in states])
        further, subqueries = Further(steps), Subqueries(several)
        verbs: tuple[Callable[[State], Made], ...] = (
            *(steps.where, steps.with_columns, steps.group, steps.order, steps.limit, several.combine) * 2,
            *(several.join, steps.with_window) * 3,
            *(steps.select, steps.rename, steps.drop, steps.distinct, steps.alias, steps.exactly),
            *(steps.where_window, steps.dropna, steps.fillna, steps.pick),
            *(further.topk, further.replace, further.unpivot, further.sample),
            *(several.by_name, several.asof, subqueries.where, subqueries.where, subqueries.with_column),
        )
        chosen = self.choices.pick(verbs)
        if self.choices.chance(60):
            chosen = self._telling(state, last, frame) or chosen
        made = chosen(state) or steps.where(state)
        assert made is not None, "a condition can always be made"
        return made


def _computed(last: Any) -> list[str]:
    """The names of what a verb has computed by a sign that others may bind more than."""
    items = last.items if isinstance(last, (Select, WithColumns)) else ()
    return [name for name, expr in items if isinstance(expr, Call) and expr.name in _LOOSE]


def _cell(kind: str, byte: int) -> Any:
    """A cell out of a byte; NULL is the simplest."""
    if byte < _NULL:
        return None
    pool = POOLS[kind]
    return pool[(byte - _NULL) % len(pool)]
