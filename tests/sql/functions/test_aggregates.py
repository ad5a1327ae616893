# ruff: noqa: DTZ001  databases keep moments without a zone
"""Aggregates: the same values and types on SQLite, DuckDB and PostgreSQL, as plain Python computes them."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt import F
from pydbt.errors import (
    AggregateError,
    FunctionArgumentError,
    TypeMismatchError,
    UnsupportedFunctionError,
)
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions.conftest import MakeTable

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

NAMES = ("id", "g", "n", "big", "x", "f", "s", "b", "day", "moment")
TYPES = (
    sa.Integer,
    sa.String(5),
    sa.Integer,
    sa.BigInteger,
    sa.Numeric(12, 3),
    sa.Double if hasattr(sa, "Double") else sa.Float(53),
    sa.String(20),
    sa.Boolean,
    sa.Date,
    sa.DateTime,
)
_LEAP, _NEW_YEAR = dt.date(2024, 2, 29), dt.date(2023, 1, 1)
_LAST, _NOON = dt.datetime(2022, 12, 31, 23, 59, 59, 999_999), dt.datetime(1969, 12, 31, 12)
ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "a", 7, 2**40, Decimal("1.500"), 0.5, "b", True, _LEAP, _LAST),
    (2, "a", -7, -(2**40), Decimal("-2.250"), -1.25, "B", False, _NEW_YEAR, _NOON),
    (3, "a", None, None, None, None, None, None, None, None),
    (4, "a", 3, 5, Decimal("0.001"), 1e3, "é", True, _LEAP, _LAST),
    (5, "a", 3, 5, Decimal("0.001"), 1e3, "b", True, _NEW_YEAR, _NOON),
    (6, "b", 0, 0, Decimal("0.000"), 0.0, "", False, _NEW_YEAR, _NOON),
    (7, "b", 10, 1, Decimal("9.999"), 2.5, "a, b", None, None, _LAST),
    (8, "c", None, None, None, None, None, None, None, None),
    (9, "c", None, None, None, None, None, None, None, None),
    (10, "d", -5, 2**62, Decimal("3.125"), -0.125, "z", True, _LEAP, _NOON),
)


@pytest.fixture
def df(make_table: MakeTable) -> DataFrame:
    return make_table(NAMES, TYPES, ROWS)


def of(name: str, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The values of a column, without NULL."""
    return [value for value in values(name, rows) if value is not None]


def values(name: str, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [row[NAMES.index(name)] for row in rows]


def groups() -> dict[str, list[tuple[Any, ...]]]:
    return {key: [row for row in ROWS if row[1] == key] for key in "abcd"}


def equal(one: Any, other: Any) -> bool:
    """Whether two results are the same: floats to nine digits, all else and all types exactly."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one == other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one.__class__ is other.__class__ and bool(one == other)


def check(df: DataFrame, aggregate: Any, expected: Callable[[list[tuple[Any, ...]]], Any]) -> None:
    """Hold an aggregate, of each group and of those of its rows with an even id, against Python."""
    even = df.id % 2 == 0
    found = {
        row.g: (row.result, row.even)
        for row in df.group_by("g").agg(result=aggregate, even=aggregate.filter(even)).collect()
    }
    wanted = {
        key: (expected(rows), expected([row for row in rows if row[0] % 2 == 0]))
        for key, rows in groups().items()
    }
    assert found.keys() == wanted.keys()
    differing = {
        key: (found[key], wanted[key]) for key in wanted if not all(map(equal, found[key], wanted[key]))
    }
    assert differing == {}


def or_none(function: Callable[[list[Any]], Any], least: int = 1) -> Callable[[list[Any]], Any]:
    """The function of enough values; NULL of fewer."""
    return lambda given: function(given) if len(given) >= least else None


def test_counts(df: DataFrame) -> None:
    """Of rows, of values, of different values, of rows in a condition."""
    check(df, F.count(), len)
    check(df, F.count("n"), lambda rows: len(of("n", rows)))
    check(df, F.count_distinct("n"), lambda rows: len(set(of("n", rows))))
    check(df, F.count_distinct("s"), lambda rows: len(set(of("s", rows))))
    check(df, F.count_if(df.n > 2), lambda rows: sum(n > 2 for n in of("n", rows)))


def test_different_rows_are_counted_of_several_columns(df: DataFrame) -> None:
    """Without those with a NULL in them, as one column's NULL is no value to count."""

    def pairs(rows: list[tuple[Any, ...]]) -> int:
        both = zip(values("b", rows), values("day", rows), strict=True)
        return len({pair for pair in both if None not in pair})

    check(df, F.count_distinct("b", df.day), pairs)


@pytest.mark.parametrize("name", ["n", "big", "x", "f"])
def test_sums_keep_the_type(df: DataFrame, name: str) -> None:
    """Of whole numbers a whole number, of decimals a decimal, of floats a float; of nothing NULL."""
    check(df, F.sum(name), lambda rows: or_none(sum)(of(name, rows)))


@pytest.mark.parametrize("name", ["n", "big", "x", "f"])
def test_averages_are_floats(df: DataFrame, name: str) -> None:
    """Of every kind of numbers."""
    check(df, F.avg(name), lambda rows: or_none(lambda given: float(statistics.fmean(given)))(of(name, rows)))


@pytest.mark.parametrize("name", ["n", "x", "f", "s", "b", "day", "moment"])
def test_extremes_of_every_type(df: DataFrame, name: str) -> None:
    """Text by code point, false before true; any value is the smallest."""
    check(df, F.min(name), lambda rows: or_none(min)(of(name, rows)))
    check(df, F.max(name), lambda rows: or_none(max)(of(name, rows)))
    check(df, F.any_value(name), lambda rows: or_none(min)(of(name, rows)))


def test_conditions(df: DataFrame) -> None:
    """NULL is neither true nor false; of nothing else the result is NULL."""
    check(df, F.bool_and("b"), lambda rows: or_none(all)(of("b", rows)))
    check(df, F.bool_or("b"), lambda rows: or_none(any)(of("b", rows)))
    check(df, F.bool_or(df.n > 5), lambda rows: or_none(any)([n > 5 for n in of("n", rows)]))


def quantile(given: list[Any], share: float) -> float:
    """The continuous quantile, by its definition."""
    numbers = sorted(map(float, given))
    place = share * (len(numbers) - 1)
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


@pytest.mark.parametrize("name", ["n", "x", "f"])
def test_medians_and_quantiles(df: DataFrame, name: str) -> None:
    """They are floats, between two values interpolated."""
    check(
        df,
        F.median(name),
        lambda rows: or_none(lambda given: float(statistics.median(given)))(of(name, rows)),
    )
    for share in (0, 0.25, 0.9, 1):
        expected = or_none(partial(quantile, share=share))

        def of_rows(rows: list[tuple[Any, ...]], expected: Callable[[list[Any]], Any] = expected) -> Any:
            return expected(of(name, rows))

        check(df, F.quantile(name, share), of_rows)


@pytest.mark.parametrize("name", ["n", "x", "f"])
def test_deviations(df: DataFrame, name: str) -> None:
    """Of a sample of one value NULL, of a population of one value 0."""

    def floats(rows: list[tuple[Any, ...]]) -> list[float]:
        return [float(value) for value in of(name, rows)]

    check(df, F.stddev(name), lambda rows: or_none(statistics.stdev, 2)(floats(rows)))
    check(df, F.stddev_pop(name), lambda rows: or_none(statistics.pstdev)(floats(rows)))
    check(df, F.var(name), lambda rows: or_none(statistics.variance, 2)(floats(rows)))
    check(df, F.var_pop(name), lambda rows: or_none(statistics.pvariance)(floats(rows)))


def test_correlations(df: DataFrame) -> None:
    """Of the rows where both are there; NULL where one of the two never changes."""

    def correlation(rows: list[tuple[Any, ...]]) -> float | None:
        pairs = [pair for pair in zip(values("n", rows), values("f", rows), strict=True) if None not in pair]
        if len({n for n, _ in pairs}) < 2 or len({f for _, f in pairs}) < 2:
            return None
        return statistics.correlation(*zip(*pairs, strict=True))

    check(df, F.corr("n", "f"), correlation)
    check(df, F.corr("n", df.n * 0), lambda _rows: None)


def key(value: Any) -> tuple[bool, Any]:
    """NULL last."""
    return (value is None, 0 if value is None else value)


def test_texts_are_put_together_in_order(df: DataFrame) -> None:
    """In their own order, or in that of keys; equal keys are ordered by the texts."""
    check(df, F.string_agg("s", "|"), lambda rows: or_none("|".join)(sorted(of("s", rows))))

    def by_number(rows: list[tuple[Any, ...]]) -> Any:
        ordered = sorted(rows, key=lambda row: key(row[6]))
        ordered.sort(key=lambda row: -row[2] if row[2] is not None else 99)
        return or_none(", ".join)(of("s", ordered))

    check(df, F.string_agg(df.s, ", ", order_by=df.n.desc()), by_number)

    def nulls_first(rows: list[tuple[Any, ...]]) -> Any:
        ordered = sorted(rows, key=lambda row: key(row[6]))
        ordered.sort(key=lambda row: (row[8] is not None, row[8] or _LEAP, -row[0]))
        return or_none("".join)(of("s", ordered))

    check(df, F.string_agg("s", "", order_by=[df.day.nulls_first(), F.col("id").desc()]), nulls_first)


@pytest.mark.parametrize("name", ["n", "big", "x", "f", "s", "b", "day", "moment"])
def test_lists_hold_every_value(df: DataFrame, name: str) -> None:
    """NULLs among them, each of its type; of no rows there is no list."""
    check(df, F.array_agg(name), lambda rows: or_none(list)(sorted(values(name, rows), key=key)))
    check(
        df,
        F.array_agg(name, order_by=df.id.desc()),
        lambda rows: or_none(list)(list(reversed(values(name, rows)))),
    )


def test_lists_hold_values_that_json_does_not_have(make_table: MakeTable) -> None:
    """Times, bytes and decimals without a fraction come back as what they are, from SQLite, too."""
    rows = [(dt.time(12, 30), b"\x00a", Decimal(3)), (None, None, None)]
    df = make_table(("t", "b", "d"), (sa.Time, sa.LargeBinary, sa.Numeric(10, 0)), rows)

    lists = df.agg(t=F.array_agg("t"), b=F.array_agg("b"), d=F.array_agg("d")).collect()[0]

    assert repr(list(lists)) == repr([[first, None] for first in rows[0]])


@pytest.mark.parametrize("name", ["n", "x", "s", "b", "day", "moment"])
def test_the_first_and_the_last_value(df: DataFrame, name: str) -> None:
    """By a key, NULL or not; equal keys are decided by the value itself."""
    by_id = F.first(name, order_by="id"), F.last(name, order_by="id")
    check(df, by_id[0], lambda rows: values(name, rows)[0] if rows else None)
    check(df, by_id[1], lambda rows: values(name, rows)[-1] if rows else None)

    def ordered(rows: list[tuple[Any, ...]]) -> list[Any]:
        by_value = sorted(rows, key=lambda row: key(row[NAMES.index(name)]))
        by_value.sort(key=lambda row: key(row[2]))
        return values(name, by_value)

    check(df, F.first(name, order_by=df.n), lambda rows: ordered(rows)[0] if rows else None)
    check(df, F.last(name, order_by="n"), lambda rows: ordered(rows)[-1] if rows else None)


def test_the_types_are_known_before_anything_runs(df: DataFrame) -> None:
    """A count is a whole number, an average a float, an extreme what its column is."""
    made = df.agg(
        count=F.count(),
        total=F.sum("x"),
        average=F.avg("n"),
        day=F.min("day"),
        name=F.string_agg("s", ","),
        flag=F.bool_and("b"),
        deviation=F.stddev("n"),
    )

    assert {name: type_.python_type for name, type_ in made.schema.items()} == {
        "count": int,
        "total": Decimal,
        "average": float,
        "day": dt.date,
        "name": str,
        "flag": bool,
        "deviation": float,
    }


def test_aggregates_of_all_rows_and_of_none(df: DataFrame) -> None:
    """One row, even of no rows: counts are 0, all else is NULL."""
    none = df.where(df.id < 0).agg(
        count=F.count(), n=F.count_distinct("n", "s"), total=F.sum("n"), all=F.array_agg("n"), m=F.median("n")
    )

    assert [tuple(row) for row in none.collect()] == [(0, 0, None, None, None)]


def test_lengths_of_time_are_summed_where_they_can_be(df: DataFrame) -> None:
    """SQLite and DuckDB have no sum of them, and say so."""
    length = df.moment - _NOON
    expected = sum((moment - _NOON for moment in of("moment", ROWS)), dt.timedelta())
    for total in (F.sum(length), sa.func.sum(length)):
        if df.engine.dialect.name == "postgresql":
            assert df.agg(m=total).collect() == [(expected,)]
            continue
        with pytest.raises(UnsupportedFunctionError, match="cannot be had on"):
            df.agg(m=total).collect()


def test_aggregates_calculate_with_each_other(df: DataFrame) -> None:
    """They stand in expressions, and HAVING filters by them."""
    made = df.group_by("g").agg(mean=F.sum("n") / F.count("n"), spread=F.max("n") - F.min("n"))
    found = {row.g: (row.mean, row.spread) for row in made.where(made.spread > 0).collect()}

    assert found == {"a": (1.5, 14), "b": (5.0, 10)}


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: F.sum(df.s), TypeMismatchError, "F.sum takes a number"),
        (lambda df: F.bool_and(df.n), TypeMismatchError, "F.bool_and takes a boolean"),
        (lambda df: F.string_agg(df.n, ","), TypeMismatchError, "F.string_agg takes text"),
        (lambda df: F.quantile(df.n, 1.5), FunctionArgumentError, "the share 1.5"),
        (lambda _df: F.count_distinct(), FunctionArgumentError, "no columns"),
        (lambda df: F.first(df.n, order_by=None), FunctionArgumentError, "no order"),
        (lambda df: df.select(m=F.median("n").over()), AggregateError, "F.median has no window form"),
        (
            lambda df: df.select(m=F.first("n", order_by="id").filter(df.n > 1).over(partition_by="g")),
            AggregateError,
            "F.first has no window form",
        ),
        (lambda df: df.select(m=F.sum("n")), AggregateError, "an aggregate stands in select"),
        (lambda df: df.agg(m=F.sum("s")), TypeMismatchError, "F.sum takes a number"),
        (lambda df: df.agg(m=F.sum("n") + df.n), AggregateError, "'m' in agg is not an aggregate"),
        (lambda df: df.agg(m=F.sum(F.abs(F.max("n")))), AggregateError, "F.max stands in F.sum"),
        (lambda df: df.agg(m=sa.func.avg(sa.func.sum(df.n))), AggregateError, "sum stands in avg"),
        (lambda df: df.agg(m=F.sum("n").filter(F.max("n") > 1)), AggregateError, "F.max stands in a filter"),
        (
            lambda df: df.agg(m=F.max(F.row_number().over(order_by="id"))),
            AggregateError,
            "a window stands in F.max",
        ),
        (lambda _df: F.avg(F.lit(_LAST) - F.lit(_NOON)), TypeMismatchError, "was given an interval"),
    ],
)
def test_what_cannot_be_aggregated_is_an_error_where_it_is_written(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """Before any SQL is sent, with the user's line."""
    columns: list[Any] = [
        sa.column(str(name), type_())
        for name, type_ in zip(NAMES[1:4], (sa.String, sa.Integer, sa.BigInteger), strict=True)
    ]
    df = DataFrame(
        sa.table("t", sa.column("id", sa.Integer()), *columns, sa.column("s", sa.String())),
        sa.create_engine("sqlite://", future=True),
    )

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_aggregates.py" in str(raised.value)
