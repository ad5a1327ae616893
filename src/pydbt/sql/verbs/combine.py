"""union, intersect, except: the rows of two DataFrames below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import table
from sqlalchemy.types import NullType, TypeEngine

from pydbt.errors import SetOperationError, user_location
from pydbt.sql.block import Block
from pydbt.sql.casts import Kind, kind_of
from pydbt.sql.column import column_of
from pydbt.sql.compile import Compilation, Place, names_apart
from pydbt.sql.decimals import as_decimal
from pydbt.sql.query import Fields, Query, Value
from pydbt.sql.types import common_type, family_of
from pydbt.sql.verbs.project import select, with_columns
from pydbt.sql.widening import widened

AnyType = TypeEngine[Any]

_CONSTRUCTS: dict[str, Any] = {
    "union": sa.union,
    "union_all": sa.union_all,
    "intersect": sa.intersect,
    "except_": sa.except_,
}


def combine(left: Query, right: Query, verb: str) -> Query:
    """The rows of both by position; the names are the left side's.

    Where the types of two columns differ, both become the type that holds the values of both.
    """
    differences: list[str] = []
    if len(left.fields) != len(right.fields):
        differences.append(f"{len(left.fields)} columns with {len(right.fields)}")
        differences.extend(_only_on_one_side(left, right))
    types: list[AnyType] = []
    for (name, one), (other_name, other) in zip(left.fields.items(), right.fields.items(), strict=False):
        type_ = type_of_both(one.type, other.type)
        if type_ is None:
            differences.append(
                f"{name!r} is {family_of(one.type).value}, {other_name!r} is {family_of(other.type).value}"
            )
        types.append(one.type if type_ is None else type_)
    if differences:
        hint = "select the same columns on both sides, cast to the same types; union_by_name goes by names"
        raise SetOperationError(f"{verb}: " + "; ".join(differences), where=user_location(), hint=hint)
    return _combined(_as_types(left, types, verb), _as_types(right, types, verb), types, verb)


def union_by_name(left: Query, right: Query, *, allow_missing: bool = False) -> Query:
    """All rows of both, columns of one name below each other; what a side lacks is NULL there if allowed."""
    differences = [] if allow_missing else _only_on_one_side(left, right)
    for name, one in left.fields.items():
        other = right.fields.get(name)
        if other is not None and type_of_both(one.type, other.type) is None:
            differences.append(
                f"{name!r} is {family_of(one.type).value} left, {family_of(other.type).value} right"
            )
    if differences:
        what = "union_by_name: " + "; ".join(differences)
        hint = "select the same columns, cast to the same types"
        if not all(" is " in each for each in differences):
            hint += "; with allow_missing=True a column that is missing is NULL"
        raise SetOperationError(what, where=user_location(), hint=hint)
    every = {**right.fields, **left.fields}
    names = [*left.fields, *(name for name in right.fields if name not in left.fields)]
    upper, lower = (_reordered(side, names, every) for side in (left, right))
    return combine(upper, lower, "union_all")


def _reordered(query: Query, names: Sequence[str], every: Fields) -> Query:
    return select(query, (), {name: _there(query, name, every) for name in names})


def _there(query: Query, name: str, every: Fields) -> Any:
    """The column, or a NULL of its type."""
    return column_of(query, name) if name in query.fields else sa.cast(sa.null(), every[name].type)


def _only_on_one_side(left: Query, right: Query) -> list[str]:
    sides = (("left", left, right), ("right", right, left))
    return [
        f"only {side}: " + ", ".join(repr(name) for name in one.fields if name not in other.fields)
        for side, one, other in sides
        if any(name not in other.fields for name in one.fields)
    ]


def type_of_both(left: AnyType, right: AnyType) -> AnyType | None:
    """The type that holds the values of both, also whole numbers beside decimals; None where there is none.

    >>> type_of_both(sa.Integer(), sa.Numeric(10, 2))
    Numeric(precision=12, scale=2)
    """
    kinds = {kind_of(left), kind_of(right)}
    if kinds == {Kind.DECIMAL, Kind.INTEGER}:
        left, right = as_decimal(left), as_decimal(right)
    return common_type(left, right)


def _as_types(query: Query, types: Sequence[AnyType], verb: str) -> Query:
    """The side, its columns cast where a database would mix two kinds: SQLite keeps each as it is."""
    changed: dict[str, Any] = {}
    for (name, value), type_ in zip(query.fields.items(), types, strict=True):
        kind, wanted = kind_of(value.type), kind_of(type_)
        is_null = isinstance(value.type, NullType) and wanted is not Kind.OTHER
        # A NULL of no type is text to PostgreSQL, once it stands in a subquery.
        if is_null or (kind is not wanted and Kind.OTHER not in (kind, wanted)):
            changed[name] = sa.cast(column_of(query, name), type_)
        elif kind is Kind.DECIMAL and _digits(value.type) != _digits(type_):
            column = column_of(query, name)
            wide = widened(column, type_)
            # SQLite cuts what comes back to the digits of the first side's type.
            changed[name] = wide if wide is not column else sa.type_coerce(column, type_)
    return with_columns(query, changed, verb) if changed else query


def _digits(type_: Any) -> tuple[int | None, int | None]:
    """How many there are, and how many after the point, which may be all that is known of a calculation."""
    return type_.precision, type_.scale


def _combined(left: Query, right: Query, types: Sequence[AnyType], verb: str) -> Query:
    fields: dict[str, Value] = {}
    for (name, one), type_ in zip(left.fields.items(), types, strict=True):
        keeps = type_ is one.type and one not in fields.values()
        fields[name] = one if keeps else Value(type_)
    return Query(Combine(verb), (left, right), fields)


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
        block.draws = left.draws or right.draws
        block.reads_chance = left.reads_chance or right.reads_chance
        return block

    @staticmethod
    def _part(block: Block, query: Query, compilation: Compilation) -> Any:
        """One side; SQLite takes neither LIMIT nor another set operation in it, so these go below."""
        if block.is_limited or block.compound is not None:
            block = compilation.nest(block, query.fields, query.fields.values())
        block.order_by = []
        block = compilation.drawn_once(block, query.fields)
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
