"""Lineage: the columns of tables that a column is made of, and those that only decide which rows there are.

It is read off the plan, step by step (``flow.py``); no SQL is written or parsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydbt.sql.flow import Flow, Made, flow_of
from pydbt.sql.query import Query, Value, in_order


@dataclass(frozen=True, slots=True, order=True)
class SourceColumn:
    """A column of a table, or of a query or rows that the user brought.

    >>> SourceColumn("main.games", "goals")
    main.games.goals
    """

    table: str
    column: str

    def __repr__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a column comes from.

    Args:
        column: Its name.
        values: The columns whose values flow into it.
        controls: The columns that only decide about rows or choose among values: those of conditions and
            joins, keys of groups and windows, those of DISTINCT and of an order with a limit.
    """

    column: str
    values: tuple[SourceColumn, ...]
    controls: tuple[SourceColumn, ...]

    def __repr__(self) -> str:
        lines = [f"<lineage of {self.column!r}"]
        lines.append(f"  values: {_listed(self.values)}")
        lines.append(f"  controls: {_listed(self.controls)}>")
        return "\n".join(lines)


def _listed(columns: Iterable[SourceColumn]) -> str:
    return ", ".join(map(repr, columns)) or "none"


class _Demand:
    """What is asked of one query: values that flow, values that control, and whether its rows count."""

    __slots__ = ("controls", "rows_count", "values")

    def __init__(self) -> None:
        self.values: set[Value] = set()
        self.controls: set[Value] = set()
        self.rows_count = False


def lineage(query: Query, name: str) -> Lineage:
    """The lineage of the column of that name, which is there."""
    ordered = in_order(query)
    demands = {each: _Demand() for each in ordered}
    demands[query].values.add(query.fields[name])
    demands[query].rows_count = True
    values: set[SourceColumn] = set()
    controls: set[SourceColumn] = set()
    for each in reversed(ordered):
        demand = demands[each]
        if each.parents:
            _pass_on(each, demand, [demands[parent] for parent in each.parents])
        else:
            values |= _columns(each, demand.values)
            controls |= _columns(each, demand.controls)
    return Lineage(name, tuple(sorted(values)), tuple(sorted(controls - values)))


def _pass_on(query: Query, demand: _Demand, below: list[_Demand]) -> None:
    """Ask the queries below for what this one is asked for."""
    flow = flow_of(query)
    for value in demand.values:
        made = _made(query, flow, value)
        _ask(below, made)
    for value in demand.controls:
        made = _made(query, flow, value)
        _ask(below, Made(set(), made.values | made.controls, made.rows_of))
    if demand.rows_count:
        _ask(below, Made(set(), flow.rows, set(flow.row_parents)))


def _made(query: Query, flow: Flow, value: Value) -> Made:
    """What a value is made of here; one that passes through is itself."""
    found = flow.made.get(value)
    if found is not None:
        return found
    for number, parent in enumerate(query.parents):
        if value in parent.fields.values():
            return Made({(number, value)})
    return Made({(0, value)})  # Made below without a name: a subquery's value, a condition on groups.


def _ask(below: list[_Demand], made: Made) -> None:
    for number, value in made.values:
        below[number].values.add(value)
    for number, value in made.controls:
        below[number].controls.add(value)
    for number in made.rows_of.union(number for number, _ in made.values | made.controls):
        below[number].rows_count = True


def _columns(source: Query, values: set[Value]) -> set[SourceColumn]:
    table = source.step.describe()
    return {SourceColumn(table, name) for name, value in source.fields.items() if value in values}
