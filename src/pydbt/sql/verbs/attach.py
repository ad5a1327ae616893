"""Attach: subqueries and outer columns of an expression become values of the query below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.correlation import Attached, OuterValue, Reference
from pydbt.sql.expression import Expression
from pydbt.sql.membership import Membership
from pydbt.sql.query import Query, Value
from pydbt.sql.semantics import same_moment
from pydbt.sql.unequal import must_be_known

# Over what may be repeated: a subquery whose value is used twice is computed below, once.
SUBQUERY_SIZE = 13
ONE: Any = sa.literal_column("1")


def attached(query: Query, expressions: Iterable[Expression]) -> Query:
    """The query with the subqueries and outer columns of these expressions as values, where there are any."""
    parts = [part for expression in expressions for part in expression.attached]
    return attach(query, parts) if parts else query


def attach(query: Query, parts: Iterable[Any]) -> Query:
    """The query with these subqueries and outer values as values of its own."""
    parts = list(parts)
    references = tuple(dict.fromkeys(part for part in parts if isinstance(part, OuterValue)))
    subqueries = tuple(part for part in parts if isinstance(part, Attached))
    step = Attach(references, subqueries)
    return Query(step, (query, *(part.plan for part in subqueries)), query.fields)


def forget(block: Block, expression: Expression) -> None:
    """Drop from a block what an expression alone had attached, so that it is a plain table again."""
    for part in expression.attached:
        block.columns.pop(part.value if isinstance(part, Attached) else part, None)


@dataclass(frozen=True, slots=True)
class Attach:
    """The subqueries and the outer columns of the verb above, each a value of the block."""

    references: tuple[OuterValue, ...]
    subqueries: tuple[Attached, ...]

    verb = ""

    @property
    def bound(self) -> tuple[OuterValue, ...]:
        """The outer values that are this query's own."""
        return tuple(value for each in self.subqueries for value in each.outers)

    def describe(self) -> str:
        """It is part of the verb above, and not written by itself."""
        return "a subquery"

    def needs(self, place: Place) -> tuple[set[Value] | None, ...]:
        """What is wanted, and what the wanted subqueries read of this query; of theirs, what they give."""
        wanted = [each for each in self.subqueries if each.value in place.wanted]
        own = place.wanted.difference((each.value for each in self.subqueries), self.references)
        own.update(_read(wanted))
        place.compilation.uses.update(_read(wanted))
        return (own, *(_needs_of(each) if each in wanted else None for each in self.subqueries))

    def build(self, place: Place) -> Block:
        """Each subquery as an expression over columns of FROM, where it may stand in any clause."""
        block, *inner = place.blocks
        wanted = [each for each in self.subqueries if each.value in place.wanted]
        read = _read(wanted)
        if not can_extend_attach(block, read):
            needed = place.wanted.difference((each.value for each in self.subqueries), self.references) | read
            block = place.compilation.nest(block, place.query.parents[0].fields, needed)
        for reference in self.references:
            block.columns[reference] = Bound(place.compilation.scopes.reference(reference), 0, Kind.PLAIN)
        kind = Kind.AGGREGATE if block.is_grouped else Kind.COMPUTED
        for each, plan in zip(wanted, inner, strict=True):
            element = _element(each, plan, block, place.compilation)
            block.columns[each.value] = Bound(element, SUBQUERY_SIZE, kind)
            block.has_subqueries = True
            block.draws = block.draws or plan.draws
            block.reads_chance = block.reads_chance or plan.reads_chance
            if each.kind == "scalar" and (plan.draws or plan.reads_chance):
                block.fix(each.value)
        # Only now: what is nested in a subquery stays there for as long as its outer values wait.
        for value in self.bound:
            place.compilation.scopes.bind(value, block)
        return block


def _needs_of(each: Attached) -> set[Value]:
    """What a subquery must give: its one column, or nothing when only its rows count."""
    return set() if each.kind == "exists" else set(each.plan.fields.values())


def _read(subqueries: Iterable[Attached]) -> set[Value]:
    """What subqueries read of the query around them."""
    read: set[Value] = set()
    for each in subqueries:
        read.update(each.reads)
    return read


def _element(each: Attached, plan: Block, block: Block, compilation: Compilation) -> Any:
    if each.kind == "in":
        return _membership(each, plan, block, compilation)
    if not can_stand_inside(plan, each.kind):
        plan = compilation.nest(plan, each.plan.fields, each.plan.fields.values())
    if not plan.is_limited:
        plan.order_by = []
    if each.kind == "scalar":
        return plan.select(tuple(each.plan.fields.items())).correlate(None).scalar_subquery()
    matches = plan.select(()) if plan.is_grouped or plan.is_limited else plan.rows(ONE)
    exists: Any = matches.correlate(None).exists()
    if not compilation.dialect.has_null_in_exists:
        exists = sa.and_(exists, *must_be_known(plan.where))
    return sa.not_(exists) if each.is_negated else exists


def _membership(each: Attached, plan: Block, block: Block, compilation: Compilation) -> Any:
    """Whether the needle is among the values, as EXISTS and as IN, whichever the database does better."""
    assert each.needle is not None, "verbs/subquery.py gave one"
    (value,) = each.plan.fields.values()
    if not can_hold(plan, value):
        plan = compilation.nest(plan, each.plan.fields, (value,))
    plan.order_by = []
    needle, straw = block.resolve(each.needle).element, plan.columns[value].element
    needle, straw = same_moment(needle, straw)
    exists = plan.rows(ONE).where(straw == Reference(needle.type, needle)).correlate(None).exists()
    among = plan.rows(straw).where(straw.is_not(None)).correlate(None)
    return Membership(~exists if each.is_negated else exists, needle, among, is_negated=each.is_negated)


def can_extend_attach(block: Block, read: set[Value]) -> bool:
    """What a subquery reads of the row around it must be columns of FROM, and the rows still be as they are.

    One that reads nothing is a constant: it may stand beside aggregates, in HAVING.
    """
    if block.is_limited or block.is_closed or block.has_fixed():
        return False
    return not (block.is_grouped and read) and block.has_only_plain(read)


def can_stand_inside(block: Block, kind: str) -> bool:
    """A set operation has no WHERE, and what a LIMIT leaves of DISTINCT rows depends on their columns."""
    return block.compound is None and not (kind == "exists" and block.is_closed and block.is_limited)


def can_hold(block: Block, value: Value) -> bool:
    """A condition that compares the values is a further one of WHERE: nothing may come after WHERE yet."""
    is_flat = not (block.is_grouped or block.is_closed or block.is_limited or block.has_fixed())
    return is_flat and block.has_only_plain((value,))
