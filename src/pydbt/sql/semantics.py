"""One meaning for every operator: ``/``, ``%``, ``<``, ORDER BY, ``sum`` and ``avg`` on every database.

:func:`pydbt.sql.expression.adopt` asks here for each node of an expression. Where databases agree, the
node stays as SQLAlchemy made it. Where they do not, it becomes one of the nodes below, which each
database renders in its own way.
"""

from __future__ import annotations

import operator as python_operators
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    Cast,
    ColumnElement,
    FunctionFilter,
    Grouping,
    Over,
    UnaryExpression,
)
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import BigInteger, Boolean, Float, Integer, NullType, TypeEngine

from pydbt.sql.chance import check_operands, may_change
from pydbt.sql.types import Family, family_of, is_float, is_integer, whole_type

if TYPE_CHECKING:
    _Element = ColumnElement[Any]
    _Float = Float[Any]
else:
    # SQLAlchemy 1.4 has no generic classes.
    _Element, _Float = ColumnElement, Float


class Double(_Float):
    """A binary floating-point number of 64 bits, whatever the database calls it."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(53, asdecimal=False)


@compiles(Double)
def _double(*_: Any, **__: Any) -> str:
    return "DOUBLE PRECISION"


@compiles(Double, "sqlite")
def _double_sqlite(*_: Any, **__: Any) -> str:
    return "REAL"


class Portable(_Element):
    """The root of the nodes that each database renders in its own way."""

    inherit_cache = True
    __visit_name__ = "pydbt_portable"
    element: ColumnElement[Any]

    def __init__(self, element: ColumnElement[Any], type_: TypeEngine[Any] | None = None) -> None:
        self.element = element
        self.type = element.type if type_ is None else type_

    @property
    def _from_objects(self) -> list[Any]:
        """The tables it is of: else SQLAlchemy warns of a cartesian product where a join is by it."""
        found: list[Any] = self.element._from_objects  # noqa: SLF001  there is no public name for it
        return found

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("type", InternalTraversal.dp_type),
    ]


class ByCodePoint(Portable):
    """Text ordered by code point: PostgreSQL needs to be told, the others do so."""

    inherit_cache = True
    __visit_name__ = "pydbt_by_code_point"


class AsTimestamp(Portable):
    """A date beside a date with time: SQLite keeps both as text, of different lengths."""

    inherit_cache = True
    __visit_name__ = "pydbt_as_timestamp"


class AsDouble(Portable):
    """A number made a float where the database would divide or average otherwise."""

    inherit_cache = True
    __visit_name__ = "pydbt_as_double"


class Average(Portable):
    """An average, which is a float on every database."""

    inherit_cache = True
    __visit_name__ = "pydbt_average"


class AverageOf(Portable):
    """What an average is taken of: MariaDB's average of exact numbers has four digits more than they."""

    inherit_cache = True
    __visit_name__ = "pydbt_average_of"


class IntegerSum(Portable):
    """The sum of whole numbers, which is a whole number of 64 bits on every database."""

    inherit_cache = True
    __visit_name__ = "pydbt_integer_sum"


class Floor(Portable):
    """The largest whole number not above a number."""

    inherit_cache = True
    __visit_name__ = "pydbt_floor"


class Ceiling(Portable):
    """The smallest whole number not below a number."""

    inherit_cache = True
    __visit_name__ = "pydbt_ceiling"


class Quotient(Portable):
    """A division as the database does it, of operands that make it the same everywhere."""

    inherit_cache = True
    __visit_name__ = "pydbt_quotient"
    divisor: ColumnElement[Any]

    def __init__(
        self, element: ColumnElement[Any], divisor: ColumnElement[Any], type_: TypeEngine[Any]
    ) -> None:
        super().__init__(element, type_)
        self.divisor = divisor

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("divisor", InternalTraversal.dp_clauseelement),
        ("type", InternalTraversal.dp_type),
    ]


class WholeQuotient(Quotient):
    """A division of whole numbers that leaves no rest."""

    inherit_cache = True
    __visit_name__ = "pydbt_whole_quotient"


class OrderKey(Portable):
    """One key of an ORDER BY, with the place of its NULLs: last, unless told."""

    inherit_cache = True
    __visit_name__ = "pydbt_order_key"

    def __init__(
        self,
        element: ColumnElement[Any],
        *,
        descending: bool = False,
        puts_nulls_first: bool = False,
        computed: ColumnElement[Any] | None = None,
    ) -> None:
        super().__init__(element)
        self.descending = descending
        self.puts_nulls_first = puts_nulls_first
        # What the element names, where it is a name of the SELECT's own: in an expression MariaDB would take
        # it for a column of FROM.
        self.computed = computed

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("descending", InternalTraversal.dp_boolean),
        ("puts_nulls_first", InternalTraversal.dp_boolean),
        ("computed", InternalTraversal.dp_clauseelement),
        ("type", InternalTraversal.dp_type),
    ]


@compiles(Portable)
def _plain(node: Portable, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw)


for _node in (ByCodePoint, AsTimestamp, AverageOf):
    compiles(_node)(_plain)


@compiles(ByCodePoint, "postgresql")
def _by_code_point(node: ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw) + ' COLLATE "C"'


@compiles(AsTimestamp, "sqlite")
def _as_timestamp(node: AsTimestamp, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(node.element, **kw)} || ' 00:00:00.000000')"


@compiles(AsDouble)
@compiles(Average)
def _as_double(node: Portable, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(Cast(node.element, Double()), **kw)


compiles(AsDouble, "duckdb")(_plain)  # Its / is a true division.
compiles(Average, "duckdb", "sqlite")(_plain)


@compiles(IntegerSum)
def _integer_sum(node: IntegerSum, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(Cast(node.element, BigInteger()), **kw)


compiles(IntegerSum, "sqlite")(_plain)


@compiles(IntegerSum, "postgresql")
def _integer_sum_postgresql(node: IntegerSum, compiler: SQLCompiler, **kw: Any) -> str:
    """Only the sum of a bigint is numeric there."""
    plain = isinstance(node.element.type, Integer) and not isinstance(node.element.type, BigInteger)
    return _plain(node, compiler, **kw) if plain else _integer_sum(node, compiler, **kw)


def _divided(node: Quotient, compiler: SQLCompiler, sign: str, **kw: Any) -> str:
    return f"{compiler.process(node.element, **kw)} {sign} {compiler.process(node.divisor, **kw)}"


@compiles(Quotient)
@compiles(WholeQuotient)
def _quotient(node: Quotient, compiler: SQLCompiler, **kw: Any) -> str:
    return _divided(node, compiler, "/", **kw)


@compiles(WholeQuotient, "duckdb")
def _whole_quotient_duckdb(node: Quotient, compiler: SQLCompiler, **kw: Any) -> str:
    return _divided(node, compiler, "//", **kw)


@compiles(Floor)
def _floor(node: Floor, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(functions.func.floor(node.element), **kw)


@compiles(Floor, "sqlite")
def _floor_sqlite(node: Floor, compiler: SQLCompiler, **kw: Any) -> str:
    """Not every SQLite has floor(), and the one SQLAlchemy registers fails on NULL."""
    if may_change(node.element):
        return f"(pydbt_floor({compiler.process(node.element, **kw)}) + 0.0)"
    # Each time anew: SQLAlchemy 1.4 counts the parameters as they are rendered.
    one, two, three = (compiler.process(node.element, **kw) for _ in range(3))
    # By rounding: a cast to whole numbers ends at 64 bits.
    return f"(round({one}) - (round({two}) > ({three})))"


@compiles(Ceiling)
def _ceiling(node: Ceiling, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(functions.func.ceil(node.element), **kw)


@compiles(Ceiling, "sqlite")
def _ceiling_sqlite(node: Ceiling, compiler: SQLCompiler, **kw: Any) -> str:
    """As the floor."""
    if may_change(node.element):
        return f"(pydbt_ceil({compiler.process(node.element, **kw)}) + 0.0)"
    one, two, three = (compiler.process(node.element, **kw) for _ in range(3))
    return f"(round({one}) + (round({two}) < ({three})))"


# Where NULL stands when nobody says: (ascending, descending); True is first.
_NULLS_FIRST_BY_DEFAULT = {"postgresql": (False, True), "duckdb": (False, False), "sqlite": (True, False)}


@compiles(OrderKey)
def _order_key(node: OrderKey, compiler: SQLCompiler, **kw: Any) -> str:
    direction = " DESC" if node.descending else ""
    default = _NULLS_FIRST_BY_DEFAULT.get(compiler.dialect.name)
    if default is not None and default[node.descending] == node.puts_nulls_first:
        nulls = ""
    else:
        nulls = " NULLS FIRST" if node.puts_nulls_first else " NULLS LAST"
    return compiler.process(node.element, **kw) + direction + nulls


def order_key(key: Any) -> OrderKey:
    """A key as the user wrote it, ``df.a`` or ``df.a.desc().nulls_first()``, with everything said."""
    descending = puts_nulls_first = False
    while isinstance(key, UnaryExpression) and key.modifier is not None:
        descending = descending or key.modifier is operators.desc_op
        puts_nulls_first = puts_nulls_first or key.modifier is operators.nulls_first_op
        key = key.element
    return OrderKey(ordered(key), descending=descending, puts_nulls_first=puts_nulls_first)


def ordered(element: Any) -> Any:
    """The expression as it is ordered by: text by code point."""
    return ByCodePoint(element) if _is_text(element) else element


def _is_text(element: Any) -> bool:
    return family_of(element.type) is Family.TEXT


def _is_number(type_: TypeEngine[Any]) -> bool:
    return isinstance(type_, NullType) or family_of(type_) is Family.NUMBER


def same_moment(left: Any, right: Any) -> tuple[Any, Any]:
    """Two sides of a comparison, a date made a date with time where the other is one."""
    one = family_of(left.type)
    other = family_of(getattr(right, "type", NullType()))  # Both ends of BETWEEN have none.
    if one is Family.DATE and other is Family.DATETIME:
        return AsTimestamp(left, right.type), right
    if one is Family.DATETIME and other is Family.DATE:
        return left, AsTimestamp(right, left.type)
    return left, right


_ORDERINGS = frozenset(
    {operators.lt, operators.le, operators.gt, operators.ge, operators.between_op, operators.not_between_op}
)


def operator(op: Any, left: Any, right: Any, node: BinaryExpression[Any]) -> Any:
    """What stands for the operator everywhere; None where all databases agree on it."""
    if op in _ORDERINGS:
        if not _is_text(left):
            return _between(op, left, right, node) if isinstance(node.type, NullType) else None
        return BinaryExpression(ByCodePoint(left), right, op, type_=Boolean(), negate=node.negate)
    arithmetic = _ARITHMETIC.get(op)
    if arithmetic is None or not (_is_number(left.type) and _is_number(right.type)):
        return None
    check_operands(op, left, right, is_whole=_are_whole(left, right))
    return arithmetic(left, right)


def _between(op: Any, left: Any, right: Any, node: BinaryExpression[Any]) -> Any:
    """SQLAlchemy says nothing of the type of a BETWEEN."""
    return BinaryExpression(left, right, op, type_=Boolean(), negate=node.negate, modifiers=node.modifiers)


def _nonzero(divisor: Any) -> Any:
    """The divisor, or NULL for zero: a division by it is NULL."""
    inner = divisor.element if isinstance(divisor, Grouping) else divisor
    if isinstance(inner, BindParameter) and inner.value:
        return divisor
    return functions.func.nullif(inner, 0, type_=divisor.type)


def _true_division(left: Any, right: Any) -> Any:
    return Quotient(left if is_float(left.type) else AsDouble(left, Double()), _nonzero(right), Double())


def _are_whole(left: Any, right: Any) -> bool:
    return all(is_integer(side.type) or isinstance(side.type, NullType) for side in (left, right))


def _modulo(left: Any, right: Any) -> Any:
    """The rest with the sign of the divisor: of whole numbers by twice ``%``, of others by their floor."""
    divisor = _nonzero(right)
    if _are_whole(left, right):
        type_ = whole_type(left.type, right.type) or left.type
        rest = BinaryExpression(left, divisor, operators.mod, type_=type_)
        shifted = Grouping(BinaryExpression(rest, right, operators.add, type_=type_))
        return BinaryExpression(shifted, divisor, operators.mod, type_=type_)
    floors = Floor(_true_division(left, right), Double())
    product = BinaryExpression(right, floors, operators.mul, type_=left.type)
    return Grouping(BinaryExpression(left, product, operators.sub, type_=Double()))


def _floor_division(left: Any, right: Any) -> Any:
    if not _are_whole(left, right):
        return Floor(_true_division(left, right), Double())
    whole = Grouping(BinaryExpression(left, _modulo(left, right), operators.sub, type_=left.type))
    return Grouping(WholeQuotient(whole, _nonzero(right), BigInteger()))


_ARITHMETIC = {
    operators.truediv: _true_division,
    operators.mod: _modulo,
    python_operators.floordiv: _floor_division,
}


def function_result(node: Any) -> Any:
    """A function, with its FILTER and its OVER, cast where databases give it different types."""
    inner = node
    while isinstance(inner, (Over, FunctionFilter)):
        inner = inner.element if isinstance(inner, Over) else inner.func
    name = getattr(inner, "name", None)
    if name == "sum" and is_integer(inner.type):
        return IntegerSum(node, BigInteger())
    if name == "avg":
        return Average(node, Double())
    return node
