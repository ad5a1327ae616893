"""What MariaDB alone makes difficult: collations, modes, DDL that commits, names and types of its own."""

from __future__ import annotations

import datetime as dt
import math
import re
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt import F, exists, outer
from pydbt.connections import dispose_all, engine_from
from pydbt.errors import (
    DependentObjectsError,
    IncomingError,
    LiteralError,
    TableLockedError,
    UnsupportedFunctionError,
    UnsupportedSubqueryError,
)
from pydbt.sql import ownership
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.dialects import MYSQL
from pydbt.sql.materialize import publish
from pydbt.sql.publication import Publication, leftovers_of
from pydbt.sql.session import Session
from tests.sql.frames import made
from tests.sql.test_materialize import one, rows, tables

pa: Any = import_module("pyarrow")

HOSTILE = "SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH', time_zone = '+05:00'"


@pytest.fixture
def engine(mysql_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty database."""
    yield engine_from(mysql_url)
    dispose_all()


@pytest.fixture
def foreign(mysql_url: str) -> Iterator[Engine]:
    """An engine of SQLAlchemy's whose sessions are set as unlike ours as can be."""
    made = sa.create_engine(mysql_url, future=True, connect_args={"init_command": HOSTILE})
    yield made
    made.dispose()


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


COLLATIONS = [
    "varchar(20) COLLATE utf8mb4_general_ci",
    "varchar(20) COLLATE utf8mb4_nopad_bin",
    "varchar(20) COLLATE utf8mb4_bin",
    "varchar(20) CHARACTER SET latin1",
    "varchar(20) CHARACTER SET utf8mb3",
    "text",
    "enum('b', 'ä', 'a', 'A') COLLATE utf8mb4_bin",
]


@pytest.mark.parametrize("kind", COLLATIONS)
def test_text_goes_by_code_point_whatever_its_column_says(engine: Engine, kind: str) -> None:
    """A filter, groups, a join with another collation, an order, a maximum."""
    run(
        engine,
        f"CREATE TABLE t (id int, s {kind})",
        "INSERT INTO t VALUES (1, 'a'), (2, 'A'), (3, 'ä'), (4, 'b'), (5, NULL)",
        "CREATE TABLE u (s varchar(9) COLLATE utf8mb4_unicode_ci)",
        "INSERT INTO u VALUES ('a'), ('a ')",
    )
    session = Session(engine)
    t, u = session.table("t"), session.table("u")

    found = (
        [row.id for row in t.where(t.s == "a").collect()],
        t.group_by("s").agg(n=func.count()).count(),
        [row.id for row in t.join(u, "s").collect()],
        [row.s for row in t.order_by("s").collect()],
        t.agg(m=func.max(t.s)).collect()[0].m,
        [row.id for row in t.where(t.s.like("A%")).collect()],
    )

    assert found == ([1], 5, [1], ["A", "a", "b", "ä", None], "ä", [2])


def test_a_column_that_is_right_already_is_read_as_it_is(engine: Engine) -> None:
    """Its index is used: no COLLATE stands between; a table PyDBT made has such columns."""
    publish(engine, one(s="a"), "t")
    catalog_of(engine).forget()
    t = Session(engine).table("t")

    assert "COLLATE" not in t.where(t.s == "a").sql()


@pytest.mark.parametrize("how", ["session", "dataframe"])
def test_a_foreign_engines_sessions_are_set_right(foreign: Engine, how: str) -> None:
    """Modes, clock and collation, quotes and backslashes, dates as dates: whoever made the engine."""
    run(
        foreign,
        "CREATE TABLE t (id int, s varchar(20), day date)",
        "INSERT INTO t VALUES (1, 'a', '2022-12-30')",
    )
    if how == "session":
        t = Session(foreign).table("t")
    else:
        table = sa.table(
            "t", sa.column("id", sa.Integer), sa.column("s", sa.String), sa.column("day", sa.Date)
        )
        t = DataFrame(table, foreign)

    found = t.select(
        "id",
        backslash=sa.literal("a\\b"),
        day=func.coalesce(t.day, dt.date(2000, 1, 1)),
        value=sa.literal(dt.date(2024, 2, 29)),
        joined=t.s + "|",
        order=t.s,
    ).collect()

    day = dt.date(2022, 12, 30)
    assert [tuple(row) for row in found] == [(1, "a\\b", day, dt.date(2024, 2, 29), "a|", "a")]
    assert t.where(t.s == "A").count() == 0


def test_a_join_by_text_is_no_cartesian_product(engine: Engine, recwarn: pytest.WarningsRecorder) -> None:
    """The collation between a column and the condition hides neither table from SQLAlchemy."""
    run(engine, "CREATE TABLE t (s varchar(9))", "CREATE TABLE u (s varchar(9), n int)")
    session = Session(engine)

    session.table("t").join(session.table("u"), "s", "left").collect()

    assert [str(warning.message) for warning in recwarn if "cartesian" in str(warning.message)] == []


def test_a_long_recursion_is_not_cut(foreign: Engine) -> None:
    """MariaDB would stop at 1,000 rows, and say so in a warning that nobody reads."""
    numbers = sa.text(
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000) SELECT n FROM s"
    )

    frame = DataFrame(numbers.columns(sa.column("n", sa.Integer)).subquery("s"), foreign)

    assert frame.count() == 5000


@pytest.fixture
def games(engine: Engine) -> DataFrame:
    """Four games, one of nobody knows how many goals."""
    types = {"id": sa.Integer(), "team": sa.String(9), "goals": sa.Integer(), "f": sa.Float(53)}
    return made(
        engine, "games", types, [(1, "a", 3, 0.5), (2, "a", None, 1.5), (3, "b", 1, None), (4, "b", 7, 2.5)]
    )


def test_aggregates_of_f_take_a_filter(games: DataFrame) -> None:
    """There is no FILTER: what is left out is NULL, of a count of rows too, in a pivot and over a window."""
    found = games.agg(
        rows=F.count().filter(games.id > 1),
        first=F.min("team").filter(games.goals > 3),
        teams=F.count_distinct("team", "goals").filter(games.id < 3),
        all_of=F.string_agg("team", "+").filter(games.id > 2),
    )
    pivot = games.group_by("team").pivot("goals", [1, 3]).agg(n=F.count(), f=F.sum("f")).order_by("team")
    over = games.select("id", s=F.sum("goals").filter(games.id > 1).over("team")).order_by("id")

    assert found.collect() == [(3, "b", 1, "b+b")]
    assert pivot.collect() == [("a", 0, None, 1, 0.5), ("b", 1, None, 0, None)]
    assert [row.s for row in over.collect()] == [None, None, 8, 8]


def test_lag_and_lead_have_a_default(games: DataFrame) -> None:
    """MariaDB's have none; a NULL of a row that is there stays, and each distance is its own."""
    for count, before in [(1, [-1, 3, None, 1]), (2, [-1, -1, 3, None])]:
        lagged = games.select("id", x=F.lag("goals", count, -1).over(order_by="id")).order_by("id")
        assert [row.x for row in lagged.collect()] == before
    after = games.select("id", x=F.lead("f", 1, 9).over("team", order_by=games.id.desc())).order_by("id")
    assert [row.x for row in after.collect()] == [9.0, 0.5, 9.0, None]


def test_a_range_of_distances_leaves_nulls_to_themselves(games: DataFrame) -> None:
    """MariaDB takes one key for it, so NULL cannot be told to be last: an open end would reach it."""
    near = games.select("id", x=F.sum("id").over(order_by="goals", range=(-2, 0))).order_by("id")
    assert [row.x for row in near.collect()] == [4, 2, 3, 4]
    with pytest.raises(UnsupportedFunctionError, match="a range on mysql is open at one end"):
        games.select(x=F.sum("id").over(order_by="goals", range=(None, 2)))


def test_a_subquery_that_looks_two_levels_up_is_refused_with_its_place(engine: Engine) -> None:
    """Its rows would have to be cut by the rows around it, which MariaDB's FROM does not see."""
    run(engine, "CREATE TABLE t (id int, n int)")
    t = Session(engine).table("t")
    other = t.alias("other")
    cut = other.where(other.n > outer(t.n)).order_by("n").limit(1)

    with pytest.raises(UnsupportedSubqueryError, match="on mysql cannot group or cut"):
        t.where(exists(cut.where(cut.n > 3))).collect()


def test_what_is_published_takes_more_later(engine: Engine) -> None:
    """Longer text, NULL, fractions of seconds: what today's rows had not."""
    moment = dt.datetime(2022, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001  without a zone
    kinds: dict[str, Any] = {"n": sa.Integer(), "s": sa.String(), "at": sa.DateTime(), "x": sa.Float()}
    kinds["d"] = sa.Numeric(10, 2)

    def row(*values: Any) -> Any:
        columns = zip(kinds.items(), values, strict=True)
        return sa.select(*(sa.literal(value, kind).label(name) for (name, kind), value in columns))

    first, second = (1, "a", moment, 0.1, Decimal("1.50")), (None, "a" * 5000, None, None, None)
    publish(engine, row(*first), "t")
    publish(engine, row(*second), "t", mode="append")

    assert rows(engine, "t", "n", "s", "at", "x", "d") == [second, first]


def test_a_table_others_point_at_keeps_its_keys(engine: Engine) -> None:
    """A foreign key follows a renamed table: so rows are replaced, not the table."""
    run(
        engine,
        "CREATE TABLE t (n int PRIMARY KEY)",
        "INSERT INTO t VALUES (1), (2)",
        "CREATE TABLE child (n int, FOREIGN KEY (n) REFERENCES t (n))",
    )
    publish(engine, sa.union_all(one(n=1), one(n=3)), "t")

    with pytest.raises(DBAPIError, match="foreign key constraint fails"):
        run(engine, "INSERT INTO child VALUES (2)")
    run(engine, "INSERT INTO child VALUES (3)")
    assert (rows(engine, "t"), tables(engine)) == ([(1,), (3,)], {"t", "child"})


def test_rows_that_cannot_be_replaced_stay(engine: Engine) -> None:
    """What is swept after a failure is dropped when the rows are back: DROP commits what was before it."""
    run(
        engine,
        "CREATE TABLE t (n int PRIMARY KEY)",
        "INSERT INTO t VALUES (7)",
        "CREATE TABLE child (n int, FOREIGN KEY (n) REFERENCES t (n))",
    )

    with pytest.raises(DBAPIError, match="Duplicate entry"):
        publish(engine, sa.union_all(one(n=1), one(n=1)), "t")

    assert rows(engine, "t", "n") == [(7,)]
    assert tables(engine) == {"t", "child"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1.5, "other objects stand on table 't', and its column 'n' is a whole number, of its query a float"),
        (7, "rows of other tables refer to rows of table 't' that would be replaced"),
    ],
)
def test_rows_that_foreign_keys_point_at_are_not_changed(engine: Engine, value: float, told: str) -> None:
    """Neither rounded to what the column holds nor taken from those who refer to them."""
    run(
        engine,
        "CREATE TABLE t (n int PRIMARY KEY)",
        "INSERT INTO t VALUES (7)",
        "CREATE TABLE child (n int, FOREIGN KEY (n) REFERENCES t (n))",
        "INSERT INTO child VALUES (7)",
    )

    with pytest.raises(DependentObjectsError, match=re.escape(told)):
        publish(engine, one(n=value), "t")
    with pytest.raises(DependentObjectsError, match="which is to become a view"):
        publish(engine, one(n=7), "t", kind="view")

    assert (rows(engine, "t", "n"), tables(engine)) == ([(7,)], {"t", "child"})


@pytest.mark.parametrize("rule", ["CASCADE", "SET NULL"])
def test_rows_of_others_do_not_go_with_those_that_are_replaced(engine: Engine, rule: str) -> None:
    """A foreign key would delete or empty them, without a word."""
    run(
        engine,
        "CREATE TABLE t (n int PRIMARY KEY)",
        "INSERT INTO t VALUES (7)",
        f"CREATE TABLE child (n int, FOREIGN KEY (n) REFERENCES t (n) ON DELETE {rule})",
        "INSERT INTO child VALUES (7)",
    )

    with pytest.raises(DependentObjectsError, match="rows of table 'child' would go, or change"):
        publish(engine, one(n=7), "t")

    assert (rows(engine, "child", "n"), tables(engine)) == ([(7,)], {"t", "child"})


def test_what_a_dead_writer_left_is_swept_and_nothing_else(engine: Engine) -> None:
    """Tables and views beside the table, those of no other whose name begins alike."""
    left, others = leftovers_of("t"), leftovers_of("t" * 60)
    run(
        engine,
        f"CREATE TABLE {left}12345678 (n int)",
        f"CREATE VIEW {left}87654321 AS SELECT 1 AS n",
        f"CREATE TABLE {others}12345678 (n int)",
        "CREATE TABLE t__pydbt (n int)",
    )
    publish(engine, one(n=1), "t")

    assert tables(engine) == {"t", "t__pydbt", f"{others}12345678"}


def test_a_second_writer_waits_and_is_told_who_is_first(
    mysql_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process' writer holds the name: the error has the number of its session."""
    monkeypatch.setattr(ownership, "PATIENCE", 0.2)
    other = engine_from(mysql_url, pool_size=2)
    is_in, may_go = threading.Event(), threading.Event()

    def holding() -> None:
        with other.connect() as connection, ownership.owned(connection, MYSQL, Publication(one(n=1), "t")):
            is_in.set()
            may_go.wait(20)

    thread = threading.Thread(target=holding)
    thread.start()
    assert is_in.wait(20)
    with pytest.raises(TableLockedError, match=r"session \d+ of the database is publishing 't'"):
        publish(engine, one(n=1), "t")
    publish(engine, one(n=1), "u")
    may_go.set()
    thread.join(20)

    assert publish(engine, one(n=2), "t") == 1


def test_a_view_takes_the_place_of_a_table_in_one_step(engine: Engine) -> None:
    """There is no moment without the name; a view that fails leaves the table, and nothing beside it."""
    publish(engine, one(n=1), "t")
    missing: Any = sa.select(sa.column("nosuch").label("n")).select_from(sa.table("nowhere"))
    with pytest.raises(DBAPIError):
        publish(engine, missing, "t", kind="view")
    before = rows(engine, "t"), tables(engine)
    publish(engine, one(n=2), "t", kind="view")

    assert (before, rows(engine, "t"), tables(engine)) == (([(1,)], {"t"}), [(2,)], {"t"})


def test_types_of_its_own_are_read(engine: Engine) -> None:
    """A column that SQLAlchemy has no type for does not hide what the others are."""
    run(
        engine,
        "CREATE TABLE t (f boolean, i inet6, u uuid, y year, g point)",
        "INSERT INTO t VALUES (true, '::1', '00000000-0000-0000-0000-000000000007', 2024, NULL)",
    )
    t = Session(engine).table("t").drop("g")

    assert [tuple(row) for row in t.where(t.i == "::1").collect()] == [
        (True, "::1", "00000000-0000-0000-0000-000000000007", 2024)
    ]


@pytest.mark.parametrize("count", [2, 2000])
def test_moments_that_python_holds_keep_their_fractions(engine: Engine, count: int) -> None:
    """Few, written into the query, or many, in a table of their own: SQL's own words cut them to seconds."""
    moment, clock = dt.datetime.fromisoformat("2026-01-01 12:00:00.669702"), dt.time(1, 2, 3, 4)
    given = [(number, moment, clock) for number in range(count)]

    frame = Session(engine).create_dataframe(given, schema=["n", "moment", "clock"])

    assert [tuple(row) for row in frame.where(frame.n == 1).collect()] == [(1, moment, clock)]


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda df: df.where(df.x < math.inf), LiteralError),
        (lambda df: df.where((df.x * 2).in_([1, math.inf])), LiteralError),
        (lambda df: df.select(x=F.lit(math.nan)), LiteralError),
        (lambda df: Session(df.engine).sql("SELECT :x AS x", x=math.inf), LiteralError),
        (lambda df: Session(df.engine).create_dataframe({"x": [math.nan]}), IncomingError),
        (lambda df: Session(df.engine).create_dataframe(pa.table({"x": [math.inf]})), IncomingError),
    ],
)
def test_what_is_no_number_is_refused_where_it_is_given(
    engine: Engine, use: Callable[[DataFrame], Any], error: type[Exception]
) -> None:
    """MariaDB has neither infinity nor NaN; None is NULL."""
    df = Session(engine).create_dataframe({"x": [1.5, None]})

    with pytest.raises(error, match=r"MariaDB has no number (inf|nan)") as raised:
        use(df)

    assert "test_mysql.py" in str(raised.value)


def test_an_operator_that_mariadb_has_not_is_called_one(engine: Engine) -> None:
    """A length of time, which has no type there."""
    df = Session(engine).create_dataframe({"t": [dt.datetime(2024, 1, 31)]})  # noqa: DTZ001  databases keep it so

    with pytest.raises(UnsupportedFunctionError, match="the operator - cannot be had on mysql"):
        df.select(x=df.t - df.t)
