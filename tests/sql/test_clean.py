"""fillna, dropna and replace: the same on every database, and a value of another kind is an error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt import errors
from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import frame, small, sql

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

COLUMNS: dict[str, Any] = {
    "id": sa.Integer,
    "s": sa.String(9),
    "n": sa.Integer,
    "price": sa.Numeric(9, 2),
    "d": sa.Date,
    "flag": sa.Boolean,
}
FULL = (1, "n/a", 7, Decimal("1.50"), dt.date(2024, 2, 29), True)
EMPTY = (2, None, None, None, None, None)


@pytest.fixture
def df(engine: Engine) -> DataFrame:
    made = sa.Table("t", sa.MetaData(), *(sa.Column(name, type_) for name, type_ in COLUMNS.items()))
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in (FULL, EMPTY)])
    return Session(engine).table("t").order_by("id")


def second(df: DataFrame) -> tuple[Any, ...]:
    return tuple(df.collect()[1])


def test_one_value_fills_every_column_of_its_kind(df: DataFrame) -> None:
    """Numbers fill numbers, text fills text, a date dates; a broken number no whole ones."""
    assert second(df.fillna(0)) == (2, None, 0, Decimal("0.00"), None, None)
    assert second(df.fillna(0.5)) == (2, None, None, Decimal("0.50"), None, None)
    assert second(df.fillna("?")) == (2, "?", None, None, None, None)
    assert second(df.fillna(dt.date(1970, 1, 1))) == (2, None, None, None, dt.date(1970, 1, 1), None)
    assert second(df.fillna(value=False)) == (2, None, None, None, None, False)
    assert df.fillna(0).collect()[0] == FULL


def test_values_for_columns_fill_these(df: DataFrame) -> None:
    """Text beside a date is read as a date; a value may be another column."""
    filled = df.fillna({"s": "none", "n": df.id * 10, "price": 2, "d": "2024-01-31", "flag": 0})
    assert second(filled) == (2, "none", 20, Decimal("2.00"), dt.date(2024, 1, 31), False)
    assert [repr(type_) for type_ in filled.schema.values()] == [repr(type_) for type_ in df.schema.values()]
    assert second(df.fillna(1, subset=["n"])) == (2, None, 1, None, None, None)
    assert second(df.fillna(1, df.price)) == (2, None, None, Decimal("1.00"), None, None)


def test_rows_with_gaps_go(df: DataFrame) -> None:
    """When one value is missing, or all of them, among all columns or some."""
    assert [row.id for row in df.dropna().collect()] == [1]
    assert [row.id for row in df.dropna("all").collect()] == [1, 2]
    assert [row.id for row in df.dropna("all", ["n", "s"]).collect()] == [1]
    assert [row.id for row in df.dropna(subset="id").collect()] == [1, 2]


def test_replaced_values_are_replaced_at_once(df: DataFrame) -> None:
    """A swap swaps; NULL may come in; what is not named stays, NULL too."""
    assert df.replace({1: 2, 2: 1}, subset="id").select("id").collect() == [(2,), (1,)]
    assert df.replace({"n/a": None}).select("s").collect() == [(None,), (None,)]
    assert df.replace({7: 8}).select("id", "n").collect() == [(1, 8), (2, None)]
    assert df.replace({1.5: 2.5}).select("price").collect() == [(Decimal("2.50"),), (None,)]
    assert df.replace({"2024-02-29": "2024-03-01"}, "d").collect()[0].d == dt.date(2024, 3, 1)
    assert df.replace({True: False}, "flag").select("flag").collect() == [(False,), (None,)]


def test_columns_of_another_name_are_meant_by_their_value(df: DataFrame) -> None:
    """A column taken before a rename is the one it is now."""
    renamed = df.rename({"n": "m"})
    assert second(renamed.fillna(3, subset=[df.n])) == (2, None, 3, None, None, None)


def test_of_two_names_for_one_column_the_one_that_is_named_is_meant(df: DataFrame) -> None:
    """The other keeps its gaps."""
    two = df.select("id", "n").with_column("m", df.n)
    assert two.fillna(0, subset="m").collect() == [(1, 7, 7), (2, None, 0)]
    assert two.fillna(0, subset=two.m).collect() == [(1, 7, 7), (2, None, 0)]
    assert two.replace({7: 8}, "m").collect() == [(1, 7, 8), (2, None, None)]


def test_the_sql_is_what_one_would_write() -> None:
    """coalesce, IS NOT NULL and CASE, in one SELECT."""
    df = small()
    assert sql(df.fillna({"k": 0}), "sqlite") == "SELECT id, coalesce(t.k, 0) AS k, s FROM t"
    assert sql(df.dropna("any", ["k", "s"])) == (
        "SELECT id, k, s FROM t WHERE k IS NOT NULL AND s IS NOT NULL"
    )
    assert sql(df.dropna("all", ["k", "s"])).endswith("WHERE k IS NOT NULL OR s IS NOT NULL")
    assert sql(df.replace({"a": "b", "b": None})) == (
        "SELECT id, k, CASE WHEN (t.s = 'a') THEN 'b' WHEN (t.s = 'b') THEN NULL ELSE t.s END AS s FROM t"
    )


MISTAKES: list[tuple[str, Callable[[Any], Any], type[PyDBTError], str]] = [
    (
        "text for a number",
        lambda df: df.fillna({"k": "x"}),
        errors.TypeMismatchError,
        "does not compare with 'x'",
    ),
    ("broken for whole", lambda df: df.fillna({"k": 0.5}), errors.TypeMismatchError, "of whole numbers"),
    (
        "broken in a subset",
        lambda df: df.fillna(0.5, subset="k"),
        errors.TypeMismatchError,
        "of whole numbers",
    ),
    ("bad date", lambda df: df.fillna({"day": "2024-13-45"}), errors.LiteralError, "2024-13-45"),
    ("column of another kind", lambda df: df.fillna({"k": df.s}), errors.TypeMismatchError, "do not compare"),
    ("None to fill", lambda df: df.fillna({"k": None}), errors.ColumnArgumentError, "not NULL"),
    ("list to fill", lambda df: df.fillna({"k": [1]}), errors.ColumnArgumentError, "[1]"),
    ("unknown column", lambda df: df.fillna({"kk": 1}), errors.ColumnNotFoundError, "'k'"),
    ("columns twice", lambda df: df.fillna({"k": 1}, subset="k"), errors.ColumnArgumentError, "twice"),
    ("nothing to fill", lambda df: df.fillna({}), errors.ColumnArgumentError, "no columns"),
    ("no column for it", lambda df: df.select("s").fillna(1), errors.TypeMismatchError, "no column holds 1"),
    ("how", lambda df: df.dropna("some"), errors.ColumnArgumentError, "known: all, any"),
    ("empty subset", lambda df: df.dropna(subset=[]), errors.ColumnArgumentError, "at least one"),
    (
        "expression as subset",
        lambda df: df.dropna(subset=[df.k + 1]),
        errors.ColumnArgumentError,
        "or their names",
    ),
    ("None to replace", lambda df: df.replace({None: 1}), errors.ColumnArgumentError, "fillna"),
    ("nothing to replace", lambda df: df.replace({}), errors.ColumnArgumentError, "old values with new"),
    ("kinds mixed", lambda df: df.replace({1: "x"}), errors.TypeMismatchError, "no column holds 1, 'x'"),
    ("kind of a subset", lambda df: df.replace({1: 2}, "s"), errors.TypeMismatchError, "does not compare"),
]


@pytest.mark.parametrize(
    ("mistake", "error", "told"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_ends_at_the_line(
    mistake: Callable[[Any], Any], error: type[PyDBTError], told: str
) -> None:
    """What is wrong, where, and what to do."""
    with pytest.raises(error) as caught:
        mistake(frame())
    assert told in str(caught.value)
    assert "test_clean.py:" in str(caught.value)
