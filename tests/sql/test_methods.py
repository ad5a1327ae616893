# ruff: noqa: ARG005  some of what is tested names its columns by itself
"""What a column can be asked, every expression can be asked: is_null, isin, cast and the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt import F, errors, outer
from pydbt.sql import methods
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import frame

Made = Callable[[Any], Any]

# Each is 1 where id is 1, and something else where id is 2.
EXPRESSIONS: dict[str, Made] = {
    "a column": lambda df: df.id,
    "a name": lambda df: F.col("id"),
    "whole numbers": lambda df: df.id + 1 - 1,
    "other numbers": lambda df: df.id * 1.0,
    "a sign": lambda df: -(df.id * -1),
    "a quotient": lambda df: df.id / 1,
    "a function": lambda df: F.abs(df.id),
    "a case": lambda df: F.when(df.id == 1, 1).otherwise(5),
    "a cast": lambda df: df.id.cast("bigint"),
    "a try_cast": lambda df: df.id.cast("text").try_cast("int"),
    "a window": lambda df: F.row_number().over(order_by=df.id),
    "a chain of decimals": lambda df: df.id.cast("decimal(9, 2)") + 1 + df.id - df.id - 1,
    "a function of SQLAlchemy beside a column": lambda df: df.id + sa.func.abs(0),
}


@pytest.fixture
def df(database_url: str) -> Iterator[DataFrame]:
    session = Session(sa.create_engine(database_url, future=True))
    yield session.create_dataframe([{"id": 1, "s": "a"}, {"id": 2, "s": None}])
    session.engine.dispose()


TRUE_OF_ONE: dict[str, Made] = {
    "a comparison": lambda df: df.s == "a",
    "a denied one": lambda df: ~(df.s != "a"),
    "a flag": lambda df: df.flag,
    "a denied flag": lambda df: ~~df.flag,
    "both": lambda df: df.flag & (df.id == 1),
    "one of both": lambda df: df.flag | (df.s == "b"),
    "three": lambda df: df.flag & df.flag & (df.s == "a"),
    "none of both": lambda df: ~(~df.flag | (df.s == "b")),
    "a flag beside True": lambda df: df.flag & True,
}


@pytest.mark.parametrize("made", TRUE_OF_ONE.values(), ids=TRUE_OF_ONE)
def test_every_condition_has_the_methods_of_a_column(df: DataFrame, made: Made) -> None:
    """As a number, missing or not, as one of several, and in a sum."""
    flags = df.with_column("flag", F.nullif(df.id == 1, df.id > 9))
    asked = made(flags)

    found = flags.select("id", none=asked.is_null(), n=asked.cast("int"), one=asked.isin([True, False]))
    total = flags.agg(n=F.sum(asked.cast("int")))

    assert tuple(found.order_by("id").first() or ()) == (1, False, 1, True)
    assert total.collect() == [(1,)]


def test_what_sqlalchemy_makes_is_cast_to_a_type_by_name(df: DataFrame) -> None:
    """It hands the name on, and reads it not."""
    case: Any = sa.case((df.id == 1, 1), else_=0)
    absolute: Any = sa.func.abs(df.id)

    found = df.select(a=case.cast("text"), b=absolute.cast("float"))

    assert found.order_by("b").collect() == [("1", 1.0), ("0", 2.0)]


@pytest.mark.parametrize("made", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_every_expression_has_the_methods_of_a_column(df: DataFrame, made: Made) -> None:
    """In one row: of a list, of values, of none, missing or not, as text, as a number or NULL."""
    asked = made(df)
    found = df.select(
        "id",
        of_list=asked.isin([1, 7]),
        of_values=asked.isin(1, 7),
        of_one=asked.isin(1),
        is_null=asked.is_null(),
        is_not_null=asked.is_not_null(),
        number=asked.cast("int"),
        tried=asked.cast("text").try_cast("date"),
    )

    assert tuple(found.order_by("id").first() or ()) == (1, True, True, True, False, True, 1, None)


@pytest.mark.parametrize("name", [name for name in EXPRESSIONS if name != "a window"])
def test_every_expression_of_a_row_may_be_looked_for_in_a_dataframe(df: DataFrame, name: str) -> None:
    """And with ~ be looked for in vain."""
    asked, ones = EXPRESSIONS[name](df), df.where(df.id == 1).select("id")

    held, other = (df.where(condition).select("id") for condition in (asked.isin(ones), ~asked.isin(ones)))

    assert [tuple(row) for row in (*held.collect(), *other.collect())] == [(1,), (2,)]


def test_literals_have_the_methods_too(df: DataFrame) -> None:
    """Of a value and of NULL."""
    found = df.select(
        number=F.lit("7").cast("int"),
        nothing=F.lit(None).cast("text"),
        sum=F.lit(5) + df.id,
        held=F.lit(1).isin([1, 2]),
        missing=F.lit(None).is_null(),
    )

    assert tuple(found.order_by("sum").first() or ()) == (7, None, 6, True, True)


def test_a_value_of_another_dataframe_has_them_too(df: DataFrame) -> None:
    """The scalar subquery of another frame."""
    most = df.agg(m=F.max(df.id)).scalar()

    found = df.where(most.isin(2, 3) & most.is_not_null()).select("id", text=most.cast("text"))

    assert found.order_by("id").collect() == [(1, "2"), (2, "2")]


CONDITIONS: dict[str, Made] = {
    **EXPRESSIONS,
    "a comparison": lambda df: df.id == 1,
    "a comparison of a name": lambda _df: F.col("id") == 1,
    "a comparison of values": lambda _df: F.lit(1) == 1,
    "two comparisons": lambda df: (df.id == 1) & (df.id > 0),
    "neither of two": lambda df: ~((df.id == 1) | (df.id > 0)),
    "two of SQLAlchemy's": lambda df: (sa.func.abs(df.id) == 1) & (sa.func.abs(df.id) > 0),
    "neither of SQLAlchemy's": lambda df: ~((sa.func.abs(df.id) == 1) | (sa.func.abs(df.id) > 0)),
}


@pytest.mark.parametrize("made", CONDITIONS.values(), ids=CONDITIONS)
def test_no_expression_is_true_or_false_in_python(made: Made) -> None:
    """``and`` would silently take one of its two sides."""
    asked = made(frame())

    with pytest.raises(errors.NotAConditionError, match="not true or false in Python"):
        bool(asked)


MISTAKES: dict[str, tuple[Made, str]] = {
    "a name": (lambda df: F.col("id").isNull(), "F.col('id').is_null()"),
    "a sum": (lambda df: (df.id + 1).alias("x"), '(…).label("name"), or select(name=(…))'),
    "a function": (lambda df: F.upper(df.s).isnul(), "(…).is_null()"),
    "a cast": (lambda df: df.id.cast("text").alias("x"), '(…).label("name")'),
    "a condition": (lambda df: (df.id > 1).isNotNull(), "(…).is_not_null()"),
    "a window": (lambda df: F.rank().over(order_by="id").alias("x"), '(…).label("name")'),
    "a value": (lambda df: F.lit(1).alias("x"), '(…).label("name")'),
}


@pytest.mark.parametrize(("mistake", "advice"), MISTAKES.values(), ids=MISTAKES)
def test_a_method_that_is_none_is_an_error_that_names_the_right_one(mistake: Made, advice: str) -> None:
    """With the line where it stands."""
    with pytest.raises(errors.UnknownMethodError) as raised:
        mistake(frame())

    assert advice in str(raised.value)
    assert "test_methods.py" in str(raised.value)


UNHELD: dict[str, Made] = {
    "an aggregate": lambda df: df.agg(x=F.sum(df.id).isin(df.select("k"))),
    "a window": lambda df: df.with_column("x", F.rank().over(order_by="id").isin(df.select("k"))),
    "chance": lambda df: df.where((df.id + sa.func.random()).isin(df.select("k"))),
    "a subquery": lambda df: df.where((df.id + df.agg(m=F.max("k")).scalar()).isin(df.select("k"))),
    "a row around": lambda df: df.where(df.id.isin(df.where((outer(df.k) + 0).isin(df.select("k"))))),
}


@pytest.mark.parametrize("mistake", UNHELD.values(), ids=UNHELD)
def test_what_is_no_value_of_the_row_alone_is_computed_before_it_is_looked_for(mistake: Made) -> None:
    """Refused with the way to write it."""
    with pytest.raises(errors.SubqueryError, match="compute it in a with_column first"):
        mistake(frame())


@pytest.mark.parametrize("made", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_no_advice_is_looked_for_while_expressions_are_made(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy asks for names that are not there; to search for what is like them takes a millisecond."""
    asked: list[str] = []

    def noted(_: Any, name: str) -> AttributeError:
        asked.append(name)
        return AttributeError(name)

    monkeypatch.setattr(methods, "no_method", noted)
    df = frame()

    _ = df.where(~(made(df) + 1 > F.lit(2)), made(df).is_null()).select(x=F.greatest(made(df), 1)).query

    assert asked == []
