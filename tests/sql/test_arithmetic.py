"""Calculations with numbers take a short way round SQLAlchemy, and come out the same."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from pydbt import F
from pydbt.sql.arithmetic import Arithmetic, Calculation
from pydbt.sql.casts import kind_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.conftest import DATABASES

COLUMNS = ("a", "b", "big", "price", "cost")
TYPES: dict[str, Any] = {
    "a": sa.Integer(),
    "b": sa.Integer(),
    "big": sa.BigInteger(),
    "price": sa.Numeric(9, 2),
    "cost": sa.Numeric(12, 4),
}
OPERATIONS = (operator.add, operator.sub, operator.mul)
TABLE = sa.table("t", *(sa.column(name, kind) for name, kind in TYPES.items()))
FRAME = DataFrame(TABLE, sa.create_engine("sqlite://", future=True))

Tree = str | int | tuple[Callable[[Any, Any], Any], Any, Any]

trees: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(COLUMNS) | st.integers(-9, 9),
    lambda inner: st.tuples(st.sampled_from(OPERATIONS), inner, inner),
    max_leaves=8,
)


def made(tree: Tree, columns: Callable[[str], Any]) -> Any:
    if isinstance(tree, tuple):
        combine, left, right = tree
        return combine(made(left, columns), made(right, columns))
    return columns(tree) if isinstance(tree, str) else tree


def text(expression: Any) -> str:
    return str(expression.compile(compile_kwargs={"literal_binds": True}))


@settings(deadline=None)
@given(trees)
def test_it_is_what_sqlalchemy_makes(tree: Tree) -> None:
    """The same SQL, every parenthesis included, and the same kind of type, whatever is combined how deep."""
    ours = made(tree, lambda name: FRAME[name])
    theirs = made(tree, lambda name: TABLE.c[name])
    if isinstance(ours, int):
        return
    resolved = FRAME.select(x=ours).query.selected_columns["x"]
    expected = sa.select(theirs.label("x")).selected_columns["x"]
    assert text(sa.select(resolved)) == text(sa.select(expected)).replace("t.", "")
    assert kind_of(resolved.type) is kind_of(expected.type)  # Its decimals have the left side's digits.


def test_whole_numbers_do_take_the_short_way() -> None:
    """Else nothing above would test it."""
    assert isinstance((FRAME.a + FRAME.b) * 2 - FRAME.a, Arithmetic)
    assert isinstance(FRAME.a + 1, Arithmetic)


@pytest.mark.parametrize(
    "expression",
    [
        FRAME.a + FRAME.price,
        FRAME.a * 1.5,
        FRAME.a + FRAME.big,
        FRAME.price + 1,
        FRAME.price * (1 - FRAME.cost),
        2 - FRAME.a,
    ],
    ids=str,
)
def test_other_numbers_take_it_with_the_type_that_sqlalchemy_says(expression: Any) -> None:
    """Where types mix, SQLAlchemy is asked for the result's once."""
    assert isinstance(expression, Calculation)
    assert not isinstance(expression, Arithmetic)


@pytest.mark.parametrize(
    "expression",
    [FRAME.a - sa.null(), FRAME.price / 2, FRAME.price * FRAME.cost * FRAME.cost, FRAME.a + sa.func.max(1)],
    ids=str,
)
def test_everything_else_is_sqlalchemys(expression: Any) -> None:
    """Chains of one operator beside it, in which SQLAlchemy sees one node."""
    assert not isinstance(expression, Calculation)


DIVIDED: dict[str, tuple[Callable[[Any], Any], int | float]] = {
    "of a column": (lambda df: df.a // 2, -4),
    "of a value": (lambda df: 7 // df.a, -1),
    "of a sum": (lambda df: (df.a + 1) // 4, -2),
    "by a sum": (lambda df: 20 // (df.a + 1), -4),
    "of func": (lambda df: sa.func.abs(df.a) // 2, 3),
    "of F": (lambda df: F.abs(df.a) // 2, 3),
    "of a case": (lambda df: sa.case((df.a < 0, df.a)) // 2, -4),
    "of a cast": (lambda df: sa.cast("7", sa.Integer) // df.a, -1),
    "of a negative": (lambda df: -df.a // 2, 3),
    "of a window": (lambda df: sa.func.sum(df.a).over() // 2, -4),
    "of a float": (lambda df: (df.a / 2) // 1, -4.0),
    "again": (lambda df: df.a // 2 // 3, -2),
}


@pytest.mark.parametrize(("divide", "expected"), DIVIDED.values(), ids=DIVIDED)
def test_whatever_made_a_number_it_can_be_divided_by_floor(divide: Any, expected: float) -> None:
    """SQLAlchemy 1.4 has no ``//``, and its func, case and cast get one."""
    df = Session(sa.create_engine("sqlite://", future=True)).create_dataframe([{"a": -7}])

    assert df.select(x=divide(df)).collect() == [(expected,)]


def test_other_comparisons_of_sqlalchemys_are_answered_as_ever() -> None:
    """True where both sides are one object: only columns of a DataFrame are asked after."""
    columns: list[Any] = [sa.column("a"), sa.column("b")]
    a, b = columns

    assert (bool(a == a), bool(a == b), bool(a != b), b in columns) == (True, False, True, True)  # noqa: PLR0124
    with pytest.raises(TypeError, match="not defined"):
        bool(a > b)


@pytest.mark.parametrize("drawn", [lambda x: x % 10, lambda x: (x / 2) // 1, lambda x: F.round(x * 10, 2)])
def test_chance_is_drawn_once(drawn: Any) -> None:
    """Where SQL writes it once it passes, on every database; where it would be twice it is an error."""
    made = FRAME.select(x=drawn(sa.func.random()))

    assert {made.sql(name).count("random()") for name in DATABASES} == {1}


def test_chance_in_a_column_may_be_written_twice() -> None:
    """The column is computed below, once."""
    drawn = FRAME.with_column("random", sa.func.random())

    assert drawn.select(y=F.sqrt(drawn.random)).sql().count("random()") == 1
