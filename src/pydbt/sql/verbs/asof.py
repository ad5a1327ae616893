"""asof_join: beside each row the nearest one of another DataFrame, in time or in any other order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Join as JoinClause

from pydbt.errors import JoinError, TypeMismatchError, did_you_mean, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.column import Column, check_comparable, column_of
from pydbt.sql.compile import Place
from pydbt.sql.dialects import Dialect
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.moments import Microseconds, microseconds
from pydbt.sql.query import Fields, Query, Value
from pydbt.sql.types import Family, family_of, is_integer
from pydbt.sql.values import unwrapped
from pydbt.sql.verbs.arguments import flattened
from pydbt.sql.verbs.combine import combine
from pydbt.sql.verbs.filter import filter_rows
from pydbt.sql.verbs.join import Join, all_of, join, joined
from pydbt.sql.verbs.order import distinct
from pydbt.sql.verbs.project import Project, drop, select, with_columns
from pydbt.sql.verbs.sides import Sides

DIRECTIONS = ("backward", "forward", "nearest")
_ORDERED = {Family.NUMBER, Family.DATE, Family.DATETIME}
_MOMENTS = {Family.DATE, Family.DATETIME}


@dataclass(frozen=True, slots=True)
class Match:
    """What an asof join matches by: the two columns, the names that must be equal, which way, how far."""

    left: str
    right: str
    by: tuple[str, ...]
    direction: str
    tolerance: Any
    suffix: str


def asof_join(
    left: Query, right: Query, on: Any, by: Any, direction: str, tolerance: Any, suffix: str
) -> Query:
    """Every row of the left side beside the nearest one of the right side, or beside NULLs."""
    if direction not in DIRECTIONS:
        hint = did_you_mean(str(direction), DIRECTIONS)
        raise JoinError(f"direction={direction!r} is not a direction", where=user_location(), hint=hint)
    names = _pair(left, right, on)
    keys = tuple(dict.fromkeys(_names(left, right, by)))
    match = Match(*names, keys, direction, unwrapped(tolerance), suffix)
    one, other = column_of(left, match.left), column_of(right, match.right)
    check_comparable(one, other)
    for column in (one, other):
        if family_of(column.type) not in _ORDERED:
            what = f"asof_join on {column.name!r}, which is {family_of(column.type).value}"
            raise TypeMismatchError(what, where=user_location(), hint="it works on numbers, dates and times")
    _check_tolerance(match, one)
    unique = _first_of_ties(right, match)
    sides = Sides(left, unique)
    moment = column_of(unique, match.right)
    condition = adopt(left, one <= moment if direction == "forward" else one >= moment, sides.bind)
    made = joined(sides, all_of([*sides.equal(keys), condition]), "left", dict.fromkeys(keys), suffix)
    near = None
    if tolerance is not None:
        near = adopt(left, _near(one, moment, match), sides.bind)
    others = tuple(sides.right_value(name) for name in unique.fields)
    return Query(AsofJoin(made.step, match, near, others), (left, unique), made.fields)  # type: ignore[arg-type]  # joined makes a Join


def _pair(left: Query, right: Query, on: Any) -> tuple[str, str]:
    pair = list(on) if isinstance(on, (list, tuple)) else [on, on]
    if len(pair) != 2:  # noqa: PLR2004  a pair
        hint = 'give a column of both, on="time", or a pair, on=("time", "moment")'
        raise JoinError(f"asof_join was given on={on!r}", where=user_location(), hint=hint)
    first, second = (each.name if isinstance(each, Column) else each for each in pair)
    return column_of(left, first).name, column_of(right, second).name


def _names(left: Query, right: Query, by: Any) -> Iterable[str]:
    for name in flattened([] if by is None else [by]):
        if not isinstance(name, str):
            hint = 'give names that both sides have, by=["a", "b"]; rename where they differ'
            raise JoinError(f"asof_join was given by={name!r}", where=user_location(), hint=hint)
        check_comparable(column_of(left, name), column_of(right, name))
        yield name


def _check_tolerance(match: Match, column: Column) -> None:
    tolerance = match.tolerance
    if tolerance is None:
        return
    if family_of(column.type) in _MOMENTS:
        is_right, example = isinstance(tolerance, dt.timedelta), "datetime.timedelta(minutes=5)"
    else:
        is_right = isinstance(tolerance, (int, float, Decimal)) and not isinstance(tolerance, bool)
        example = "5"
    if not is_right:
        what = f"tolerance={tolerance!r} for {family_of(column.type).value}"
        raise TypeMismatchError(what, where=user_location(), hint=f"give tolerance={example}")
    if tolerance < type(tolerance)(0):
        raise JoinError(
            f"tolerance={tolerance!r} is below zero", where=user_location(), hint="it is a distance"
        )


def _number(column: Any) -> Any:
    """The column as a number that has differences: those of 32 bits may have one of 33."""
    if family_of(column.type) in _MOMENTS:
        return Microseconds(column)
    is_short = is_integer(column.type) and not isinstance(column.type, sa.BigInteger)
    return sa.cast(column, sa.BigInteger()) if is_short else column


def _near(one: Any, other: Any, match: Match) -> Any:
    distance = match.tolerance
    limit = microseconds(distance) if isinstance(distance, dt.timedelta) else distance
    ahead, behind = _number(one) - _number(other) <= limit, _number(other) - _number(one) <= limit
    return {"backward": ahead, "forward": behind, "nearest": sa.and_(ahead, behind)}[match.direction]


def _first_of_ties(right: Query, match: Match) -> Query:
    """Of right rows that are equal in what is matched, the first in the order of their other columns."""
    keys = [*match.by, match.right]
    rest = [name for name, value in right.fields.items() if name not in keys and _is_ordered(value)]
    order = [column_of(right, name) for name in rest] or [column_of(right, match.right)]
    rank = func.row_number().over(partition_by=[column_of(right, key) for key in keys], order_by=order)
    name = _free("rank", right.fields)
    ranked = with_columns(right, {name: rank}, "asof_join")
    there = column_of(ranked, match.right).is_not(None)
    first = filter_rows(ranked, [column_of(ranked, name) == 1, there], "asof_join")
    return drop(first, [name])


def _is_ordered(value: Value) -> bool:
    return family_of(value.type) is not Family.OTHER


def _free(name: str, *taken: Fields) -> str:
    while any(name in fields for fields in taken):
        name += "_"
    return name


class AsofClause(JoinClause):
    """``a ASOF LEFT JOIN b ON …``."""

    inherit_cache = True
    __visit_name__ = "pydbt_asof_join"


@compiles(AsofClause)
def _asof_clause(node: AsofClause, compiler: SQLCompiler, **kw: Any) -> str:
    kw["asfrom"] = True
    left, right = compiler.process(node.left, **kw), compiler.process(node.right, **kw)
    del kw["asfrom"]
    onclause: Any = node.onclause
    return f"{left} ASOF LEFT JOIN {right} ON {compiler.process(onclause, **kw)}"


@dataclass(frozen=True, slots=True)
class AsofJoin:
    """ASOF LEFT JOIN, where the database has it; else the plan that `rewritten` gives.

    Args:
        join: The left join that an ASOF join is but for its word.
        match: What it matches by.
        near: Whether a match is within the tolerance.
        others: The values of the right side, as the join has them.
    """

    join: Join
    match: Match
    near: Expression | None
    others: tuple[Value, ...]

    verb = "asof_join"

    def describe(self) -> str:
        """The verb with its columns."""
        return f"asof_join({self.match.left!r}, {self.match.direction!r})"

    def rewritten(self, query: Query, dialect: Dialect) -> Query | None:
        """By windows over both sides, where there is no ASOF JOIN, and for the nearest in both directions."""
        if dialect.has_asof_join and self.match.direction != "nearest":
            return None
        left, right = query.parents
        found = by_windows(left, right, self.match)
        renamed = {
            value: Expression(Column(name, found.fields[name], found), (found.fields[name],), 1)
            for name, value in query.fields.items()
            if found.fields[name] is not value
        }
        return Query(Project(renamed, "asof_join", tuple(query.fields)), (found,), query.fields)

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """As of a join; the tolerance reads what the condition reads."""
        return self.join.needs(place)

    def build(self, place: Place) -> Block:
        """FROM left ASOF LEFT JOIN right ON …; a match that is too far is none."""
        left, right = place.blocks
        below = place.query.parents[1]
        right = place.compilation.nest(right, below.fields, place.compilation.wanted(below))
        block = self.join.build(Place(place.query, place.wanted, place.compilation, [left, right]))
        clause: Any = block.source
        block.source = AsofClause(clause.left, clause.right, clause.onclause)
        if self.near is not None:
            near = block.resolve(self.near).element
            for value in self.others:
                if value in block.columns and value in place.wanted:
                    element = sa.case((near, block.columns[value].element), else_=sa.null())
                    block.columns[value] = Bound(element, self.near.size + 1, Kind.COMPUTED)
        return block


def by_windows(left: Query, right: Query, match: Match) -> Query:
    """The same rows by windows: both sides' moments below each other, each with the last one of the right.

    Every join is one of equality, so that no database compares each row with each.
    """
    at, seen, found = (_free(name, left.fields, right.fields) for name in ("at", "seen", "found"))
    moment = column_of(right, match.right)
    nothing = sa.cast(sa.null(), moment.type)
    mine = select(left, match.by, {at: column_of(left, match.left), seen: nothing})
    theirs = select(right, match.by, {at: moment, seen: moment})
    both = combine(mine, theirs, "union_all")
    windows = _windows(both, match, at, seen)
    chosen = (
        with_columns(both, {found: windows[0]}) if len(windows) == 1 else _nearer(both, windows, at, found)
    )
    moments = distinct(select(chosen, [*match.by, at, found], {}))
    told = join(left, moments, [*match.by, column_of(left, match.left) == column_of(moments, at)], "left")
    same = column_of(told, found) == column_of(right, match.right)
    on: list[Any] = [*match.by, same]
    if match.tolerance is not None:
        on.append(_near(column_of(told, match.left), column_of(right, match.right), match))
    return drop(join(told, right, on, "left", match.suffix), [at, found])


def _windows(both: Query, match: Match, at: str, seen: str) -> Sequence[Any]:
    """The right side's last moment up to each row, the first from it on, or both."""
    keys = [column_of(both, key) for key in match.by] or None
    moment, last = column_of(both, at), column_of(both, seen)
    before = func.max(last).over(partition_by=keys, order_by=moment)
    after = func.min(last).over(partition_by=keys, order_by=moment.desc())
    return {"backward": [before], "forward": [after], "nearest": [before, after]}[match.direction]


def _nearer(both: Query, windows: Sequence[Any], at: str, found: str) -> Query:
    """Of the moments before and after, the nearer; of two as near, the earlier."""
    names = [_free(name, both.fields) for name in ("before", "after")]
    made = with_columns(both, dict(zip(names, windows, strict=True)))
    before, after, moment = (column_of(made, name) for name in (*names, at))
    is_before = _number(moment) - _number(before) <= _number(after) - _number(moment)
    nearer = sa.case((before.is_(None), after), (after.is_(None), before), (is_before, before), else_=after)
    return with_columns(made, {found: nearer})
