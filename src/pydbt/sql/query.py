"""Query: a frozen plan of verbs.

A query is its last step, the queries the step works on, and the columns that come out. It holds no SQL and no
connection; ``compile.py`` turns the whole plan into one SELECT when somebody asks for it.

Each column that comes out is a *value*: a name in ``Query.fields`` for a :class:`Value`, which is only
an identity with a type. A verb that passes a column on, under the same name or another, passes the same
value on. So the column of an earlier DataFrame still works later, for as long as its value is among the
fields.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from pydbt.sql.block import Block
    from pydbt.sql.compile import Place


_serials = itertools.count()


class Value:
    """What stands in one column of a query: an identity with a type, passed from verb to verb.

    The serial number is only for order: SQL must be the same text each time, so nothing may follow the
    order of a set.
    """

    __slots__ = ("serial", "type")

    def __init__(self, type_: TypeEngine[Any]) -> None:
        self.type = type_
        self.serial = next(_serials)


Fields = Mapping[str, Value]


class Step(Protocol):
    """One verb of a plan: what it needs from below, and how it changes the block it works on."""

    @property
    def verb(self) -> str:
        """The name of the public method."""

    def describe(self) -> str:
        """The step as the user would write it, for ``repr`` and for errors."""

    def needs(self, place: Place) -> tuple[set[Value] | None, ...]:
        """Which values this step needs from each parent so that the wanted ones come out.

        None of a parent that is not needed at all, which then gives no block.
        """

    def build(self, place: Place) -> Block:
        """The block after this step; may change the parents' blocks, which nobody else holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A step, the queries it works on, and the columns that come out of it, in order."""

    step: Step
    parents: tuple[Query, ...]
    fields: Fields

    def ancestors(self) -> Iterator[Query]:
        """The queries below this one, nearest first, each once."""
        seen: set[Query] = set()
        level: list[Query] = list(self.parents)
        while level:
            following: list[Query] = []
            for query in level:
                if query not in seen:
                    seen.add(query)
                    yield query
                    following.extend(query.parents)
            level = following

    def name_of(self, value: Value) -> str | None:
        """The name a value has here; None when it does not come out of this query."""
        for name, other in self.fields.items():
            if other is value:
                return name
        return None

    def lost_at(self, value: Value) -> Query | None:
        """The query whose step let a value go that one of its parents had; None if none ever had it."""
        queries = [self, *self.ancestors()]
        for query in queries:
            if any(parent.name_of(value) is not None for parent in query.parents):
                return query
        return None

    def describe(self) -> str:
        """The verbs from the source to the last, as one would write them."""
        steps: list[str] = []
        query = self
        while query.parents:
            if query.step.verb:
                steps.append(query.step.describe())
            query = query.parents[0]
        steps.append(query.step.describe())
        return ".".join(reversed(steps))


def database_of(query: Query) -> str:
    """The name of the database a plan reads from; empty where its source does not know."""
    for each in (query, *query.ancestors()):
        name = getattr(each.step, "database", "")
        if name:
            return str(name)
    return ""


def in_order(top: Query) -> list[Query]:
    """All queries of a plan, each once, parents first. Without recursion: plans may be long."""
    done: dict[Query, None] = {}
    pending = [top]
    while pending:
        query = pending[-1]
        waiting = [parent for parent in query.parents if parent not in done]
        if waiting:
            pending += waiting
        else:
            done[query] = None
            pending.pop()
    return list(done)
