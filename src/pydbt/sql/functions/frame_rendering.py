"""The ends of a window's frame as they are sent, in each version of SQLAlchemy, and what they are near to."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.elements import BindParameter, Over
from sqlalchemy.types import BigInteger

from pydbt.sql.semantics import Portable
from pydbt.sql.tree import cloned

# SQLAlchemy 2.1 has made a node of it.
_IS_A_NODE = hasattr(elements, "FrameClause")
_CURRENT_ROW = getattr(elements, "RANGE_CURRENT", None)
_LONGEST_OF_32_BITS = 2**31 - 1


class Roomy(Portable):
    """A whole number that DuckDB can add a distance to: nothing of its type is beyond the largest one."""

    inherit_cache = True
    __visit_name__ = "pydbt_roomy"


@compiles(Roomy)
def _as_it_is(node: Roomy, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(node.element, **kw))


@compiles(Roomy, "duckdb")
def _huge(node: Roomy, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(node.element, **kw)} AS HUGEINT)"


def widened(frame: Any) -> Any:
    """A frame whose ends are told to be as long as they are: PostgreSQL's driver would say 32 bits."""
    if frame is None or not _IS_A_NODE:
        return frame
    ends = _wide(frame.lower_bind), _wide(frame.upper_bind)
    if ends[0] is frame.lower_bind and ends[1] is frame.upper_bind:
        return frame
    wide = cloned(frame)
    wide.lower_bind, wide.upper_bind = ends
    return wide


def _wide(bound: Any) -> Any:
    count = getattr(bound, "value", None)
    return _distance(count) if isinstance(count, int) and count > _LONGEST_OF_32_BITS else bound


def _distance(count: int) -> BindParameter[int]:
    kind = BigInteger() if count > _LONGEST_OF_32_BITS else None
    return BindParameter(None, count, type_=kind, unique=True)


def _over(over: Over[Any], compiler: Any, **kw: Any) -> str:
    """SQLAlchemy 1.4 renders the frame before the keys, and counts the parameters as they are rendered."""
    frame: Any = over.range_ or over.rows
    if frame is None:
        rendered: str = compiler.visit_over(over, **kw)
        return rendered
    bare = cloned(over)
    bare.range_ = bare.rows = None
    keys = compiler.visit_over(bare, **kw).removesuffix(")")
    blank = "" if keys.endswith("(") else " "
    word = "RANGE" if over.range_ else "ROWS"
    start = _end(frame[0], "PRECEDING", compiler, **kw)
    return f"{keys}{blank}{word} BETWEEN {start} AND {_end(frame[1], 'FOLLOWING', compiler, **kw)})"


def _end(end: Any, outermost: str, compiler: Any, **kw: Any) -> str:
    if type(end) is not int:  # One of SQLAlchemy's symbols, which are numbers in 1.4.
        return "CURRENT ROW" if end is _CURRENT_ROW else f"UNBOUNDED {outermost}"
    return f"{compiler.process(_distance(abs(end)), **kw)} {'PRECEDING' if end < 0 else 'FOLLOWING'}"


if not _IS_A_NODE:
    compiles(Over)(_over)
