"""Columns by name, literals, and values that depend on conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from pydbt.errors import FunctionArgumentError, NotAConditionError, user_location
from pydbt.sql.functions import supplied
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import ColumnOrName, Element, column, named, spoken, value
from pydbt.sql.functions.rule import ANY, CONDITION, Rule, Types, type_of_all
from pydbt.sql.methods import Methods
from pydbt.sql.semantics import AsTimestamp, ordered


def col(name: str) -> Methods:
    """The column of that name, of whichever DataFrame the expression is used in.

    >>> from pydbt import F
    >>> games().select(double=F.col("goals") * 2).first()
    (6,)
    """
    if not isinstance(name, str):
        hint = 'give its name: F.col("goals")'
        raise FunctionArgumentError(f"F.col was given {name!r}", where=user_location(), hint=hint)
    return named(name)


def lit(value: Any) -> Methods:
    """A Python value as an expression: text, a number, a date, a boolean, None.

    >>> from pydbt import F
    >>> games().select("team", year=F.lit(2022)).first()
    ('a', 2022)
    """
    return spoken(value)


class _Cases(Rule):
    """Conditions and values in turn, and one value more when there is an ``otherwise``."""

    def checked(self, arguments: Sequence[Any]) -> list[Any]:
        """Conditions are conditions, and the values are of one type."""
        pairs = len(arguments) // 2
        conditions, rest = arguments[: 2 * pairs : 2], arguments[2 * pairs :]
        for condition in conditions:
            self.check(condition, CONDITION, "condition")
        values = self.united([*arguments[1::2], *rest])
        made: list[Any] = []
        for condition, each in zip(conditions, values, strict=False):
            made += [condition, each]
        return made + values[pairs:]


def _type_of_values(types: Types) -> Any:
    return type_of_all([*types[1::2], *types[len(types) // 2 * 2 :]])


def _case(*arguments: Any) -> Any:
    pairs = len(arguments) // 2 * 2
    whens = list(zip(arguments[:pairs:2], arguments[1:pairs:2], strict=True))
    return sa.case(*whens, else_=arguments[pairs]) if len(arguments) > pairs else sa.case(*whens)


_WHEN = _Cases("when", {"*arguments": ANY}, _type_of_values, {"ansi": _case})


class When(Call):
    """A CASE that may still grow: ``.when(…)`` and ``.otherwise(…)`` go on with it."""

    inherit_cache = True

    def when(self, condition: ColumnElement[bool], then: Any) -> When:
        """A further condition, asked where those before it are not true, and its value."""
        return When(_WHEN, [*self.arguments, _condition(condition), value(then)])

    def otherwise(self, then: Any) -> Call:
        """The value where no condition is true; without it, that is NULL."""
        return Call(_WHEN, [*self.arguments, value(then)])


def when(condition: ColumnElement[bool], then: Any) -> When:
    """A value where a condition is true; go on with ``.when(…)``, and end with ``.otherwise(…)``.

    The first condition that is true counts. Where none is, it is NULL, unless there is an ``otherwise``. A
    condition that is NULL is not true. Text is text: ``F.col`` names a column.

    Args:
        condition: A comparison of columns.
        then: A Python value or an expression; all values are of one type.

    >>> from pydbt import F
    >>> df = games()
    >>> df.select(F.when(df.goals > 2, "many").when(df.goals > 0, "few").otherwise("?").label("is")).collect()
    [('many',), ('few',), ('?',)]
    """
    return When(_WHEN, [_condition(condition), value(then)])


def _condition(condition: Any) -> Any:
    if not isinstance(condition, ColumnElement):
        hint = "give a comparison of columns: F.when(df.a > 1, …); combine with & | ~"
        raise NotAConditionError(f"F.when was given {condition!r}", where=user_location(), hint=hint)
    return condition


def _coalesced(types: Types) -> Rule:
    """SQLite's coalesce takes no single value."""
    return _COALESCE if len(types) > 1 else _ONLY


_ONLY = Rule("coalesce of one", {"x": ANY}, type_of_all, {"ansi": "({x})"})
_COALESCE: Rule = Rule(
    "coalesce",
    {"*values": ANY},
    type_of_all,
    {"ansi": "coalesce({*values})"},
    is_united=True,
    variant=_coalesced,
)
_IF_NULL = Rule(
    "if_null",
    {"x": ANY, "other": ANY},
    type_of_all,
    {"ansi": "coalesce({x}, {other})"},
    is_united=True,
)


def _nullif(x: Any, other: Any) -> Any:
    """What comes out is of the first type: a date beside a moment is cast to one."""
    first = sa.cast(x.element, x.type) if isinstance(x, AsTimestamp) else x
    return sa.func.nullif(first, other, type_=x.type)


_NULLIF = Rule(
    "nullif",
    {"x": ANY, "other": ANY},
    type_of_all,
    {"ansi": _nullif, "sqlite": "nullif({x}, {other})"},
    is_united=True,
)


def _extreme(name: str) -> Rule:
    """A rule that passes over NULL, which SQLite's and MySQL's own do not; text is by code point."""

    def by_code_point(*values: Any) -> Any:
        return getattr(sa.func, name)(*map(ordered, values))

    def of_some(*values: Any) -> Any:
        turned = [sa.func.coalesce(*values[start:], *values[:start]) for start in range(len(values))]
        return getattr(sa.func, name)(*turned) if len(values) > 1 else values[0]

    def pick(*values: Any) -> Any:
        known = [each for each in values if each is not None]
        return (max if name == "greatest" else min)(known, default=None)

    supplied.scalar_of_nulls(f"pydbt_{name}", -1)(pick)
    template = f"{name}({{*values}})"
    sql: dict[str, Any] = {
        "ansi": template,
        "sqlite": f"pydbt_{template}",
        "mysql": of_some,
        "postgresql": by_code_point,
    }
    return Rule(name, {"*values": ANY}, type_of_all, sql, is_united=True)


_GREATEST, _LEAST = _extreme("greatest"), _extreme("least")


def coalesce(*values: Any) -> Call:
    """The first of the columns that is not NULL.

    All NULL give NULL, and one alone is itself. All are of one type; text is the name of a column, ``F.lit``
    makes a value of it.

    >>> from pydbt import F
    >>> games().select(n=F.coalesce("goals", F.lit(0))).collect()
    [(3,), (1,), (0,)]
    """
    return call(_COALESCE, *_some(values, "coalesce"))


def if_null(x: ColumnOrName, other: Any) -> Call:
    """The column, and another value where it is NULL.

    >>> from pydbt import F
    >>> games().select(n=F.if_null("goals", 0)).collect()
    [(3,), (1,), (0,)]
    """
    return call(_IF_NULL, column(x), value(other))


def nullif(x: ColumnOrName, other: Any) -> Call:
    """The column, and NULL where it equals another value.

    >>> from pydbt import F
    >>> games().select(team=F.nullif("team", "a")).collect()
    [(None,), ('b',), (None,)]
    """
    return call(_NULLIF, column(x), value(other))


def greatest(*values: Any) -> Call:
    """The greatest of the columns in each row; text by code point.

    NULL is passed over; all NULL give NULL.

    >>> from pydbt import F
    >>> games().select(n=F.greatest("goals", F.lit(2))).collect()
    [(3,), (2,), (2,)]
    """
    return call(_GREATEST, *_some(values, "greatest"))


def least(*values: Any) -> Call:
    """The least of the columns in each row; text by code point.

    NULL is passed over; all NULL give NULL.

    >>> from pydbt import F
    >>> games().select(n=F.least("goals", F.lit(2))).collect()
    [(2,), (1,), (2,)]
    """
    return call(_LEAST, *_some(values, "least"))


def _some(values: tuple[Any, ...], function: str) -> list[Element]:
    if not values:
        hint = f'name columns: F.{function}("a", "b")'
        raise FunctionArgumentError(f"F.{function} was given nothing", where=user_location(), hint=hint)
    return [column(each) for each in values]
