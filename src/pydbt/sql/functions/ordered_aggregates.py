"""Aggregates whose result depends on the order of the rows: texts, lists, the first and the last value.

Their order is always whole: without one the values are in their own order, and where keys are equal the
values decide. So the same rows give the same result, on every database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import ARRAY, String, TypeDecorator, TypeEngine

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_aggregates  # noqa: F401  importing it lists what SQLite lacks
from pydbt.sql.functions.call import CallOverRows, call_over_rows
from pydbt.sql.functions.operands import STRING, ColumnOrName, Text, column, literal, value
from pydbt.sql.functions.rule import ANY, TEXT, Rule, Types, type_of_first
from pydbt.sql.semantics import OrderKey, Portable, ordered
from pydbt.sql.types import Family, family_of

if TYPE_CHECKING:
    _List = TypeDecorator[list[Any]]
else:
    _List = TypeDecorator  # SQLAlchemy 1.4 has no generic classes.


class Lists(_List):
    """Lists of values of one type; SQLite keeps them as JSON.

    Args:
        item: The type of the values.
    """

    impl = ARRAY
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__(item)
        self.item = item

    def load_dialect_impl(self, dialect: Any) -> TypeEngine[Any]:
        """Text where there are no arrays."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())  # type: ignore[no-any-return]  # a dialect of any kind
        return dialect.type_descriptor(ARRAY(self.item))  # type: ignore[no-any-return]  # as above

    def process_result_value(self, value: Any, dialect: Any) -> list[Any] | None:  # noqa: ARG002  SQLAlchemy gives it
        """The list, its values as Python has them."""
        if not isinstance(value, str):
            return None if value is None else list(value)
        import json

        read = self._reading()
        return [None if item is None else read(item) for item in json.loads(value)]

    def _reading(self) -> Callable[[Any], Any]:
        family = family_of(self.item)
        if family is Family.NUMBER and getattr(self.item, "asdecimal", False):
            scale = getattr(self.item, "scale", None)
            # So many digits SQLAlchemy gives where a type does not say.
            places = Decimal(1).scaleb(-(10 if scale is None else scale))
            return lambda number: Decimal(repr(number)).quantize(places)
        return _FROM_JSON.get(family, _as_it_is)


def _as_it_is(item: Any) -> Any:
    return item


_FROM_JSON: dict[Family, Callable[[Any], Any]] = {
    Family.DATE: dt.date.fromisoformat,
    Family.DATETIME: dt.datetime.fromisoformat,
    Family.TIME: dt.time.fromisoformat,
    Family.BOOLEAN: bool,
    Family.BINARY: bytes.fromhex,
}


class SortedBy(Portable):
    """A key of the order inside an aggregate; SQLite's own aggregates are told the direction apart."""

    inherit_cache = True
    __visit_name__ = "pydbt_sorted_by"
    is_delimited = True  # No parentheses stand around a key and its direction.

    def __init__(self, element: Any, *, descending: bool, puts_nulls_first: bool) -> None:
        super().__init__(element)
        self.descending = descending
        self.puts_nulls_first = puts_nulls_first

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("element", InternalTraversal.dp_clauseelement),
        ("descending", InternalTraversal.dp_boolean),
        ("puts_nulls_first", InternalTraversal.dp_boolean),
        ("type", InternalTraversal.dp_type),
    ]


@compiles(SortedBy)
def _sorted_by(node: SortedBy, compiler: SQLCompiler, **kw: Any) -> str:
    key = OrderKey(ordered(node.element), descending=node.descending, puts_nulls_first=node.puts_nulls_first)
    return compiler.process(key, **kw)


@compiles(SortedBy, "sqlite")
def _sorted_by_sqlite(node: SortedBy, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(node.element, **kw)


def _keys(order_by: Any, x: Any, *, is_reversed: bool = False) -> list[Any]:
    """The directions as SQLite's aggregates take them, and the keys; the value itself comes last."""
    given = [] if order_by is None else order_by if isinstance(order_by, (list, tuple)) else [order_by]
    keys = [_key(each) for each in (*given, x)]
    if is_reversed:
        keys = [(each, not descending, not nulls_first) for each, descending, nulls_first in keys]
    directions = "".join(
        ("d" if descending else "a") + ("f" if nulls_first else "l") for _, descending, nulls_first in keys
    )
    made = [
        SortedBy(each, descending=descending, puts_nulls_first=nulls_first)
        for each, descending, nulls_first in keys
    ]
    return [literal(directions), *made]


def _key(key: Any) -> tuple[Any, bool, bool]:
    descending = puts_nulls_first = False
    element = column(key)
    while isinstance(element, UnaryExpression) and element.modifier is not None:
        descending = descending or element.modifier is operators.desc_op
        puts_nulls_first = puts_nulls_first or element.modifier is operators.nulls_first_op
        element = element.element
    return element, descending, puts_nulls_first


_STRING_AGG = Rule(
    "string_agg",
    {"x": TEXT, "separator": TEXT, "directions": TEXT, "*order": ANY},
    STRING,
    {
        "ansi": "string_agg({x}, {separator} ORDER BY {*order})",
        "sqlite": "pydbt_string_agg({x}, {separator}, {directions}, {*order})",
        "mysql": "group_concat({x} ORDER BY {*order} SEPARATOR {separator})",
    },
    kind="aggregate",
    has_window=False,
)


def _list_of_first(types: Types) -> TypeEngine[Any]:
    return Lists(types[0])


_ORDERED = {"x": ANY, "directions": TEXT, "*order": ANY}
_ARRAY_AGG = Rule(
    "array_agg",
    _ORDERED,
    _list_of_first,
    {
        "ansi": "array_agg({x} ORDER BY {*order})",
        "sqlite": "pydbt_array_agg({x}, {directions}, {*order})",
        "mysql": None,
    },
    kind="aggregate",
    has_window=False,
)


def _end(name: str) -> Rule:
    return Rule(
        name,
        _ORDERED,
        type_of_first,
        {
            "ansi": "array_agg({x} ORDER BY {*order})",
            "duckdb": "first({x} ORDER BY {*order})",
            "sqlite": "pydbt_first({x}, {directions}, {*order})",
            "mysql": None,
        },
        kind="aggregate",
        around={"ansi": "({result})[1]", "duckdb": "{result}", "sqlite": "{result}"},
        has_window=False,
    )


_FIRST, _LAST = _end("first"), _end("last")


def string_agg(x: ColumnOrName, separator: Text, *, order_by: Any = None) -> CallOverRows:
    """Texts one after the other: ``string_agg(x, ', ' ORDER BY y)``; NULLs are left out.

    Args:
        x: The texts.
        separator: What stands between two of them.
        order_by: Names, columns, ``column.desc()``, or a list of them; without it the texts' own order.

    >>> from pydbt import F
    >>> games().agg(teams=F.string_agg("team", ", ", order_by=F.col("goals").desc())).first()
    ('a, b, a',)
    """
    return call_over_rows(_STRING_AGG, column(x), value(separator), *_keys(order_by, x))


def array_agg(x: ColumnOrName, *, order_by: Any = None) -> CallOverRows:
    """All values as a list, NULLs among them: ``array_agg(x ORDER BY y)``; of no rows NULL.

    SQLite gives a list, too, and keeps it as JSON in a table.

    Args:
        x: The values.
        order_by: Names, columns, ``column.desc()``, or a list of them; without it the values' own order.

    >>> from pydbt import F
    >>> games().agg(goals=F.array_agg("goals", order_by="team")).first()
    ([3, None, 1],)
    """
    return call_over_rows(_ARRAY_AGG, column(x), *_keys(order_by, x))


def first(x: ColumnOrName, *, order_by: Any) -> CallOverRows:
    """The value of the first row in an order, NULL or not; of equal keys the smallest value.

    Args:
        x: The values.
        order_by: Names, columns, ``column.desc()``, or a list of them.

    >>> from pydbt import F
    >>> games().agg(team=F.first("team", order_by="goals")).first()
    ('b',)
    """
    return call_over_rows(_FIRST, column(x), *_keys(_given(order_by, "first"), x))


def last(x: ColumnOrName, *, order_by: Any) -> CallOverRows:
    """The value of the last row in an order, NULL or not: :func:`first` with the order turned round.

    Args:
        x: The values.
        order_by: As for :func:`first`; as NULLs come last, ``"goals"`` ends with a row without goals.

    >>> from pydbt import F
    >>> games().agg(team=F.last("team", order_by=F.col("goals").nulls_first())).first()
    ('a',)
    """
    return call_over_rows(_LAST, column(x), *_keys(_given(order_by, "last"), x, is_reversed=True))


def _given(order_by: Any, function: str) -> Any:
    if order_by is None or (isinstance(order_by, (list, tuple)) and not order_by):
        what = f"F.{function} was given no order"
        raise FunctionArgumentError(what, where=user_location(), hint='give one: order_by="a"')
    return order_by
