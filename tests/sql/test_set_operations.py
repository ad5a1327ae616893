# ruff: noqa: DTZ001  databases keep moments without a zone
"""union, intersect, except and union_by_name: columns that fit, or an error that lists what does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt.errors import SetOperationError
from tests.sql.frames import frame, made, small, sql

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


def test_union_by_name_matches_names_and_keeps_all_rows() -> None:
    """The order of the columns is the left side's; the SQL is a UNION ALL of the same columns."""
    left, right = small(), small("u").select("s", "id", "k")
    assert sql(left.union_by_name(right)) == ("SELECT id, k, s FROM t UNION ALL SELECT id, k, s FROM u")


def test_union_by_name_fills_what_is_missing_with_null() -> None:
    """Each NULL has the type of the column that is there."""
    left, right = small().select("id", "s"), frame("u").select("id", "day")
    both = left.union_by_name(right, allow_missing=True)
    assert sql(both) == (
        "SELECT id, s, CAST(NULL AS DATE) AS day FROM t "
        "UNION ALL SELECT id, CAST(NULL AS VARCHAR) AS s, day FROM u"
    )
    assert [repr(type_) for type_ in both.schema.values()] == ["Integer()", "String()", "Date()"]


def test_union_by_name_gives_the_same_rows_everywhere(engine: Engine) -> None:
    """Three frames of different columns, one below the other."""
    one = made(engine, "one", {"a": sa.Integer, "b": sa.String(5)}, [(1, "x"), (1, "x")])
    two = made(engine, "two", {"b": sa.String(5), "c": sa.Date}, [("y", dt.date(2024, 2, 29))])
    three = made(engine, "three", {"c": sa.Date, "a": sa.Integer}, [(None, 3)])
    every = one.union_by_name(two, allow_missing=True).union_by_name(three, allow_missing=True)
    assert every.columns == ["a", "b", "c"]
    assert every.order_by("a", "b").collect() == [
        (1, "x", None),
        (1, "x", None),
        (3, None, None),
        (None, "y", dt.date(2024, 2, 29)),
    ]


def test_set_operations_take_several_frames(engine: Engine) -> None:
    """One after the other, from left to right."""
    names = {"one": [(1,), (2,)], "two": [(2,), (3,)], "three": [(3,), (3,)]}
    one, two, three = (made(engine, name, {"a": sa.Integer}, rows) for name, rows in names.items())
    several = [
        one.union_all(two, three),
        one.union(two, three),
        one.intersect(two, one),
        one.except_(two, three),
        one.union_by_name(two, three),
    ]

    found = [[row[0] for row in each.order_by("a").collect()] for each in several]

    assert found == [[1, 2, 2, 3, 3, 3], [1, 2, 3], [2], [1], [1, 2, 2, 3, 3, 3]]


def test_union_by_name_lists_every_difference() -> None:
    """Names of one side only, and types that do not meet."""
    left, right = frame().select("id", "s", "day"), frame("u").select("id", s="k", price="price")
    with pytest.raises(SetOperationError) as caught:
        left.union_by_name(right)
    told = str(caught.value)
    assert "only left: 'day'; only right: 'price'; 's' is text left, a number right" in told
    assert "allow_missing=True" in told
    assert "test_set_operations.py:" in told
    with pytest.raises(SetOperationError, match="'s' is text left, a number right"):
        left.union_by_name(right, allow_missing=True)


@pytest.mark.parametrize("verb", ["union", "union_all", "intersect", "except_"])
def test_set_operations_list_every_difference(verb: str) -> None:
    """Columns that are too many, and each pair of types that do not meet."""
    df = frame()
    with pytest.raises(SetOperationError) as caught:
        getattr(df.select("id", "s", "day"), verb)(df.select("s", "k"))
    told = str(caught.value)
    assert f"{verb}: 3 columns with 2; only left: 'id', 'day'; only right: 'k'; " in told
    assert "'id' is a number, 's' is text; 's' is text, 'k' is a number" in told
    assert "union_by_name" in told
    assert "test_set_operations.py:" in told


def test_columns_of_two_kinds_become_one_type(engine: Engine) -> None:
    """A date beside a moment is its midnight, and equal to it; a whole number beside a decimal has digits."""
    days = made(engine, "days", {"v": sa.Date, "n": sa.Integer}, [(dt.date(2024, 2, 29), 3)])
    moments = made(
        engine,
        "moments",
        {"v": sa.DateTime, "n": sa.Numeric(6, 2)},
        [(dt.datetime(2024, 2, 29), Decimal("3.00")), (dt.datetime(2024, 2, 29, 12), Decimal("3.25"))],
    )
    noon, midnight = dt.datetime(2024, 2, 29, 12), dt.datetime(2024, 2, 29)
    assert days.union(moments).order_by("v").collect() == [
        (midnight, Decimal("3.00")),
        (noon, Decimal("3.25")),
    ]
    assert moments.except_(days).collect() == [(noon, Decimal("3.25"))]
    assert days.intersect(moments).collect() == [(midnight, Decimal("3.00"))]
    assert [repr(type_) for type_ in days.union(moments).schema.values()] == [
        repr(moments.schema["v"]),
        "Numeric(precision=12, scale=2)",
    ]


def test_decimals_keep_every_digit(engine: Engine) -> None:
    """The wider places before the point with the wider behind it."""
    wide = made(engine, "wide", {"v": sa.Numeric(9, 1)}, [(Decimal("12345678.5"),)])
    fine = made(engine, "fine", {"v": sa.Numeric(5, 4)}, [(Decimal("1.2345"),)])
    both = wide.union_all(fine)
    assert both.order_by("v").collect() == [(Decimal("1.2345"),), (Decimal("12345678.5"),)]
    assert sorted(row.v for row in both.collect()) == [Decimal("1.2345"), Decimal("12345678.5")]
    assert sorted(row.v for row in wide.union(wide).union(fine).collect()) == [
        Decimal("1.2345"),
        Decimal("12345678.5"),
    ]


def test_a_sum_of_decimals_leaves_the_digits_of_what_it_stands_beside(engine: Engine) -> None:
    """On either side, also where the sum has fewer of them; DuckDB would round."""
    fine = made(engine, "fine", {"v": sa.Numeric(12, 3)}, [(Decimal("2.5"),)])
    coarse = made(engine, "coarse", {"v": sa.Numeric(5, 0)}, [(Decimal(7),), (Decimal(2),)])
    total = coarse.agg(v=func.sum(coarse.v))

    found = [sorted(row.v for row in both.collect()) for both in (fine.union_all(total), total.union(fine))]

    assert found == [[Decimal("2.5"), Decimal(9)]] * 2


def test_a_null_of_no_type_goes_with_every_type(engine: Engine) -> None:
    """Also from below a LIMIT, where PostgreSQL takes it for text; on either side."""
    rows = made(engine, "rows", {"n": sa.Integer, "day": sa.Date}, [(7, dt.date(2024, 2, 29))])
    nothing = rows.with_columns(n=None, day=None).limit(1)

    found = [set(both.collect()) for both in (nothing.union_all(rows), rows.union_all(nothing))]

    assert found == [{(None, None), (7, dt.date(2024, 2, 29))}] * 2


def test_a_float_beside_a_whole_number_is_a_float(engine: Engine) -> None:
    """Also in the file of SQLite, which would keep each value as it is."""
    whole = made(engine, "whole", {"v": sa.Integer}, [(1,)])
    floats = made(engine, "floats", {"v": sa.Float(53)}, [(1.0,), (0.5,)])
    rows = whole.union_all(floats).order_by("v").collect()
    assert [(row.v, type(row.v)) for row in rows] == [(0.5, float), (1.0, float), (1.0, float)]
    assert whole.union(floats).count() == 2
