# ruff: noqa: DTZ001  databases keep moments without a zone
"""unpivot and explode: rows out of columns and of lists, the same on every database that has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt import F, errors
from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.conftest import DATABASES
from tests.sql.frames import ENGINE, frame, small, sql

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


def table(engine: Engine, columns: dict[str, Any], rows: list[tuple[Any, ...]]) -> DataFrame:
    made = sa.Table("t", sa.MetaData(), *(sa.Column(name, type_) for name, type_ in columns.items()))
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), [dict(zip(columns, row, strict=True)) for row in rows])
    return Session(engine).table("t")


QUARTERS: dict[str, Any] = {"id": sa.Integer, "q1": sa.Integer, "it's": sa.Integer, "price": sa.Numeric(6, 2)}
SALES: list[tuple[Any, ...]] = [(1, 10, 20, Decimal("0.50")), (2, None, 5, None)]


@pytest.fixture
def df(engine: Engine) -> DataFrame:
    return table(engine, QUARTERS, SALES)


def test_columns_become_rows_and_null_stays_a_row(df: DataFrame) -> None:
    """For each row one for each column, in the order they were named."""
    made = df.unpivot("id", ["it's", "q1"], names_to="quarter", values_to="sold")
    assert made.columns == ["id", "quarter", "sold"]
    assert made.order_by("id", "quarter").collect() == [
        (1, "it's", 20),
        (1, "q1", 10),
        (2, "it's", 5),
        (2, "q1", None),
    ]
    assert made.dropna().count() == 3
    assert made.group_by("quarter").agg(n=func.sum(made.sold)).order_by("quarter").collect() == [
        ("it's", 25),
        ("q1", 10),
    ]


def test_numbers_of_two_kinds_become_one(df: DataFrame) -> None:
    """A whole number beside a price is a decimal."""
    made = df.unpivot("id", ["q1", "price"]).order_by("id", "name")
    assert [row.value for row in made.collect()] == [Decimal("0.50"), Decimal(10), None, None]
    assert repr(made.schema["value"]) == "Numeric(precision=12, scale=2)"


def test_a_date_beside_a_moment_is_its_midnight(engine: Engine) -> None:
    """Also in the file of SQLite, where both are text of different lengths."""
    midnight = dt.datetime(2024, 2, 29)
    made = table(
        engine,
        {"id": sa.Integer, "day": sa.Date, "at": sa.DateTime},
        [(1, midnight.date(), midnight)],
    ).unpivot("id")
    assert made.order_by("name").collect() == [(1, "at", midnight), (1, "day", midnight)]
    assert made.select("value").distinct().count() == 1


def test_many_columns_become_rows(engine: Engine) -> None:
    """More than SQLite unites at once."""
    names = [f"c{number}" for number in range(900)]
    df = table(engine, dict.fromkeys(names, sa.Integer), [tuple(range(900))])
    made = df.unpivot()
    assert made.count() == 900
    assert made.topk(2, "value").collect() == [("c899", 899), ("c898", 898)]


def test_what_is_not_named_is_the_rest(df: DataFrame) -> None:
    """Either side of the columns may be left out."""
    assert (
        df.unpivot("id").columns
        == df.unpivot(values=["q1", "it's", "price"]).columns
        == ["id", "name", "value"]
    )
    assert df.unpivot(values="price").columns == ["id", "q1", "it's", "name", "value"]
    assert df.unpivot([df.id], df.price).columns == ["id", "name", "value"]
    assert df.unpivot().count() == 8


def test_unpivot_and_pivot_are_each_others_reverse(df: DataFrame) -> None:
    """What went apart comes together again."""
    made = df.unpivot("id", ["q1", "it's"], values_to="sold")
    again = made.group_by("id").pivot("name", ["q1", "it's"]).agg(n=func.max(made.sold))
    assert again.order_by("id").collect() == df.select("id", "q1", "it's").order_by("id").collect()


def test_a_name_of_the_frame_may_be_used_again(df: DataFrame) -> None:
    """The column of names may be called like a column that goes."""
    made = df.unpivot("id", ["q1", "it's"], names_to="price", values_to="q1")
    assert made.order_by("id", "price").first() == (1, "it's", 20)


def test_a_second_name_of_a_column_becomes_rows_of_that_name(df: DataFrame) -> None:
    """The first stays what it is."""
    made = df.select("id", "q1").with_column("again", df.q1).unpivot(values="again")
    assert made.columns == ["id", "q1", "name", "value"]
    assert made.order_by("id").collect() == [(1, 10, "again", 10), (2, None, "again", None)]


def test_the_table_is_read_once() -> None:
    """One join with the names, one CASE."""
    df = small()
    assert sql(df.rename({"k": "a", "id": "b"}).unpivot("s")) == (
        "WITH names AS (SELECT column1 AS name FROM (VALUES ('b'), ('a')) AS given (column1)) "
        "SELECT t.s, names.name, CASE WHEN (names.name = 'b') THEN t.id WHEN (names.name = 'a') THEN t.k "
        "ELSE NULL END AS value FROM t JOIN names ON true"
    )


@pytest.fixture(params=[name for name in DATABASES if name != "sqlite"])
def lists(request: pytest.FixtureRequest) -> Iterator[DataFrame]:
    """A table with a column of lists."""
    engine = sa.create_engine(request.getfixturevalue(f"{request.param}_url"), future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER, tags VARCHAR(9)[], n INTEGER[])")
        connection.exec_driver_sql(
            "INSERT INTO t VALUES (1, ARRAY['x', 'y'], ARRAY[1, 2]),"
            " (2, CAST(ARRAY[] AS VARCHAR(9)[]), ARRAY[3]), (3, NULL, NULL), (4, ARRAY['x', NULL], ARRAY[4])"
        )
    yield Session(engine).table("t")
    engine.dispose()


def test_each_element_is_a_row(lists: DataFrame) -> None:
    """An empty list and no list give none; a NULL in a list is an element."""
    made = lists.explode("tags").select("id", "tags").order_by("id", "tags")
    assert made.collect() == [(1, "x"), (1, "y"), (4, "x"), (4, None)]
    assert lists.explode("tags", "tag").columns == ["id", "tag", "n"]
    assert repr(made.schema["tags"]).startswith("VARCHAR") or repr(made.schema["tags"]) == "String()"


def test_rows_are_made_whoever_reads_the_elements(lists: DataFrame) -> None:
    """Columns that nobody reads are pruned; these decide how many rows there are."""
    assert sorted(row.id for row in lists.explode("tags").select("id").collect()) == [1, 1, 4, 4]
    assert lists.explode("tags").count() == 4
    assert lists.explode("tags").explode("n").count() == 6


def test_what_comes_before_and_after_stays_where_it_is(lists: DataFrame) -> None:
    """A limit before sees lists, one after elements; so do conditions and groups."""
    assert lists.order_by("id").limit(2).explode("n").select("n").order_by("n").collect() == [
        (1,),
        (2,),
        (3,),
    ]
    made = lists.explode("n")
    assert made.where(made.n > 2).select("id").order_by("id").collect() == [(2,), (4,)]
    assert made.group_by("id").agg(total=func.sum(made.n)).order_by("id").collect() == [
        (1, 3),
        (2, 3),
        (4, 4),
    ]
    assert made.order_by(made.n.desc()).limit(1).select("id").collect() == [(4,)]
    doubled = made.with_column("n", made.n * 2)
    assert doubled.agg(total=func.sum(doubled.n)).collect() == [(20,)]


def test_a_second_name_of_a_list_is_taken_apart_by_itself(lists: DataFrame) -> None:
    """The first stays the list."""
    made = lists.select("id", "n").with_column("each", lists.n).explode("each").order_by("id", "each")
    assert [(row.id, list(row.n), row.each) for row in made.collect()] == [
        (1, [1, 2], 1),
        (1, [1, 2], 2),
        (2, [3], 3),
        (4, [4], 4),
    ]


def test_what_f_puts_into_lists_is_taken_apart(lists: DataFrame) -> None:
    """At once, and when it has been written: the session keeps the types of what it wrote."""
    grouped = lists.group_by((lists.id > 2).label("late")).agg(ids=F.array_agg("id"))
    grouped.write("grouped")
    written = Session(lists.engine).table("grouped")
    expected = [(False, 1), (False, 2), (True, 3), (True, 4)]
    assert [df.explode("ids").order_by("ids").collect() for df in (grouped, written)] == [expected, expected]


def listed() -> DataFrame:
    """A frame with a list, without a database."""
    return DataFrame(
        sa.table("t", sa.column("id", sa.Integer()), sa.column("tags", sa.ARRAY(sa.String()))), ENGINE
    )


def test_the_sql_of_explode_is_unnest(lists: DataFrame) -> None:
    """In a SELECT of its own."""
    assert sql(lists.explode("tags").select("id", "tags"), "postgresql") == (
        "WITH t_exploded AS (SELECT id, unnest(t.tags) AS tags FROM t) SELECT id, tags FROM t_exploded"
    )


MISTAKES: list[tuple[str, Callable[[Any], Any], type[PyDBTError], str]] = [
    (
        "kinds",
        lambda df: df.unpivot("id", ["k", "s"]),
        errors.TypeMismatchError,
        "'k' is a number, 's' is text",
    ),
    ("nothing left", lambda df: df.unpivot(df.columns), errors.ColumnArgumentError, "no values"),
    ("no column", lambda df: df.unpivot("id", ["kk"]), errors.ColumnNotFoundError, "'k'"),
    ("expression", lambda df: df.unpivot("id", [df.k + 1]), errors.ColumnArgumentError, "or their names"),
    ("name taken", lambda df: df.unpivot("id", "k", names_to="id"), errors.AmbiguousColumnError, "'id'"),
    ("names alike", lambda df: df.unpivot("id", "k", "x", "x"), errors.AmbiguousColumnError, "'x'"),
    ("no name", lambda df: df.unpivot("id", "k", ""), errors.ColumnArgumentError, "not empty"),
    ("values twice", lambda df: df.unpivot("id", ["k", "k"]), errors.AmbiguousColumnError, "'k'"),
    ("no list", lambda df: df.explode("s"), errors.TypeMismatchError, "not a list"),
    ("list on SQLite", lambda _: listed().explode("tags"), errors.UnsupportedFunctionError, "on sqlite"),
    ("element's name taken", lambda _: listed().explode("tags", "id"), errors.PyDBTError, ""),
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
    assert "test_unpivot_and_explode.py:" in str(caught.value)
