# ruff: noqa: PLW0108  the mistakes are what is tested
"""rollup, cube, grouping_sets and having: sub-totals of one meaning on every database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func

from pydbt import errors
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import small, sql

DAY, OTHER = dt.date(2024, 2, 29), dt.date(2022, 12, 30)
ROWS = [("a", DAY, 1), ("a", None, 2), ("b", DAY, 4), (None, OTHER, 8), (None, OTHER, 16)]


@pytest.fixture
def df(database_url: str) -> Iterator[DataFrame]:
    engine = sa.create_engine(database_url, future=True)
    columns: list[Any] = [sa.Column("s", sa.String), sa.Column("day", sa.Date), sa.Column("k", sa.Integer)]
    table = sa.Table("sales", sa.MetaData(), *columns)
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [dict(zip(("s", "day", "k"), row, strict=True)) for row in ROWS])
    yield Session(engine).table("sales")
    engine.dispose()


def expected(*sets: tuple[bool, bool]) -> list[tuple[Any, ...]]:
    """The rows by Python: keys, the sum of k, which keys are left out; in no order."""
    found: list[tuple[Any, ...]] = []
    for has_s, has_day in sets:
        groups: dict[tuple[Any, Any], int] = {} if has_s or has_day else {(None, None): 0}
        for s, day, k in ROWS:
            key = (s if has_s else None, day if has_day else None)
            groups[key] = groups.get(key, 0) + k
        told = (not has_s) * 2 + (not has_day)
        found.extend((*key, total, told) for key, total in groups.items())
    return sorted(found, key=repr)


BOTH, FIRST, SECOND, NONE = (True, True), (True, False), (False, True), (False, False)
FORMS: dict[str, tuple[Callable[[Any], Any], list[tuple[bool, bool]]]] = {
    "rollup": (lambda df: df.rollup("s", df.day), [BOTH, FIRST, NONE]),
    "cube": (lambda df: df.cube("s", "day"), [BOTH, FIRST, SECOND, NONE]),
    "grouping_sets": (lambda df: df.grouping_sets(["s", "day"], ["day"]), [BOTH, SECOND]),
    "the same set twice": (lambda df: df.grouping_sets(["s", "day"], [], []), [BOTH, NONE, NONE]),
}


@pytest.mark.parametrize("form", FORMS)
def test_sub_totals_are_those_of_python(df: DataFrame, form: str) -> None:
    """A NULL of the data and the NULL of a sub-total are told apart by grouping()."""
    groups, sets = FORMS[form]
    made = groups(df).agg(total=func.sum(df.k), told=func.grouping(df.s, df.day))
    assert sorted((tuple(row) for row in made.collect()), key=repr) == expected(*sets)


def test_what_follows_works_on_the_sub_totals(df: DataFrame) -> None:
    """Filters, new columns, orders, further groups and joins read the keys as they came out."""
    made = df.rollup("s", "day").agg(total=func.sum(df.k), told=func.grouping(df.s, df.day))
    assert made.where(made.s == "a").count() == 3
    assert made.where(made.day.is_null(), made.told == 3).collect() == [(None, None, 31, 3)]
    named = made.where(made.told == 1).with_column("name", func.coalesce(made.s, "none"))
    assert named.order_by("name").select("name", "total").collect() == [("a", 3), ("b", 4), ("none", 24)]
    assert [row.total for row in made.order_by("s", "total").limit(3).collect()] == [1, 2, 3]
    assert made.group_by("told").count().order_by("told").collect() == [(0, 4), (1, 3), (3, 1)]
    assert made.agg(n=func.count(made.day)).collect() == [(3,)]
    assert made.join(df.select("s").distinct(), "s", "semi").count() == 5


def test_no_rows_have_a_total_and_no_groups(df: DataFrame) -> None:
    """As GROUP BY () over nothing gives one row."""
    none = df.where(df.k > 99)
    assert none.rollup("s").agg(n=func.count(), x=func.sum(df.k)).collect() == [(None, 0, None)]
    assert none.cube("s", "day").count().count() == 1
    assert none.grouping_sets(["s"]).count().collect() == []
    assert none.rollup("s").agg(n=func.count()).select("s").collect() == [(None,)]


def test_keys_may_be_computed(df: DataFrame) -> None:
    """They are computed below, and named."""
    made = df.rollup((df.k % 2).label("odd")).agg(n=func.count(), high=func.max(df.day))
    assert made.order_by("n", "odd").collect() == [(1, 1, DAY), (0, 4, DAY), (None, 5, DAY)]


def test_keys_may_be_named_by_keywords(df: DataFrame) -> None:
    """As in group_by: an expression, a column, or the name of one."""
    keys = [(df.k % 2).label("odd"), df.s.label("word"), df.day.label("date")]

    named = [verb(odd=df.k % 2, word=df.s, date="day") for verb in (df.rollup, df.cube)]
    labelled = [verb(*keys) for verb in (df.rollup, df.cube)]

    assert [made.count().sql() for made in named] == [made.count().sql() for made in labelled]


def test_two_names_of_one_column_are_two_keys(df: DataFrame) -> None:
    """A set with one of them has NULL in the other."""
    made = df.cube("s", df.s.label("again")).agg(n=func.count())
    assert made.where(made.n > 1, made.s == "a").order_by("again").collect() == [
        ("a", "a", 2),
        ("a", None, 2),
    ]
    assert made.where(made.n > 1, made.again == "a").count() == 2
    two = df.with_column("again", df.s)
    told = two.rollup("again", "s").agg(x=func.grouping(two.again), y=func.grouping(two.s), n=func.count())
    assert told.where(told.n == 5).select("x", "y").collect() == [(1, 1)]
    assert sorted(told.where(told.again == "a").select("x", "y").collect()) == [(0, 0), (0, 1)]
    chosen = two.cube("again", "s").agg(n=func.count(), having=two.s == "a")
    assert sorted(chosen.collect(), key=repr) == [("a", "a", 2), (None, "a", 2)]
    # Else PostgreSQL before 18 finds the key that has the other name.
    assert " AS MATERIALIZED\n(SELECT" in chosen.sql("postgresql")


def test_having_keeps_the_groups_it_is_true_of(df: DataFrame) -> None:
    """In both places, for every kind of group, of aggregates nobody selects and of keys."""
    many = func.count() > 1
    assert df.group_by("s").having(many).agg(t=func.sum(df.k)).order_by("t").collect() == [
        ("a", 3),
        (None, 24),
    ]
    chosen = df.group_by("s").agg(t=func.sum(df.k), having=[many, df.s.is_not_null()])
    assert chosen.collect() == [("a", 3)]
    assert df.rollup("s").having(func.sum(df.k) > 20).agg(n=func.count()).order_by("n").collect() == [
        (None, 2),
        (None, 5),
    ]
    assert df.rollup("s").agg(n=func.count(), having=func.grouping(df.s) == 1).collect() == [(None, 5)]
    assert df.agg(n=func.count(), having=func.sum(df.k) > 99).collect() == []
    assert df.group_by("s").agg(func.count().label("having")).columns == ["s", "having"]


def test_a_key_beside_aggregates_is_null_where_its_set_lacks_it(df: DataFrame) -> None:
    """Inside of them it is what the rows have."""
    made = df.rollup("s").agg(name=func.coalesce(df.s, "all"), high=func.max(df.s), n=func.count())
    assert made.order_by("n", "name").select("name", "high", "n").collect() == [
        ("b", "b", 1),
        ("a", "a", 2),
        ("all", None, 2),
        ("all", "b", 5),
    ]
    missing = df.rollup("day").agg(n=func.count(), having=df.day.is_null())
    assert sorted(missing.collect(), key=repr) == [(None, 1), (None, 5)]


def test_dates_stay_dates(df: DataFrame) -> None:
    """Also where the first set has none, and written to a table."""
    made = df.grouping_sets([], ["day"]).agg(n=func.count())
    assert {type(row.day) for row in made.where(made.day.is_not_null()).collect()} == {dt.date}
    made.write("totals")
    totals = Session(df.engine).table("totals")
    assert totals.where(totals.day == "2024-02-29").select("n").collect() == [(2,)]


def test_the_sql_is_native_where_it_can_be() -> None:
    """ROLLUP and the like, HAVING; one SELECT for each set on SQLite."""
    df = small()
    made = df.rollup("s", "k").agg(n=func.count(), having=func.count() > 1)
    assert sql(made) == ("SELECT s, k, count(*) AS n FROM t GROUP BY ROLLUP(s, k) HAVING count(*) > 1")
    assert "GROUP BY CUBE(s, k)" in sql(df.cube("s", "k").count(), "postgresql")
    sets = df.grouping_sets(["s", "k"], ["s"], []).agg(n=func.count())
    assert sql(sets) == ("SELECT s, k, count(*) AS n FROM t GROUP BY GROUPING SETS((s, k), (s), ())")
    assert sql(df.rollup("s").agg(n=func.count(), told=func.grouping(df.s)), "sqlite") == (
        "SELECT s, count(*) AS n, 0 AS told FROM t GROUP BY s "
        "UNION ALL SELECT NULL AS s, count(*) AS n, 1 AS told FROM t"
    )


DF: Any = small()
MISTAKES: list[tuple[str, Any, str]] = [
    ("rollup of nothing", lambda: DF.rollup(), "at least one"),
    ("cube of nothing", lambda: DF.cube([]), "at least one"),
    ("cube of thirteen", lambda: DF.cube(*(DF.k.label(f"k{n}") for n in range(13))), "grouping_sets("),
    ("no sets", lambda: DF.grouping_sets(), "at least one set"),
    ("a set of text", lambda: DF.grouping_sets("s"), "as a list"),
    ("grouping in group_by", lambda: DF.group_by("s").agg(x=func.grouping(DF.s)), "rollup("),
    ("grouping of no key", lambda: DF.rollup("s").agg(x=func.grouping(DF.k)), "that are keys"),
    ("grouping of text", lambda: DF.rollup("s").agg(x=func.grouping("s")), "that are keys"),
    ("having of a column", lambda: DF.group_by("s").agg(n=func.count(), having=DF.k > 1), "func.max"),
    ("having of a number", lambda: DF.group_by("s").agg(n=func.count(), having=func.sum(DF.k)), "compare it"),
    ("having of True", lambda: DF.group_by("s").having(True).agg(n=func.count()), "comparison"),  # noqa: FBT003
    ("having of text", lambda: DF.group_by("s").having("n > 1").agg(n=func.count()), "with columns"),
    ("a gone key", lambda: DF.rollup("s").count().where(DF.k > 1), ""),
]


@pytest.mark.parametrize(("mistake", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_with_groups_ends_at_the_users_line(mistake: Any, hint: str) -> None:
    """With what to do."""
    with pytest.raises(errors.PyDBTError) as raised:
        mistake()
    assert hint in raised.value.hint
    line = mistake.__code__.co_firstlineno
    assert str(raised.value.where) == f"{Path(__file__).relative_to(Path.cwd())}:{line}"
