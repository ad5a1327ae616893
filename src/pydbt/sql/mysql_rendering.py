"""How MariaDB and MySQL spell what ``semantics.py`` gives one meaning, where SQLAlchemy alone does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import Cast, FunctionFilter, Over, UnaryExpression
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import BigInteger, Float, Integer, String, TypeEngine

from pydbt.sql import mysql_casts
from pydbt.sql.dialects.mysql import COLLATION
from pydbt.sql.functions.call import Call
from pydbt.sql.functions.frame import has_distance
from pydbt.sql.like import InsensitiveLike, Like
from pydbt.sql.semantics import Average, AverageOf, Double, OrderKey, WholeQuotient
from pydbt.sql.tree import cloned
from pydbt.sql.types import Family, family_of

assert mysql_casts.__name__, "importing it is what spells the casts"
_NAMES = ("mysql", "mariadb")
_BITS_OF_SINGLE = 24


@compiles(Double, *_NAMES)
def _double(*_: Any, **__: Any) -> str:
    return "DOUBLE"


@compiles(AverageOf, *_NAMES)
def _average_of(node: AverageOf, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(Cast(node.element, Double()), **kw)


@compiles(Cast, *_NAMES)
def _cast(node: Cast[Any], compiler: Any, **kw: Any) -> str:
    """There is no CAST to FLOAT(53), which SQLAlchemy makes of a float of 64 bits.

    And it leaves the cast out where it does not know the server's version.
    """
    if isinstance(node.type, Float) and (node.type.precision or 0) > _BITS_OF_SINGLE:
        return f"CAST({compiler.process(node.clause, **kw)} AS DOUBLE)"
    return str(compiler.visit_cast(node, **kw))


@compiles(Average, *_NAMES)
def _average(node: Average, compiler: SQLCompiler, **kw: Any) -> str:
    """It is a float already."""
    return compiler.process(node.element, **kw)


@compiles(WholeQuotient, *_NAMES)
def _whole_quotient(node: WholeQuotient, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(node.element, **kw)} DIV {compiler.process(node.divisor, **kw)}"


@compiles(OrderKey, *_NAMES)
def _order_key(node: OrderKey, compiler: SQLCompiler, **kw: Any) -> str:
    """There is no NULLS LAST: NULL is the least of all, and where it is not, a key of its own goes before."""
    key = compiler.process(node.element, **kw) + (" DESC" if node.descending else "")
    if node.puts_nulls_first is not node.descending:
        return key
    tested: Any = node.element if node.computed is None else node.computed
    nulls = compiler.process(tested.is_not(None) if node.puts_nulls_first else tested.is_(None), **kw)
    return f"{nulls}, {key}"


@compiles(Like, *_NAMES)
@compiles(InsensitiveLike, *_NAMES)
def _like(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    """A backslash is no escape unless one says so; but some sign has to be one."""
    text = compiler.process(node.element, **kw)
    return text if node.element.modifiers.get("escape") else f"{text} ESCAPE 0x01"


@compiles(FunctionFilter, *_NAMES)
def _filtered(node: Any, compiler: SQLCompiler, **kw: Any) -> str:
    """FILTER as a CASE in the first argument: all aggregates there are leave NULL out."""
    function = node.func
    if isinstance(function, Call):
        return compiler.process(function.of_rows(node.criterion), **kw)
    first, *rest = list(function.clauses) or [literal_column("*")]
    is_distinct = isinstance(first, UnaryExpression) and function.name == "count"
    counted = first.element if is_distinct else first
    if str(counted) == "*":
        counted = literal_column("1")
    chosen: Any = case((node.criterion, counted))
    arguments = [chosen.distinct() if is_distinct else chosen, *rest]
    return compiler.process(Function(function.name, *arguments, type_=function.type), **kw)


@compiles(Over, *_NAMES)
def _over(node: Any, compiler: Any, **kw: Any) -> str:
    if has_distance(node.range_):
        node = _by_one_key(node)
    function = node.element
    name = function.rule.public_name if isinstance(function, Call) else getattr(function, "name", "").lower()
    if name in _SIDES:
        arguments = list(function.arguments if isinstance(function, Call) else function.clauses)
        if len(arguments) == _WITH_DEFAULT:
            return _shifted(node, name, arguments, compiler, **kw)
    rendered = str(compiler.visit_over(node, **kw))
    return f"CAST({rendered} AS DOUBLE)" if name in _SHARES else rendered


def _by_one_key(node: Any) -> Any:
    """A range of distances, its NULLs where MariaDB has them: no distance leads to them, or from them."""
    alone = cloned(node)
    alone.order_by = cloned(node.order_by)
    alone.order_by.clauses = [_with_nulls_as_they_are(key) for key in node.order_by.clauses]
    return alone


def _with_nulls_as_they_are(key: Any) -> Any:
    if not isinstance(key, OrderKey):
        return key
    return OrderKey(key.element, descending=key.descending, puts_nulls_first=not key.descending)


# What comes out of them as it is has ten digits.
_SHARES = frozenset({"percent_rank", "cume_dist"})
_SIDES = {"lag": "PRECEDING", "lead": "FOLLOWING"}
_WITH_DEFAULT = 3


def _shifted(node: Any, name: str, arguments: Sequence[Any], compiler: Any, **kw: Any) -> str:
    """``lag`` and ``lead`` take no default: it is for the rows that have no row so far away."""
    values, count, default = arguments
    plain, counted = cloned(node), cloned(node)
    plain.element = Function(name, values, count, type_=node.type)
    counted.element = func.count()
    distance = compiler.process(count, **kw)
    frame = f" ROWS BETWEEN {distance} {_SIDES[name]} AND {distance} {_SIDES[name]})"
    there = compiler.visit_over(counted, **kw).removesuffix(")") + frame
    alone, found = compiler.process(default, **kw), compiler.visit_over(plain, **kw)
    return f"CASE WHEN {there} = 0 THEN {alone} ELSE {found} END"


class KeyText(String):
    """Text that is a key: as long as MariaDB takes it whole. Longer text is an error, never cut.

    The key that MariaDB makes of a column of a subquery has 1,000 bytes at most: four a sign, and three.
    """

    def __init__(self, length: int | None = 249) -> None:
        super().__init__(length)


def is_text(kind: TypeEngine[Any]) -> bool:
    """Whether it is declared as text of any length, which is no key."""
    return family_of(kind) is Family.TEXT


def declared(kind: TypeEngine[Any]) -> str | None:
    """The type to declare for a column beside its SELECT; None where the SELECT's own is right.

    Its own is NOT NULL where the rows of today are, and as long as the longest text of today: nothing could
    be added tomorrow. Only of decimals nothing else knows the digits.
    """
    if isinstance(kind, KeyText):
        return f"VARCHAR({kind.length}) COLLATE {COLLATION}"
    if isinstance(kind, Float):
        return "DOUBLE"
    if isinstance(kind, (Integer, BigInteger)):
        return "BIGINT" if isinstance(kind, BigInteger) else "INTEGER"
    return _DECLARED.get(family_of(kind))


_DECLARED = {
    Family.TEXT: f"LONGTEXT COLLATE {COLLATION}",
    Family.BINARY: "LONGBLOB",
    Family.BOOLEAN: "BOOLEAN",
    Family.DATE: "DATE",
    Family.DATETIME: "DATETIME(6)",
    Family.TIME: "TIME(6)",
}
