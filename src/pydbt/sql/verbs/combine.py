"""union, intersect, except: the rows of two DataFrames below each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import table

from pydbt.errors import SetOperationError, user_location
from pydbt.sql.block import Block
from pydbt.sql.compile import Compilation, Place, names_apart
from pydbt.sql.query import Query, Value
from pydbt.sql.types import common_type

_CONSTRUCTS: dict[str, Any] = {
    "union": sa.union,
    "union_all": sa.union_all,
    "intersect": sa.intersect,
    "except_": sa.except_,
}


def combine(left: Query, right: Query, verb: str) -> Query:
    """The rows of both by position; the names are the left side's."""
    if len(left.fields) != len(right.fields):
        raise SetOperationError(
            _differences(left, right, verb),
            where=user_location(),
            hint="select the same columns on both sides",
        )
    fields: dict[str, Value] = {}
    for (name, one), (other_name, other) in zip(left.fields.items(), right.fields.items(), strict=True):
        type_ = common_type(one.type, other.type)
        if type_ is None:
            what = f"{verb}: column {name!r} is {one.type!r}, column {other_name!r} is {other.type!r}"
            raise SetOperationError(what, where=user_location(), hint="cast one of the two")
        keeps = type_ is one.type and one not in fields.values()
        fields[name] = one if keeps else Value(type_)
    return Query(Combine(verb), (left, right), fields)


def _differences(left: Query, right: Query, verb: str) -> str:
    only_left = [name for name in left.fields if name not in right.fields]
    only_right = [name for name in right.fields if name not in left.fields]
    parts = [f"{verb} of {len(left.fields)} columns with {len(right.fields)}"]
    if only_left:
        parts.append("only left: " + ", ".join(only_left))
    if only_right:
        parts.append("only right: " + ", ".join(only_right))
    return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Combine:
    """UNION, UNION ALL, INTERSECT, EXCEPT."""

    verb: str

    def describe(self) -> str:
        """The verb."""
        return f"{self.verb}(…)"

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """Every column of both: they stand side by side."""
        needed = tuple(set(parent.fields.values()) for parent in place.query.parents)
        for values in needed:
            place.compilation.uses.update(values)
        return needed

    def build(self, place: Place) -> Block:
        """One statement out of two; a further side of the same kind is added to it."""
        left, right = place.blocks
        fields = names_apart(place.query.fields)
        parts: list[Any] = []
        if can_extend_combine(left, self.verb):
            assert left.compound is not None
            parts.extend(left.compound.selects)
        else:
            parts.append(self._part(left, place.query.parents[0], place.compilation))
        parts.append(self._part(right, place.query.parents[1], place.compilation))
        block = Block(table("combined"), left.name, {value: name for name, value in fields.items()})
        block.compound = _CONSTRUCTS[self.verb](*parts)
        block.distinct_fields = fields
        return block

    @staticmethod
    def _part(block: Block, query: Query, compilation: Compilation) -> Any:
        """One side; SQLite takes neither LIMIT nor another set operation in it, so these go below."""
        if block.is_limited or block.compound is not None:
            block = compilation.nest(block, query.fields, query.fields.values())
        block.order_by = []
        return block.select(tuple(names_apart(query.fields).items()))


def can_extend_combine(block: Block, verb: str) -> bool:
    """Unions of one kind are one list; others are evaluated in an order that differs between databases."""
    if block.compound is None or block.is_limited or verb not in {"union", "union_all"}:
        return False
    keyword = block.compound.keyword
    return keyword is _KEYWORDS[verb]


_KEYWORDS = {
    verb: construct(sa.select(sa.null()), sa.select(sa.null())).keyword
    for verb, construct in _CONSTRUCTS.items()
}
