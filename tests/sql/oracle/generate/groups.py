"""Random groups: by keys or by sets of keys, with conditions on them, and spread over columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.sql.oracle.generate.choices import Choices, Known, Typed
from tests.sql.oracle.generate.expressions import Expressions
from tests.sql.oracle.generate.windows import aggregate
from tests.sql.oracle.program import Call, Col, Group, Lit, Pivot
from tests.sql.oracle.values import POOLS

Named = tuple[str, Typed]
_PIVOTED = ("text", "int", "bool", "date", "decimal")


def group(
    made: Expressions, keys: Sequence[Named], items: Sequence[Named]
) -> tuple[Group, list[Named]] | None:
    """Groups by these keys, and the names and kinds of what comes beside the keys."""
    choices = made.choices
    keyed, computed = (tuple((name, each.expr) for name, each in part) for part in (keys, items))
    step = Group(keyed, computed)
    if keys and choices.chance(20):
        sets = choices.pick(("rollup", "cube", "grouping_sets"))
        step = replace(step, sets=sets, of=_sets(choices, len(keys)) if sets == "grouping_sets" else ())
    if choices.chance(30):
        step = replace(step, having=(_having(made, step),))
    columns = made.of(_PIVOTED)
    if not (items and columns and choices.chance(15)):
        return step, list(items)
    pivot = _pivot(made, choices.pick(columns))
    spread = [
        (value if len(items) == 1 else f"{value}_{name}", each)
        for value, _ in pivot.values
        for name, each in items
    ]
    names = [name for name, _ in (*keys, *spread)]
    return (replace(step, pivot=pivot), spread) if len(set(names)) == len(names) else None


def _sets(choices: Choices, count: int) -> tuple[tuple[int, ...], ...]:
    """Sets of keys in which each key comes once at least, and first in order."""
    sets = [tuple(range(choices.below(count) + 1))]
    sets += [tuple(range(size)) for size in range(len(sets[0]) + 1, count + 1)]
    for _ in range(choices.below(3)):
        sets.append(tuple(choices.some(range(count), choices.below(count + 1))))
    return tuple(sets)


def _having(made: Expressions, step: Group) -> Any:
    """A condition on an aggregate, on a key that is a column, or both."""
    choices = made.choices
    found = aggregate(made)
    condition: Any = found.expr
    if found.kind == "approx":
        condition = Call("is_not_null", (found.expr,))
    elif found.kind != "bool":
        wanted = Lit(choices.pick(POOLS[found.kind]), found.kind)
        condition = Call(choices.pick((">=", ">", "<", "<=", "!=", "==")), (found.expr, wanted))
        if found.kind == "long":
            condition = Call(choices.pick((">=", "==", "!=", "<=")), (found.expr, Lit(1, "int")))
    own = [name for name, expr in step.keys if isinstance(expr, Col) and expr.name == name]
    columns = [known for known in made.columns if known.name in own]
    if columns and choices.chance(40):
        beside = Expressions(choices, columns).condition(1)
        condition = Call(choices.pick(("and", "or")), (condition, beside))
    return condition


def _pivot(made: Expressions, known: Known) -> Pivot:
    values = made.choices.some((*POOLS[known.kind], None), made.choices.below(3) + 1)
    named = tuple((f"v{number}", Lit(value, known.kind)) for number, value in enumerate(values))
    return Pivot(made.reference(known), named)
