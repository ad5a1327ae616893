"""Rule: what a function takes, what type it gives, and its SQL on each database.

A rule is data. Its SQL is a template for each dialect that differs, with ``ansi`` for all others, and
``None`` where the function cannot be had. Where the SQL depends on the types of the arguments, ``variant``
chooses another rule once they are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import NullType, TypeEngine

from pydbt.errors import TypeMismatchError, user_location
from pydbt.sql import semantics
from pydbt.sql.chance import check_drawn_once
from pydbt.sql.functions.operands import literal, shown
from pydbt.sql.functions.template import Template
from pydbt.sql.types import (
    Family,
    common_type,
    family_of,
    is_decimal,
    is_float,
    is_integer,
    is_interval,
    meet,
)
from pydbt.sql.widening import widened

Types = Sequence[TypeEngine[Any]]
Families = frozenset[Family]
Sql = Template | Callable[..., Any]


class _Whole(frozenset[Family]):
    """Numbers, of those the ones without a fraction."""


ANY: Families = frozenset()
TEXT: Families = frozenset({Family.TEXT})
NUMBER: Families = frozenset({Family.NUMBER})
WHOLE: Families = _Whole({Family.NUMBER})
CONDITION: Families = frozenset({Family.BOOLEAN})
SUMMED: Families = frozenset({Family.NUMBER, Family.INTERVAL})
MOMENT: Families = frozenset({Family.DATE, Family.DATETIME})

DIALECTS = ("ansi", "duckdb", "sqlite", "postgresql", "mysql")
_SAME_AS = {"mariadb": "mysql"}
RULES: dict[str, Rule] = {}


@dataclass(frozen=True, eq=False)
class Rule:
    """One function on every database; making one lists it in ``RULES``.

    Args:
        name: The function's name in ``F``; a variant adds a word, ``round of a float``.
        takes: The names of the arguments, as the templates call them, with the families of types they may
            be of; ``*name`` is all that remain. A NULL, and a type nobody knows, is always taken.
        returns: The type, or how it follows from the types of the arguments.
        sql: Dialect to template, or to a function of the arguments that gives a SQLAlchemy expression.
        kind: ``aggregate`` makes one value of many rows, ``window`` needs ``.over(…)``.
        is_volatile: Each call gives another value.
        is_united: All arguments are of one type, and values are read as it: text beside a date is a date.
        around: What stands around the whole, OVER and FILTER included: a cast of ``{result}``.
        variant: The rule to take for these types.
        has_window: Whether an aggregate may stand before OVER, on every database.
        apart: The arguments that need not be of the others' type where ``is_united``.
    """

    name: str
    takes: Mapping[str, Families]
    returns: TypeEngine[Any] | Callable[[Types], TypeEngine[Any]]
    sql: Mapping[str, str | Callable[..., Any] | None]
    kind: Literal["scalar", "aggregate", "window"] = "scalar"
    is_volatile: bool = False
    is_united: bool = False
    around: Mapping[str, str] = field(default_factory=dict)
    variant: Callable[[Types], Rule] | None = None
    has_window: bool = True
    apart: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        known = RULES.get(self.name)
        # A runner of doctests may import a module a second time.
        assert known is None or known.sql.keys() == self.sql.keys(), f"two rules are called {self.name!r}"
        assert set(self.sql) | set(self.around) <= set(DIALECTS)
        RULES[self.name] = self

    @cached_property
    def refused_by(self) -> frozenset[str]:
        """The dialects that cannot have the function."""
        return frozenset(name for name, sql in self.sql.items() if sql is None)

    @cached_property
    def is_supplied_window(self) -> bool:
        """Whether it is a window function that SQLite has of Python."""
        sql = self.sql.get("sqlite")
        is_supplied = isinstance(sql, str) and sql.startswith("pydbt_")
        return is_supplied and self.kind == "aggregate" and self.has_window

    @cached_property
    def _templates(self) -> dict[str, Sql | None]:
        return {name: Template.of(sql) if isinstance(sql, str) else sql for name, sql in self.sql.items()}

    @cached_property
    def _around(self) -> dict[str, Template]:
        return {name: Template.of(sql) for name, sql in self.around.items()}

    def sql_on(self, dialect: str) -> Sql | None:
        """The SQL on a dialect; None where there is none."""
        name = _SAME_AS.get(dialect, dialect)
        return self._templates[name] if name in self._templates else self._templates.get("ansi")

    def around_on(self, dialect: str) -> Template | None:
        """What stands around the result on a dialect, if anything."""
        name = _SAME_AS.get(dialect, dialect)
        return self._around.get(name, self._around.get("ansi"))

    @cached_property
    def times(self) -> dict[str, int]:
        """How often each argument is written, on the database where it is most."""
        templates = [each for each in self._templates.values() if isinstance(each, Template)]
        names = [name.lstrip("*") for name in self.takes]
        return {name: max((each.uses(name) for each in templates), default=1) for name in names}

    @cached_property
    def repeats(self) -> int:
        """How often the argument that is written most is written."""
        return max(self.times.values(), default=1)

    def check_chance(self, arguments: Sequence[Any]) -> None:
        """Raise for chance in an argument that is written more than once."""
        if self.repeats == 1:
            return
        for name, given in self.named(arguments).items():
            for argument in given:
                check_drawn_once(argument, self.times[name], self.told)

    def named(self, arguments: Sequence[Any]) -> dict[str, Sequence[Any]]:
        """The arguments by the names the templates have for them."""
        made: dict[str, Sequence[Any]] = {}
        for position, name in enumerate(self.takes):
            rest = arguments[position:]
            made[name.lstrip("*")] = rest if name.startswith("*") else rest[:1]
        return made

    def checked(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments, once each is of a type the function takes, and of one type where they must be."""
        for name, given in self.named(arguments).items():
            families = self.takes.get(name, self.takes.get(f"*{name}", ANY))
            for argument in given:
                self.check(argument, families, name)
        if not self.is_united:
            return list(arguments)
        alone = {place: arguments[place] for place, name in enumerate(self.takes) if name in self.apart}
        united = iter(self.united([each for place, each in enumerate(arguments) if place not in alone]))
        return [alone[place] if place in alone else next(united) for place in range(len(arguments))]

    def check(self, argument: Any, families: Families, name: str) -> None:
        """Raise for an argument of another type than the function takes."""
        family = Family.INTERVAL if is_interval(argument.type) else family_of(argument.type)
        if families and family is not Family.OTHER and family not in families:
            wanted = " or ".join(sorted(each.value for each in families))
            given = f"{family.value}: {shown(argument)}"
            what = f"{self.told} takes {wanted} for {name}, and was given {given}"
            raise TypeMismatchError(what, where=user_location(), hint="cast it first")

        if isinstance(families, _Whole) and family is Family.NUMBER and not is_integer(argument.type):
            what = f"{self.told} takes a whole number for {name}, and was given {argument.type!r}"
            raise TypeMismatchError(what, where=user_location(), hint="cast it to an integer first")

    @property
    def public_name(self) -> str:
        """The name in ``F``, without what tells variants apart."""
        return self.name.partition(" ")[0]

    @property
    def told(self) -> str:
        """What errors call it: ``F.upper``, or the operator that a sign is."""
        name = self.public_name
        return f"F.{name}" if name.isidentifier() else f"the operator {name}"

    def united(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments as one type."""
        return united(arguments, self.told)

    def type_of(self, arguments: Sequence[Any]) -> TypeEngine[Any]:
        """The type of the result."""
        if isinstance(self.returns, TypeEngine):
            return self.returns
        return self.returns([each.type for each in arguments])


def united(arguments: Sequence[Any], name: str) -> list[Any]:
    """Values as one type: constants are read as it, whole numbers beside floats are floats.

    Args:
        arguments: SQLAlchemy elements.
        name: What they are given to.

    Raises:
        TypeMismatchError: There is no type that holds them all.
    """
    columns = [each.type for each in arguments if not isinstance(each, BindParameter)]
    type_ = _common(columns, name) or _common([each.type for each in arguments], name)
    if type_ is None:
        return list(arguments)
    met = [_met(each, type_) for each in arguments]
    widest = _common(types_of(met), name)
    return [_as(each, widest) for each in met] if widest is not None else met


def _common(types: Types, name: str) -> TypeEngine[Any] | None:
    """The type that holds values of all; None without one that is known."""
    found: TypeEngine[Any] = NullType()
    for type_ in types:
        both = common_type(found, type_)
        if both is None:
            one, other = family_of(found).value, family_of(type_).value
            what = f"{name} was given {one} and {other}"
            raise TypeMismatchError(what, where=user_location(), hint="cast one of the two")
        found = both
    return None if isinstance(found, NullType) else found


def _met(argument: Any, type_: TypeEngine[Any]) -> Any:
    if not isinstance(argument, BindParameter) or argument.callable is not None:
        return argument
    met = meet(argument.value, type_)
    if is_decimal(type_) and isinstance(argument.value, float) and math.isfinite(argument.value):
        # The decimal it is written as, as beside every operator, with all its digits.
        return literal(Decimal(repr(argument.value)))
    if met is argument.value or (met == argument.value and met.__class__ is argument.value.__class__):
        return argument
    return BindParameter(None, met, type_=type_, unique=True)


def _as(argument: Any, type_: TypeEngine[Any]) -> Any:
    """An argument as the type of all: SQLite would give back the one it has."""
    if is_float(type_) and family_of(argument.type) is Family.NUMBER and not is_float(argument.type):
        value = argument.value if isinstance(argument, BindParameter) else None
        if value is not None:
            return BindParameter(None, float(value), type_=type_, unique=True)
        return semantics.AsDouble(argument, type_)
    if family_of(type_) is Family.DATETIME and family_of(argument.type) is Family.DATE:
        return semantics.AsTimestamp(argument, type_)
    return widened(argument, type_)


def type_of_first(types: Types) -> TypeEngine[Any]:
    """The result is of the first argument's type."""
    return types[0]


def type_of_all(types: Types) -> TypeEngine[Any]:
    """The result is of the type that holds values of all arguments."""
    found: TypeEngine[Any] = NullType()
    for type_ in types:
        found = common_type(found, type_) or found
    return found


def type_with(type_: TypeEngine[Any], values: Iterable[Any]) -> TypeEngine[Any]:
    """The type that holds all values, and those of a type that was told if it is of their kind."""
    found = type_of_all(types_of(values))
    both = common_type(type_, found)
    # What SQLAlchemy guessed of decimals has other digits than they have.
    return found if both is None or (is_decimal(both) and is_decimal(found)) else both


def types_of(values: Iterable[Any]) -> list[TypeEngine[Any]]:
    """The types of values that are known, of a Python decimal with the digits it has."""
    exact = [
        literal(each.value) if isinstance(each, BindParameter) and isinstance(each.value, Decimal) else each
        for each in values
    ]
    return [each.type for each in exact if not isinstance(each.type, NullType)]
