"""What SQLAlchemy's own operators and functions become where F has what means the same on every database.

``df.day + timedelta(days=1)``, ``extract("year", df.day)`` and ``func.median(df.a)`` are written with
SQLAlchemy alone. Databases have them in different ways, or not at all; in a DataFrame they are F's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import reduce
from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, UnaryExpression
from sqlalchemy.types import Date, DateTime, Interval

from pydbt.errors import TypeMismatchError, user_location
from pydbt.sql import semantics
from pydbt.sql.casts import Kind, kind_of
from pydbt.sql.condition import closed
from pydbt.sql.decimals import calculated_type
from pydbt.sql.functions import aggregates, conditional, date_parts, standard, statistics
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import LONG, literal
from pydbt.sql.functions.rule import (
    ANY,
    MOMENT,
    WHOLE,
    Rule,
    type_with,
    types_of,
    united,
)
from pydbt.sql.nodes import operation
from pydbt.sql.operator_types import check_types
from pydbt.sql.types import Family, family_of, is_decimal, is_integer, is_interval, meet

_MOMENTS = frozenset({Family.DATE, Family.DATETIME})


def _rule(name: str, type_: Any, sql: str, sqlite: str) -> Rule:
    takes = {"x": MOMENT, "n": WHOLE} if type_.__class__ is Date else {"x": MOMENT, "n": ANY}
    return Rule(name, takes, type_, {"ansi": sql, "sqlite": sqlite, "mysql": None})


_PLUS = _rule("+ an interval", DateTime(), "({x} + {n})", "pydbt_moment_plus({x}, {n})")
_MINUS = _rule("- an interval", DateTime(), "({x} - {n})", "pydbt_moment_minus({x}, {n})")
_LATER = _rule("+ days", Date(), "({x} + {n})", "date({x}, {n} || ' days')")
_EARLIER = _rule("- days", Date(), "({x} - {n})", "date({x}, (0 - {n}) || ' days')")
_BETWEEN = _rule("- a moment", Interval(), "({x} - {n})", "pydbt_interval({x}, {n})")
_DAYS = _rule(
    "- a date", LONG, "CAST({x} - {n} AS BIGINT)", "CAST(julianday({x}) - julianday({n}) AS INTEGER)"
)


def calculated(left: Any, right: Any, operator: Any) -> Any:
    """What a calculation becomes that databases do in different ways; None where they agree."""
    one, other = family_of(left.type), family_of(right.type)
    if one not in _MOMENTS and other not in _MOMENTS:
        return _of_decimals(left, right, operator)
    if operator is operators.add and one not in _MOMENTS:
        left, right, one, other = right, left, other, one
    rule = _of_moments(left, right, one, other, operator)
    return None if rule is None else call(rule, left, right)


def chained(operands: Iterable[Any], operator: Any) -> Any:
    """``a + b + c``, of which SQLAlchemy makes one node, as of its pairs: each may be one of the above."""

    def paired(left: Any, right: Any) -> Any:
        check_types(operator, left, right)
        made = calculated(left, right, operator)
        return left.comparator.operate(operator, right) if made is None else made

    return reduce(paired, map(closed, operands))


def _of_decimals(left: Any, right: Any, operator: Any) -> BinaryExpression[Any] | None:
    """A calculation with decimals, of a type that has all its digits; a float beside a float, everywhere."""
    types = (left.type, right.type)
    if not any(map(is_decimal, types)):
        return None
    left, right = _exact(left, right), _exact(right, left)
    kinds = {kind_of(left.type), kind_of(right.type)}
    if Kind.FLOAT in kinds:
        return operation(BinaryExpression, left, right, operator, semantics.Double())
    if not kinds <= _EXACT:
        return None
    type_ = calculated_type(operator, *types_of((left, right)))
    return operation(BinaryExpression, left, right, operator, type_)


_EXACT = {Kind.DECIMAL, Kind.INTEGER}


def _exact(side: Any, beside: Any) -> Any:
    """``1.1`` beside a price as the decimal one reads, not a binary fraction; all else as it is."""
    if not (_is_fraction(side) and is_decimal(beside.type)):
        return side
    exact = meet(side.value, beside.type)
    return literal(exact) if isinstance(exact, Decimal) else side


def _is_fraction(side: Any) -> bool:
    return side.__class__ is BindParameter and isinstance(side.value, float)


def _of_moments(left: Any, right: Any, one: Family, other: Family, operator: Any) -> Rule | None:
    if one not in _MOMENTS or _has_zone(left) or _has_zone(right) or operator is operators.mul:
        return None
    is_sum = operator is operators.add
    if other is Family.INTERVAL or isinstance(right.type, Interval):
        return _PLUS if is_sum else _MINUS
    if one is Family.DATE and is_integer(right.type):
        return _LATER if is_sum else _EARLIER
    if is_sum or other not in _MOMENTS:
        return None
    return _DAYS if one is other is Family.DATE else _BETWEEN


def _has_zone(element: Any) -> bool:
    return bool(getattr(element.type, "timezone", False))


_FIELDS = {
    **{part: part for part in ("year", "quarter", "month", "week", "day", "hour", "minute", "second")},
    "epoch": "epoch",
    "isodow": "day_of_week",
    "doy": "day_of_year",
    "isoyear": "iso_year",
}


def extracted(node: Any, moment: Any) -> Any:
    """``extract(…)`` of SQLAlchemy, a whole number where F knows the field and the type; else as it was."""
    part = _FIELDS.get(node.field.lower())
    if part is None or family_of(moment.type) not in _MOMENTS or _has_zone(moment):
        node.expr = moment
        return node
    return call(date_parts.RULES[part], moment)


_SAME: dict[str, Callable[..., Call]] = {
    "median": statistics.median,
    "stddev": statistics.stddev,
    "stddev_samp": statistics.stddev,
    "stddev_pop": statistics.stddev_pop,
    "variance": statistics.var,
    "var_samp": statistics.var,
    "var_pop": statistics.var_pop,
    "corr": statistics.corr,
    "bool_and": aggregates.bool_and,
    "bool_or": aggregates.bool_or,
    "greatest": conditional.greatest,
    "least": conditional.least,
}


def function(name: str, node: Any) -> Any:
    """A function of SQLAlchemy: F's where F has one of the same name and meaning for these types."""
    if name in _SUMMED:
        _check_numbers(name, node.clauses)
    if name == "sum" and all(_is_length_of_time(each) for each in node.clauses):
        return aggregates.sum(*node.clauses)  # Not every database has it.
    if name == "coalesce" and len(node.clauses) == 1:
        return conditional.coalesce(*node.clauses)  # SQLite's takes two at least.
    same = _SAME.get(name)
    if same is None:
        return standard.function(name, _united(node) if name == "coalesce" else node)
    arguments = list(node.clauses)
    is_plain = all(_is_plain(argument) for argument in arguments)
    return same(*arguments) if is_plain and arguments else standard.function(name, node)


def _united(node: Any) -> Any:
    """The call of coalesce, of a type with room for each of its values, and they of it."""
    values = node.clause_expr.element
    values.clauses = united(values.clauses, "coalesce")
    node.type = type_with(node.type, values.clauses)
    return node


_AVERAGED = frozenset({Family.NUMBER, Family.OTHER})
_SUMMED = {"sum": _AVERAGED | {Family.INTERVAL}, "avg": _AVERAGED}


def _check_numbers(name: str, arguments: Iterable[Any]) -> None:
    """Sums and averages are of numbers; of all else databases answer each in its own way."""
    for argument in arguments:
        family = Family.INTERVAL if is_interval(argument.type) else family_of(argument.type)
        if family not in _SUMMED[name]:
            hint = "it works on numbers; cast the column"
            raise TypeMismatchError(f"{name} of {family.value}", where=user_location(), hint=hint)


def _is_plain(argument: Any) -> bool:
    """Whether an argument is a value of a known type, without DISTINCT before it."""
    return family_of(argument.type) is not Family.OTHER and not _is_distinct(argument)


def _is_length_of_time(argument: Any) -> bool:
    return is_interval(argument.type) and not _is_distinct(argument)


def _is_distinct(argument: Any) -> bool:
    return isinstance(argument, UnaryExpression) and argument.operator is operators.distinct_op
