"""Correlation: queries that stand in an expression, and columns of the row around them.

``exists(other, on)``, ``df.a.isin(other)`` and ``other.scalar()`` give a :class:`Subquery`,
``outer(df.a)`` an :class:`OuterColumn`. Both are leaves like every column: a verb that takes an expression
with one puts an ``Attach`` step below itself (``verbs/attach.py``), in which each becomes a value.

A plan in which an outer column waits for the row around it is *open*. Its SELECT stands inside another
one, so what it nests is nested in its place, and it is built anew for each place it is used in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler, StrSQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from pydbt.errors import (
    ColumnArgumentError,
    Location,
    NotAConditionError,
    OuterColumnError,
    user_location,
)
from pydbt.sql.column import Column, HiddenColumn
from pydbt.sql.condition import Guarded
from pydbt.sql.query import Query, Value

if TYPE_CHECKING:
    from pydbt.sql.expression import Expression

    _Element = ColumnElement[Any]
else:
    _Element = ColumnElement  # SQLAlchemy 1.4 has no generic classes.


class OuterValue(Value):
    """A value of the row around a subquery, as the subquery sees it.

    Args:
        column: The column of the DataFrame around it.
        where: Where the user wrote so.
    """

    __slots__ = ("column", "where")

    def __init__(self, column: Column, where: Location | None) -> None:
        super().__init__(column.type)
        self.column = column
        self.where = where


class OuterColumn(Column):
    """What :func:`outer` gives: a column of the row around a subquery."""

    inherit_cache = True


def outer(column: Any) -> OuterColumn:
    """A column of the DataFrame around a subquery, for a condition inside it.

    >>> from pydbt import exists, outer
    >>> df, other = games(), games()
    >>> better = other.where(other.team == outer(df.team), other.goals > outer(df.goals))
    >>> df.where(~exists(better)).collect()
    [('a', 3), ('b', 1), ('a', None)]

    Args:
        column: A column of the DataFrame that the subquery will be a condition or a value of.
    """
    if isinstance(column, HiddenColumn):
        column.refused()
    if not isinstance(column, Column) or isinstance(column, OuterColumn):
        hint = "give a column of the DataFrame around the subquery: outer(df.a)"
        raise ColumnArgumentError(f"outer was given {column!r}", where=user_location(), hint=hint)
    return OuterColumn(column.name, OuterValue(column, user_location()), None)


@dataclass(frozen=True, slots=True)
class Attached:
    """A subquery bound to the query it is an expression of.

    Args:
        value: What it is there.
        plan: Its own plan.
        kind: ``exists``, ``in`` or ``scalar``.
        outers: The values of the row around it that it reads.
        needle: What an ``in`` looks for.
        is_negated: ``NOT`` stands before it.
    """

    value: Value
    plan: Query
    kind: str
    outers: tuple[OuterValue, ...]
    needle: Expression | None = None
    is_negated: bool = False

    @property
    def reads(self) -> set[Value]:
        """What it reads of the query around it."""
        needle = () if self.needle is None else self.needle.values
        return {value.column.value for value in self.outers}.union(needle)


class Subquery(Guarded, _Element):
    """A query in an expression, until a verb binds it to its own query.

    Args:
        type_: The type of what it gives.
        attach: From the query it is an expression of to what it is there.
        is_negated: ``NOT`` stands before it.
    """

    __visit_name__ = "pydbt_subquery"
    inherit_cache = False

    def __init__(
        self, type_: TypeEngine[Any], attach: Callable[[Query], Attached], *, is_negated: bool = False
    ) -> None:
        self.type = type_
        # Not `bind`, which is SQLAlchemy 1.4's name for an engine.
        self.attach = attach
        self.is_negated = is_negated

    def bound(self, query: Query) -> Attached:
        """What it is in the query it is an expression of."""
        return replace(self.attach(query), is_negated=self.is_negated)

    def __invert__(self) -> Subquery:
        return Subquery(self.type, self.attach, is_negated=not self.is_negated)

    def self_group(self, against: Any = None) -> Subquery:  # noqa: ARG002  SQLAlchemy's
        """Itself: it never needs parentheses."""
        return self

    def __bool__(self) -> NoReturn:
        hint = "combine conditions with & | ~ and parentheses"
        raise NotAConditionError(
            "a subquery is not true or false in Python", where=user_location(), hint=hint
        )

    def __repr__(self) -> str:
        return f"<subquery: {self.type!r}>"


@compiles(Subquery)
def _unbound(_: Subquery, compiler: SQLCompiler, **__: Any) -> str:
    """As a DataFrame's column, it means nothing in a statement of its own."""
    if isinstance(compiler, StrSQLCompiler):
        return "a subquery"
    hint = "give it to a verb of a DataFrame: df.where(…), df.with_column(…)"
    raise OuterColumnError("a subquery stands outside a DataFrame", where=user_location(), hint=hint)


class Reference(_Element):
    """A column of the row around a subquery, in its SQL. It brings no table into the subquery's FROM.

    Args:
        type_: The column's type.
        element: The column; the block around the subquery gives it when it is there.
    """

    __visit_name__ = "pydbt_reference"
    inherit_cache = True
    element: ColumnElement[Any]

    def __init__(self, type_: TypeEngine[Any], element: ColumnElement[Any] | None = None) -> None:
        self.type = type_
        if element is not None:
            self.element = element

    _traverse_internals = [("element", InternalTraversal.dp_clauseelement)]  # noqa: RUF012  declared so by SQLAlchemy


@compiles(Reference)
def _reference(node: Reference, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw)


def open_plans(order: Iterable[Query]) -> dict[Query, frozenset[OuterValue]]:
    """Of queries, parents first, those that are open, with the outer values they wait for."""
    found: dict[Query, frozenset[OuterValue]] = {}
    for query in order:
        free: set[OuterValue] = set(getattr(query.step, "references", ()))
        for parent in query.parents:
            free.update(found.get(parent, ()))
        free.difference_update(getattr(query.step, "bound", ()))
        if free:
            found[query] = frozenset(free)
    return found
