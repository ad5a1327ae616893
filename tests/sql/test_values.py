# ruff: noqa: ARG005, DTZ001  some of what is tested names its columns by itself; moments without a zone
"""Python values beside columns: what libraries wrap is unwrapped, and what no database takes is refused."""

from __future__ import annotations

import datetime as dt
import fractions
import uuid
from collections.abc import Callable
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import case, func
from sqlalchemy.engine import Engine

from pydbt import DataFrame, F, errors
from pydbt.sql.session import Session
from tests.sql.frames import frame

np: Any = import_module("numpy")
pd: Any = import_module("pandas")

RUNS_ON_MARIADB = True
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


class Level(IntEnum):
    SEVEN = 7


class Letter(StrEnum):
    A = "a"


class Day(dt.date):
    """A day of a library's own class."""


class Moment(dt.datetime):
    """A moment of one."""


class Colour(Enum):
    RED = 1


ROWS = [
    {"id": 1, "n": 7, "s": "a", "x": 1.5, "d": dt.date(2024, 1, 31), "t": dt.datetime(2024, 1, 31, 12, 30)},
    {"id": 2, "n": -7, "s": "b", "x": -1.5, "d": dt.date(2024, 2, 1), "t": dt.datetime(2024, 2, 1)},
]

# Each is true of the first row alone.
CONDITIONS: list[Callable[[Any], Any]] = [
    lambda df: df.n == np.int64(7),
    lambda df: np.int64(7) == df.n,
    lambda df: np.int32(0) < df.n,
    lambda df: (df.n + 0) == np.int8(7),
    lambda df: F.col("n") == np.int64(7),
    lambda df: func.abs(df.n) + df.n == np.int64(14),
    lambda df: df.n == Level.SEVEN,
    lambda df: df.s == Letter.A,
    lambda df: func.lower(df.s) == Letter.A,
    lambda df: df.x == np.float32(1.5),
    lambda df: df.x == np.float64(1.5),
    lambda df: (df.n == 7) == np.bool_(True),  # noqa: FBT003  a value of the column
    lambda df: (df.n == 7) & np.bool_(True),  # noqa: FBT003  as above
    lambda df: np.bool_(False) | (df.n + 0 == 7),  # noqa: FBT003  as above
    lambda df: df.s == np.str_("a"),
    lambda df: df.d == np.datetime64("2024-01-31"),
    lambda df: df.d == pd.Timestamp("2024-01-31"),
    lambda df: df.t == np.datetime64("2024-01-31T12:30", "ns"),
    lambda df: df.t == pd.Timestamp("2024-01-31 12:30"),
    lambda df: df.d == Day(2024, 1, 31),
    lambda df: df.t == Moment(2024, 1, 31, 12, 30),
    lambda df: func.coalesce(df.d, Day(2000, 1, 1)) == Day(2024, 1, 31),
    lambda df: func.coalesce(df.t, Moment(2000, 1, 1)) == pd.Timestamp("2024-01-31 12:30"),
    lambda df: df.n.isin([np.int64(7)]),
    lambda df: df.n.isin(np.array([7, 8])),
    lambda df: df.n.isin(pd.Series([7, 8])),
    lambda df: df.n.isin(each for each in [7, 8]),
    lambda df: (df.n + 0).isin(np.array([7, 8])),
    lambda df: F.col("n").isin(np.array([7, 8])),
    lambda df: df.n.between(np.int64(1), np.int64(7)),
    lambda df: F.col("n").between(np.int64(1), np.int64(7)),
]

# What is computed of 7.
RESULTS: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda df: df.n + np.int64(7), 14),
    (lambda df: np.int64(7) - df.n, 0),
    (lambda df: df.n * np.int64(2), 14),
    (lambda df: df.n / np.int64(2), 3.5),
    (lambda df: df.n // np.int64(2), 3),
    (lambda df: df.n % np.int64(4), 3),
    (lambda df: F.col("n") % np.int64(4), 3),
    (lambda df: np.int64(7), 7),
    (lambda df: F.lit(np.int64(7)), 7),
    (lambda df: F.lit(np.bool_(True)), True),  # noqa: FBT003  the value
    (lambda df: F.lit(pd.NA), None),
    (lambda df: F.coalesce(F.nullif("n", np.int64(7)), np.int64(8)), 8),
    (lambda df: F.round("x", np.int64(0)), 2.0),
    (lambda df: F.left("s", np.int64(1)), "a"),
    (lambda df: F.when(df.n == 7, np.int64(1)).otherwise(np.int64(2)), 1),
    (lambda df: case((df.n == 7, np.int64(1)), else_=np.int64(2)), 1),
    (lambda df: case((df.n == 7, np.float64(1.5)), else_=np.float64(2)), 1.5),
    (lambda df: case((df.n == 7, np.bool_(True)), else_=pd.NA), True),  # noqa: FBT003  the value
    (lambda df: func.coalesce(df.d, pd.NaT), dt.date(2024, 1, 31)),
]


@pytest.fixture
def df(engine: Engine) -> DataFrame:
    return Session(engine).create_dataframe(ROWS)


def test_values_of_libraries_are_compared_as_what_they_stand_for(df: DataFrame) -> None:
    """A number of NumPy's, an IntEnum's, a moment of pandas', one and in a list, on either side."""
    found = [[row[0] for row in df.where(made(df)).select("id").collect()] for made in CONDITIONS]

    assert found == [[1]] * len(CONDITIONS)


def test_values_of_libraries_are_computed_with_as_what_they_stand_for(df: DataFrame) -> None:
    """In operators, in functions, in a CASE, and alone."""
    made = {f"c{place}": compute(df) for place, (compute, _) in enumerate(RESULTS)}

    row = df.where(df.id == 1).select(**made).first()

    assert tuple(row or ()) == tuple(expected for _, expected in RESULTS)


def test_verbs_take_values_of_libraries(df: DataFrame) -> None:
    """fillna, replace, limit, pivot's and a query's own values."""
    gone = df.replace({np.int64(-7): pd.NA, np.int64(7): np.int64(8)}, subset="n").order_by("id")
    df.write("kept")
    asked = "SELECT n FROM kept WHERE n IN :many AND n = :one"

    assert [
        gone.limit(np.int64(2)).fillna({"n": np.int32(0)}).select("n").collect(),
        Session(df.engine).sql(asked, many=[np.int64(7)], one=np.int64(7)).collect(),
        df.group_by("s").pivot("n", [np.int64(7)]).agg(r=func.count()).order_by("s").collect(),
    ] == [[(8,), (0,)], [(7,)], [("a", 1), ("b", 0)]]


def test_what_pandas_writes_for_null_is_null(df: DataFrame) -> None:
    """Beside == and != as None is; elsewhere None is refused, and so are they."""
    missing = df.where(df.id == 1).select(n=F.nullif("n", 7), d=F.nullif("d", dt.date(2024, 1, 31)))

    kept = [
        missing.where(made).count()
        for made in (missing.n == pd.NA, missing.d == pd.NaT, F.col("d") == pd.NaT, missing.n != pd.NA)
    ]

    assert kept == [1, 1, 1, 0]
    with pytest.raises(errors.TypeMismatchError, match="compared with None"):
        df.where(df.d < pd.NaT)


NO_VALUES: list[Any] = [
    Colour.RED, {1}, [1], (1, 2), {"a": 1}, len, int, 1j, fractions.Fraction(1, 2), object(), uuid.uuid4(),
    np.array([1, 2]), np.complex64(1),
]  # fmt: skip


USES: list[Callable[[Any, Any], Any]] = [
    lambda df, value: df.k == value,
    lambda df, value: df.k + value,
    lambda df, value: value - df.k,
    lambda df, value: df.k + 1 < value,
    lambda df, value: df.k.isin([value]),
    lambda df, value: df.where(func.abs(df.k) == value),
    lambda df, value: df.fillna(value, subset="k"),
    lambda df, value: F.lit(value),
    lambda df, value: F.when(df.k == 1, value),
]


@pytest.mark.parametrize("value", NO_VALUES, ids=lambda value: type(value).__name__)
def test_what_no_database_takes_is_refused_at_its_line(value: Any) -> None:
    """Beside a column, an expression, a function of SQLAlchemy, in a list and in a CASE."""
    told = []
    for use in USES:
        with pytest.raises(errors.ColumnArgumentError) as caught:
            use(frame(), value)
        told.append(Path(str(caught.value.where).rpartition(":")[0]).name)

    assert told == [Path(__file__).name] * len(USES)


BEYOND = 2**63


NOT_EVERYWHERE: list[Callable[[Any], Any]] = [
    lambda df: df.select(r=BEYOND),
    lambda df: df.select(r=df.k + BEYOND),
    lambda df: df.where(df.k < BEYOND),
    lambda df: df.where(F.col("k") == BEYOND),
    lambda df: df.select(r=case((df.k == 7, BEYOND), else_=1)),
    lambda df: F.lit(BEYOND),
    lambda df: Session(df.engine).sql("SELECT :v AS v", v=BEYOND),
    lambda df: df.where(df.k.cast("float") == 10**400),
    lambda df: df.where(df.k.cast("float").isin([1.5, 10**400])),
    lambda df: df.where(df.s == "a\0b"),
    lambda df: df.where(df.s.isin(["a\0b"])),
    lambda df: df.where(df.s.like("a\0%")),
    lambda df: df.select(r=F.lit("a\0b")),
    lambda df: Session(df.engine).sql("SELECT :v AS v", v="a\0b"),
]


@pytest.mark.parametrize("use", NOT_EVERYWHERE)
def test_what_not_every_database_takes_is_refused(use: Callable[[Any], Any]) -> None:
    """A whole number of more than 64 bits, or more than a float holds, and a text with NUL."""
    with pytest.raises(errors.LiteralError, match=r"64 bits|bits does not fit into a float|NUL"):
        use(frame())


def test_whole_numbers_beyond_64_bits_meet_decimals_and_floats(df: DataFrame) -> None:
    """There they are decimals and floats."""
    decimals = df.select(p=df.n.cast("decimal(20, 0)"), x="x")

    found = decimals.where((decimals.p < BEYOND) & (decimals.x > -(10**30)) & (decimals.x != BEYOND))

    assert found.select("p").order_by("p").collect() == [(Decimal(-7),), (Decimal(7),)]


def test_a_column_of_the_users_own_type_takes_the_values_it_takes(engine: Engine) -> None:
    """A UUID, which is no value elsewhere."""
    kind = getattr(sa, "Uuid", sa.LargeBinary)
    known = b"5" if kind is sa.LargeBinary else uuid.UUID(int=5)
    table = sa.Table("keyed", sa.MetaData(), sa.Column("u", kind), sa.Column("n", sa.Integer))
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"u": known, "n": 1}])
    df = DataFrame(table, engine)

    made = [df.u == known, df.u.isin([known]), F.col("u") == known]

    assert [df.where(each).select("n").collect() for each in made] == [[(1,)]] * 3


EAST = dt.timezone(dt.timedelta(hours=5))
NOON = dt.datetime(2024, 1, 31, 17, tzinfo=EAST)

WITHOUT_ZONE: list[Callable[[Any], Any]] = [
    lambda df: df.moment == NOON,
    lambda df: df.moment.isin([NOON]),
    lambda df: df.moment.between(NOON, NOON),
    lambda df: df.moment == NOON.isoformat(),
    lambda df: df.moment == pd.Timestamp(NOON),
    lambda df: df.day == NOON.replace(hour=0),
    lambda df: df.moment - NOON,
    lambda df: NOON - df.moment,
    lambda df: df.select(r=F.lit(NOON) - df.moment),
    lambda df: df.where(func.max(df.moment).over() == NOON),
    lambda df: df.fillna({"moment": NOON}),
    lambda df: F.coalesce(df.moment, NOON),
]


@pytest.mark.parametrize("use", WITHOUT_ZONE)
def test_a_moment_with_a_zone_stands_beside_none_without(use: Callable[[Any], Any]) -> None:
    """Which moment a column without a zone means is not said; SQLite would compare the clocks."""
    with pytest.raises((errors.TypeMismatchError, errors.LiteralError), match=r"zone|does not compare"):
        use(frame())


def test_a_moment_with_a_zone_is_that_moment(engine: Engine) -> None:
    """Alone and beside a column with a zone; SQLite, which keeps no zones, says so."""
    table = sa.Table("zoned", sa.MetaData(), sa.Column("t", sa.DateTime(timezone=True)))
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"t": NOON.astimezone(dt.UTC)}])
    df = DataFrame(table, engine)

    def found() -> Any:
        kept = df.where((df.t == NOON) & (F.col("t") == NOON.astimezone(dt.UTC)) & df.t.isin([NOON]))
        row: Any = kept.select(a=F.lit(NOON), b=case((df.t == NOON, NOON))).first()
        return [each.astimezone(dt.UTC) if each.tzinfo else each.replace(tzinfo=dt.UTC) for each in row]

    if engine.dialect.name == "sqlite":
        for use in (found, lambda: df.where(df.t.isin([NOON]))):
            with pytest.raises(errors.LiteralError, match="SQLite keeps none"):
                use()
    else:
        assert found() == [NOON, NOON]
