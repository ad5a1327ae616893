"""The verbs over frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from hashlib import md5
from typing import Any

from tests.sql.oracle import program as parts
from tests.sql.oracle.reference.expressions import matches, ranked, values
from tests.sql.oracle.reference.frame import Frame, Groups, Row
from tests.sql.oracle.reference.scalars import met


def frames(
    program: parts.Program, plan: parts.Plan | None = None, known: tuple[Frame, ...] = ()
) -> tuple[Frame, ...]:
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


def after(step: Any, frame: Frame, program: parts.Program, known: tuple[Frame, ...]) -> Frame:
    """The frame after one verb.

    Args:
        step: The verb.
        frame: What it works on.
        program: Where the tables of others are.
        known: The program's own frames so far, which others may start from.
    """
    step = _computed(step, program, known)
    return _VERBS[type(step)](step, frame)


def _computed(node: Any, program: parts.Program, known: tuple[Frame, ...]) -> Any:
    """A verb or a part of it, each plan in it as the frame that it gives."""
    if isinstance(node, parts.Plan):
        return frames(program, node, known)[-1]
    if isinstance(node, tuple):
        return tuple(_computed(each, program, known) for each in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    made = {each.name: _computed(getattr(node, each.name), program, known) for each in fields(node)}
    return replace(node, **made)


def where(step: parts.Where, frame: Frame) -> Frame:
    """The rows for which all conditions are true, each over the rows as they come."""
    found = [values(each, frame) for each in step.conditions]
    return frame.kept([all(each is True for each in row) for row in zip(*found, strict=True)])


def select(step: parts.Select, frame: Frame) -> Frame:
    """These columns only."""
    columns = [values(expr, frame) for _, expr in step.items]
    return Frame(tuple(name for name, _ in step.items), list(zip(*columns, strict=True)), frame.ties)


def with_columns(step: parts.WithColumns, frame: Frame) -> Frame:
    """All columns and these, which take the places of those of their names."""
    columns = {name: frame.column(name) for name in frame.names}
    columns |= {name: values(expr, frame) for name, expr in step.items}
    return Frame(tuple(columns), list(zip(*columns.values(), strict=True)), frame.ties)


def rename(step: parts.Rename, frame: Frame) -> Frame:
    """Other names, each in its place."""
    names = dict(step.pairs)
    return Frame(tuple(names.get(name, name) for name in frame.names), frame.rows, frame.ties)


def drop(step: parts.Drop, frame: Frame) -> Frame:
    """All columns but these."""
    kept = [position for position, name in enumerate(frame.names) if name not in step.names]
    rows = [tuple(row[position] for position in kept) for row in frame.rows]
    return Frame(tuple(frame.names[position] for position in kept), rows, frame.ties)


def distinct(_step: parts.Distinct, frame: Frame) -> Frame:
    """Each row once."""
    return Frame(frame.names, list(dict.fromkeys(frame.rows)))


def group(step: parts.Group, frame: Frame) -> Frame:
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
    for condition in step.having:
        groups = groups.kept([each is True for each in values(condition, groups)])
    items = step.items if step.pivot is None else _spread(step.items, step.pivot)
    made = [groups.column(name) for name in names] + [values(expr, groups) for _, expr in items]
    return Frame(names + tuple(name for name, _ in items), list(zip(*made, strict=True)))


def _spread(items: Any, pivot: parts.Pivot) -> list[tuple[str, Any]]:
    """Each aggregate once for each value, over the rows that have it."""
    found = []
    for value, wanted in pivot.values:
        condition = parts.Call("==", (pivot.expr, wanted))
        if wanted.value is None:
            condition = parts.Call("is_null", (pivot.expr,))
        names = [value if len(items) == 1 else f"{value}_{name}" for name, _ in items]
        found += [(name, _of_rows(expr, condition)) for name, (_, expr) in zip(names, items, strict=True)]
    return found


def _of_rows(expr: Any, condition: Any) -> Any:
    """The expression, its aggregates over the rows of a condition."""
    if isinstance(expr, parts.Agg):
        both = condition if expr.where is None else parts.Call("and", (expr.where, condition))
        return replace(expr, where=both)
    if isinstance(expr, parts.Call):
        return replace(expr, args=tuple(_of_rows(each, condition) for each in expr.args))
    return expr


def _sets(step: parts.Group) -> list[set[int]]:
    """Which keys each set of groups goes by."""
    every = range(len(step.keys))
    if step.sets == "rollup":
        return [set(every[:count]) for count in range(len(step.keys), -1, -1)]
    if step.sets == "grouping_sets":
        return [set(each) for each in step.of]
    if step.sets == "cube":
        return [{key for key in every if number >> key & 1} for number in range(2 ** len(step.keys))]
    return [set(every)]


def dropna(step: parts.Dropna, frame: Frame) -> Frame:
    """The rows that have some of these columns, or all."""
    columns = [frame.column(name) for name in step.names]
    enough = all if step.how == "any" else any
    return frame.kept([enough(value is not None for value in row) for row in zip(*columns, strict=True)])


def fillna(step: parts.Fillna, frame: Frame) -> Frame:
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


def pick(step: parts.Pick, frame: Frame) -> Frame:
    """One row for each combination of some columns."""
    places, _ = ranked(step.keys, frame)
    rows = [frame.rows[place] for place in places]
    chosen: dict[Row, Row] = {}
    for row in rows if step.keep == "last" else reversed(rows):
        chosen[tuple(row[frame.names.index(name)] for name in step.names)] = row
    return Frame(frame.names, list(chosen.values()))


def order(step: parts.Order, frame: Frame) -> Frame:
    """The rows in order."""
    places, ties = ranked(step.keys, frame)
    return Frame(frame.names, [frame.rows[place] for place in places], ties)


def limit(step: parts.Limit, frame: Frame) -> Frame:
    """So many rows after so many others."""
    chosen = slice(step.offset, step.offset + step.count)
    return Frame(frame.names, frame.rows[chosen], frame.ties[chosen] if frame.ties is not None else None)


def topk(step: parts.TopK, frame: Frame) -> Frame:
    """So many rows, the first in an order."""
    return limit(parts.Limit(step.count), order(parts.Order(step.keys), frame))


def replaced(step: parts.Replace, frame: Frame) -> Frame:
    """Other values for some, all at once."""
    new = {old.value: other.value for old, other in step.pairs}
    rows = [
        tuple(new.get(v, v) if n in step.names else v for n, v in zip(frame.names, row, strict=True))
        for row in frame.rows
    ]
    return Frame(frame.names, rows, frame.ties)


def unpivot(step: parts.Unpivot, frame: Frame) -> Frame:
    """For each row one row for each of some columns."""
    cells = [dict(zip(frame.names, row, strict=True)) for row in frame.rows]
    rows = [(*(row[n] for n in step.ids), name, row[name]) for row in cells for name in step.names]
    return Frame((*step.ids, step.names_to, step.values_to), rows)


def sample(step: parts.Sample, frame: Frame) -> Frame:
    """The rows whose digest is small: that of the seed and of some columns as text, NULL as none."""
    cells = zip(*map(frame.column, step.names), strict=True)
    texts = [["" if cell is None else str(cell) for cell in row] for row in cells]
    digests = [md5("|".join([str(step.seed), *row]).encode()).hexdigest() for row in texts]
    if step.fraction is not None:
        return frame.kept([int(each[:16], 16) < step.fraction * 16**16 for each in digests])
    places = sorted(range(len(digests)), key=digests.__getitem__)[: step.count]
    return Frame(frame.names, [frame.rows[place] for place in places])


def alias(_step: parts.Alias, frame: Frame) -> Frame:
    """The same rows."""
    return frame


def joined(step: Any, left: Frame) -> Frame:
    """The rows of both that match; for some kinds also those that do not."""
    right = step.other
    found = matches(step.names, step.condition, left, right)
    if step.how in {"semi", "anti"}:
        matched = {one for one, _ in found}
        return left.kept([(place in matched) == (step.how == "semi") for place in range(len(left.rows))])
    pairs: list[tuple[int | None, int | None]] = list(found)
    if step.how in {"left", "full"}:
        matched = {one for one, _ in found}
        pairs += [(place, None) for place in range(len(left.rows)) if place not in matched]
    if step.how in {"right", "full"}:
        matched = {other for _, other in found}
        pairs += [(None, place) for place in range(len(right.rows)) if place not in matched]
    return _side_by_side(step, left, right, pairs)


def _side_by_side(step: Any, left: Frame, right: Frame, pairs: Sequence[tuple[Any, Any]]) -> Frame:
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


def combined(step: Any, left: Frame) -> Frame:
    """The rows of both by position."""
    right = step.other
    both = left.rows + right.rows
    if step.verb == "union_all":
        return Frame(left.names, both)
    if step.verb == "union":
        return Frame(left.names, list(dict.fromkeys(both)))
    theirs = set(right.rows)
    is_kept = step.verb == "intersect"
    return Frame(left.names, [row for row in dict.fromkeys(left.rows) if (row in theirs) == is_kept])


def by_name(step: Any, frame: Frame) -> Frame:
    """The rows of both; a column that a side lacks is NULL there."""
    names = (*frame.names, *(name for name in step.other.names if name not in frame.names))
    rows = [dict(zip(side.names, row, strict=True)) for side in (frame, step.other) for row in side.rows]
    return Frame(names, [tuple(map(row.get, names)) for row in rows])


def asof(step: Any, left: Frame) -> Frame:
    """Each row beside the nearest one; of two as near the earlier, then the first in order of its columns."""
    places, _ = ranked(tuple(parts.Key(parts.Col(name)) for name in step.other.names), step.other)
    right = Frame(step.other.names, [step.other.rows[place] for place in places])
    ours, theirs = left.column(step.on[0]), right.column(step.on[1])
    nearest: dict[int, Any] = {}
    for one, other in matches(step.names, None, left, right):
        if ours[one] is None or theirs[other] is None:
            continue
        here, there = met(ours[one], theirs[other])
        ahead = here - there
        distance = {"backward": ahead, "forward": -ahead, "nearest": abs(ahead)}[step.direction]
        most = timedelta(step.tolerance or 0) if isinstance(ahead, timedelta) else step.tolerance
        if distance < ahead - ahead or (step.tolerance is not None and distance > most):
            continue
        if one not in nearest or (distance, there) < nearest[one][:2]:
            nearest[one] = distance, there, other
    beside = [(one, nearest.get(one, (None,))[-1]) for one in range(len(left.rows))]
    return _side_by_side(step, left, right, beside)


_VERBS: dict[type, Callable[[Any, Frame], Frame]] = dict(
    (
        *((parts.Where, where), (parts.Select, select), (parts.WithColumns, with_columns)),
        *((parts.Rename, rename), (parts.Drop, drop), (parts.Distinct, distinct), (parts.Group, group)),
        *((parts.Order, order), (parts.Limit, limit), (parts.Alias, alias), (parts.Dropna, dropna)),
        *((parts.Fillna, fillna), (parts.Pick, pick), (parts.TopK, topk), (parts.Replace, replaced)),
        *((parts.Unpivot, unpivot), (parts.Sample, sample), (parts.Join, joined)),
        *((parts.Combine, combined), (parts.ByName, by_name), (parts.Asof, asof)),
    )
)
