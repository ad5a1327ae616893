"""Rows that Python holds, as DataFrames: few in the query, many in a table of their own, alike either way."""

from __future__ import annotations

import datetime as dt
import decimal
import gc
import math
import random
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import IncomingError, WriteError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from pydbt.sql.transfer import frames, leftovers, passing, staging
from tests.conftest import DATABASES

# SQLAlchemy 1.4 says so for each decimal that SQLite gives.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

NASTY = [
    "",
    " ",
    "NULL",
    "\\N",
    "\\",
    "a\tb",
    "a\nb\r\n",
    "'; DROP TABLE t; --",
    '"',
    ":x %s %(x)s {0}",
    "é𝄞",
    "\\.",
]
DAY, MOMENT = dt.date(2024, 2, 29), dt.datetime.fromisoformat("1999-12-31 23:59:59.123456")
ROW: dict[str, Any] = {
    "whole": 2**62,
    "real": 0.1,
    "exact": decimal.Decimal("12345678.90"),
    "flag": True,
    "text": "é",
    "day": DAY,
    "moment": MOMENT,
    "clock": dt.time(1, 2, 3),
    "raw": b"\x00\xff\\",
}


@pytest.fixture
def session(engine: Engine) -> Session:
    return Session(engine)


@pytest.fixture(params=["written", "staged"])
def made(session: Session, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``create_dataframe`` with the rows in the query, and with the rows in a table."""
    if request.param == "staged":
        monkeypatch.setattr(frames, "MOST_VALUES", -1)
    return session.create_dataframe


def staged_tables(engine: Engine) -> list[str]:
    """The tables that hold rows of frames now."""
    schema = f"{staging.MEMORY}.main" if engine.dialect.name == "duckdb" else None
    return [name for name in sa.inspect(engine).get_table_names(schema) if name.startswith(leftovers.PREFIX)]


def test_every_type_comes_back_as_it_went(made: Callable[..., DataFrame]) -> None:
    """Beside a row of NULLs and one of the same values again."""
    rows = [ROW, dict.fromkeys(ROW), ROW]

    frame = made(rows)

    expected = [tuple(row.values()) for row in rows]
    assert [tuple(row) for row in frame.collect()] == expected
    assert [type(value) for value in frame.collect()[0]] == [type(value) for value in ROW.values()]


def test_nasty_texts_come_back_as_they_went(made: Callable[..., DataFrame]) -> None:
    """Whatever COPY, CSV or SQL would make of them."""
    rows = [(number, text) for number, text in enumerate(NASTY)]

    frame = made(rows, schema=["n", "text"])

    assert [tuple(row) for row in frame.order_by("n").collect()] == rows


def test_floats_keep_every_bit(made: Callable[..., DataFrame]) -> None:
    """The smallest, the largest, those with 17 digits, and infinity."""
    values = [5e-324, 1.7976931348623157e308, 0.1 + 0.2, -0.0, math.inf, -math.inf, 1e16]

    found = [row[0] for row in made({"x": values}).collect()]

    assert sorted(found) == sorted(values)


def test_no_rows_with_a_schema_make_an_empty_frame(made: Callable[..., DataFrame]) -> None:
    """Its columns have the types; a join or a union with it works."""
    schema = {"n": int, "day": sa.Date, "price": sa.Numeric(10, 2)}
    empty = made([], schema=schema)

    both = empty.union_all(made([(1, DAY, decimal.Decimal("2.50"))], schema=schema))

    assert empty.columns == ["n", "day", "price"]
    assert empty.collect() == []
    assert [tuple(row) for row in both.collect()] == [(1, DAY, decimal.Decimal("2.50"))]


def test_names_a_table_could_not_have_are_kept(made: Callable[..., DataFrame]) -> None:
    """Two that differ in case only, and what SQL would read as something else."""
    names = ["a", "A", "select", 'x"y', "a b", "%s", ":x", "é"]
    frame = made([tuple(range(len(names)))], schema=names)

    row = frame.collect()[0]

    assert frame.columns == names
    assert tuple(row) == tuple(range(len(names)))


def test_text_is_read_as_the_type_of_the_schema(made: Callable[..., DataFrame]) -> None:
    """Dates out of ISO text, decimals out of numbers; what it does not name goes by its values."""
    frame = made(
        [{"day": "2024-02-29", "price": 1, "n": 7}], schema={"day": dt.date, "price": sa.Numeric(10, 2)}
    )

    assert [tuple(row) for row in frame.collect()] == [(DAY, decimal.Decimal(1), 7)]


def test_it_joins_and_groups_like_any_other(session: Session, made: Callable[..., DataFrame]) -> None:
    """Also twice in one query, and written to a table."""
    teams = made([{"team": "a", "n": 1}, {"team": "b", "n": 2}])
    made([{"team": "a"}, {"team": "a"}, {"team": "c"}]).write("games")
    games = session.table("games")

    joined = games.join(teams, "team").join(teams.select("team", again="n"), "team")

    assert [tuple(row) for row in joined.collect()] == [("a", 1, 1), ("a", 1, 1)]


def test_many_rows_are_read_by_every_connection(session: Session) -> None:
    """A temporary table would be there for one of them."""
    frame = session.create_dataframe([(n, f"text {n}") for n in range(5000)], schema=["n", "text"])
    found: list[int] = []

    threads = [
        threading.Thread(target=lambda: found.append(frame.where(frame.n > 10).count())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [4989] * 4


def test_the_table_goes_with_the_last_frame(session: Session) -> None:
    """Not while a frame made of it is left; then with the next rows that are made."""
    frame = session.create_dataframe({"n": list(range(5000))})
    few = frame.where(frame.n < 3)
    del frame
    gc.collect()
    passing.sweep(session.engine)
    assert few.count() == 3

    del few
    gc.collect()
    passing.sweep(session.engine)

    assert staged_tables(session.engine) == []


def test_a_table_that_is_being_read_stays_for_the_next_time(session: Session) -> None:
    """And nobody waits for the reader, who may be the same thread."""
    frame = session.create_dataframe({"n": list(range(5000))})
    statement = frame.query
    with session.engine.connect() as connection:
        result = connection.execution_options(stream_results=True).execute(statement)
        result.fetchone()
        del frame
        gc.collect()
        passing.sweep(session.engine)
        assert len(result.fetchall()) == 4999
    del result
    passing.sweep(session.engine)
    assert staged_tables(session.engine) == []


def test_a_view_over_rows_that_go_is_refused(session: Session) -> None:
    """Over few rows, which stand in it, it may be."""
    with pytest.raises(WriteError, match="the rows go with the DataFrame"):
        session.create_dataframe({"n": list(range(5000))}).limit(3).write("v", as_="view")

    session.create_dataframe([{"n": 1, "s": "it's", "day": DAY}]).write("v", as_="view")

    assert session.table("v").count() == 1


def test_random_rows_come_back(made: Callable[..., DataFrame]) -> None:
    """Of every kind, with NULLs, in any number."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    makers: dict[str, Callable[[], Any]] = {
        "i": lambda: chance.randint(-(2**63), 2**63 - 1),
        "f": lambda: chance.uniform(-1e9, 1e9),
        "t": lambda: "".join(chance.choices("ab\t\n\\'\"é𝄞 ;:%", k=chance.randint(0, 8))),
        "b": lambda: chance.random() < 0.5,
        "d": lambda: dt.date.fromordinal(chance.randint(1, 3_000_000)),
        "y": lambda: chance.randbytes(chance.randint(0, 5)),
    }
    rows = [
        {"id": n, **{name: None if chance.random() < 0.2 else make() for name, make in makers.items()}}
        for n in range(100)
    ]

    types = {"i": int, "f": float, "t": str, "b": bool, "d": dt.date, "y": bytes}

    found = made(rows, schema=types).order_by("id")

    assert found.to_dicts() == rows, f"seed {seed}"


# Frames of other packages.


def test_pandas_polars_and_arrow_come_in_alike(made: Callable[..., DataFrame]) -> None:
    """With their NULLs, and the types they have."""
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    data = {
        "n": [1, None, 3],
        "s": ["a", None, "c"],
        "when": [MOMENT, None, MOMENT],
        "yes": [True, False, None],
    }
    arrow = pa.table(data)

    frames_in = [arrow, pl.DataFrame(data), pl.LazyFrame(data), arrow.to_pandas(types_mapper=pd.ArrowDtype)]
    found = [[tuple(row) for row in made(each).collect()] for each in frames_in]

    assert found == [list(zip(*data.values(), strict=True))] * 4


def test_what_pandas_takes_for_missing_is_null(made: Callable[..., DataFrame]) -> None:
    """NaN, NaT, NA and None; an index is not a column."""
    pd = pytest.importorskip("pandas")
    data = {
        "x": [1.5, float("nan")],
        "t": pd.to_datetime(["2024-02-29", None]),
        "n": pd.array([1, None], dtype="Int64"),
        "o": ["a", None],
        "c": pd.Categorical(["u", None]),
        "d": [DAY, None],
    }

    found = made(pd.DataFrame(data, index=[7, 8])).collect()

    day = dt.datetime.fromisoformat("2024-02-29 00:00")
    assert [tuple(row) for row in found] == [(1.5, day, 1, "a", "u", DAY), (None,) * 6]


def test_numpys_scalars_are_numbers(made: Callable[..., DataFrame]) -> None:
    """And timestamps of pandas moments."""
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    rows = [(np.int32(5), np.float64(0.5), np.bool_(1), np.str_("a"), pd.Timestamp(MOMENT), pd.NaT)]

    found = made(
        rows, schema={"a": int, "b": float, "c": bool, "d": str, "e": dt.datetime, "f": dt.date}
    ).collect()

    assert tuple(found[0]) == (5, 0.5, True, "a", MOMENT, None)


def test_numpys_nanoseconds_are_moments_and_intervals(made: Callable[..., DataFrame]) -> None:
    """Not the whole numbers that NumPy would give for them, whatever they are counted in."""
    np = pytest.importorskip("numpy")
    moment, span = np.datetime64("2024-02-29T10:00:00.5"), np.timedelta64(90, "s")
    row = (moment.astype("datetime64[ns]"), moment, np.datetime64("2024-02-29"), np.datetime64("NaT", "ns"))
    kinds = {"a": dt.datetime, "b": dt.datetime, "c": dt.date, "d": dt.datetime}
    spans = (span.astype("timedelta64[ns]"), span)

    found, told = made([row], schema=kinds).collect(), made([row[:3]], schema=["a", "b", "c"])
    intervals = made([spans], schema=["a", "b"])

    when = dt.datetime.fromisoformat("2024-02-29 10:00:00.5")
    assert tuple(found[0]) == (when, when, DAY, None)
    assert [tuple(row) for row in told.collect()] == [(when, when, DAY)]
    assert tuple(intervals.collect()[0]) == (dt.timedelta(seconds=90),) * 2


@pytest.mark.parametrize("value", ["array", "longdouble", "far"])
def test_what_numpy_cannot_unwrap_is_told(value: str) -> None:
    """An array in a cell, a number longer than Python's, a moment beyond Python's years."""
    np = pytest.importorskip("numpy")
    values = {
        "array": np.array([1, 2]),
        "longdouble": np.longdouble(1.5),
        "far": np.datetime64("20000-01-01", "us"),
    }
    session = Session(sa.create_engine("sqlite://", future=True))

    with pytest.raises(IncomingError, match=r"column 'a', row 1: a database has no type for"):
        session.create_dataframe([{"a": values[value]}], schema={"a": float})


@pytest.mark.parametrize("package", ["pandas", "polars", "pyarrow"])
def test_a_list_of_names_orders_the_columns_of_a_frame(made: Callable[..., DataFrame], package: str) -> None:
    """As those of dicts; names that the frame has not are refused, never passed over."""
    module = pytest.importorskip(package)
    data = (module.table if package == "pyarrow" else module.DataFrame)({"a": [1], "b": ["x"]})

    found = made(data, schema=["b", "a"])

    assert (found.columns, tuple(found.collect()[0])) == (["b", "a"], ("x", 1))
    with pytest.raises(IncomingError, match="the rows have the columns a, b; schema names a, c"):
        made(data, schema=["a", "c"])


@pytest.mark.parametrize("database", DATABASES)
def test_rows_come_in_without_pyarrow(
    database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra: DuckDB then takes lists."""
    from pydbt.connections import dispose_all, engine_from
    from pydbt.sql.transfer import incoming, into_postgresql, load

    monkeypatch.setattr(frames, "MOST_VALUES", -1)
    for module in (incoming, load, into_postgresql):
        monkeypatch.setattr(module, "has_pyarrow", lambda: False)
    session = Session(engine_from(request.getfixturevalue(f"{database}_url")))
    rows = [ROW, dict.fromkeys(ROW), *({**ROW, "text": text} for text in NASTY)]

    found = session.create_dataframe(rows).collect()

    assert [tuple(row) for row in found] == [tuple(row.values()) for row in rows]
    dispose_all()


def test_rows_come_in_by_psycopg2_too(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its COPY reads from a file; a text that PostgreSQL has not is told from within."""
    from pydbt.connections import dispose_all, engine_from

    monkeypatch.setattr(frames, "MOST_VALUES", -1)
    session = Session(engine_from(postgresql_url.replace("+psycopg:", "+psycopg2:")))
    rows = [{**ROW, "text": text} for text in NASTY]

    assert [tuple(row) for row in session.create_dataframe(rows).collect()] == [
        tuple(r.values()) for r in rows
    ]
    with pytest.raises(IncomingError, match="has not"):
        session.create_dataframe([{"text": "a\x00b"}])
    dispose_all()


ARROW_ROW = {**ROW, "span": dt.timedelta(days=-2, seconds=3, microseconds=4), "nothing": None}
del ARROW_ROW["exact"]


@pytest.mark.parametrize("count", [1, 49, 50, 51, 130])
def test_arrow_comes_in_as_values_do(session: Session, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Of every type, in pieces and groups that the rows do not fill."""
    pa = pytest.importorskip("pyarrow")
    from pydbt.sql.transfer import incoming

    monkeypatch.setattr(frames, "MOST_VALUES", -1)
    monkeypatch.setattr(incoming, "CHUNK", 60)
    texts = [NASTY[number % len(NASTY)] for number in range(count)]
    rows = [
        {**ARROW_ROW, "text": text} if n % 3 else dict.fromkeys(ARROW_ROW) for n, text in enumerate(texts, 1)
    ]
    table = pa.Table.from_pylist(rows, pa.Table.from_pylist([ARROW_ROW]).schema)
    types = {"nothing": int}

    of_arrow, of_values = (session.create_dataframe(each, types).to_dicts() for each in (table, rows))

    assert of_arrow == of_values == rows


def test_arrows_zones_and_decimals_come_in(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment keeps its instant; SQLite, which has no zones, is told UTC."""
    pa = pytest.importorskip("pyarrow")
    monkeypatch.setattr(frames, "MOST_VALUES", -1)
    moment = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
    prices = [decimal.Decimal("-0.01"), None, decimal.Decimal("123456789.10")]
    table = pa.table(
        {
            "moment": pa.array([moment, None, moment], pa.timestamp("us", "Europe/Berlin")),
            "price": pa.array(prices, pa.decimal128(18, 2)),
        }
    )

    found: list[Any] = list(session.create_dataframe(table).collect())

    instants = [None if row[0] is None else row[0].replace(tzinfo=row[0].tzinfo or dt.UTC) for row in found]
    assert instants == [moment, None, moment]
    assert [row[1] for row in found] == prices


def test_a_column_of_nulls_alone_comes_in(made: Callable[..., DataFrame]) -> None:
    """Each of its lines is empty in a CSV."""
    found = made({"a": [None, None, None]}, schema={"a": int}).collect()

    assert [tuple(row) for row in found] == [(None,)] * 3


def test_more_columns_than_a_statement_has_values_come_in(tmp_path: Any) -> None:
    """SQLite before 3.32 took 999 of them in one."""
    session = Session(sa.create_engine(f"sqlite:///{tmp_path / 'wide.sqlite'}", future=True))
    row = {f"c{number}": number for number in range(1200)}

    found = session.create_dataframe([row] * 3)

    assert found.to_dicts() == [row] * 3


def test_days_beyond_pythons_years_are_refused_where_they_would_be_text(tmp_path: Any) -> None:
    """SQLite would hold them, and nothing could read them back."""
    pa = pytest.importorskip("pyarrow")
    session = Session(sa.create_engine(f"sqlite:///{tmp_path / 'far.sqlite'}", future=True))
    days = pa.array([0] * 2000 + [4_000_000], pa.int32()).cast(pa.date32())

    with pytest.raises(IncomingError, match="refuses a value"):
        session.create_dataframe(pa.table({"day": days}))


def test_a_value_that_the_column_cannot_hold_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an error of the rows, not of a driver; SQLite holds it all the same."""
    monkeypatch.setattr(frames, "MOST_VALUES", -1)
    is_held = engine.dialect.name == "sqlite"

    with nullcontext() if is_held else pytest.raises(IncomingError, match=r"refuses|does not fit"):
        Session(engine).create_dataframe({"n": [1, 70_000]}, schema={"n": sa.SmallInteger})


# What makes no table.

AWARE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
REFUSED: dict[str, tuple[Any, Any, str]] = {
    "ragged dicts": ([{"a": 1, "b": 2}, {"a": 1, "c": 2}], None, r"row 2 lacks b and has c besides"),
    "ragged tuples": ([(1, 2), (1,)], ["a", "b"], r"row 2 is \(1,\), and there are 2 columns"),
    "columns of two lengths": ({"a": [1], "b": [1, 2]}, None, "not of one length"),
    "no names": ([(1, 2)], None, "do not name their columns"),
    "no rows and no schema": ([], None, "do not name their columns"),
    "two of one name": ([(1, 2)], ["a", "a"], "two columns are called 'a'"),
    "an empty name": ([{"": 1}], None, "no name for a column"),
    "a name that is no text": ([{1: 1}], None, "no name for a column"),
    "a name with NUL": ([{"a\x00": 1}], None, "no name for a column"),
    "numbers and text": ([{"a": 1}, {"a": "x"}], None, r"mixes a whole number in row 1 \(1\), text in row 2"),
    "flags and numbers": ([{"a": True}, {"a": 2}], None, "mixes"),
    "moments of two kinds": ([{"a": MOMENT}, {"a": AWARE}], None, "with and without a time zone"),
    "nothing but NULL": ([{"a": None}], None, "no value that tells its type"),
    "a list in a cell": ([{"a": [1]}], None, "no type for list"),
    "a schema of another column": ([{"a": 1}], {"b": int}, "names 'b', and the rows have no such column"),
    "a schema of no type": ([{"a": 1}], {"a": 5}, "5 is no type for column 'a'"),
    "text for a date": ([{"a": "2024-13-45"}], {"a": dt.date}, "column 'a', row 1"),
    "a fraction for a whole number": ([{"a": 1.5}], {"a": int}, "it has a fraction"),
    "a decimal too long": ([{"a": decimal.Decimal("1.234")}], {"a": sa.Numeric(10, 2)}, "column 'a', row 1"),
    "a whole number too long": ([{"a": 10**40}], None, "more than 38 digits"),
    "a decimal that is none": ([{"a": decimal.Decimal("NaN")}], None, "holds NaN"),
    "a value for a column": ({"a": 1}, None, "column 'a' is 1, not a list of values"),
    "a text for a column": ({"a": "abc"}, None, "column 'a' is 'abc', not a list of values"),
    "a schema of one text": ([{"a": 1}], "a", "schema='a' is no list of names"),
    "a schema with a typo": ([{"a": 1}], {"a": "bigintt"}, "column 'a' was given 'bigintt' for a type"),
    "a schema that is a number": ([{"a": 1}], 5, "schema=5 is no list of names"),
    "one text": ("abc", None, "no rows can be made of str"),
    "a list of texts": (["abc"], None, "neither a tuple nor a dict"),
    "dicts, then something else": ([{"a": 1}, 5], None, "row 2 is 5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_table_is_told(case: str) -> None:
    """Which row, which column, and what to do."""
    data, schema, told = REFUSED[case]
    session = Session(sa.create_engine("sqlite://", future=True))

    with pytest.raises(IncomingError, match=told) as refusal:
        session.create_dataframe(data, schema=schema)

    assert refusal.value.where.startswith("tests/") or "test_create_dataframe" in refusal.value.where


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_a_text_the_database_has_not_is_told(
    engine: Engine, made: Callable[..., DataFrame], value: str
) -> None:
    """Or it comes back as it went."""
    has_it = value == "a\x00b" and "postgresql" not in str(engine.url)

    with nullcontext() if has_it else pytest.raises(IncomingError, match=r"has not|half of a character"):
        assert made([{"a": value}]).collect()[0][0] == value
