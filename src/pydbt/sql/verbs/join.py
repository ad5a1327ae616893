"""join: the rows of two DataFrames side by side; semi and anti joins only ask for a match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from pydbt.errors import AmbiguousColumnError, JoinError, did_you_mean, user_location
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.column import RIGHT
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.query import Query, Value
from pydbt.sql.types import common_type
from pydbt.sql.verbs.arguments import check_is_condition, check_no_aggregate, condition_of, flattened
from pydbt.sql.verbs.full_join import full_join, keys_of_one_type
from pydbt.sql.verbs.sides import Sides, has_equality

KINDS = ("inner", "left", "right", "full", "semi", "anti", "cross")
_SPELLINGS = {"outer": "full", "full_outer": "full", "left_outer": "left", "right_outer": "right"}
_SPELLINGS |= {"left_semi": "semi", "left_anti": "anti"}


def join(left: Query, right: Query, on: Any, how: str = "inner", suffix: str = RIGHT) -> Query:
    """The rows of both that match.

    Args:
        left: The left side.
        right: The right side.
        on: A condition, the name of a column of both, or a list of such names, which then come out once.
        how: One of ``inner, left, right, full, semi, anti, cross``.
        suffix: What the right side's columns get where their names clash.
    """
    kind = _kind(how)
    sides = Sides(left, right)
    if kind == "cross":
        if on is not None:
            raise JoinError("a cross join takes no condition", where=user_location(), hint="use how='inner'")
        return joined(sides, None, kind, {}, suffix)
    if on is None or (isinstance(on, (list, tuple)) and not on):
        hint = "give a condition, a name, a list of names, or how='cross' for every pair of rows"
        raise JoinError("a join needs a condition", where=user_location(), hint=hint)
    keys = [key for key in flattened([on]) if isinstance(key, str)]
    conditions = [key for key in flattened([on]) if not isinstance(key, str)]
    matched = sides.equal(keys) + [_condition(sides, condition) for condition in conditions]
    return joined(sides, all_of(matched), kind, dict.fromkeys(keys), suffix)


def _kind(how: Any) -> str:
    kind = _SPELLINGS.get(how, how) if isinstance(how, str) else how
    if kind not in KINDS:
        hint = did_you_mean(str(how), KINDS)
        raise JoinError(f"how={how!r} is not a kind of join", where=user_location(), hint=hint)
    return str(kind)


def _condition(sides: Sides, condition: Any) -> Expression:
    if not isinstance(condition, ColumnElement):
        condition_of(sides.left, condition, "join")
    expression = adopt(sides.left, condition, sides.bind)
    check_is_condition(expression, "join")
    check_no_aggregate(expression, "a join's condition")
    sides.check_related(expression)
    return expression


def all_of(expressions: list[Expression]) -> Expression:
    """All these conditions as one."""
    if len(expressions) == 1:
        return expressions[0]
    element = sa.and_(*(each.element for each in expressions))
    values = tuple(value for each in expressions for value in each.values)
    return Expression(
        element,
        values,
        1 + sum(each.size for each in expressions),
        is_volatile=any(each.is_volatile for each in expressions),
    )


def joined(sides: Sides, on: Expression | None, kind: str, keys: Mapping[str, None], suffix: str) -> Query:
    """The join of two sides on a checked condition, the names of its columns told apart."""
    left, right = sides.left, sides.right
    if not isinstance(suffix, str):
        hint = 'it is one text, for the right side: suffix="_right"; rename the left side before'
        raise JoinError(f"suffix={suffix!r} is no text", where=user_location(), hint=hint)
    if on is not None and kind in {"semi", "anti"}:
        return Query(Semi(on, sides.fresh, is_anti=kind == "anti"), (left, right), left.fields)
    fields, merged = dict(left.fields), {}
    for key in keys:
        if kind == "right":
            fields[key] = sides.right_value(key)
        elif kind == "full":
            fields[key] = Value(
                common_type(left.fields[key].type, right.fields[key].type) or left.fields[key].type
            )
            merged[fields[key]] = (left.fields[key], sides.right_value(key))
    renamed = {name: name + suffix if name in fields else name for name in right.fields if name not in keys}
    clashes = [new for name, new in renamed.items() if new in left.fields or (new != name and new in renamed)]
    if clashes:
        what = "the join would give two columns of a name: " + ", ".join(repr(name) for name in clashes)
        hint = 'give another suffix=, join on="name" to keep one, or rename before'
        raise AmbiguousColumnError(what, where=user_location(), hint=hint)
    fields.update((new, sides.right_value(name)) for name, new in renamed.items())
    return Query(Join(on, kind, sides.fresh, merged), (left, right), fields)


@dataclass(frozen=True, slots=True)
class Join:
    """JOIN. ``fresh`` says which value of the right side each value made for the join is."""

    on: Expression | None
    kind: str
    fresh: Mapping[Value, Value]
    merged: Mapping[Value, tuple[Value, Value]]

    @property
    def verb(self) -> str:
        """The verb."""
        return "join"

    def describe(self) -> str:
        """The verb with its kind."""
        return f"join({self.kind})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """Each side's part of what is wanted, and of what the condition reads."""
        read = place.compilation.use([self.on]) if self.on is not None else set()
        for value in place.wanted & self.merged.keys():
            read.update(self.merged[value])
        every = place.wanted | read
        left, right = (set(parent.fields.values()) for parent in place.query.parents)
        own = {self.fresh.get(value, value) for value in every if value in self.fresh or value not in left}
        return every & left - self.fresh.keys(), own & right

    def build(self, place: Place) -> Block:
        """FROM left JOIN right ON …; a side that is more than tables goes below."""
        left, right = place.blocks
        read = set(self.on.values) if self.on is not None else set()
        if not can_join_left(left, self.kind, read):
            left = place.compilation.nest(
                left, place.query.parents[0].fields, place.compilation.wanted(place.query.parents[0])
            )
        if not can_join_right(right, self.kind):
            right = place.compilation.nest(
                right, place.query.parents[1].fields, place.compilation.wanted(place.query.parents[1])
            )
        keep_apart(left, right, place.compilation)
        of_right = _of_right(right, place.query.parents[1], self.fresh)
        # A column of a table that both sides read may be there on the left, and come out of the right only.
        own = set(left.columns).difference(of_right)
        left.columns.update(of_right)
        if self.kind == "full" and not can_join_fully(self.on, own, place.compilation):
            return full_join(left, right, self._on(left), self.merged, own, place)
        for value, (one, other) in self.merged.items():
            both = keys_of_one_type([left.columns[one].element, left.columns[other].element])
            left.columns[value] = Bound(sa.func.coalesce(*both, type_=value.type), 3, Kind.COMPUTED)
        self._combine(left, right)
        return left

    def _on(self, both: Block) -> ColumnElement[bool]:
        return sa.true() if self.on is None else both.resolve(self.on).element

    def _combine(self, left: Block, right: Block) -> None:
        """One FROM out of two; the right side's conditions go to WHERE or ON, where they mean the same."""
        on = self._on(left)
        if self.kind == "left" and right.where:
            on = sa.and_(on, *right.where)
        else:
            left.where.extend(right.where)
        one, other = (right, left) if self.kind == "right" else (left, right)
        outer = self.kind in {"left", "right", "full"}
        left.add_table(right, one.source.join(other.source, on, isouter=outer, full=self.kind == "full"))
        left.name = "joined"
        left.order_by = []


def _of_right(block: Block, query: Query, fresh: Mapping[Value, Value]) -> dict[Value, Bound]:
    """The right side's columns as the join has them.

    Only those that come out of it: what it was filtered or ordered by may be a column of the left side too.
    """
    back = {old: new for new, old in fresh.items()}
    return {
        back.get(value, value): block.columns[value]
        for value in query.fields.values()
        if value in block.columns
    }


def keep_apart(left: Block, right: Block, compilation: Compilation) -> None:
    """Give the right side's table another name where the left side has one of that name."""
    taken = {name.lower() for name in left.tables}  # SQLite and DuckDB know no other difference.
    for name in right.tables:
        if name.lower() in taken:
            right.alias_source(compilation.free_name(name))
            return


def can_join_left(block: Block, kind: str, read: Iterable[Value]) -> bool:
    """FROM is evaluated first: only WHERE may be there already, and only if no rows are added to the left.

    Chance is drawn for each row that was there, not for each pair. A right or full join adds rows without a
    left side, for which a computed column would not be NULL.
    """
    if block.is_grouped or block.is_closed or block.is_limited or block.has_fixed() or block.draws:
        return False
    if kind in {"right", "full"} and (block.where or not block.has_only_plain(block.columns)):
        return False
    return all(block.columns[value].kind is Kind.PLAIN for value in read if value in block.columns)


def can_join_fully(on: Expression | None, left: set[Value], compilation: Compilation) -> bool:
    """FULL JOIN is not everywhere, and PostgreSQL's needs an equality of both sides among its conditions."""
    if not compilation.dialect.has_full_join or on is None:
        return False
    return compilation.dialect.has_full_join_on_anything or has_equality(on.element, left)


def can_join_right(block: Block, kind: str) -> bool:
    """As on the left; and it is one table, as SQL joins from left to right."""
    if block.is_grouped or block.is_closed or block.is_limited or block.draws or len(block.tables) > 1:
        return False
    if not block.has_only_plain(block.columns):
        return False
    return not (block.where and kind == "full")


@dataclass(frozen=True, slots=True)
class Semi:
    """The left rows for which there is a match on the right (EXISTS), or none (NOT EXISTS)."""

    on: Expression
    fresh: Mapping[Value, Value]
    is_anti: bool

    verb = "join"

    def describe(self) -> str:
        """The verb with its kind."""
        return f"join({'anti' if self.is_anti else 'semi'})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted of the left, and what the condition reads of both."""
        read = place.compilation.use([self.on])
        left, right = (set(parent.fields.values()) for parent in place.query.parents)
        own = {self.fresh.get(value, value) for value in read if value in self.fresh or value not in left}
        return place.wanted | (read & left - self.fresh.keys()), own & right

    def build(self, place: Place) -> Block:
        """WHERE [NOT] EXISTS (SELECT 1 FROM right WHERE …)."""
        left, right = place.blocks
        read = set(self.on.values)
        if (
            left.is_grouped
            or left.is_closed
            or left.is_limited
            or left.has_fixed()
            or not left.has_only_plain(read & left.columns.keys())
        ):
            left = place.compilation.nest(
                left, place.query.parents[0].fields, place.compilation.wanted(place.query.parents[0])
            )
        if not can_join_right(right, "inner"):
            right = place.compilation.nest(
                right, place.query.parents[1].fields, place.compilation.wanted(place.query.parents[1])
            )
        keep_apart(left, right, place.compilation)
        pair = Block(left.source, left.name, {})
        pair.columns = left.columns | _of_right(right, place.query.parents[1], self.fresh)
        matches: Any = sa.select(sa.literal_column("1")).select_from(right.source)
        matches = matches.where(pair.resolve(self.on).element, *right.where).correlate_except(right.source)
        exists = matches.exists()
        left.where.append(~exists if self.is_anti else exists)
        left.draws = left.draws or pair.draws
        left.reads_chance = left.reads_chance or right.reads_chance
        return left
