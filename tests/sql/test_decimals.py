"""Decimals keep every digit where they stand beside others with fewer, and say how many they have."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt import F
from pydbt.sql.dataframe import DataFrame
from tests.sql.frames import made

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

_FINE, _COARSE = Decimal("2.375"), Decimal(9)


def _totals(engine: Engine) -> DataFrame:
    """A decimal with three digits after the point, a sum of whole ones, and sums of rounded ones."""
    columns = {"fine": sa.Numeric(12, 3), "coarse": sa.Numeric(5, 0), "is_last": sa.Boolean}
    rows = [(Decimal("1.125"), Decimal(7), False), (_FINE, Decimal(2), True)]
    df = made(engine, "amounts", columns, rows)
    return df.agg(
        fine=F.max(df.fine),
        total=F.sum(df.coarse),
        rounded=F.sum(F.round(df.fine)),
        tenths=F.sum(F.round(df.fine, 1)),
        ceilings=F.sum(F.ceil(df.fine)),
        nothing=F.sum(F.when(df.coarse > 100, df.coarse)),
    )


@pytest.mark.parametrize(
    "value",
    [
        lambda df: F.coalesce(df.nothing, df.fine),
        lambda df: func.coalesce(df.nothing, df.fine),
        lambda df: F.when(df.total > 100, df.total).otherwise(df.fine),
        lambda df: sa.case((df.total > 100, df.total), else_=df.fine),
        lambda df: F.when(df.rounded > 100, df.rounded).otherwise(df.fine),
        lambda df: F.when(df.tenths > 100, df.tenths).otherwise(df.fine),
        lambda df: F.when(df.ceilings > 100, df.ceilings).otherwise(df.fine),
        lambda df: F.least(df.total, df.fine),
        lambda df: F.if_null(df.nothing, df.fine),
        lambda df: F.coalesce(df.nothing, _FINE),
    ],
)
def test_digits_stay_beside_a_sum_with_fewer(engine: Engine, value: Callable[[DataFrame], Any]) -> None:
    """In whatever way the two come together; DuckDB by itself would round to 2."""
    df = _totals(engine)

    assert df.select(found=value(df)).collect() == [(_FINE,)]


def test_a_gap_is_filled_and_a_value_replaced_with_all_digits(engine: Engine) -> None:
    """The column has room for the new value."""
    df = _totals(engine).select("nothing", "total")

    found = df.fillna({"nothing": _FINE}).replace({_COARSE: Decimal("0.0625")}, "total")

    assert found.collect() == [(_FINE, Decimal("0.0625"))]


def test_columns_become_rows_with_all_digits(engine: Engine) -> None:
    """The values of each are as they were."""
    df = _totals(engine).unpivot(values=["total", "fine"], ids=[])

    assert sorted(row.value for row in df.collect()) == [_FINE, _COARSE]


@pytest.mark.parametrize(
    ("rounded", "digits"),
    [
        (lambda df: F.round(df.fine), (12, 0)),
        (lambda df: F.round(df.fine, 2), (12, 2)),
        (lambda df: F.round(df.fine, 5), (12, 3)),
        (lambda df: F.round(df.fine, -1), (12, 0)),
        (lambda df: F.floor(df.fine), (12, 0)),
        (lambda df: F.trunc(df.fine), (12, 0)),
    ],
)
def test_a_rounded_decimal_has_the_digits_it_was_rounded_to(
    engine: Engine, rounded: Callable[[DataFrame], Any], digits: tuple[int, int]
) -> None:
    """The type says so, never more than there were."""
    df = made(engine, "amounts", {"fine": sa.Numeric(12, 3)}, [(_FINE,)])

    type_: Any = df.select(found=rounded(df)).schema["found"]

    assert (type_.precision, type_.scale) == digits


@pytest.mark.parametrize(
    ("calculation", "result", "digits"),
    [
        (lambda df: df.pay * df.pay, "5.0625", (24, 4)),
        (lambda df: df.pay * df.rate, "2.82375", (18, 5)),
        (lambda df: df.rate + df.pay, "3.505", (14, 3)),
        (lambda df: df.pay + df.rate, "3.505", (14, 3)),
        (lambda df: df.pay * df.pay * df.rate, "6.3534375", (30, 7)),
        (lambda df: df.pay * (1 - df.rate), "-0.57375", (26, 5)),
        (lambda df: df.pay * df.n, "6.75", (22, 2)),
        (lambda df: df.pay * Decimal("1.00001"), "2.2500225", (None, 7)),
        (lambda df: df.pay * 1.005, "2.26125", (None, 5)),
        (lambda df: F.col("pay") - df.rate, "0.995", (14, 3)),
    ],
)
def test_a_calculation_has_every_digit(
    engine: Engine, calculation: Callable[[DataFrame], Any], result: str, digits: tuple[int | None, int]
) -> None:
    """By its type and in its value; SQLAlchemy takes the left side's type, and SQLite cuts to it."""
    columns = {"pay": sa.Numeric(12, 2), "rate": sa.Numeric(6, 3), "n": sa.Integer}
    made_of = made(engine, "amounts", columns, [(Decimal("2.25"), Decimal("1.255"), 3)])
    df = made_of.select(
        pay=made_of.pay.cast("decimal(12, 2)"), rate=made_of.rate.cast("decimal(6, 3)"), n="n"
    )

    found = df.select(found=calculation(df))

    type_: Any = found.schema["found"]
    assert (type_.precision, type_.scale, found.collect()) == (*digits, [(Decimal(result),)])


def test_digits_of_a_calculation_stay_in_a_union(engine: Engine) -> None:
    """DuckDB takes the digits of the side that has more before the point."""
    df = made(engine, "amounts", {"pay": sa.Numeric(12, 2)}, [(Decimal("100.5"),)])

    both = df.union_all(df.select(pay=df.pay.cast("decimal(20, 5)") * Decimal("1.00001")))

    assert sorted(row.pay for row in both.collect()) == [Decimal("100.5"), Decimal("100.501005")]
