"""order_by, limit, distinct: which rows come first, how many come, and each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BindParameter, Label, UnaryExpression

from pydbt.errors import ColumnArgumentError, ColumnNotFoundError, LimitError, user_location
from pydbt.sql.block import Block, Kind, SortKey
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.query import Query, Value
from pydbt.sql.semantics import OrderKey, ordered
from pydbt.sql.types import Family, family_of
from pydbt.sql.values import unwrapped
from pydbt.sql.verbs.arguments import check_no_aggregate, element_of, flattened
from pydbt.sql.verbs.attach import attached

MOST_ROWS = 2**63 - 1


def order_by(
    query: Query, keys: Iterable[Any], *, descending: bool = False, nulls_first: bool = False
) -> Query:
    """The rows in the order of the keys; NULLs come last unless told."""
    for name, told in (("descending", descending), ("nulls_first", nulls_first)):
        if not isinstance(told, bool):
            hint = "it is True or False for all keys; for one, write df.a.desc(), df.a.desc().nulls_first()"
            what = f"order_by was given {name}={told!r}"
            raise ColumnArgumentError(what, where=user_location(), hint=hint)
    wanted = flattened(keys)
    if not wanted:
        hint = 'name at least one column: order_by("a", df.b.desc())'
        raise ColumnArgumentError("order_by was given no keys", where=user_location(), hint=hint)
    checked = tuple(_key(query, key, descending=descending, nulls_first=nulls_first) for key in wanted)
    return Query(Sort(checked), (attached(query, (key.expression for key in checked)),), query.fields)


def limit(query: Query, count: int, offset: int = 0) -> Query:
    """At most so many rows, after skipping some."""
    return Query(Limit(check_count(count, "limit"), check_count(offset, "offset")), (query,), query.fields)


def distinct(query: Query) -> Query:
    """Each row once."""
    return Query(Distinct(), (query,), query.fields)


def check_count(count: Any, verb: str) -> int:
    """A number of rows, or an error."""
    count = unwrapped(count)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST_ROWS:
        hint = "give a whole number from 0 on"
        raise LimitError(f"{verb} was given {count!r}", where=user_location(), hint=hint)
    return count


@dataclass(frozen=True, slots=True)
class Key:
    """A checked key of an order."""

    expression: Expression
    descending: bool
    nulls_first: bool


def _key(query: Query, key: Any, *, descending: bool, nulls_first: bool) -> Key:
    if isinstance(key, str) and key not in query.fields:
        _check_direction(query, key)
    element: Any = element_of(query, key, "order_by")
    while isinstance(element, UnaryExpression) and element.modifier is not None:
        descending = descending or element.modifier is operators.desc_op
        nulls_first = nulls_first or element.modifier is operators.nulls_first_op
        element = element.element
    expression = adopt(query, element.element if isinstance(element, Label) else element)
    check_no_aggregate(expression, "order_by")
    return Key(expression, descending, nulls_first)


def _check_direction(query: Query, key: str) -> None:
    """Raise for a name with a direction in it, as other libraries write it: ``-a``, ``a desc``."""
    name, _, direction = key.removeprefix("-").partition(" ")
    if name in query.fields and (key.startswith("-") or direction.lower() in {"asc", "desc"}):
        down = ".asc()" if direction.lower() == "asc" else ".desc()"
        hint = f"write df[{name!r}]{down}, or descending=True for all keys"
        raise ColumnNotFoundError(f"no column {key!r}", where=user_location(), hint=hint)


@dataclass(frozen=True, slots=True)
class Sort:
    """ORDER BY; a later one takes the place of an earlier one."""

    keys: tuple[Key, ...]

    verb = "order_by"

    def describe(self) -> str:
        """The verb; the keys are in the SQL."""
        return "order_by(…)"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted, and what the keys read."""
        return (place.wanted | place.compilation.use(key.expression for key in self.keys),)

    def build(self, place: Place) -> Block:
        """Put the keys into ORDER BY."""
        (block,) = place.blocks
        needed = place.wanted.union(*(key.expression.values for key in self.keys))
        if not all(can_extend_sort(block, key.expression, place.compilation) for key in self.keys):
            block.order_by = block.order_by if block.is_limited else []
            block = place.compilation.nest(block, place.query.parents[0].fields, needed)
        block.order_by = _sort_keys(block, self.keys)
        return block


def _sort_keys(block: Block, keys: Iterable[Key]) -> list[SortKey]:
    """The keys in SQL, a column only once: the second time it decides nothing."""
    made: list[SortKey] = []
    seen: list[Any] = []
    for key in keys:
        bound = block.resolve(key.expression)
        element, value = bound.element, key.expression.value
        if element.__class__ is BindParameter or any(element is other for other in seen):
            # A value by itself is the same in all rows; databases take it for a column's number or refuse.
            continue
        seen.append(element)
        if bound.kind is Kind.FIXED and value is None:
            value = Value(element.type)  # A column nobody sees: what it is computed over must stay.
            block.columns[value] = bound
        sorted_by = OrderKey(ordered(element), descending=key.descending, puts_nulls_first=key.nulls_first)
        made.append(SortKey(sorted_by, value))
    return made


def can_extend_sort(block: Block, expression: Expression, compilation: Compilation) -> bool:
    """ORDER BY is evaluated before LIMIT only; over DISTINCT it may use what is selected, as it is.

    Text is not ordered as it is, but by code point. A value of any kind may be a key by itself: SQL
    calls it by its name.
    """
    if block.is_limited or block.compound is not None:
        return False
    if block.distinct_fields is not None:
        value = expression.value
        return (
            value is not None
            and value in block.distinct_fields.values()
            and block.columns[value].kind is Kind.PLAIN
            and family_of(value.type) is not Family.TEXT
        )
    if expression.has_window:
        return not block.is_grouped and block.can_inline(expression, compilation.uses)
    if expression.value is None:
        return block.can_inline(expression, compilation.uses)
    # By code point is no longer by its name: chance would be drawn again.
    is_drawn = block.draws and block.columns[expression.value].kind is Kind.FIXED
    return not (is_drawn and family_of(expression.type) is Family.TEXT)


@dataclass(frozen=True, slots=True)
class Limit:
    """LIMIT and OFFSET."""

    count: int
    offset: int

    verb = "limit"

    def describe(self) -> str:
        """The verb with its numbers."""
        return f"limit({self.count}{f', offset={self.offset}' if self.offset else ''})"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted."""
        return (place.wanted,)

    def build(self, place: Place) -> Block:
        """Cut the block; a second limit cuts the first one's rows."""
        (block,) = place.blocks
        if block.compound is not None:
            block = place.compilation.nest(block, place.query.parents[0].fields, place.wanted)
        if block.limit is None:
            block.limit = self.count
        else:
            block.limit = min(self.count, max(block.limit - self.offset, 0))
        block.offset += self.offset
        return block


@dataclass(frozen=True, slots=True)
class Distinct:
    """SELECT DISTINCT."""

    verb = "distinct"

    def describe(self) -> str:
        """The verb."""
        return "distinct()"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """Every column: each decides which rows are the same."""
        every = set(place.query.fields.values())
        place.compilation.uses.update(every)
        return (every,)

    def build(self, place: Place) -> Block:
        """Close the block: from here on its columns decide about its rows."""
        (block,) = place.blocks
        if (
            block.distinct_fields is not None
            and not block.is_limited
            and _is_distinct_already(block, place.query)
        ):
            return block
        if not can_extend_distinct(block):
            block = place.compilation.nest(block, place.query.parents[0].fields, place.query.fields.values())
        block.distinct_fields = dict(place.query.fields)
        block.order_by = []
        return block


def _is_distinct_already(block: Block, query: Query) -> bool:
    """Whether the rows are each there once anyway."""
    assert block.distinct_fields is not None
    if block.compound is None:
        return set(block.distinct_fields.values()) == set(query.fields.values())
    is_set = query.parents[0].step.verb in {"union", "intersect", "except_"}
    return is_set and list(block.distinct_fields.items()) == list(query.fields.items())


def can_extend_distinct(block: Block) -> bool:
    """DISTINCT is evaluated before LIMIT, and once in a SELECT."""
    return not (block.is_limited or block.is_closed)
