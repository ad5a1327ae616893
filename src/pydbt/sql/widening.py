"""Decimals beside others with more digits after the point, where a database would cut those off."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import Cast

from pydbt.sql.semantics import Portable

_MOST_DIGITS = 38


class Widened(Portable):
    """A decimal with room for as many digits after the point as its type has.

    DuckDB gives a sum 38 digits, and of a set operation with more digits after the point takes those of the
    sum: ``2.5`` beside ``sum(a)`` of whole decimals came out as ``3``.
    """

    inherit_cache = True
    __visit_name__ = "pydbt_widened"


@compiles(Widened)
def _plain(node: Widened, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw)


@compiles(Widened, "duckdb")
def _cast(node: Widened, compiler: SQLCompiler, **kw: Any) -> str:
    type_: Any = node.type
    return compiler.process(Cast(node.element, sa.Numeric(_MOST_DIGITS, type_.scale)), **kw)
