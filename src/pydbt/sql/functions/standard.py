"""Functions of SQLAlchemy's ``func``: the type each has on every database, texts ordered by code point."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.types import BigInteger, NullType, String, TypeEngine

from pydbt.sql.semantics import AverageOf, ByCodePoint, Ceiling, Double, Floor, Portable
from pydbt.sql.types import Family, family_of, is_decimal, is_float, is_fraction, is_integer, whole_type

_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(
        ("row_number", "rank", "dense_rank", "ntile", "count", "grouping", "length", "char_length"),
        BigInteger(),
    ),
    **dict.fromkeys(("percent_rank", "cume_dist", "avg", "stddev", "variance", "median"), Double()),
    **dict.fromkeys(
        ("lower", "upper", "trim", "ltrim", "rtrim", "replace", "substr", "substring", "concat"), String()
    ),
}
# What SQLAlchemy types otherwise than databases do: a rank has 64 bits.
_MISTYPED = frozenset(("avg", "count", "cume_dist", "dense_rank", "percent_rank", "rank"))
_ROUNDED: dict[str, type[Portable]] = {"floor": Floor, "ceil": Ceiling, "ceiling": Ceiling}
_OF_FIRST_ARGUMENT = frozenset(
    [
        "abs",
        "coalesce",
        "sum",
        "lag",
        "lead",
        "first_value",
        "last_value",
        "nth_value",
        "nullif",
        "min",
        "max",
        "any_value",
        "greatest",
        "least",
        "round",
    ]
)


def function(name: str, node: Any) -> Any:
    """A function with its type, where SQLAlchemy does not know it, and its text ordered by code point."""
    arguments = list(node.clauses)
    if name in {"min", "max"} and len(arguments) == 1 and family_of(arguments[0].type) is Family.TEXT:
        return functions.Function(name, ByCodePoint(arguments[0]), type_=arguments[0].type)
    if name in _ROUNDED and len(arguments) == 1:
        return _ROUNDED[name](arguments[0])
    first = arguments[0].type if arguments else node.type
    if isinstance(node.type, NullType) or _was_guessed(node.type, first) or name in _MISTYPED:
        if name in _TYPES:
            node.type = _TYPES[name]
        elif name in _OF_FIRST_ARGUMENT and arguments:
            node.type = first
    if name == "avg" and len(arguments) == 1 and not is_float(first):
        return functions.Function(name, _averaged(arguments[0]), type_=node.type)
    return node


def _was_guessed(type_: Any, first: Any) -> bool:
    """Whether a function got its type while its argument was a name, or had a type too narrow for it."""
    if is_integer(type_):
        whole = whole_type(type_, first)
        return is_fraction(first) if whole is None else whole.__class__ is not type_.__class__
    return is_decimal(type_) and is_float(first)


def _averaged(argument: Any) -> Any:
    if isinstance(argument, UnaryExpression) and argument.operator is operators.distinct_op:
        return AverageOf(argument.element).distinct()
    return AverageOf(argument)
