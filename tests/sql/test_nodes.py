"""Nodes made at once are what SQLAlchemy's constructors make, whichever SQLAlchemy is installed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Integer, column, select, table
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter

from pydbt.sql.nodes import of_sides, operation, parameter, selection

NAMES = ["a", "l_orderkey", "größe", "_a", "a_", "a b", "50%", "a(b)", "a.b", "a[0]", "a:b", "$", "1", ""]


def attributes(node: Any) -> dict[str, Any]:
    """What a node is made of, without the number that tells its name from others."""
    return {
        name: value.replace(str(id(node)), "ID") if isinstance(value, str) else value
        for name, value in vars(node).items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_is_what_its_constructor_makes(name: str) -> None:
    """A parameter has every attribute that SQLAlchemy gives it, whatever its column is called."""
    type_ = Integer()

    made, theirs = parameter(name, 5, type_), BindParameter(name, 5, type_=type_, unique=True)

    assert attributes(made) == attributes(theirs)


def test_parameters_of_one_name_stay_apart() -> None:
    """Two parameters of one column get two names in the SQL, as SQLAlchemy's own do."""
    first, second = parameter("a", 1, Integer()), parameter("a", 2, Integer())

    compiled = select(first, second).compile()

    assert compiled.params == {"a_1": 1, "a_2": 2}


@pytest.mark.parametrize(
    ("operator", "negate"),
    [(operators.lt, operators.ge), (operators.eq, operators.ne), (operators.add, None)],
)
def test_an_operation_is_what_its_constructor_makes(operator: Any, negate: Any) -> None:
    """An operation has every attribute that SQLAlchemy gives it."""
    left, right, type_ = column("a", Integer()), column("b", Integer()), Integer()
    is_boolean = negate is not None

    made = operation(BinaryExpression, left, right, operator, type_, negate=negate, is_boolean=is_boolean)

    assert vars(made) == vars(BinaryExpression(left, right, operator, type_=type_, negate=negate))


def test_an_operation_keeps_what_it_was_told_on_other_sides() -> None:
    """An operation on other sides keeps its operator, its type and what the operator was told besides."""
    pattern = column("a").like("x/%", escape="/")
    left: Any = column("b")
    right: Any = column("c")

    moved = of_sides(pattern, left, right)

    assert str(moved) == str(left.like(right, escape="/"))


def test_a_selection_is_what_its_constructors_make() -> None:
    """A SELECT has every clause as SQLAlchemy would keep it, and none that it was not given."""
    a, b = column("a", Integer()), column("b", Integer())
    source = table("t", a, b)
    clauses: dict[str, Any] = {
        "where": [a > 1, b > 2],
        "group_by": [a, b],
        "having": [a > 3],
        "order_by": [b],
    }

    bare, full = selection([a, b], source), selection([a, b], source, **clauses)

    theirs = select(a, b).select_from(source)
    in_full = theirs.where(a > 1, b > 2).group_by(a, b).having(a > 3).order_by(b)
    assert vars(bare) == vars(theirs)
    assert (vars(full).keys(), str(full)) == (vars(in_full).keys(), str(in_full))
