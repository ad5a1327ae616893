"""Scopes: which queries of a plan stand inside the SELECT of another, and what their tables are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.sql import visitors

from pydbt.errors import OuterColumnError
from pydbt.sql.block import Block
from pydbt.sql.correlation import OuterValue, Reference, open_plans
from pydbt.sql.query import Query


class Scopes:
    """The scopes of one compilation.

    Inside a subquery a table hides one of its name around it, and with it the columns the subquery means. So
    tables inside are called otherwise than all tables around. Plans without subqueries have one scope.

    Args:
        order: The queries of the plan, parents first.
    """

    __slots__ = ("_inner", "_tables", "open", "references")

    def __init__(self, order: Sequence[Query]) -> None:
        self.open: dict[Query, frozenset[OuterValue]] = {}
        self.references: dict[OuterValue, Reference] = {}
        self._inner: set[Query] = set()
        self._tables: set[str] = set()
        if any(_has_subqueries(query) for query in order):
            self.open = open_plans(order)
            self._look_inside(order)

    def _look_inside(self, order: Sequence[Query]) -> None:
        for query in reversed(order):
            for position, parent in enumerate(query.parents):
                if self.is_inside(query, position):
                    self._inner.add(parent)
                elif not parent.parents:
                    self._tables.add(getattr(parent.step, "name", "").lower())

    def is_inside(self, query: Query, position: int) -> bool:
        """Whether a query works on its parent of this position inside the SELECT of another."""
        return query in self._inner or (position > 0 and _has_subqueries(query))

    def keep_apart(self, block: Block, free_name: Callable[[str], str], *, is_shared: bool) -> None:
        """Give the one table of a block inside another name where the plan has one of its name."""
        if is_shared or block.name.lower() in self._tables:
            block.alias_source(free_name(block.name))
        self._tables.add(block.name.lower())

    def reference(self, value: OuterValue) -> Reference:
        """The outer value in SQL, waiting for the block around it."""
        found = self.references.get(value)
        if found is None:
            found = self.references[value] = Reference(value.type)
        return found

    def bind(self, value: OuterValue, block: Block) -> None:
        """Tell the SQL of an outer value which column of the block around it is."""
        reference = self.references.pop(value, None)
        bound = block.columns.get(value.column.value)
        if reference is not None and bound is not None:
            reference.element = bound.element

    def is_open(self, statement: object) -> bool:
        """Whether outer values in a statement wait for the block around it: it cannot go to the top."""
        if not self.references:
            return False
        waiting = set(map(id, self.references.values()))
        return any(id(node) in waiting for node in visitors.iterate(statement))  # type: ignore[arg-type]  # a Select or a set operation

    def check_all_bound(self) -> None:
        """Raise for an outer column that no DataFrame around it has."""
        for value in self.references:
            what = f"outer({value.column.name}) stands in a DataFrame that is no subquery of that column's"
            hint = "give it to exists(…), isin(…) or .scalar() in a verb of the DataFrame whose column it is"
            raise OuterColumnError(what, where=value.where, hint=hint)


def _has_subqueries(query: Query) -> bool:
    return bool(getattr(query.step, "subqueries", ()))
