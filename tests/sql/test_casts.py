# ruff: noqa: DTZ001  databases keep moments without a zone
"""Casts read the same text, round and refuse the same way on SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt import F, errors
from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from pydbt.sql.written_casts import TryCast
from tests.conftest import DATABASES
from tests.sql.frames import frame, small, sql

# SQLAlchemy warns of what SQLite does to decimals; three places survive it.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

# Type, what it is cast to, and each value with what comes out: None is an error, or NULL when it is tried.
DOUBLE = sa.Double() if hasattr(sa, "Double") else sa.Float(53)
_NOON = dt.datetime(2024, 2, 29, 12, 30)
CASES: list[tuple[str, Any, str, dict[Any, Any]]] = [
    (
        "text to int",
        sa.String(40),
        "int",
        {
            "12": 12,
            " -7 ": -7,
            "+5": 5,
            "2147483647": 2147483647,
            "-2147483648": -2147483648,
            "007": 7,
            "2147483648": None,
            "1.5": None,
            "1e3": None,
            "1_000": None,
            "0x1F": None,
            "abc": None,
            "": None,
            "\N{ARABIC-INDIC DIGIT ONE}": None,
            "1 2": None,
            "12\n": None,
            "99999999999999999999999": None,
        },
    ),
    (
        "text to bigint",
        sa.String(40),
        "bigint",
        {
            "9223372036854775807": 2**63 - 1,
            "-9223372036854775808": -(2**63),
            "9223372036854775808": None,
        },
    ),
    ("text to smallint", sa.String(40), "smallint", {"32767": 32767, "32768": None}),
    (
        "text to float",
        sa.String(400),
        "float",
        {
            "1.5": 1.5,
            "1e3": 1000.0,
            ".5": 0.5,
            "5.": 5.0,
            " -0.1 ": -0.1,
            "1E-5": 1e-5,
            "7": 7.0,
            "1.7976931348623157e308": 1.7976931348623157e308,
            "0.30000000000000004": 0.30000000000000004,
            "1e400": None,
            "-1e400": None,
            "nan": None,
            "inf": None,
            "1,5": None,
            "": None,
            "e5": None,
            ".": None,
            "9" * 400: None,
        },
    ),
    (
        "text to decimal",
        sa.String(40),
        "decimal(10,2)",
        {
            "1.5": Decimal("1.50"),
            "1.005": Decimal("1.01"),
            "-1.005": Decimal("-1.01"),
            "1e2": Decimal("100.00"),
            "99999999.99": Decimal("99999999.99"),
            "99999999.995": None,
            "123456789": None,
            "1e999": None,
            "NaN": None,
            "x": None,
            "0.004": Decimal("0.00"),
            "1e-300": Decimal("0.00"),
        },
    ),
    (
        "text to boolean",
        sa.String(40),
        "bool",
        {
            "true": True,
            "T": True,
            "Yes": True,
            " on ": True,
            "1": True,
            "y": True,
            "FALSE": False,
            "f": False,
            "no": False,
            "off": False,
            "0": False,
            "n": False,
            "2": None,
            "tr": None,
            "": None,
            "wahr": None,
        },
    ),
    (
        "text to date",
        sa.String(40),
        "date",
        {
            "2024-02-29": dt.date(2024, 2, 29),
            " 1999-12-31 ": dt.date(1999, 12, 31),
            "2000-02-29": dt.date(2000, 2, 29),
            "2023-02-29": None,
            "1900-02-29": None,
            "2023-04-31": None,
            "2023-13-01": None,
            "2023-00-10": None,
            "2023-1-5": None,
            "20230105": None,
            "05.01.2023": None,
            "2023-01-05 00:00:00": None,
            "0000-01-01": None,
            "": None,
            "today": None,
        },
    ),
    (
        "text to timestamp",
        sa.String(40),
        "timestamp",
        {
            "2024-02-29 12:30:00": _NOON,
            "2024-02-29T12:30": _NOON,
            "2024-02-29 12:30:00.000001": _NOON.replace(microsecond=1),
            "2024-02-29": dt.datetime(2024, 2, 29),
            "2023-02-29 12:30": None,
            "2024-02-29 24:00": None,
            "2024-02-29 12:30:60": None,
            "2024-02-29 12": None,
            "2024-02-29 12:30:00+01": None,
            "now": None,
            "2024-02-29 12:30:00.1234567": None,
        },
    ),
    (
        "text to time",
        sa.String(40),
        "time",
        {
            "12:30": dt.time(12, 30),
            "23:59:59.999999": dt.time(23, 59, 59, 999999),
            " 00:00:00 ": dt.time(),
            "24:00": None,
            "12:60": None,
            "noon": None,
            "1:30": None,
        },
    ),
    (
        "float to int",
        DOUBLE,
        "int",
        {
            0.5: 0,
            1.5: 2,
            2.5: 2,
            -0.5: 0,
            -1.5: -2,
            2.4999: 2,
            2147483647.4: 2147483647,
            2147483647.5: None,
            -2147483648.5: -2147483648,
            -2147483648.6: None,
            1e300: None,
            math.inf: None,
        },
    ),
    (
        "float to bigint",
        DOUBLE,
        "bigint",
        {
            2.0**62: 2**62,
            -(2.0**63): -(2**63),
            2.0**63: None,
        },
    ),
    (
        "float to decimal",
        DOUBLE,
        "decimal(10,2)",
        {
            0.285: Decimal("0.29"),
            1.005: Decimal("1.01"),
            -1.005: Decimal("-1.01"),
            99999999.994: Decimal("99999999.99"),
            99999999.995: None,
            1e20: None,
            math.inf: None,
            1e-7: Decimal("0.00"),
        },
    ),
    (
        "float to text",
        DOUBLE,
        "text",
        {
            1.0: "1.0",
            0.1: "0.1",
            -2.5: "-2.5",
            1e20: "1e+20",
            1e-5: "1e-05",
            1e15: "1000000000000000.0",
            1e16: "1e+16",
            math.inf: "inf",
            -math.inf: "-inf",
        },
    ),
    (
        "decimal to int",
        sa.Numeric(12, 3),
        "int",
        {
            Decimal("0.5"): 1,
            Decimal("1.5"): 2,
            Decimal("2.5"): 3,
            Decimal("-2.5"): -3,
            Decimal("2.499"): 2,
        },
    ),
    (
        "decimal to smallint",
        sa.Numeric(12, 3),
        "smallint",
        {Decimal("32767.4"): 32767, Decimal("32767.5"): None},
    ),
    (
        "decimal to decimal",
        sa.Numeric(12, 3),
        "decimal(5,2)",
        {
            Decimal("1.005"): Decimal("1.01"),
            Decimal("999.994"): Decimal("999.99"),
            Decimal("999.995"): None,
        },
    ),
    ("decimal to text", sa.Numeric(12, 3), "text", {Decimal("1.5"): "1.500", Decimal("-0.25"): "-0.250"}),
    ("int to smallint", sa.Integer, "smallint", {5: 5, -32768: -32768, 32768: None}),
    ("int to decimal", sa.Integer, "decimal(5,2)", {999: Decimal("999.00"), 1000: None}),
    ("int to float", sa.Integer, "float", {7: 7.0}),
    ("int to text", sa.Integer, "text", {-7: "-7"}),
    ("int to short text", sa.Integer, "varchar(2)", {12345: "12"}),
    ("int to boolean", sa.Integer, "bool", {0: False, 1: True, -3: True}),
    ("boolean to bigint", sa.Boolean, "bigint", {True: 1, False: 0}),
    ("boolean to float", sa.Boolean, "float", {True: 1.0}),
    ("boolean to text", sa.Boolean, "text", {True: "true", False: "false"}),
    ("text to short text", sa.String(40), "varchar(3)", {"abcdef": "abc", "é": "é"}),
    ("date to timestamp", sa.Date, "timestamp", {dt.date(2024, 2, 29): dt.datetime(2024, 2, 29)}),
    ("date to text", sa.Date, "text", {dt.date(2024, 2, 29): "2024-02-29"}),
    ("timestamp to date", sa.DateTime, "date", {_NOON: dt.date(2024, 2, 29)}),
    ("timestamp to time", sa.DateTime, "time", {_NOON: dt.time(12, 30)}),
    (
        "timestamp to text",
        sa.DateTime,
        "text",
        {
            _NOON: "2024-02-29 12:30:00",
            _NOON.replace(microsecond=500_000): "2024-02-29 12:30:00.5",
        },
    ),
    ("time to text", sa.Time, "text", {dt.time(12, 0): "12:00:00"}),
]


def rows_of(engine: Engine, type_: Any, values: list[Any]) -> DataFrame:
    """A table of numbered values, with NULL at the end."""
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("v", type_))
    with engine.begin() as connection:
        table.create(connection)
        every = [*values, None]
        connection.execute(table.insert(), [{"id": at, "v": value} for at, value in enumerate(every)])
    return Session(engine).table("t")


@pytest.mark.parametrize(
    ("type_", "target", "cases"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_cast_gives_the_same_everywhere(
    engine: Engine, type_: Any, target: str, cases: dict[Any, Any]
) -> None:
    """What casts, casts to the same value; what does not is NULL when tried and an error when not."""
    df = rows_of(engine, type_, list(cases))

    tried = [row.r for row in df.order_by("id").select(r=df.v.try_cast(target)).collect()]
    assert dict(zip([*cases, None], tried, strict=True)) == {**cases, None: None}
    assert [type(value) for value in tried] == [type(value) for value in (*cases.values(), None)]

    good = [at for at, value in enumerate(cases.values()) if value is not None]
    rows = df.where(df.id.in_([*good, len(cases)])).order_by("id").select(r=df.v.cast(target)).collect()
    assert [row.r for row in rows] == [value for value in cases.values() if value is not None] + [None]
    assert passed(df, target, cases) == []


def passed(df: DataFrame, target: str, cases: dict[Any, Any]) -> list[tuple[Any, Any]]:
    """What must not cast and does, with what came out."""
    found = []
    for at, (value, result) in enumerate(cases.items()):
        if result is None:
            try:
                found.append((value, df.where(df.id == at).select(r=df.v.cast(target)).collect()))
            except DBAPIError:
                continue
    return found


GOLDEN = {
    "postgresql": (
        "SELECT CAST(CASE WHEN (s ~ '^ *[+-]?[0-9]+ *$') THEN s "
        "ELSE 'not a whole number: ' || s END AS INTEGER) AS n FROM t"
    ),
    "duckdb": (
        "SELECT CAST(CASE WHEN regexp_full_match(s, '^ *[+-]?[0-9]+ *$') THEN s "
        "ELSE 'not a whole number: ' || s END AS INTEGER) AS n FROM t"
    ),
    "sqlite": "SELECT pydbt_cast(s, 'integer(32)') AS n FROM t",
}


@pytest.mark.parametrize("database", DATABASES)
def test_the_sql_of_a_cast_is_the_databases_own_behind_a_check(database: str) -> None:
    """Text meets its grammar first; SQLite, whose CAST never fails, calls a function."""
    df = small()
    assert sql(df.select(n=df.s.cast("int")), database) == GOLDEN[database]


def test_a_cast_that_every_database_does_alike_is_plain() -> None:
    """No more SQL than a person would write."""
    df = frame()
    made = df.select(a=df.k.cast("bigint"), b=df.k.cast("text"), c=df.price.cast("int"))
    assert sql(made) == (
        "SELECT CAST(k AS BIGINT) AS a, CAST(k AS VARCHAR) AS b, CAST(price AS INTEGER) AS c FROM t"
    )


def test_what_is_cast_is_computed_once_when_it_is_long() -> None:
    """A spelling that repeats it reads a column instead."""
    df = small()
    long = df.with_column("s", df.s + "a" + df.s + "b" + df.s + "c" + df.s + "d" + df.s + "e" + df.s + "f")
    made = long.select(n=long.s.try_cast("int"))
    assert sql(made).startswith("WITH t_computed AS (SELECT t.s || 'a' || t.s")


def test_casts_of_a_frame_keep_the_places() -> None:
    """Only the types of those that are named change."""
    made = small().cast({"k": "text", "id": sa.BigInteger, "s": sa.String(5)})
    assert {name: repr(type_) for name, type_ in made.schema.items()} == {
        "id": "BigInteger()",
        "k": "String()",
        "s": "String(length=5)",
    }


def test_sqlalchemys_own_cast_means_the_same(engine: Engine) -> None:
    """However it is written, and inside other expressions."""
    df = rows_of(engine, sa.String(9), ["4", "x"])
    tidy = df.where(df.v != "x")
    assert tidy.select(r=sa.cast(tidy.v, sa.Integer) + 1).collect() == [(5,)]
    assert tidy.where((tidy.v + "0").cast(sa.Integer) > 30).count() == 1
    assert df.agg(r=sa.func.sum(df.v.try_cast("int"))).collect() == [(4,)]
    with pytest.raises(DBAPIError):
        df.select(r=sa.cast(df.v, sa.Integer)).collect()


def test_what_is_no_number_becomes_none(engine: Engine) -> None:
    """NaN has a word, and is neither whole nor a decimal; in the file of SQLite it is NULL from the start."""
    df = rows_of(engine, DOUBLE, [math.nan]).order_by("id").limit(1)
    assert df.select(i=df.v.try_cast("int"), d=df.v.try_cast("decimal(9,2)")).collect() == [(None, None)]
    if engine.dialect.name == "sqlite":
        assert df.select("v").collect() == [(None,)]
        return
    assert df.select(t=df.v.cast("text")).collect() == [("nan",)]
    for target in ("int", "decimal(9,2)"):
        with pytest.raises(DBAPIError):
            df.select(x=df.v.cast(target)).collect()


def test_a_cast_is_published_with_its_type(engine: Engine) -> None:
    """A table made of casts has their types and values."""
    df = rows_of(engine, sa.String(20), ["2024-02-29", "x"])
    df.select(day=df.v.try_cast("date"), number=df.id.cast("decimal(9,2)")).write("made")
    made = Session(engine).table("made")
    assert made.order_by("number").collect() == [
        (dt.date(2024, 2, 29), Decimal("0.00")),
        (None, Decimal("1.00")),
        (None, Decimal("2.00")),
    ]


def test_expressions_are_cast_by_functions(engine: Engine) -> None:
    """Names among them are columns by the time their types count."""
    df = rows_of(engine, sa.String(9), ["4", "x"]).where(sa.column("id") < 2).order_by("id")
    made = df.select(
        n=F.try_cast(df.v + "0", "int"), m=F.cast(F.col("id") * 2, "text"), o=F.try_cast("v", "int")
    )
    assert made.collect() == [(40, "0", 4), (None, "2", None)]
    with pytest.raises(errors.TypeMismatchError, match="cannot be cast"):
        df.select(x=F.cast("id", "date"))


def test_the_error_names_the_text(engine: Engine) -> None:
    """What could not be read is in the database's message, where its functions can say so."""
    df = rows_of(engine, sa.String(20), ["12", "twelve"])
    with pytest.raises(DBAPIError) as caught:
        df.select(r=df.v.cast("int")).collect()
    if engine.dialect.name != "sqlite":
        assert "not a whole number: twelve" in str(caught.value)


MISTAKES: list[tuple[str, Any, type[PyDBTError], str]] = [
    ("unknown type", lambda df: df.k.cast("itn"), errors.ColumnArgumentError, "did you mean 'int'"),
    ("no type", lambda df: df.k.cast(5), errors.ColumnArgumentError, "5 for a type"),
    ("decimal without digits", lambda df: df.k.cast("decimal"), errors.ColumnArgumentError, "decimal(10,2)"),
    ("digits too many", lambda df: df.k.cast("int(4)"), errors.ColumnArgumentError, "no numbers in brackets"),
    ("number to date", lambda df: df.k.cast("date"), errors.TypeMismatchError, "cannot be cast"),
    ("date to number", lambda df: df.day.try_cast("int"), errors.TypeMismatchError, "cannot be cast"),
    (
        "date to number, by SQLAlchemy",
        lambda df: df.select(x=sa.cast(df.day, sa.Integer)),
        errors.TypeMismatchError,
        "cannot be cast",
    ),
    ("binary tried", lambda df: df.s.try_cast(sa.LargeBinary), errors.TypeMismatchError, "try_cast to"),
    (
        "SQL text tried",
        lambda df: df.select(x=TryCast(sa.literal_column("now()"), sa.Date())),
        errors.TypeMismatchError,
        "compute it in a with_column",
    ),
    ("no mapping", lambda df: df.cast("int"), errors.ColumnArgumentError, "names with types"),
    ("no column", lambda df: df.cast({"kk": "int"}), errors.ColumnNotFoundError, "did you mean 'k'"),
]


@pytest.mark.parametrize(
    ("mistake", "error", "told"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_wrong_cast_ends_at_the_line(mistake: Any, error: type[PyDBTError], told: str) -> None:
    """What is wrong, where, and what to do."""
    with pytest.raises(error) as caught:
        mistake(frame())
    assert told in str(caught.value)
    assert "test_casts.py:" in str(caught.value)


def test_a_column_that_is_only_named_is_cast_as_one_that_is_there() -> None:
    """`F.col("k").cast(…)` is `df.k.cast(…)`, on each way to cast."""
    df = frame()
    named: Any = F.col("k")
    named = df.select(a=named.cast("text"), b=named.try_cast("int"))

    assert sql(named) == sql(df.select(a=df.k.cast("text"), b=df.k.try_cast("int")))


def test_a_type_is_a_name_or_a_class_of_either_library() -> None:
    """What one reads as the same type is the same."""
    df = small()
    ways: list[Any] = ["bigint", int, sa.BigInteger, sa.BigInteger()]

    assert len({sql(df.cast({"id": way}).select(k=df.k.cast(way), n=F.cast("k", way))) for way in ways}) == 1
