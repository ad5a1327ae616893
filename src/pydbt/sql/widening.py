"""Decimals beside others with more digits after the point, where a database would cut those off."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Cast

from pydbt.sql.semantics import Portable
from pydbt.sql.types import is_decimal

_MOST_DIGITS = 38


class Widened(Portable):
    """A decimal with room for as many digits after the point as its type has.

    DuckDB gives a sum 38 digits, and beside more digits after the point, in a set operation, a CASE or a
    call of coalesce, takes those of the sum: ``2.5`` beside ``sum(a)`` of whole decimals came out as ``3``.
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


def widened(value: Any, type_: Any) -> Any:
    """The value with as many digits after the point as a type of decimals; as it is if it has them.

    >>> str(widened(sa.column("a", sa.Numeric(9, 0)), sa.Numeric(9, 2)))
    'a'
    """
    return Widened(value, type_) if _has_fewer_digits(value, type_) else value


def _has_fewer_digits(value: Any, type_: Any) -> bool:
    # What is bound is as long as it is.
    if isinstance(value, BindParameter) or not (is_decimal(value.type) and is_decimal(type_)):
        return False
    if value.type.scale is None or type_.scale is None:
        return False
    return bool(value.type.scale < type_.scale)
