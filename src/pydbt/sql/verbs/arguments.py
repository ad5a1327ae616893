"""What users hand to verbs, names, columns, values, made expressions, or an error at their line."""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType, MethodType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import (
    BindParameter,
    Cast,
    ColumnClause,
    ColumnElement,
    Label,
    TextClause,
    _anonymous_label,
)
from sqlalchemy.sql.roles import ExpressionElementRole
from sqlalchemy.sql.selectable import FromClause

from pydbt.errors import (
    AggregateError,
    AmbiguousColumnError,
    ColumnArgumentError,
    ColumnNotFoundError,
    NotAConditionError,
    UnnamedColumnError,
    user_location,
)
from pydbt.sql.column import Column, HiddenColumn, column_of
from pydbt.sql.condition import LOGICAL_FAMILIES
from pydbt.sql.expression import Expression, adopt
from pydbt.sql.identifiers import is_name
from pydbt.sql.query import Query
from pydbt.sql.types import family_of
from pydbt.sql.values import known, type_of_value


def flattened(arguments: Iterable[Any]) -> list[Any]:
    """The arguments, lists and tuples among them opened."""
    flat: list[Any] = []
    for argument in arguments:
        if isinstance(argument, (list, tuple)):
            flat.extend(argument)
        else:
            flat.append(argument)
    return flat


def element_of(query: Query, argument: Any, verb: str) -> ColumnElement[Any]:
    """A name or an expression as a column element; anything else is an error."""
    if isinstance(argument, str):
        return column_of(query, argument)
    if isinstance(argument, HiddenColumn):
        argument.refused()
    if isinstance(argument, TextClause):
        hint = "write it with columns and func, or as literal_column() where there is no other way"
        raise ColumnArgumentError(f"{verb} takes no SQL text", where=user_location(), hint=hint)
    if isinstance(argument, ColumnElement):
        return argument
    if isinstance(argument, FromClause):
        hint = 'a name is given by .label("name"), or before it: select(name=…), agg(name=…)'
        raise ColumnArgumentError(f"{verb} was given a table", where=user_location(), hint=hint)
    clause = getattr(argument, "__clause_element__", None)
    if clause is not None:
        return element_of(query, clause(), verb)
    what = f"{verb} was given {_shown(argument)}, which is neither a column nor its name"
    hint = _uncalled(argument) or 'give names or columns: "a", df.a, func.lower(df.a)'
    raise ColumnArgumentError(what, where=user_location(), hint=hint)


def _shown(argument: Any) -> str:
    """The argument, without the address of a function in memory."""
    return f"the function {argument.__name__}" if isinstance(argument, _FUNCTIONS) else repr(argument)


def _uncalled(argument: Any) -> str:
    """What to do about a function where its result is wanted; empty for all else."""
    if not isinstance(argument, _FUNCTIONS):
        return ""
    if argument.__name__ == "<lambda>":
        return "give the expression itself: df.a + 1; nothing calls a lambda"
    return f"call it: {argument.__name__}()"


_FUNCTIONS = (FunctionType, MethodType)


def expression_of(query: Query, argument: Any, verb: str) -> Expression:
    """A checked expression out of a column, an expression or a Python value."""
    if isinstance(argument, ColumnElement):
        return adopt(query, argument)
    if isinstance(argument, HiddenColumn):
        argument.refused()
    if isinstance(argument, ExpressionElementRole) or hasattr(argument, "__clause_element__"):
        return adopt(query, element_of(query, argument, verb))
    return adopt(query, literal_of(argument, verb))


def literal_of(value: Any, verb: str) -> ColumnElement[Any]:
    """A Python value as SQL."""
    value = known(value, verb)
    if value is None:
        return sa.null()
    return BindParameter(None, value, type_=type_of_value(value), unique=True)


_NAMING = frozenset({"select", "group_by", "rollup", "cube"})


def named(query: Query, argument: Any, verb: str) -> tuple[str, Expression]:
    """An expression with the name it goes under: its label's, its column's, or the cast column's."""
    element = element_of(query, argument, verb)
    name = _name_of(element)
    if name is None:
        hint = (
            f'give it one: {verb}(name=…), or .label("name")'
            if verb in _NAMING
            else "give a column, or its name"
        )
        raise UnnamedColumnError(
            f"an expression in {verb} has no name: {element}", where=user_location(), hint=hint
        )
    if isinstance(element, Label):
        return check_new_name(name, verb), adopt(query, element.element)
    return name, adopt(query, element)


def name_here(query: Query, column: Any, verb: str) -> str:
    """The name a column has in the query: its own, or the one its value goes by since a rename."""
    element = element_of(query, column, verb)
    if isinstance(element, Column):
        # Two names may stand for one value: the column that was asked for goes before the first of them.
        if query.fields.get(element.name) is element.value:
            return element.name
        name = query.name_of(element.value)
        if name is not None:
            return name
    hint = "give columns of this DataFrame, or their names"
    raise ColumnArgumentError(f"{verb} was given {column!r}", where=user_location(), hint=hint)


def is_anonymous(name: str) -> bool:
    """Whether SQLAlchemy made the name up: it looks like ``%(123 sum)s``, as a name of the user's may too."""
    return isinstance(name, _anonymous_label)


def _name_of(element: ColumnElement[Any]) -> str | None:
    if isinstance(element, (Column, Label)):
        return None if is_anonymous(element.name) else str(element.name)
    if isinstance(element, ColumnClause):
        return str(element.name) if not element.is_literal else None
    if isinstance(element, Cast):
        return _name_of(element.clause)
    return None


def check_new_name(name: Any, verb: str) -> str:
    """A name for a column, or an error."""
    if not is_name(name):
        hint = "a name is text that is not empty, without NUL and halves of characters"
        raise ColumnArgumentError(f"{verb} was given {name!r} for a name", where=user_location(), hint=hint)
    return name


def check_once(names: Iterable[str], verb: str) -> None:
    """Raise when a name comes twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            hint = "drop one of them, or give it another name"
            raise AmbiguousColumnError(
                f"{verb} would give two columns {name!r}", where=user_location(), hint=hint
            )
        seen.add(name)


def check_known(query: Query, names: Iterable[str]) -> None:
    """Raise for the first name that is no column of the query."""
    for name in names:
        column = column_of(query, name)
        if column.is_right:
            raise ColumnNotFoundError(f"no column {name!r}", where=user_location())


def check_no_aggregate(expression: Expression, verb: str) -> None:
    """Raise for an aggregate where every row counts for itself."""
    if expression.has_aggregate:
        hint = "use group_by(…).agg(…), or make it a window: func.sum(df.a).over(partition_by=df.b)"
        if verb in {"where", "filter"}:
            hint += "; one value of all rows is df.agg(x=func.avg(df.a)).scalar()"
        raise AggregateError(f"an aggregate stands in {verb}", where=user_location(), hint=hint)


def condition_of(query: Query, argument: Any, verb: str) -> Expression:
    """A checked condition."""
    if isinstance(argument, HiddenColumn):
        argument.refused()
    if isinstance(argument, (str, TextClause)):
        hint = "write it with columns: (df.a == 1) & (df.b > 2); text may hold more than a condition"
        raise NotAConditionError(
            f"{verb} was given text: {str(argument)!r}", where=user_location(), hint=hint
        )
    if not isinstance(argument, ColumnElement):
        hint = "give a comparison of columns; combine with & | ~, not with and, or, not"
        raise NotAConditionError(
            f"{verb} was given {_shown(argument)}, not a condition",
            where=user_location(),
            hint=_uncalled(argument) or hint,
        )
    expression = adopt(query, argument.element if isinstance(argument, Label) else argument)
    check_is_condition(expression, verb)
    return expression


def check_is_condition(expression: Expression, verb: str) -> None:
    """Raise when the expression is known to be something else than true or false."""
    family = family_of(expression.type)
    if family not in LOGICAL_FAMILIES:
        hint = "compare it with something: df.a == 1"
        what = f"{verb} was given an expression that is {family.value}, not a condition"
        raise NotAConditionError(what, where=user_location(), hint=hint)
