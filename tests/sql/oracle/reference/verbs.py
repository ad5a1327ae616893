"""The verbs over frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sql.oracle.program import (
    Alias,
    Combine,
    Distinct,
    Drop,
    Dropna,
    Fillna,
    Group,
    Join,
    Limit,
    Order,
    Pick,
    Plan,
    Program,
    Rename,
    Select,
    Where,
    WithColumns,
)
from tests.sql.oracle.reference.expressions import ranked, values
from tests.sql.oracle.reference.frame import Frame, Groups, Row


def frames(program: Program, plan: Plan | None = None, known: tuple[Frame, ...] = ()) -> tuple[Frame, ...]:
    """The frame the plan starts from, and that after each verb."""
    plan = program.plan if plan is None else plan
    if plan.table is None:
        assert plan.frame is not None, "a plan starts somewhere"
        made = [known[plan.frame]]
    else:
        table = program.tables[plan.table]
        made = [Frame(tuple(name for name, _ in table.columns), list(table.rows))]
    for step in plan.steps:
        made.append(after(step, made[-1], program, known or tuple(made)))
    return tuple(made)


def after(step: Any, frame: Frame, program: Program, known: tuple[Frame, ...]) -> Frame:
    """The frame after one verb.

    Args:
        step: The verb.
        frame: What it works on.
        program: Where the tables of others are.
        known: The program's own frames so far, which others may start from.
    """
    if isinstance(step, (Join, Combine)):
        other = frames(program, step.other, known)[-1]
        return joined(step, frame, other) if isinstance(step, Join) else combined(step, frame, other)
    return _VERBS[type(step)](step, frame)


def where(step: Where, frame: Frame) -> Frame:
    """The rows for which all conditions are true, each over the rows as they come."""
    found = [values(each, frame) for each in step.conditions]
    return frame.kept([all(each is True for each in row) for row in zip(*found, strict=True)])


def select(step: Select, frame: Frame) -> Frame:
    """These columns only."""
    columns = [values(expr, frame) for _, expr in step.items]
    return Frame(tuple(name for name, _ in step.items), list(zip(*columns, strict=True)), frame.ties)


def with_columns(step: WithColumns, frame: Frame) -> Frame:
    """All columns and these, which take the places of those of their names."""
    columns = {name: frame.column(name) for name in frame.names}
    columns |= {name: values(expr, frame) for name, expr in step.items}
    return Frame(tuple(columns), list(zip(*columns.values(), strict=True)), frame.ties)


def rename(step: Rename, frame: Frame) -> Frame:
    """Other names, each in its place."""
    names = dict(step.pairs)
    return Frame(tuple(names.get(name, name) for name in frame.names), frame.rows, frame.ties)


def drop(step: Drop, frame: Frame) -> Frame:
    """All columns but these."""
    kept = [position for position, name in enumerate(frame.names) if name not in step.names]
    rows = [tuple(row[position] for position in kept) for row in frame.rows]
    return Frame(tuple(frame.names[position] for position in kept), rows, frame.ties)


def distinct(_step: Distinct, frame: Frame) -> Frame:
    """Each row once."""
    return Frame(frame.names, list(dict.fromkeys(frame.rows)))


def group(step: Group, frame: Frame) -> Frame:
    """One row for each combination of the keys; without keys one row."""
    columns = [values(expr, frame) for _, expr in step.keys]
    members: list[tuple[Row, Frame]] = []
    for used in _sets(step):
        found: dict[Row, list[Row]] = {} if used else {(None,) * len(columns): frame.rows}
        for place, row in enumerate(frame.rows if used else ()):
            key = tuple(column[place] if number in used else None for number, column in enumerate(columns))
            found.setdefault(key, []).append(row)
        members += [(key, Frame(frame.names, rows)) for key, rows in found.items()]
    names = tuple(name for name, _ in step.keys)
    groups = Groups(names, [key for key, _ in members], [rows for _, rows in members])
    made = [groups.column(name) for name in names] + [values(expr, groups) for _, expr in step.items]
    return Frame(names + tuple(name for name, _ in step.items), list(zip(*made, strict=True)))


def _sets(step: Group) -> list[set[int]]:
    """Which keys each set of groups goes by."""
    every = range(len(step.keys))
    if step.sets == "rollup":
        return [set(every[:count]) for count in range(len(step.keys), -1, -1)]
    if step.sets == "cube":
        return [{key for key in every if number >> key & 1} for number in range(2 ** len(step.keys))]
    return [set(every)]


def dropna(step: Dropna, frame: Frame) -> Frame:
    """The rows that have some of these columns, or all."""
    columns = [frame.column(name) for name in step.names]
    enough = all if step.how == "any" else any
    return frame.kept([enough(value is not None for value in row) for row in zip(*columns, strict=True)])


def fillna(step: Fillna, frame: Frame) -> Frame:
    """Values in the place of NULL."""
    filled = dict(step.pairs)
    rows = [
        tuple(
            filled[name].value if value is None and name in filled else value
            for name, value in zip(frame.names, row, strict=True)
        )
        for row in frame.rows
    ]
    return Frame(frame.names, rows, frame.ties)


def pick(step: Pick, frame: Frame) -> Frame:
    """One row for each combination of some columns."""
    places, _ = ranked(step.keys, frame)
    rows = [frame.rows[place] for place in places]
    chosen: dict[Row, Row] = {}
    for row in rows if step.keep == "last" else reversed(rows):
        chosen[tuple(row[frame.names.index(name)] for name in step.names)] = row
    return Frame(frame.names, list(chosen.values()))


def order(step: Order, frame: Frame) -> Frame:
    """The rows in order."""
    places, ties = ranked(step.keys, frame)
    return Frame(frame.names, [frame.rows[place] for place in places], ties)


def limit(step: Limit, frame: Frame) -> Frame:
    """So many rows after so many others."""
    chosen = slice(step.offset, step.offset + step.count)
    return Frame(frame.names, frame.rows[chosen], frame.ties[chosen] if frame.ties is not None else None)


def alias(_step: Alias, frame: Frame) -> Frame:
    """The same rows."""
    return frame


_VERBS: dict[type, Callable[[Any, Frame], Frame]] = {
    Where: where,
    Select: select,
    WithColumns: with_columns,
    Rename: rename,
    Drop: drop,
    Distinct: distinct,
    Group: group,
    Order: order,
    Limit: limit,
    Alias: alias,
    Dropna: dropna,
    Fillna: fillna,
    Pick: pick,
}


def joined(step: Join, left: Frame, right: Frame) -> Frame:
    """The rows of both that match; for some kinds also those that do not."""
    matches = _matches(step, left, right)
    if step.how in {"semi", "anti"}:
        matched = {one for one, _ in matches}
        return left.kept([(place in matched) == (step.how == "semi") for place in range(len(left.rows))])
    pairs: list[tuple[int | None, int | None]] = list(matches)
    if step.how in {"left", "full"}:
        matched = {one for one, _ in matches}
        pairs += [(place, None) for place in range(len(left.rows)) if place not in matched]
    if step.how in {"right", "full"}:
        matched = {other for _, other in matches}
        pairs += [(None, place) for place in range(len(right.rows)) if place not in matched]
    return _side_by_side(step, left, right, pairs)


def _matches(step: Join, left: Frame, right: Frame) -> list[tuple[int, int]]:
    pairs = [(one, other) for one in range(len(left.rows)) for other in range(len(right.rows))]
    for name in step.names:
        ours, theirs = left.column(name), right.column(name)
        pairs = [(a, b) for a, b in pairs if ours[a] is not None and ours[a] == theirs[b]]
    if step.condition is None:
        return pairs
    both = Frame(left.names, [left.rows[a] + right.rows[b] for a, b in pairs], right=right.names)
    return [pair for pair, is_met in zip(pairs, values(step.condition, both), strict=True) if is_met is True]


def _side_by_side(step: Join, left: Frame, right: Frame, pairs: list[tuple[int | None, int | None]]) -> Frame:
    """The columns of both; a key by its name comes once, from the side that has it."""
    rows = []
    for one, other in pairs:
        ours = left.rows[one] if one is not None else (None,) * len(left.names)
        theirs = right.rows[other] if other is not None else (None,) * len(right.names)
        keys = {name: theirs[right.names.index(name)] for name in step.names} if one is None else {}
        row = tuple(keys.get(name, value) for name, value in zip(left.names, ours, strict=True))
        rows.append(row + tuple(v for n, v in zip(right.names, theirs, strict=True) if n not in step.names))
    names = [
        name + step.suffix if name in left.names else name for name in right.names if name not in step.names
    ]
    return Frame(left.names + tuple(names), rows)


def combined(step: Combine, left: Frame, right: Frame) -> Frame:
    """The rows of both by position."""
    both = left.rows + right.rows
    if step.verb == "union_all":
        return Frame(left.names, both)
    if step.verb == "union":
        return Frame(left.names, list(dict.fromkeys(both)))
    theirs = set(right.rows)
    is_kept = step.verb == "intersect"
    return Frame(left.names, [row for row in dict.fromkeys(left.rows) if (row in theirs) == is_kept])
