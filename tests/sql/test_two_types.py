"""Keys, values and results of two types that meet: dates beside moments, whole numbers beside fractions."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt import DataFrame, F, exists
from pydbt.sql.session import Session

RUNS_ON_MARIADB = True
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

_DAY, _NEXT = dt.date(2024, 1, 31), dt.date(2024, 2, 1)
_MIDNIGHT, _NOON, _NEXT_MIDNIGHT = map(
    dt.datetime.fromisoformat, ("2024-01-31", "2024-01-31 12:00", "2024-02-01")
)


@pytest.fixture
def days(engine: Engine) -> DataFrame:
    return Session(engine).create_dataframe([(1, _DAY), (2, _NEXT), (3, None)], schema=["id", "at"])


@pytest.fixture
def moments(engine: Engine) -> DataFrame:
    return Session(engine).create_dataframe([(7, _MIDNIGHT), (8, _NOON)], schema=["k", "at"])


def _rows(df: DataFrame) -> list[Any]:
    return sorted((tuple(row) for row in df.collect()), key=repr)


_JOINED: dict[str, list[Any]] = {
    "inner": [(1, _DAY, 7)],
    "left": [(1, _DAY, 7), (2, _NEXT, None), (3, None, None)],
    "right": [(1, _MIDNIGHT, 7), (None, _NOON, 8)],
    "full": [(1, _MIDNIGHT, 7), (2, _NEXT_MIDNIGHT, None), (3, None, None), (None, _NOON, 8)],
    "semi": [(1, _DAY)],
    "anti": [(2, _NEXT), (3, None)],
}


def test_a_date_joins_the_moment_that_is_its_midnight(days: DataFrame, moments: DataFrame) -> None:
    """By the name of both, in each kind of join; the key that comes out is of the type it is announced as."""
    assert {how: _rows(days.join(moments, "at", how=how)) for how in _JOINED} == _JOINED


def test_the_one_key_of_a_full_join_is_compared_as_what_it_is(days: DataFrame, moments: DataFrame) -> None:
    """A day that only the left side has is the midnight it is announced as."""
    both = days.select("at").join(moments.select("at"), "at", how="full")

    assert both.where(both.at == _NEXT_MIDNIGHT).count() == 1


def test_a_date_is_among_moments_as_its_midnight(days: DataFrame, moments: DataFrame) -> None:
    """In a DataFrame of moments, as beside one of them."""
    among = days.at.isin(moments.select("at"))

    found = [_rows(days.where(each).select("id")) for each in (among, ~among, exists(moments, "at"))]

    assert found == [[(1,)], [(2,), (3,)], [(1,)]]


def test_the_one_key_of_a_full_join_of_numbers_is_a_float(engine: Engine) -> None:
    """A whole number comes out as a float where the other side has floats."""
    session = Session(engine)
    whole, floats = session.range(1, 3), session.create_dataframe({"id": [2.0, 2.5]})

    found = _rows(whole.join(floats, "id", how="full"))

    assert [repr(value) for (value,) in found] == ["1.0", "2.0", "2.5"]


_LISTS: list[list[Any]] = [
    [0, 1.5, 7],
    [1.5, 0, 7],
    [0, Decimal("1.50"), 7],
    [0, 1.5, Decimal(7)],
    [7, math.inf],
]


def test_one_of_numbers_of_several_kinds(engine: Engine) -> None:
    """Each is compared as the number it is, whichever comes first: 1.5 is not 2."""
    lists = [each for each in _LISTS if engine.dialect.name != "mysql" or math.inf not in each]
    given: dict[str, list[Any]] = {"int": [0, 2, 7], "bigint": [2**40, 2, 7], "float": [0.0, 1.5, 2.0]}
    given["decimal(9, 2)"] = [Decimal(0), Decimal("1.50"), Decimal(2)]
    df = Session(engine).create_dataframe(given, schema={name: name for name in given})

    found = [
        df.select(df[name].isin(values).label("is"), (~df[name].in_(values)).label("not")).collect()
        for name in given
        for values in lists
    ]

    assert [[tuple(row) for row in rows] for rows in found] == [
        [(each in values, each not in values) for each in column]
        for column in given.values()
        for values in lists
    ]


def test_one_of_numbers_beside_a_function(engine: Engine) -> None:
    """Also where SQLAlchemy's own function is asked, and a name that is no column yet."""
    df = Session(engine).range(-2, 3)

    found = df.where(func.abs(df.id).in_([0, 1.5, 2]), F.col("id").isin(-1, 1.5, 2))

    assert _rows(found) == [(2,)]


def test_an_average_of_whole_numbers_is_not_rounded(engine: Engine) -> None:
    """In groups, with a filter, and over a window."""
    df = Session(engine).create_dataframe({"n": [1, 2, 2]})

    whole = df.agg(a=F.avg("n"), b=F.avg("n").filter(df.n < 9))

    assert [*whole.first(), *df.select(a=F.avg("n").over()).first()] == [5 / 3] * 3  # type: ignore[misc]  # a row


def test_a_share_over_a_window_is_not_rounded(engine: Engine) -> None:
    """Of ranks it has all its digits."""
    df = Session(engine).range(4)

    found = df.select(a=F.percent_rank().over(order_by="id")), df.select(a=F.cume_dist().over(order_by="id"))

    assert [_rows(each)[1] for each in found] == [(1 / 3,), (0.5,)]


def test_a_null_is_cast_to_a_float(engine: Engine) -> None:
    """By every way to write one; describe() of columns without numbers does so."""
    df = Session(engine).create_dataframe({"t": [dt.time(1, 2)]})

    found = df.select(a=F.lit(None).cast("float"), b=F.cast(F.lit(None), float)).first()

    assert (tuple(found or ()), tuple(df.describe().first() or ())) == (
        (None, None),
        ("t", 1, 0, None, None, "01:02:00", "01:02:00"),
    )


def test_a_date_as_text_is_compared_as_text(days: DataFrame) -> None:
    """Also where the other text reads like a number, as a year does."""
    found = days.where(days.at.cast("text") < "2025", days.at.cast("text") > "9").select("id")

    assert (_rows(found), _rows(days.where(days.at.cast("text") < "2025").select("id"))) == ([], [(1,), (2,)])


def test_a_float_as_text_is_written_as_python_writes_it(engine: Engine) -> None:
    """With a point, or from 1e16 on and below 0.0001 with an exponent, which has a sign and two digits."""
    floats = [1e16, -1.5e22, 1e300, 9.9e-5, -1e-7, 1.25e-14, 1e-16, 1e-4, 0.3, 1e15]
    df = Session(engine).create_dataframe({"id": list(range(len(floats))), "x": floats})

    found = df.order_by("id").select(df.x.cast("text").label("x")).collect()

    assert [text for (text,) in found] == [repr(each) for each in floats]


def test_a_decimal_rounded_to_whole_numbers_has_no_digits_left(engine: Engine) -> None:
    """Neither as a decimal nor as text."""
    df = Session(engine).create_dataframe({"x": [Decimal("3.25")]})

    found = df.select(a=F.ceil(df.x).cast("text"), b=F.floor(df.x), c=F.floor(df.x).cast("text")).first()

    assert [str(each) for each in found or ()] == ["4", "3", "3"]


def test_a_quotient_of_decimals_keeps_its_digits_beside_others(engine: Engine) -> None:
    """It is a float in a function, too: DuckDB rounded it to the digits of a decimal."""
    df = Session(engine).create_dataframe({"x": [Decimal("3.3")], "n": [4]})

    found = df.select(a=F.least(F.round(df.x, 1) % df.n, df.n / F.ceil(df.x * 4 + 2)))

    assert found.first() == (0.25,)


def test_a_tolerance_of_decimals_is_one(engine: Engine) -> None:
    """Beside decimals as beside other numbers."""
    session = Session(engine)
    prices = session.create_dataframe({"x": [Decimal("1.00"), Decimal("1.50")]})
    near = session.create_dataframe({"x": [Decimal("0.90")], "k": [7]})

    found = prices.asof_join(near, "x", tolerance=Decimal("0.1"))

    assert _rows(found.select("x", "k")) == [(Decimal("1.00"), 7), (Decimal("1.50"), None)]


def test_a_decimal_as_text_has_the_digits_of_its_type(engine: Engine) -> None:
    """Also where a value with fewer took its place; so digests, and samples, are the same everywhere."""
    df = Session(engine).create_dataframe({"x": [Decimal("1.50"), None]}, schema={"x": "decimal(9, 2)"})

    found = df.select(
        t=F.coalesce(df.x, F.lit(0)).cast("text"), u=F.greatest(df.x, F.lit(1)).cast("varchar(3)")
    )

    assert _rows(found) == [("0.00", "1.0"), ("1.50", "1.5")]


def test_a_float_beyond_64_bits_has_a_floor(engine: Engine) -> None:
    """Itself; and below that, the whole number that is not above it."""
    floats = [1e22, -1e22, 2.5, -2.5, -7.0, 0.49999999999999994]
    df = Session(engine).create_dataframe({"id": list(range(len(floats))), "x": floats}).order_by("id")

    found = df.select(a=df.x // 1, b=func.ceil(df.x), t=F.cast(df.x // 1, "text")).collect()

    assert [tuple(row) for row in found] == [
        (floor := float(math.floor(each)), math.ceil(each), repr(floor)) for each in floats
    ]
