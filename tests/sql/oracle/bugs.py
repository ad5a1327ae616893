"""Bugs planted in the compiler, one at a time: an oracle that does not find them is none.

Each puts another function in the place of one of the compiler's, for as long as it lasts; nothing of
``pydbt`` is changed on disk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from pydbt.sql import block, compile, semantics  # noqa: A004  the module is called so
from pydbt.sql.block import Block, Bound, Kind
from pydbt.sql.query import Query
from pydbt.sql.verbs import aggregate, combine, filter, join, order  # noqa: A004  as above

Bug = Callable[[], Any]


def order_lost_under_limit() -> Any:
    """A block that is cut forgets what it was ordered by."""
    original = Block._limited

    def limited(self: Block, statement: Any) -> Any:
        return original(self, statement.order_by(None) if self.is_limited else statement)

    return patch.object(Block, "_limited", limited)


def filter_merged_through_a_window() -> Any:
    """WHERE is added to the block that computes a window."""
    return patch.object(filter, "can_extend_filter", _without(filter.can_extend_filter, "has_fixed"))


def filter_merged_into_a_limit() -> Any:
    """WHERE is added to the block that is cut."""
    return patch.object(filter, "can_extend_filter", _without(filter.can_extend_filter, "is_limited"))


def _without(original: Callable[..., bool], name: str) -> Callable[..., bool]:
    """A predicate that does not ask one of its questions."""

    def predicate(open_block: Block, *args: Any) -> bool:
        with _answered(name):
            return original(open_block, *args)

    return predicate


@contextmanager
def _answered(name: str) -> Iterator[None]:
    answer: Any = (lambda _self: False) if name == "has_fixed" else property(lambda _self: False)
    with patch.object(Block, name, answer):
        yield


def not_in_for_anti_join() -> Any:
    """An anti join by NOT (… in …): a match that is unknown counts as one."""
    original, resolve = join.Semi.build, Block.resolve

    def build(self: join.Semi, place: Any) -> Block:
        def resolved(pair: Block, expression: Any) -> Bound:
            found = resolve(pair, expression)
            is_matched = sa.or_(found.element, found.element.is_(None))
            return found._replace(element=is_matched) if expression is self.on else found

        if not self.is_anti:
            return original(self, place)
        with patch.object(Block, "resolve", resolved):
            return original(self, place)

    return patch.object(join.Semi, "build", build)


def sides_swapped() -> Any:
    """A left join keeps the rows of the right side."""
    original = join.Join._combine

    def combined(self: join.Join, left: Block, right: Block) -> None:
        kinds = {"left": "right", "right": "left"}
        original(dataclasses.replace(self, kind=kinds.get(self.kind, self.kind)), left, right)

    return patch.object(join.Join, "_combine", combined)


def wrong_suffix() -> Any:
    """The suffix of a join is not the one that was asked for."""
    original = join.join

    def joined(left: Query, right: Query, on: Any, how: str = "inner", suffix: str = "_right") -> Query:
        return original(left, right, on, how, suffix + "_" if suffix != "_right" else suffix)

    return patch.object(join, "join", joined)


def parentheses_lost() -> Any:
    """What takes a column's place goes in as it is."""
    return patch.object(block, "Grouping", lambda element: element)


def null_lost_in_union() -> Any:
    """Rows with NULL in their first column do not come through a set operation."""
    original = combine.Combine.build

    def build(self: combine.Combine, place: Any) -> Block:
        for each, parent in zip(place.blocks, place.query.parents, strict=True):
            if not (each.is_closed or each.is_limited or each.is_grouped or each.has_fixed()):
                first = next(iter(parent.fields.values()))
                each.where.append(each.columns[first].element.is_not(None))
        return original(self, place)

    return patch.object(combine.Combine, "build", build)


def null_lost_in_distinct() -> Any:
    """DISTINCT takes rows with NULL away."""
    original = order.Distinct.build

    def build(self: order.Distinct, place: Any) -> Block:
        made = original(self, place)
        if not (made.is_grouped or made.has_fixed() or made.compound is not None):
            first = next(iter(place.query.fields.values()))
            made.where.append(made.columns[first].element.is_not(None))
        return made

    return patch.object(order.Distinct, "build", build)


def having_as_where() -> Any:
    """A condition over groups is taken before the groups are made."""
    original = Block._restricted

    def restricted(self: Block, *columns: Any) -> Any:
        having, where = self.having, self.where
        self.having, self.where = [], [*where, *having]
        try:
            return original(self, *columns)
        finally:
            self.having, self.where = having, where

    return patch.object(Block, "_restricted", restricted)


def pruned_group_key() -> Any:
    """A key that nobody reads is not grouped by."""
    original = aggregate.Aggregate.build

    def build(self: aggregate.Aggregate, place: Any) -> Block:
        made = original(self, place)
        read = [made.columns[value].element for _, value, _ in self.keys if value in place.wanted]
        made.group_by = read or made.group_by
        return made

    return patch.object(aggregate.Aggregate, "build", build)


def window_written_again() -> Any:
    """A window is taken for something that may be written wherever it is read."""
    original = Block.resolve

    def resolve(self: Block, expression: Any) -> Bound:
        found = original(self, expression)
        return found._replace(kind=Kind.COMPUTED) if found.kind is Kind.FIXED else found

    return patch.object(Block, "resolve", resolve)


def nulls_first() -> Any:
    """NULLs come first where a block is cut."""
    original = semantics.OrderKey.__init__

    def made(self: Any, element: Any, **options: Any) -> None:
        options["puts_nulls_first"] = not options.get("puts_nulls_first", False)
        original(self, element, **options)

    return patch.object(semantics.OrderKey, "__init__", made)


def offset_lost() -> Any:
    """A second limit forgets what the first one skipped."""
    original = order.Limit.build

    def build(self: order.Limit, place: Any) -> Block:
        return original(dataclasses.replace(self, offset=0), place)

    return patch.object(order.Limit, "build", build)


def order_lost_above() -> Any:
    """A block that is closed takes its order along into the CTE, and the one above has none."""
    return patch.object(compile, "_carried", lambda _order, _outer: [])


def condition_moved_to_where() -> Any:
    """The condition of a right side goes to WHERE, where a left join needs it in ON."""
    original = join.Join._combine

    def combined(self: join.Join, left: Block, right: Block) -> None:
        if self.kind == "left":
            left.where.extend(right.where)
            right.where = []
        original(self, left, right)

    return patch.object(join.Join, "_combine", combined)


BUGS: dict[str, Bug] = {
    each.__name__: each
    for each in (
        order_lost_under_limit,
        filter_merged_through_a_window,
        filter_merged_into_a_limit,
        not_in_for_anti_join,
        sides_swapped,
        wrong_suffix,
        parentheses_lost,
        null_lost_in_union,
        null_lost_in_distinct,
        having_as_where,
        pruned_group_key,
        window_written_again,
        nulls_first,
        offset_lost,
        order_lost_above,
        condition_moved_to_where,
    )
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The compiler with this bug."""
    with BUGS[name]():
        yield
