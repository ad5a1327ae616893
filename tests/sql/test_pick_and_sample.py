"""drop_duplicates, topk and sample: which rows are picked, the same on every database."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt import errors
from pydbt.errors import PyDBTError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import frame, small, sql

ROWS: list[tuple[Any, ...]] = [
    (1, "a", 3, 0.5, dt.date(2024, 1, 1), True),
    (2, "a", None, 1.5, dt.date(2024, 1, 2), False),
    (3, "a", 1, None, None, None),
    (4, "b", 2, 2.5, dt.date(2024, 1, 3), True),
    (5, None, 5, 3.0, dt.date(2024, 1, 4), True),
    (6, None, 4, 1e20, dt.date(2024, 1, 5), False),
]
COLUMNS: dict[str, Any] = {
    "id": sa.Integer,
    "s": sa.String(5),
    "n": sa.Integer,
    "f": sa.Float(53),
    "d": sa.Date,
    "flag": sa.Boolean,
}


@pytest.fixture
def df(engine: Engine) -> DataFrame:
    return table(engine, "t", ROWS)


def table(engine: Engine, name: str, rows: list[tuple[Any, ...]]) -> DataFrame:
    made = sa.Table(name, sa.MetaData(), *(sa.Column(column, type_) for column, type_ in COLUMNS.items()))
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
    return Session(engine).table(name)


def digest(seed: int, *values: Any) -> str:
    """What decides about a row, by plain Python."""
    words = {None: "", True: "true", False: "false"}
    texts = [
        words[value] if value in (None, True, False) and value.__class__ is not int else str(value)
        for value in values
    ]
    return hashlib.md5("|".join([str(seed), *texts]).encode()).hexdigest()


def ids(df: DataFrame) -> list[int]:
    return sorted(row.id for row in df.select("id").collect())


def test_the_first_and_the_last_of_each_key_are_each_others_reverse(df: DataFrame) -> None:
    """NULL is a key like another, and in the order it comes last."""
    assert ids(df.drop_duplicates("s", keep="first", order_by="n")) == [3, 4, 6]
    assert ids(df.drop_duplicates("s", keep="last", order_by="n")) == [2, 4, 5]
    assert ids(df.drop_duplicates("s", keep="first", order_by=df.n.desc())) == [1, 4, 5]
    assert ids(df.drop_duplicates("s", keep="last", order_by=df.n.desc().nulls_first())) == [3, 4, 6]
    assert ids(df.drop_duplicates(["s", "flag"], keep="last", order_by=["d", "id"])) == [1, 2, 3, 4, 5, 6]


def test_any_row_of_each_key_is_one_row(df: DataFrame) -> None:
    """Which, is not said."""
    kept = df.drop_duplicates(df.s)
    assert sorted(kept.select("s").collect(), key=str) == [("a",), ("b",), (None,)]
    assert len(ids(kept)) == 3


def test_without_a_subset_each_row_comes_once(df: DataFrame) -> None:
    """As distinct, whatever is kept."""
    assert df.union_all(df).drop_duplicates().count() == 6
    assert df.union_all(df).drop_duplicates(keep="first", order_by="id").count() == 6
    assert sql(small().drop_duplicates()) == sql(small().distinct())


def test_a_dropped_duplicate_is_one_select_and_one_condition() -> None:
    """The window is computed once, over the columns that are read."""
    made = small().drop_duplicates("s", keep="last", order_by="k").select("id")
    assert sql(made) == (
        "WITH t_windowed AS (SELECT id, "
        "row_number() OVER (PARTITION BY s ORDER BY k DESC) = 1 AS value FROM t) "
        "SELECT id FROM t_windowed WHERE value"
    )


def test_topk_is_ordered_downwards_unless_told(df: DataFrame) -> None:
    """NULL is never among the largest before a value is."""
    assert [row.id for row in df.topk(2, "n").collect()] == [5, 6]
    assert [row.id for row in df.topk(2, df.n.asc()).collect()] == [3, 4]
    assert [row.id for row in df.topk(6, ["n", "id"]).collect()] == [5, 6, 1, 4, 3, 2]
    assert sql(small().topk(2, ["k", "id"])) == (
        "SELECT id, k, s FROM t ORDER BY k DESC NULLS LAST, id DESC NULLS LAST LIMIT 2"
    )


def test_a_sample_is_the_same_each_time_and_everywhere(df: DataFrame) -> None:
    """The rows that plain Python finds: a digest of the row decides, and text is the same everywhere."""
    for seed in (7, -8):
        digests = {row[0]: digest(seed, *row) for row in ROWS}
        assert ids(df.sample(0.5, seed=seed)) == [key for key, found in digests.items() if found < "8"]
        smallest = sorted(digests, key=lambda key: digests[key])[:3]
        assert [row.id for row in df.sample(n=3, seed=seed).collect()] == smallest
    assert ids(df.sample(0.25, by=["id"])) == [row[0] for row in ROWS if digest(0, row[0]) < "4"]


def test_the_ends_of_a_sample_are_nothing_and_everything(df: DataFrame) -> None:
    """A share of 0 or 1 has no chance in it."""
    assert ids(df.sample(0)) == []
    assert ids(df.sample(1)) == [1, 2, 3, 4, 5, 6]
    assert df.sample(n=0).count() == 0
    assert df.sample(n=99).count() == 6


def test_a_sample_has_about_its_share_of_rows(engine: Engine) -> None:
    """Of 5,000 numbered rows a tenth comes, give or take what chance would: 500 with a deviation of 21."""
    df = table(engine, "numbers", [(number, *ROWS[0][1:]) for number in range(5000)])
    for seed in range(3):
        assert 400 < df.sample(0.1, seed=seed).count() < 600
    both = df.sample(0.1, seed=0).intersect(df.sample(0.1, seed=1)).count()
    assert 20 < both < 90
    assert df.sample(0.1).except_(df.sample(0.2)).count() == 0


def test_the_sql_of_a_sample_is_a_condition() -> None:
    """No row is numbered, nothing is sorted."""
    assert sql(small().sample(0.5, by="id").select("id")) == (
        "SELECT id FROM t WHERE md5('0' || '|' || coalesce(CAST(id AS VARCHAR), '')) "
        "COLLATE \"C\" < '8000000000000000'"
    )


MISTAKES: list[tuple[str, Callable[[Any], Any], type[PyDBTError], str]] = [
    ("keep", lambda df: df.drop_duplicates("k", keep="frist"), errors.ColumnArgumentError, "'first'"),
    (
        "order",
        lambda df: df.drop_duplicates("k", keep="first"),
        errors.ColumnArgumentError,
        "no order of its own",
    ),
    ("no columns", lambda df: df.drop_duplicates([]), errors.ColumnArgumentError, "at least one"),
    ("unknown column", lambda df: df.drop_duplicates("kk"), errors.ColumnNotFoundError, "'k'"),
    ("negative count", lambda df: df.topk(-1, "k"), errors.LimitError, "from 0 on"),
    ("no key", lambda df: df.topk(1, []), errors.ColumnArgumentError, "no keys"),
    ("fraction and n", lambda df: df.sample(0.5, n=1), errors.ColumnArgumentError, "one of the two"),
    ("neither", lambda df: df.sample(), errors.ColumnArgumentError, "one of the two"),
    ("percent", lambda df: df.sample(50), errors.LimitError, "from 0 to 1"),
    ("text", lambda df: df.sample("half"), errors.LimitError, "from 0 to 1"),
    ("seed", lambda df: df.sample(0.5, seed="x"), errors.ColumnArgumentError, "whole number"),
    ("broken n", lambda df: df.sample(n=1.5), errors.LimitError, "from 0 on"),
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
    assert "test_pick_and_sample.py:" in str(caught.value)
