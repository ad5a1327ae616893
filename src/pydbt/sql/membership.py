"""Whether a value is among those of a query: EXISTS, or IN where the database does that better.

Both answer true or false and never NULL, so that ``~`` means what it says. SQLite runs an EXISTS once for
each row, from the beginning, where it makes an index of the values of an IN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement, Grouping
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import Boolean

if TYPE_CHECKING:
    _Element = ColumnElement[Any]
else:
    _Element = ColumnElement  # SQLAlchemy 1.4 has no generic classes.


class Membership(_Element):
    """A membership in both forms.

    Args:
        exists: ``[NOT] EXISTS (SELECT 1 … WHERE a = needle)``.
        needle: What is looked for.
        among: The query of the values, without NULLs.
        is_negated: Whether it is not among them.
    """

    __visit_name__ = "pydbt_membership"
    inherit_cache = True

    def __init__(
        self, exists: ColumnElement[Any], needle: ColumnElement[Any], among: Any, *, is_negated: bool
    ) -> None:
        self.type = Boolean()
        self.exists = exists
        found = sa.and_(needle.is_not(None), needle.in_(among))
        self.among: ColumnElement[Any] = sa.not_(found) if is_negated else Grouping(found)

    def self_group(self, against: Any = None) -> Membership:  # noqa: ARG002  SQLAlchemy's
        """Itself: where it needs parentheses, the block that takes it in gives them."""
        return self

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("exists", InternalTraversal.dp_clauseelement),
        ("among", InternalTraversal.dp_clauseelement),
    ]


@compiles(Membership)
def _as_exists(node: Membership, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.exists, **kw)


@compiles(Membership, "duckdb", "sqlite")
def _as_in(node: Membership, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.among, **kw)
