"""Text that is compared, grouped, joined and sorted by code point where a column's collation says otherwise.

MariaDB's usual collation takes 'a' for 'A' and for 'a ': in ``=``, GROUP BY, DISTINCT, UNION and joins alike.
So where a plan reads a table, its columns of text get a collation that tells them apart, once; all that is
computed from them has it, too. A column that has it already stays as it is, and its indexes are used.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement

from pydbt.sql.block import Block
from pydbt.sql.dialects.mysql import COLLATION
from pydbt.sql.semantics import Portable
from pydbt.sql.types import Family, family_of


class Collated(Portable):
    """A column of text whose own collation does not count."""

    inherit_cache = True
    __visit_name__ = "pydbt_collated"


@compiles(Collated, "mysql", "mariadb")
def _collated(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    text = compiler.process(node.element, **kw)
    if not (getattr(node.type, "collation", None) or "").startswith("utf8mb4_"):
        # A collation belongs to one character set.
        text = f"CONVERT({text} USING utf8mb4)"
    return f"{text} COLLATE {COLLATION}"


def collate_by_code_point(block: Block) -> None:
    """Make the columns of a block's table speak that collation."""
    for value, bound in block.columns.items():
        if family_of(value.type) is Family.TEXT and _collation_of(value.type) != COLLATION:
            element: ColumnElement[Any] = Collated(bound.element)
            block.columns[value] = bound._replace(element=element)


def _collation_of(type_: Any) -> str | None:
    return getattr(type_, "collation", None)
