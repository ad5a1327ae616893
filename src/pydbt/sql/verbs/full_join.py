"""A full join where the database has none: the left join, and below it what matches nothing on the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import table

from pydbt.sql.block import Block
from pydbt.sql.compile import Place, names_apart
from pydbt.sql.functions.rule import united
from pydbt.sql.query import Value

Merged = Mapping[Value, tuple[Value, Value]]


def keys_of_one_type(keys: Sequence[Any]) -> list[Any]:
    """Keys that come out as one: SQLite would give each back as what it is, a date beside moments."""
    return united(keys, "join")


def full_join(left: Block, right: Block, on: Any, merged: Merged, own: set[Value], place: Place) -> Block:
    """SELECT … FROM left LEFT JOIN right UNION ALL SELECT … FROM right WHERE NOT EXISTS (…).

    Args:
        left: The left side, tables only; it has the columns of both by now.
        right: The right side, one table.
        on: The condition, of columns of both.
        merged: The keys that come out once, each with the left and the right value it is made of.
        own: The values of the left side, which are NULL in the second part.
        place: Where the join stands.
    """
    for side in (left, right):
        place.compilation.check_read_again(side)
    fields = {name: value for name, value in names_apart(place.query.fields).items() if value in place.wanted}
    matched: list[Any] = [sa.literal_column("1").label("one")]
    alone: list[Any] = [sa.literal_column("1").label("one")]
    for name, value in fields.items():
        one, other = merged.get(value, (value, value))
        sides = keys_of_one_type([left.columns[each].element for each in dict.fromkeys((one, other))])
        whole: Any = sides[0] if len(sides) == 1 else sa.func.coalesce(*sides, type_=value.type)
        rest: Any = sa.null() if other in own else sides[-1]
        matched.append(whole.label(name))
        alone.append(rest.label(name))
    if fields:
        del matched[0], alone[0]
    pairs = sa.select(*matched).select_from(left.source.join(right.source, on, isouter=True))
    matches: Any = sa.select(sa.literal_column("1")).select_from(left.source).where(on)
    missing = ~matches.correlate(right.source).exists()
    block = Block(table("combined"), "joined", {value: name for name, value in fields.items()})
    block.compound = sa.union_all(pairs, sa.select(*alone).select_from(right.source).where(missing))
    block.distinct_fields = fields
    block.reads_chance = left.reads_chance or right.reads_chance
    return block
