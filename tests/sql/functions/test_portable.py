# ruff: noqa: DTZ001  databases keep moments without a zone
"""SQLAlchemy's own operators and functions: the same on SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import extract, func

from pydbt import F
from pydbt.errors import AggregateError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions import days
from tests.sql.functions.conftest import MakeTable
from tests.sql.functions.test_dates import check

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

LITTLE = dt.timedelta(days=-40, hours=5, microseconds=1)


def test_an_interval_is_added_to_a_date_and_to_a_moment(calendar: DataFrame) -> None:
    """A moment comes out, of a date the one so long after its midnight, exact to the microsecond."""
    df = calendar
    check(df, df.day + LITTLE, lambda day: days.midnight(day) + LITTLE, "day")
    check(df, df.moment + LITTLE, lambda moment: moment + LITTLE, "moment")
    check(df, LITTLE + df.moment, lambda moment: moment + LITTLE, "moment")
    check(df, df.day - LITTLE, lambda day: days.midnight(day) - LITTLE, "day")
    check(df, F.col("moment") - LITTLE, lambda moment: moment - LITTLE, "moment")


def test_whole_numbers_added_to_a_date_are_days(calendar: DataFrame) -> None:
    """A date stays one."""
    df = calendar
    check(df, df.day + 1, lambda day: day + dt.timedelta(days=1), "day")
    check(df, df.day - (-2), lambda day: day + dt.timedelta(days=2), "day")
    check(df, df.n + df.day, lambda day, n: day + dt.timedelta(days=n), "day", "n")
    check(df, df.day - df.n, lambda day, n: day - dt.timedelta(days=n), "day", "n")


def test_calculations_go_on_from_left_to_right(calendar: DataFrame) -> None:
    """What SQLAlchemy puts into one node, ``a + b + c``, is what it would be in two."""
    df = calendar
    check(df, df.day + 1 + 1, lambda day: day + dt.timedelta(days=2), "day")
    check(df, F.col("day") + 1 + F.col("n"), lambda day, n: day + dt.timedelta(days=n + 1), "day", "n")
    check(df, df.moment + LITTLE + LITTLE, lambda moment: moment + LITTLE + LITTLE, "moment")


def test_dates_are_days_apart_and_moments_an_interval(calendar: DataFrame) -> None:
    """Of two dates a whole number; where one is a moment, an interval."""
    df = calendar
    check(df, df.day - df.other_day, lambda day, other: (day - other).days, "day", "other_day")
    check(df, df.day - dt.date(2024, 1, 1), lambda day: (day - dt.date(2024, 1, 1)).days, "day")
    check(df, df.moment - df.other_moment, lambda one, other: one - other, "moment", "other_moment")
    check(df, df.moment - df.day, lambda one, other: one - days.midnight(other), "moment", "day")
    check(df, df.day - df.moment, lambda one, other: days.midnight(one) - other, "day", "moment")


def test_the_results_go_on(calendar: DataFrame) -> None:
    """They stand in conditions, in tables, and in further calculations, of the type that was announced."""
    df = calendar.with_columns(next=calendar.day + 1, gap=calendar.day - calendar.other_day)
    found = df.where(df.next > "2024-02-29", df.gap > 0, df.next - df.day == 1).select("next", "gap")
    wanted = {
        (row[1] + dt.timedelta(days=1), (row[1] - row[3]).days)
        for row in days.ROWS
        if row[1] and row[3] and row[1] >= dt.date(2024, 2, 29) and row[1] > row[3]
    }
    assert {tuple(row) for row in found.collect()} == wanted

    found.write("written")
    assert {tuple(row) for row in found.collect()} == wanted


NAMED: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "a float and a whole number": lambda c: c("x") * 2,
    "a whole number and a float": lambda c: 2 - c("x"),
    "floats": lambda c: c("x") + c("y") + c("x") + 1,
    "a float, negated": lambda c: -(c("x") * 2),
    "a float, floored": lambda c: F.floor(c("x") + 1),
    "a float, rest": lambda c: (c("x") + 1) % 2,
    "a float, rounded": lambda c: F.round(c("x") * 2),
    "a float, cast": lambda c: F.cast(c("y") * 1, "int"),
    "a decimal and a whole number": lambda c: c("price") + 1,
    "a decimal and a fraction": lambda c: (c("price") + 1) * 1.5,
    "a decimal and fractions": lambda c: c("price") * 1.5 * 0.25,
    "a decimal and a float": lambda c: c("price") + c("x"),
    "large numbers": lambda c: c("m") + 2 + c("m"),
    "texts": lambda c: c("s") + c("t") + c("s"),
    "texts and text": lambda c: c("s") + "-" + c("t"),
    "a CASE": lambda c: sa.case((c("m") > 1, c("x") * 2), else_=0.5),
    "coalesce": lambda c: func.coalesce(c("price") * 2, 0),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_calculates_as_the_column_that_it_names(nasty: DataFrame, name: str) -> None:
    """The same rows, of the same type: though no type is known where the name is written."""
    df = nasty.where(nasty.id < 9).order_by("id")
    named, taken = (df.select(r=NAMED[name](column)) for column in (F.col, df.__getitem__))

    assert named.schema["r"].python_type is taken.schema["r"].python_type
    assert [repr(row.r) for row in named.collect()] == [repr(row.r) for row in taken.collect()]
    assert {type(row.r) for row in named.collect()} <= {named.schema["r"].python_type, type(None)}


def test_sums_of_calculations_keep_the_type(nasty: DataFrame) -> None:
    """Of decimals a decimal, of floats a float, also where only their names were known."""
    df = nasty.where(nasty.id.in_([3, 4, 7]))
    found = df.agg(
        a=func.sum(F.col("price") * 2), b=func.max(F.col("y") * 1), c=F.sum(F.col("price") * 2)
    ).collect()

    assert [tuple(row) for row in found] == [(Decimal("2.010"), 3.0, Decimal("2.010"))]


def test_a_decimal_times_a_fraction_keeps_every_digit(nasty: DataFrame) -> None:
    """Exactly, and not cut to the digits of the column."""
    found = nasty.where(nasty.id == 7).select(
        a=nasty.price * 1.1, b=nasty.price + 0.0625, c=F.cast(nasty.price * 1.1, "text")
    )

    assert [tuple(row) for row in found.collect()] == [(Decimal("1.1055"), Decimal("1.0675"), "1.1055")]


def test_a_decimal_beside_a_column_of_floats_is_a_float(make_table: MakeTable) -> None:
    """On either side, in the type that is told and in the value that comes."""
    rows = [(Decimal("999999.875"), 0.5), (None, 1.0)]
    df = make_table(("x", "f"), (sa.Numeric(12, 3), sa.Float(53)), rows)
    made = df.select(a=df.x + df.f, b=df.f + df.x, c=df.x * df.f, d=df.x - F.col("f")).order_by("a")

    assert [type(kind).__name__ for kind in made.schema.values()] == ["Double"] * 4
    assert [tuple(map(repr, row)) for row in made.collect()] == [
        ("1000000.375", "1000000.375", "499999.9375", "999999.375"),
        ("None",) * 4,
    ]
    of_all = df.agg(s=func.sum(df.x + df.f), m=func.max(df.x * df.f), a=F.sum(df.x + df.f))
    assert tuple(map(repr, of_all.collect()[0])) == ("1000000.375", "499999.9375", "1000000.375")


def test_a_negative_value_can_be_negated(calendar: DataFrame) -> None:
    """Two signs side by side would begin a comment where values are written into the SQL."""
    df = calendar.select(a=-sa.literal(-1), b=-sa.literal(-1.5)).limit(1)

    assert "--" not in df.sql()
    assert [tuple(row) for row in df.collect()] == [(1, 1.5)]


def test_a_choice_of_decimals_keeps_the_digits_of_each(make_table: MakeTable) -> None:
    """Not those of the first alone."""
    rows = [(1, Decimal("1.55"), Decimal("0.0001")), (2, None, Decimal("1.2345"))]
    df = make_table(("id", "d", "e"), (sa.Integer, sa.Numeric(10, 2), sa.Numeric(12, 4)), rows)

    made = df.order_by("id").select(
        a=func.coalesce(df.d, df.e),
        b=sa.case((df.id > 1, df.d), else_=df.e),
        c=sa.case((df.id > 1, df.d), else_=Decimal("0.125")),
        d=sa.case((df.id > 1, df.id), else_=df.e),
    )

    assert [tuple(row) for row in made.collect()] == [
        (Decimal("1.55"), Decimal("0.0001"), Decimal("0.125"), Decimal("0.0001")),
        (Decimal("1.2345"), None, None, Decimal(2)),
    ]


def test_a_choice_is_of_the_type_that_holds_all_its_values(make_table: MakeTable) -> None:
    """In the type that is told and in the values that come, whichever is written first."""
    day, moment = dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 17, 30, 5)
    types = (sa.Integer, sa.BigInteger, sa.Numeric(12, 2), sa.Float(53), sa.Date, sa.DateTime)
    rows = [(1, 2**40, Decimal("1.25"), 0.375, day, moment), (7, 2, Decimal("2.5"), 1.0, None, moment)]
    df = make_table(("n", "big", "pay", "score", "day", "moment"), types, rows)
    is_late = df.n > 1

    made = df.order_by("n").select(
        moments=sa.case((is_late, df.day), else_=df.moment),
        first=func.coalesce(df.day, df.moment),
        numbers=sa.case((is_late, df.pay), else_=df.score),
        whole=sa.case((is_late, df.n), else_=df.big),
        dates=sa.case((is_late, "2024-01-01"), else_=df.day),
    )

    kinds = [sa.DateTime, sa.DateTime, sa.Float, sa.BigInteger, sa.Date]
    assert all(map(isinstance, made.schema.values(), kinds))
    assert [tuple(row) for row in made.collect()] == [
        (moment, dt.datetime(2024, 2, 29), 0.375, 2**40, day),
        (None, moment, 2.5, 7, dt.date(2024, 1, 1)),
    ]


@pytest.mark.parametrize(
    "choice",
    [
        lambda df: sa.case((df.n > 1, "late"), else_=df.n),
        lambda df: sa.case((df.n > 1, True), else_=0),
        lambda df: func.coalesce(df.day, df.n),
    ],
)
def test_a_choice_between_kinds_is_refused(calendar: DataFrame, choice: Callable[[DataFrame], Any]) -> None:
    """SQLite would give a mixture, and others an error of their own."""
    with pytest.raises(TypeMismatchError):
        calendar.select(k=choice(calendar))


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("year", "year"),
        ("quarter", "quarter"),
        ("month", "month"),
        ("week", "week"),
        ("day", "day"),
        ("doy", "day_of_year"),
        ("isodow", "day_of_week"),
        ("isoyear", "iso_year"),
        ("hour", "hour"),
        ("minute", "minute"),
        ("second", "second"),
        ("epoch", "epoch"),
    ],
)
def test_extract_of_sqlalchemy_gives_whole_numbers(calendar: DataFrame, field: str, part: str) -> None:
    """The same as ``F.extract``, before 1970 and in the last microsecond of a year."""
    check(calendar, extract(field, calendar.moment), lambda moment: days.part(part, moment), "moment")
    check(calendar, sa.extract("year", F.date("moment")), lambda moment: moment.year, "moment")


def test_functions_of_sqlalchemy_are_those_of_f(calendar: DataFrame) -> None:
    """``func.median`` and the like are had on every database, with a filter and over a window, too."""
    df = calendar.where(calendar.n.is_not_null(), calendar.id < 8)
    found = df.agg(
        median=func.median(df.n),
        high=func.median(df.n).filter(df.n > 0),
        spread=func.stddev_pop(df.n).filter(df.n.in_([-1, 1])),
        all=func.bool_and(df.n < 100),
    )
    assert [tuple(row) for row in found.collect()] == [(0.0, 12.0, 1.0, True)]

    pairs = df.select("id", most=func.greatest(df.n, df.id), least=func.least(df.n, 0)).order_by("id")
    assert [tuple(row) for row in pairs.collect()] == [
        (row[0], max(row[5] or 0, row[0]), min(row[5] or 0, 0)) for row in days.ROWS[1:8]
    ]

    near = df.select("id", r=func.var_pop(df.id).over(order_by=df.id, rows=(-1, 0))).order_by("id")
    assert [row.r for row in near.collect()] == [0.0] + [0.25] * 6


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: df.select(r=extract("hour", df.day)), TypeMismatchError, "a date has no hour"),
        (lambda df: df.agg(r=func.median(df.day)), TypeMismatchError, "F.median takes a number"),
        (lambda df: df.select(r=func.median(df.n).over()), AggregateError, "no window form"),
    ],
)
def test_what_databases_would_do_each_in_its_way_is_refused(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """At the user's line."""
    columns: list[Any] = [sa.column("day", sa.Date()), sa.column("n", sa.Integer())]
    df = DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://", future=True))

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_portable.py" in str(raised.value)
