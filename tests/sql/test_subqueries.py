"""DataFrames as conditions and values of others: exists, isin, scalar, and columns of the row around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import case, func

from pydbt import errors, exists, outer
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.frames import small, sql

ROWS: dict[str, list[tuple[Any, ...]]] = {
    "t": [(1, 10, "a"), (2, None, "a"), (3, 30, "b"), (4, 40, None)],
    "u": [(1, 10, "a"), (1, 50, "b"), (3, None, "b"), (5, 30, "c")],
    "empty": [],
}


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = sa.create_engine(database_url, future=True)
    metadata = sa.MetaData()
    columns: list[tuple[str, Any]] = [("id", sa.Integer), ("k", sa.Integer), ("s", sa.String)]
    for name, rows in ROWS.items():
        table = sa.Table(name, metadata, *(sa.Column(str(column), type_) for column, type_ in columns))
        table.create(engine)
        if rows:
            with engine.begin() as connection:
                connection.execute(
                    table.insert(), [dict(zip(("id", "k", "s"), row, strict=True)) for row in rows]
                )
    yield Session(engine)
    engine.dispose()


@pytest.fixture
def t(session: Session) -> DataFrame:
    return session.table("t")


@pytest.fixture
def u(session: Session) -> DataFrame:
    return session.table("u")


def ids(df: DataFrame) -> list[int]:
    return sorted(row.id for row in df.select("id").collect())


def test_exists_is_a_condition_like_every_other(t: DataFrame, u: DataFrame) -> None:
    """Alone, negated, beside others, under a negation, as a column."""
    here = exists(u, t.id == u.id)
    assert ids(t.where(here)) == [1, 3]
    assert ids(t.where(~here)) == [2, 4]
    assert ids(t.where(here | (t.k > 35))) == [1, 3, 4]
    assert ids(t.where(~(here & (t.s == "a")))) == [2, 3, 4]
    assert ids(t.where(exists(u, "id"), ~exists(u, ["id", "k"]))) == [3]
    assert sorted(t.select("id", found=here).collect()) == [(1, True), (2, False), (3, True), (4, False)]
    assert t.agg(n=func.sum(case((here, 1), else_=0))).collect() == [(2,)]


def test_exists_without_a_condition_asks_for_any_row(t: DataFrame, u: DataFrame, session: Session) -> None:
    """All rows or none."""
    assert t.where(exists(u)).count() == 4
    assert t.where(exists(session.table("empty"))).count() == 0
    assert t.where(~exists(u.where(u.k > 99))).count() == 4
    assert t.where(exists(u.agg(n=func.count()))).count() == 4
    assert t.where(exists(u.distinct().limit(1, offset=9))).count() == 0
    assert t.where(exists(u.order_by("id").limit(3, offset=9)) | exists(u.limit(0))).count() == 0


def test_isin_of_a_frame_is_not_fooled_by_null(t: DataFrame, u: DataFrame, session: Session) -> None:
    """NOT IN over a NULL would give no rows; a NULL is in nothing, also not in nothing."""
    assert ids(t.where(t.k.isin(u.select("k")))) == [1, 3]
    assert ids(t.where(~t.k.isin(u.select("k")))) == [2, 4]
    assert ids(t.where(~(t.k.isin(u.select("k")) | (t.id == 4)))) == [2]
    assert ids(t.where(~t.k.isin(session.table("empty").select("k")))) == [1, 2, 3, 4]
    flagged = t.select("id", found=t.k.isin(u.select("k"))).order_by("id")
    assert [row.found for row in flagged.collect()] == [True, False, True, False]


@pytest.mark.parametrize("verb", ["group_by", "distinct", "limit", "union", "window", "join"])
def test_isin_takes_frames_of_every_shape(t: DataFrame, u: DataFrame, verb: str) -> None:
    """What cannot take a further condition goes below."""
    made = {
        "group_by": lambda: u.group_by("id").agg(n=func.count()).select("id"),
        "distinct": lambda: u.select("id").distinct(),
        "limit": lambda: u.order_by("id", "k").limit(3).select("id"),
        "union": lambda: u.select("id").union(t.where(t.id == 1).select("id")),
        "window": lambda: u.select(r=func.max(u.id).over(partition_by=u.id)),
        "join": lambda: u.join(u.alias("v"), "id").select("id"),
    }[verb]()
    assert ids(t.where(t.id.isin(made))) == [1, 3]
    assert ids(t.where(~t.id.isin(made))) == [2, 4]


def test_a_scalar_is_a_value(t: DataFrame, u: DataFrame, session: Session) -> None:
    """In conditions, in arithmetic, in a column, beside aggregates; NULL where there is no row."""
    assert ids(t.where(t.k > t.agg(m=func.avg(t.k)).scalar())) == [3, 4]
    assert ids(t.where(t.agg(m=func.max(t.k)).scalar() == t.k)) == [4]
    share = t.select("id", x=t.k * 10 / t.agg(m=func.sum(t.k)).scalar()).order_by("id")
    assert [row.x for row in share.collect()] == [pytest.approx(1.25), None, 3.75, 5.0]
    groups = t.group_by("s").agg(n=func.sum(t.k) * 100 / t.agg(m=func.sum(t.k)).scalar())
    assert groups.order_by("s").collect() == [("a", 12.5), ("b", 37.5), (None, 50.0)]
    empty = session.table("empty")
    assert t.select("id", x=empty.limit(1).select("k").scalar()).where(t.id == 1).collect() == [(1, None)]
    first = u.order_by(u.k.desc()).limit(1).select("k").scalar()
    assert t.select(x=first).first() == (50,)


def test_a_filter_on_groups_may_ask_another_query(t: DataFrame) -> None:
    """It stays a HAVING."""
    groups = t.group_by("s").agg(total=func.sum(t.k))
    large = groups.where(groups.total > t.agg(m=func.avg(t.k)).scalar())
    assert sorted(row.s or "" for row in large.collect()) == ["", "b"]
    assert " HAVING " in sql(large)


def test_a_correlated_aggregate_is_asked_for_each_row(t: DataFrame, u: DataFrame) -> None:
    """``outer`` names the row around, also of the same table."""
    largest = u.where(u.id == outer(t.id)).agg(m=func.max(u.k)).scalar()
    assert t.select("id", m=largest).order_by("id").collect() == [(1, 50), (2, None), (3, None), (4, None)]
    same = t.where(t.s == outer(t.s)).agg(n=func.count()).scalar()
    assert t.select("id", n=same).order_by("id").collect() == [(1, 2), (2, 2), (3, 1), (4, 0)]
    rank = t.where(t.k > outer(t.k)).agg(n=func.count() + 1).scalar()
    assert ids(t.where(rank == 1, t.k.is_not_null())) == [4]


def test_what_is_nested_inside_a_correlated_query_stays_inside(t: DataFrame, u: DataFrame) -> None:
    """Groups, distinct rows, windows and limits of the matching rows."""
    near = u.where(u.id <= outer(t.id))
    groups = near.group_by("s").agg(n=func.count())
    assert ids(t.where(exists(groups.where(groups.n > 1)))) == [3, 4]
    kinds = near.select("s").distinct().agg(n=func.count()).scalar()
    assert t.select("id", n=kinds).order_by("id").collect() == [(1, 2), (2, 2), (3, 2), (4, 2)]
    ranked = near.with_column("r", func.row_number().over(order_by=u.k))
    assert t.where(exists(ranked.where(ranked.r == 3))).count() == 2
    second = near.order_by(u.k.desc()).limit(1, offset=1).select("k").scalar()
    assert t.select("id", x=second).order_by("id").collect() == [(1, 10), (2, 10), (3, 10), (4, 10)]
    both = near.select("k").union(near.select(k="id"))
    assert ids(t.where(exists(near), exists(both.where(both.k > 40)))) == [1, 2, 3, 4]
    assert ids(t.where(exists(near.where(u.k == outer(t.k))) & exists(both))) == [1]
    assert ids(t.where(exists(near) & exists(near.distinct().limit(1, offset=2)))) == [3, 4]


def test_subqueries_stand_in_subqueries(t: DataFrame, u: DataFrame) -> None:
    """Each outer column is of the nearest DataFrame that has it, or of one further out."""
    v = u.alias("v")
    inner = v.where(v.id == outer(u.id), v.k > outer(t.k))
    assert ids(t.where(exists(u.where(u.id == outer(t.id), exists(inner))))) == [1]
    assert ids(t.where(exists(u.where(exists(v, v.k == u.k)), "id"))) == [1]


def test_one_open_frame_may_be_asked_twice(t: DataFrame, u: DataFrame) -> None:
    """In one verb and in two, and each time it is about that row."""
    others = u.where(u.id == outer(t.id), u.s != outer(t.s))
    assert ids(t.where(exists(others), ~exists(others.where(u.k < 50)))) == [1]
    assert ids(t.where(exists(others)).where(~exists(others.where(u.k < 50)))) == [1]
    twice = others.join(others.alias("again"), "id")
    assert ids(t.where(exists(twice))) == [1]
    pairs = others.join(t.alias("all"), "id").select("k", "s")
    assert ids(t.where(exists(pairs), exists(pairs.where(u.k > 40)), ~exists(pairs.where(u.k > 50)))) == [1]


def test_subqueries_go_over_closed_blocks(t: DataFrame, u: DataFrame) -> None:
    """Over limits, groups, windows, distinct rows and unions the rows are first as they are."""
    first = t.order_by("id").limit(2)
    assert ids(first.where(exists(u, first.id == u.id))) == [1]
    groups = t.group_by("s").agg(id=func.max(t.id))
    assert ids(groups.where(exists(u, groups.id == u.id))) == [3]
    ranked = t.with_column("r", func.row_number().over(order_by=t.id))
    assert [row.r for row in ranked.where(exists(u, ranked.r == u.id)).order_by("r").collect()] == [1, 3]
    every = t.select("id").union_all(t.select("id"))
    assert ids(every.where(every.id.isin(u.select("id")))) == [1, 1, 3, 3]
    computed = t.with_column("next", t.id + 2)
    assert ids(computed.where(exists(u, computed.next == u.id))) == [1, 3]


def test_a_frame_may_be_asked_about_itself(t: DataFrame) -> None:
    """Its table has two names then."""
    assert ids(t.where(exists(t, t.id == t.id_right + 1))) == [2, 3, 4]
    known = t.where(t.k.is_not_null())
    assert ids(known.where(exists(known, known.id > known.id_right))) == [3, 4]
    assert ids(known.where(known.id.isin(known.select("id")))) == [1, 3, 4]


def test_an_order_and_a_join_take_subqueries_along(t: DataFrame, u: DataFrame) -> None:
    """They are columns like all others."""
    there = exists(u, t.id == u.id)
    assert [row.id for row in t.order_by(there.label("there"), "id", descending=True).collect()] == [
        3,
        1,
        4,
        2,
    ]
    joined = t.where(there).join(u, "id")
    assert sql(joined).count("SELECT") == 2
    assert joined.count() == 3
    flagged = t.with_column("there", there)
    assert sorted(flagged.group_by("there").count().collect()) == [(False, 2), (True, 2)]


def test_a_subquery_keeps_its_value_on_the_side_of_an_outer_join(
    t: DataFrame, u: DataFrame, session: Session
) -> None:
    """Directly and from a view, also after rows without a match: SQLite by itself forgets it there."""
    counted = u.where(u.id != 2).with_columns(n=t.agg(n=func.count()).scalar(), any=exists(t))
    counted.write("counted", as_="view")

    for right in (counted, session.table("counted")):
        found = t.order_by("id").join(right.select("id", "n", "any"), "id", how="left")
        values = {row.id: (row.n, None if row.any is None else bool(row.any)) for row in found.collect()}
        assert values == {1: (4, True), 2: (None, None), 3: (4, True), 4: (None, None)}


@pytest.mark.parametrize(
    "unequal",
    [
        lambda t, u: exists(u, (t.s == u.s) & (t.k != u.k)),
        lambda t, u: exists(u, [t.s == u.s, ~(t.k == u.k)]),
        lambda t, u: exists(u, [t.s == u.s, ~((u.k == t.k + 0) | (u.id < 0))]),
        lambda t, u: exists(u.where(u.s == outer(t.s), outer(t.k) != u.k)),
    ],
)
def test_a_null_around_exists_is_unequal_to_nothing(
    t: DataFrame, u: DataFrame, unequal: Callable[[DataFrame, DataFrame], Any]
) -> None:
    """Alone, beside others, and negated: DuckDB's mark join takes != for IS DISTINCT FROM."""
    there = unequal(t, u)
    assert ids(t.where(there)) == [3]
    assert ids(t.where(there | (t.id < 0))) == [3]
    assert ids(t.where(~there)) == [1, 2, 4]
    assert [row.x for row in t.select("id", x=there).order_by("id").collect()] == [False, False, True, False]


def test_the_sql_is_as_one_would_write_it() -> None:
    """EXISTS with the conditions inside; a dead column leaves no trace; SQLite's IN."""
    t, u = small(), small("u")
    assert sql(t.where(exists(u.where(u.k > 3), t.id == u.id)).select("s")) == (
        "SELECT s FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k > 3 AND t.id = u.id)"
    )
    chosen = t.where(~t.k.isin(u.select("k"))).select("s")
    assert sql(chosen) == "SELECT s FROM t WHERE NOT (EXISTS (SELECT 1 FROM u WHERE u.k = t.k))"
    assert sql(chosen, "sqlite") == (
        "SELECT s FROM t WHERE NOT (k IS NOT NULL AND k IN (SELECT u.k FROM u WHERE u.k IS NOT NULL))"
    )
    largest = u.where(u.id == outer(t.id)).agg(m=func.max(u.k)).scalar()
    assert sql(t.select("id", m=largest)) == (
        "SELECT id, (SELECT max(u.k) AS m FROM u WHERE t.id = u.id) AS m FROM t"
    )
    assert sql(t.with_column("dead", largest).select("id")) == "SELECT id FROM t"
    first = u.order_by("k").limit(2).select("k")
    assert sql(t.with_column("dead", t.k.isin(first)).select("id")) == "SELECT id FROM t"
    both = t.with_columns(dead=t.k.isin(first), alive=t.id.isin(first)).select("alive")
    assert sql(both).count("u_limited AS") == 1


T, U = small(), small("u")
NAME: Any = "u"
MISTAKES: list[tuple[str, Any, type[errors.PyDBTError], str]] = [
    ("exists of no frame", lambda: T.where(exists(NAME)), errors.ColumnArgumentError, "DataFrame"),
    ("exists that relates nothing", lambda: T.where(exists(U, U.k > 3)), errors.JoinError, "relate the two"),
    ("exists of its own side", lambda: T.where(exists(U, T.k > 3)), errors.JoinError, "relate the two"),
    (
        "exists on a third",
        lambda: T.where(exists(U, small("v").k == T.k)),
        errors.ForeignColumnError,
        "joins",
    ),
    ("exists on True", lambda: T.where(exists(U, True)), errors.NotAConditionError, "comparison"),  # noqa: FBT003
    ("exists on a subquery", lambda: T.where(exists(U, exists(U))), errors.ColumnArgumentError, "where"),
    ("if exists", lambda: bool(exists(U)), errors.NotAConditionError, "& | ~"),
    ("isin of two columns", lambda: T.where(T.k.isin(U)), errors.SubqueryError, "select one"),
    ("isin of another type", lambda: T.where(T.k.isin(U.select("s"))), errors.TypeMismatchError, "cast"),
    ("scalar of rows", lambda: T.where(T.k > U.select("k").scalar()), errors.SubqueryError, "aggregate it"),
    ("scalar of columns", lambda: U.limit(1).scalar(), errors.SubqueryError, "select one"),
    (
        "scalar of a join",
        lambda: U.limit(1).join(T, "id").select("id").scalar(),
        errors.SubqueryError,
        "limit(1)",
    ),
    ("outer of text", lambda: outer("k"), errors.ColumnArgumentError, "outer(df.a)"),
    ("outer without a subquery", lambda: U.where(U.k == outer(T.k)).sql(), errors.OuterColumnError, "exists"),
    (
        "outer of a gone column",
        lambda: T.drop("k").where(exists(U.where(U.k == outer(T.k)))),
        errors.ColumnGoneError,
        "",
    ),
    (
        "a subquery in a join",
        lambda: T.join(U, (T.id == U.id) & exists(U)),
        errors.ColumnArgumentError,
        "before the join",
    ),
    (
        "a scalar of text",
        lambda: T.where(T.k > U.agg(m=func.max(U.s)).scalar()),
        errors.TypeMismatchError,
        "cast",
    ),
    (
        "a frame as an operand",
        lambda: T.where(T.k > U.select("k")),
        errors.TypeMismatchError,
        "other.scalar()",
    ),
    ("a frame in in_", lambda: T.where(T.k.in_(U.select("k"))), errors.TypeMismatchError, ".isin(other)"),
    ("without a name", lambda: T.select(exists(U)), errors.UnnamedColumnError, "label"),
    ("no aggregate", lambda: T.group_by("s").agg(x=exists(U, "id")), errors.AggregateError, "func.max"),
]


@pytest.mark.parametrize(
    ("mistake", "kind", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_with_a_subquery_ends_at_the_users_line(
    mistake: Any, kind: type[errors.PyDBTError], hint: str
) -> None:
    """With what is wrong and what to do."""
    with pytest.raises(errors.PyDBTError) as raised:
        mistake()
    assert type(raised.value) is kind
    assert hint in raised.value.hint
    file, line = str(raised.value.where).rsplit(":", 1)
    assert file == str(Path(__file__).relative_to(Path.cwd()))
    assert 0 <= int(line) - mistake.__code__.co_firstlineno < 4


def test_a_subquery_never_runs_in_a_statement_of_its_own() -> None:
    """It is bound by the verb that takes it, and there is none."""
    with pytest.raises(errors.OuterColumnError, match="outside a DataFrame"):
        sa.select(exists(U)).compile(dialect=T.engine.dialect)
