# ruff: noqa: DTZ001  databases keep moments without a zone
"""One meaning on every database: the same program gives the same rows on each of the four."""

from __future__ import annotations

import datetime as dt
import operator
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import case, cast, func, literal
from sqlalchemy.engine import Engine

from pydbt import F
from pydbt.errors import PyDBTError
from pydbt.sql.casts import bits_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

ROWS: list[tuple[Any, ...]] = [
    (1, 7, 2, "b", dt.date(2022, 12, 30), dt.datetime(2022, 12, 30, 0, 0), Decimal("1.500"), True),
    (2, -7, 2, "B", dt.date(2022, 12, 31), dt.datetime(2022, 12, 30, 17, 45), Decimal("2.250"), False),
    (3, 7, -2, "a", None, None, None, None),
    (4, 5, 0, "é", dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 0, 0), Decimal("0.250"), True),
    (5, None, 3, None, dt.date(2022, 12, 30), dt.datetime(2022, 12, 30, 0, 0), Decimal("4.000"), True),
]
NAMES = ["id", "a", "b", "s", "day", "moment", "price", "flag"]


# SQLAlchemy warns of what SQLite does to decimals; three places survive it.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")
RUNS_ON_MARIADB = True


@pytest.fixture(scope="module")
def engine(database_module_url: str) -> Iterator[Engine]:
    """An engine on a database with the table; what a test writes beside it has a name of its own."""
    engine = sa.create_engine(database_module_url, future=True)
    types: list[Any] = [
        sa.Integer,
        sa.Integer,
        sa.Integer,
        sa.String(20),
        sa.Date,
        sa.DateTime,
        sa.Numeric(12, 3),
        sa.Boolean,
    ]
    table = sa.Table(
        "t", sa.MetaData(), *(sa.Column(str(name), type_) for name, type_ in zip(NAMES, types, strict=True))
    )
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [dict(zip(NAMES, row, strict=True)) for row in ROWS])
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Session:
    return Session(engine)


@pytest.fixture
def df(session: Session) -> DataFrame:
    return session.table("t")


def values(df: DataFrame, expression: Any) -> list[Any]:
    """The expression for each row, in the order of the ids."""
    return [row.x for row in df.select("id", x=expression).order_by("id").collect()]


def ids(df: DataFrame) -> list[int]:
    return sorted(row.id for row in df.select("id").collect())


def test_division_is_true_and_by_zero_is_null(df: DataFrame) -> None:
    """``/`` never cuts, and never fails."""
    assert values(df, df.a / df.b) == [3.5, -3.5, -3.5, None, None]
    assert values(df, df.a / 2) == [3.5, -3.5, 3.5, 2.5, None]
    assert values(df, 1 / df.b) == [0.5, 0.5, -0.5, None, pytest.approx(1 / 3)]
    assert values(df, df.price / 2)[0] == pytest.approx(0.75)


def test_floor_division_floors(df: DataFrame) -> None:
    """``//`` goes down, as Python's, and stays a whole number."""
    found = values(df, df.a // df.b)
    assert found == [3, -4, -4, None, None]
    assert all(isinstance(value, int) for value in found if value is not None)
    assert values(df, df.a // 2) == [3, -4, 3, 2, None]


def test_modulo_has_the_sign_of_the_divisor(df: DataFrame) -> None:
    """As Python's ``%``."""
    assert values(df, df.a % df.b) == [1, 1, -1, None, None]
    assert values(df, df.a % -3) == [-2, -1, -2, -1, None]


def test_floor_and_ceil_of_null_are_null(df: DataFrame) -> None:
    """And of numbers below zero they go down and up."""
    assert values(df, func.floor(df.a / df.b)) == [3, -4, -4, None, None]
    assert values(df, func.ceil(df.a / df.b)) == [4, -3, -3, None, None]
    assert values(df, func.floor(df.a)) == [7, -7, 7, 5, None]
    assert values(df, func.ceiling(-df.price)) == [-1, -2, None, 0, -4]
    assert df.agg(x=func.floor(func.avg(df.a))).collect() == [(3,)]


def test_nulls_come_last_unless_told(df: DataFrame) -> None:
    """Up or down."""
    assert [row.a for row in df.order_by("a", "id").collect()] == [-7, 5, 7, 7, None]
    assert [row.a for row in df.order_by(df.a.desc(), "id").collect()] == [7, 7, 5, -7, None]
    assert df.order_by(df.a.desc().nulls_first()).collect()[0].a is None
    assert df.order_by("a", nulls_first=True).collect()[0].a is None


def test_text_is_ordered_by_code_point(df: DataFrame) -> None:
    """Capitals first, accents last, in ORDER BY, in comparisons, in min and max, over windows."""
    assert [row.s for row in df.order_by("s").collect()] == ["B", "a", "b", "é", None]
    assert ids(df.where(df.s > "Z")) == [1, 3, 4]
    assert df.agg(low=func.min(df.s), high=func.max(df.s)).collect() == [("B", "é")]
    assert values(df.where(df.s.is_not_null()), func.rank().over(order_by=df.s)) == [3, 1, 2, 4]


def test_an_average_is_a_float_and_a_sum_of_whole_numbers_whole(df: DataFrame) -> None:
    """Whatever the database makes of them."""
    row: Any = df.agg(x=func.avg(df.b), y=func.sum(df.b), z=func.sum(df.price)).collect()[0]
    average, total, prices = row
    assert (type(average), average) == (float, 1.0)
    assert (type(total), total) == (int, 5)
    assert (type(prices), prices) == (Decimal, Decimal(8))


def test_an_aggregate_over_all_rows_is_one_row_whoever_reads_it(df: DataFrame) -> None:
    """Also of an empty table, and none after a condition that is not true of it."""
    for rows in (df, df.where(df.id > 9)):
        one = rows.group_by(agg={"id": (func.count, "n")})
        assert one.select(one=literal(1)).collect() == [(1,)]
        assert one.select(one=literal(1)).distinct().order_by("one").limit(3).collect() == [(1,)]
        assert one.where(one.n > 5).select(one=literal(1)).collect() == []
        assert rows.agg(one=literal(1)).collect() == [(1,)]
        assert one.with_column("twice", one.n * 2).select("twice").count() == 1
        pairs = df.select("id").cross_join(one)
        assert sorted(pairs.select("id").collect()) == [(1,), (2,), (3,), (4,), (5,)]
        assert df.select("id").cross_join(one.where(one.n > 9)).select("id").count() == 0


def test_an_aggregate_may_use_keys_and_functions_around_it(df: DataFrame) -> None:
    """A key is one value for each group."""
    made = df.group_by("b").agg(x=func.coalesce(func.sum(df.id), 0) + func.abs(df.b)).order_by("x", "b")
    assert made.collect() == [(0, 4), (-2, 5), (2, 5), (3, 8)]


def test_aggregates_over_windows_and_with_filter(df: DataFrame) -> None:
    """The cast of a sum goes around its FILTER and its OVER."""
    assert values(df, func.sum(df.b).over(partition_by=df.day)) == [5, 2, -2, 0, 5]
    assert df.agg(x=func.sum(df.b).filter(df.a > 0)).collect() == [(0,)]
    assert df.agg(x=func.avg(df.b).filter(df.a > 0)).collect() == [(0.0,)]


def test_windows_in_conditions_see_the_rows_as_they_come(df: DataFrame) -> None:
    """Whatever the order of the conditions, and whether they are one or many."""
    first = func.row_number().over(order_by=df.id) <= 3
    last = func.row_number().over(order_by=df.id.desc()) <= 4
    assert ids(df.where(first, df.a > 0)) == [1, 3]
    assert ids(df.where(df.a > 0, first)) == [1, 3]
    assert ids(df.where(sa.and_(df.a > 0, first))) == [1, 3]
    assert ids(df.where(first, last)) == ids(df.where(last, first)) == [2, 3]
    grouped = df.group_by("day").agg(n=func.count())
    numbered = func.row_number().over(order_by=grouped.day) <= 2
    assert grouped.where(grouped.n < 2, numbered).count() == 1
    assert df.where(df.a < 7, first, df.b > 0).select("s").collect() == [("B",)]


def test_text_meets_dates_as_a_date(df: DataFrame) -> None:
    """Equality, order, BETWEEN, IN, and a DateTime column at midnight."""
    assert ids(df.where(df.day == "2022-12-30")) == [1, 5]
    assert ids(df.where(df.day > "2022-12-30")) == [2, 4]
    assert ids(df.where(df.day.between("2022-12-30", "2022-12-31"))) == [1, 2, 5]
    assert ids(df.where(df.day.in_(["2022-12-30", dt.date(2024, 2, 29)]))) == [1, 4, 5]
    assert ids(df.where(df.moment == "2022-12-30")) == [1, 5]
    assert ids(df.where(df.moment > dt.date(2022, 12, 30))) == [2, 4]
    assert ids(df.where(df.moment <= "2022-12-30T17:45:00")) == [1, 2, 5]


def test_dates_meet_moments(df: DataFrame) -> None:
    """A date column is midnight beside a DateTime column."""
    assert ids(df.where(df.day == df.moment)) == [1, 4, 5]
    assert ids(df.where(df.moment < df.day)) == [2]


def test_flags_are_booleans(df: DataFrame) -> None:
    """As a condition, compared, negated, and as they come back."""
    assert ids(df.where(df.flag)) == [1, 4, 5]
    assert ids(df.where(~df.flag)) == [2]
    assert ids(df.where(df.flag == 1)) == [1, 4, 5]
    assert values(df, df.flag) == [True, False, None, True, True]
    assert values(df, df.a > 5) == [True, False, True, False, None]


def test_like_tells_capitals_from_small_letters_and_ilike_does_not(df: DataFrame) -> None:
    """On SQLite too; with its signs, their escapes, negated, and with a pattern out of a column."""
    assert ids(df.where(df.s.like("b"))) == [1]
    assert ids(df.where(df.s.like("B%"))) == [2]
    assert ids(df.where(df.s.ilike("b%"))) == [1, 2]
    assert ids(df.where(df.s.like("_"))) == [1, 2, 3, 4]
    assert ids(df.where(~df.s.like("b"))) == [2, 3, 4]
    assert ids(df.where(df.s.startswith("B"))) == [2]
    assert ids(df.where(df.s.contains("b"))) == [1]
    assert ids(df.where(df.s.like(df.s))) == [1, 2, 3, 4]
    odd = df.select("id", text=literal("50% *[x]?"))
    assert odd.where(odd.text.like("50/% *[x]?", escape="/")).count() == 5
    assert odd.where(odd.text.like("50/%[x]", escape="/")).count() == 0
    assert odd.where(odd.text.endswith("]?")).count() == 5


def test_a_cached_statement_takes_other_values(df: DataFrame) -> None:
    """SQLAlchemy compiles a query of one shape once: values of the second run are the second's."""
    found = [
        ids(df.where(df.s.like(pattern), df.a % divisor == 1)) for pattern, divisor in (("b", 2), ("a", 3))
    ]
    assert found == [[1], [3]]


def test_none_is_null(df: DataFrame) -> None:
    """``== None`` asks for NULL, as one means it."""
    assert ids(df.where(df.a == None)) == [5]  # noqa: E711  that is what is tested
    assert ids(df.where(df.a != None)) == [1, 2, 3, 4]  # noqa: E711  that is what is tested


def test_case_cast_and_functions_over_columns(df: DataFrame) -> None:
    """SQLAlchemy's own constructs take columns of a DataFrame as they are."""
    assert values(df, case((df.s == "a", "A"))) == [None, None, "A", None, None]
    assert values(df, case((df.a > 6, "high"), (df.a > 0, "low"), else_="none")) == [
        "high",
        "none",
        "high",
        "low",
        "none",
    ]
    assert values(df, cast(df.a, sa.String)) == ["7", "-7", "7", "5", None]
    assert values(df, func.coalesce(df.a, 0) + 1) == [8, -6, 8, 6, 1]
    assert values(df, func.upper(df.s))[0] == "B"
    assert values(df, literal("x"))[0] == "x"


def test_joins_of_every_kind(df: DataFrame, session: Session) -> None:
    """Which rows come out, and from which side."""
    few = session.table("t")
    few = few.where(few.id >= 3).select("id", "s")
    left = df.where(df.id <= 3).select("id", "a")
    expected: dict[str, list[tuple[Any, ...]]] = {
        "inner": [(3, 7, 3, "a")],
        "left": [(1, 7, None, None), (2, -7, None, None), (3, 7, 3, "a")],
        "right": [(3, 7, 3, "a"), (None, None, 4, "é"), (None, None, 5, None)],
        "full": [
            (1, 7, None, None),
            (2, -7, None, None),
            (3, 7, 3, "a"),
            (None, None, 4, "é"),
            (None, None, 5, None),
        ],
        "semi": [(3, 7)],
        "anti": [(1, 7), (2, -7)],
    }
    for how, rows in expected.items():
        made = left.join(few, left.id == few.id, how)
        assert sorted(map(tuple, made.collect()), key=str) == sorted(rows, key=str), how
    assert left.cross_join(few).count() == 9
    merged = left.join(few, "id", "full").order_by("id")
    assert merged.collect() == [(1, 7, None), (2, -7, None), (3, 7, "a"), (4, None, "é"), (5, None, None)]


def test_a_self_join_tells_its_sides_apart(df: DataFrame) -> None:
    """``e.a == e.b_right`` is never both sides of one table: the plain name is the left row's."""
    df = df.select("id", "b")
    made = df.join(df, df.id == df.b_right).order_by("id", "id_right")
    assert made.collect() == [(2, 2, 1, 2), (2, 2, 2, 2), (3, -2, 5, 3)]
    assert made.where(made.id_right == 5).collect() == [(3, -2, 5, 3)]


def test_a_filtered_frame_joins_its_own_source(df: DataFrame) -> None:
    """Both sides have the same columns by origin; each is taken from the frame it is written with."""
    big = df.where(df.id > 3).select("id")
    assert big.join(df.select("id", "b"), big.id == df.b).collect() == []
    one = df.select("id", "b")
    made = big.join(one, big.id == one.b + 1).select("id", "id_right").order_by("id", "id_right")
    assert made.collect() == [(4, 5)]


def test_what_the_right_side_was_filtered_by_stays_the_left_sides(df: DataFrame) -> None:
    """A column that the right side read and let go is still the left row's in the join."""
    left = df.select("id", "a", "b")
    filtered = left.where(left.a > 0).select("id")
    made = left.join(filtered, left.id > filtered.id)
    made = made.where(made.id_right < 3)
    assert sorted(made.select("id", "b").collect()) == [(2, 2), (3, -2), (4, 0), (5, 3)]
    cut = left.order_by(left.b.desc()).limit(1).select("id")
    assert left.join(cut, left.id < cut.id, "semi").where(left.b > 0).count() == 2
    assert sorted(left.join(cut, left.id < cut.id).select("b").collect()) == [(-2,), (0,), (2,), (2,)]
    semi = left.join(filtered, (left.b < 0) & (left.id != filtered.id), "semi")
    assert ids(semi) == [3]


def test_tables_whose_names_differ_in_case_are_kept_apart(df: DataFrame, session: Session) -> None:
    """Where the database takes both for one name, the join still tells its sides apart."""
    if session.engine.dialect.name in {"postgresql", "mysql"}:
        df.select("id", "a").write("T")
    other = session.table("T")
    made = df.join(other, df.id < other.id).select("id", "id_right")
    assert made.count() == 10
    assert ids(df.join(other.where(other.id > 3), "id", "semi")) == [4, 5]


def test_computed_columns_of_the_outer_side_are_null_without_a_match(df: DataFrame) -> None:
    """A constant on the right of a left join is NULL where nothing matched."""
    right = df.where(df.id == 1).select("id", found=literal(1))
    assert df.join(right, "id", "left").select("id", "found").order_by("id").first() == (1, 1)
    assert df.join(right, "id", "left").where(right.found.is_null()).count() == 4


def test_an_anti_join_is_not_fooled_by_null(df: DataFrame) -> None:
    """NOT IN over a NULL would give no rows at all."""
    other = df.select(x="a")
    assert ids(df.join(other, df.b == other.x, "anti")) == [1, 2, 3, 4, 5]


def test_set_operations(df: DataFrame) -> None:
    """Union is a set, union_all is not; names come from the left."""
    one, two = df.where(df.id < 3).select("id", "s"), df.where(df.id > 1).select("id", "s")
    assert sorted(row.id for row in one.union(two).collect()) == [1, 2, 3, 4, 5]
    assert one.union_all(two).count() == 6
    assert one.union_all(two).union_all(one).count() == 8
    assert one.intersect(two).collect() == [(2, "B")]
    assert one.except_(two.select("id", other="s")).collect() == [(1, "b")]
    assert one.union_all(two).order_by("s", "id").limit(2).collect() == [(2, "B"), (2, "B")]


def test_what_a_frame_announces_comes_back(df: DataFrame) -> None:
    """Names and order as in ``columns``, in the rows and in a table written from them."""
    made = df.group_by("flag").agg(
        n=func.count(), total=func.sum(df.a), mean=func.avg(df.a), last=func.max(df.day)
    )
    assert list(made.limit(1).collect()[0]._fields) == made.columns
    made.write("written")
    assert Session(df.engine).table("written").order_by("flag").to_dicts() == made.order_by("flag").to_dicts()


def test_a_frame_used_twice_keeps_its_order(df: DataFrame) -> None:
    """Each use reads the rows in the order the frame has."""
    ordered = df.order_by(df.b.desc(), "id")
    both = ordered.limit(2).select("id").union_all(ordered.limit(1).select("id"))
    assert sorted(row.id for row in both.collect()) == [1, 5, 5]
    known = ordered.join(ordered.where(ordered.id > 1).select("id"), "id", how="semi")
    assert [row.id for row in known.collect()] == [5, 2, 4, 3]


def test_an_order_by_an_expression_goes_on_above(df: DataFrame) -> None:
    """As an order by a column: through a filter on a window, a limit, and a second use."""
    numbered = df.with_column("rn", func.row_number().over(order_by=df.id))
    ordered = numbered.order_by(func.abs(df.b).desc(), func.lower(df.s), df.id.desc())
    chosen = ordered.where(ordered.rn > 1)
    assert [row.id for row in chosen.collect()] == [5, 3, 2, 4]
    assert [row.id for row in chosen.limit(2).select("id").collect()] == [5, 3]
    limited = df.order_by(-df.id).limit(3)
    assert [row.id for row in limited.where(df.id != 4).collect()] == [5, 3]
    uses = ordered.limit(1).select("id").union_all(ordered.limit(2).select("id"))
    assert sorted(row.id for row in uses.collect()) == [3, 5, 5]


def test_an_order_by_a_window_is_over_the_rows_as_they_were(df: DataFrame) -> None:
    """A later filter takes rows away, and does not change what they are ordered by."""
    ordered = df.order_by(func.count().over(partition_by=df.b).desc(), "id")
    assert [row.id for row in ordered.where(df.id > 1).collect()] == [2, 3, 4, 5]
    assert [row.id for row in ordered.where(df.a < 7).collect()] == [2, 4]
    again = df.order_by(func.count().over(partition_by=df.day).desc(), "id").where(df.id.in_([2, 4, 5]))
    assert [row.id for row in again.collect()] == [5, 2, 4]


def test_an_ordered_frame_keeps_its_order_under_another_name(df: DataFrame) -> None:
    """``alias`` only renames."""
    other = df.order_by(df.b.desc(), "id").alias("o")
    first = other.select("id").limit(2)
    assert [row.id for row in first.where(first.id > 0).collect()] == [5, 1]


def test_write_as_a_view_and_append(df: DataFrame, session: Session) -> None:
    """``as_`` and ``mode`` do what they say."""
    chosen = df.where(df.day == "2022-12-30").select("id", "s")
    chosen.write("chosen", as_="view")
    assert session.table("chosen").count() == 2
    chosen.write("kept")
    chosen.write("kept", mode="append")
    assert session.table("kept").count() == 4
    with pytest.raises(PyDBTError):
        chosen.write("kept", mode="error")


def test_names_are_taken_as_they_are(session: Session) -> None:
    """Blanks, quotes, percent signs, reserved words, capitals."""
    names = ["a b", "order", 'q"q', "100%", "Upper", "true", "a:b", "%(x)s"]
    made = session.table("t").select("id")
    for name in names:
        made = made.with_column(name, made.id)
    made.write("named")
    again = session.table("named")
    assert again.columns == ["id", *names]
    assert again.where(again["100%"] == 1).select(*names).collect() == [(1,) * len(names)]


def test_names_that_differ_in_case_stay_two_columns(df: DataFrame) -> None:
    """Through everything that makes a SELECT below, and in ORDER BY."""
    two = df.select("id", v="b").with_column("V", df.id * 100)
    rows = [(1, 2, 100), (2, 2, 200), (3, -2, 300), (4, 0, 400), (5, 3, 500)]
    distinct = two.distinct()
    assert distinct.where(distinct["V"] > 100).order_by("id").collect() == rows[1:]
    assert two.order_by(two["V"].desc()).collect() == rows[::-1]
    assert sorted(two.union(two).collect()) == rows
    assert two.union_all(two).distinct().order_by("V").limit(2).collect() == rows[:2]
    assert two.union_all(two).columns == ["id", "v", "V"]


def test_columns_called_true_and_false(session: Session) -> None:
    """SQLite forgets such names of a subquery's columns."""
    made = session.table("t").select("id", "a").rename({"id": "true", "a": "FALSE"})
    limited = made.order_by("true").limit(2)
    assert limited.where(limited["true"] > 1).collect() == [(2, -7)]
    assert sorted(made.union(made).distinct().select("true").collect()) == [(1,), (2,), (3,), (4,), (5,)]
    assert made.union_all(made).columns == ["true", "FALSE"]


def test_a_condition_of_sqlalchemys_own_beside_one_of_ours(df: DataFrame) -> None:
    """On either side, with both signs."""
    always, never = literal("a").like("a%"), literal(1) == 2
    assert ids(df.where(always & (df.id == 2))) == ids(df.where((df.id == 2) & always)) == [2]
    assert ids(df.where(never | (df.id == 2))) == ids(df.where((df.id == 2) | never)) == [2]


def test_a_number_too_large_for_a_column_compares_with_it(df: DataFrame) -> None:
    """PostgreSQL would refuse to read it as a number of the column's type."""
    large = 2**40
    assert ids(df.where(df.a < large)) == [1, 2, 3, 4]
    assert ids(df.where(df.a + 1 > -large)) == [1, 2, 3, 4]
    assert ids(df.where(df.a.in_([5, large]))) == [4]
    assert ids(df.where(df.a.between(-large, 0))) == [2]
    assert values(df, df.a + large)[0] == large + 7


def test_an_order_by_a_value_is_no_order(df: DataFrame) -> None:
    """Nor is it the number of a column; what stands beside it counts."""
    assert [row.id for row in df.order_by(literal(2), df.id.desc()).collect()] == [5, 4, 3, 2, 1]
    constant = df.select("id", text=literal("x"))
    assert constant.order_by("text", constant.id.desc()).drop("text").first() == (5,)
    assert sorted(constant.order_by("text").select("id").collect()) == [(1,), (2,), (3,), (4,), (5,)]


def test_a_backslash_in_a_pattern_is_a_sign_as_any_other(df: DataFrame) -> None:
    """PostgreSQL takes it for an escape, and refuses it at the end."""
    path = df.select("id", path=literal("a\\b"))
    assert path.where(path.path.like("a\\b")).count() == 5
    assert path.where(path.path.ilike("A\\_")).count() == 5
    assert path.where(path.path.endswith("\\")).count() == 0
    assert path.where(path.path.like(path.path)).count() == 5
    assert path.where(path.path.like("a/_b", escape="/")).count() == 0


def test_a_pattern_with_a_backslash_after_one_without(df: DataFrame) -> None:
    """SQLAlchemy keeps the SQL of the first, and would run it with the value of the second."""
    path = df.select("id", path=literal("a\\"))
    counts = [path.where(path.path.contains(part)).count() for part in ("a", "\\", "b")]
    assert counts == [5, 5, 0]
    assert [path.where(path.path.ilike(pattern)).count() for pattern in ("A_", "A\\", "_b")] == [5, 5, 0]


def test_a_part_of_a_text_is_no_pattern(df: DataFrame) -> None:
    """Its signs are those that stand there, unless one asks for patterns."""
    path = df.select("id", path=literal("50%_a/b"), part=literal("%_"), other=literal("_%"))
    found = [
        path.where(condition).count()
        for condition in (
            path.path.contains("%_"),
            path.path.contains("_%"),
            path.path.contains("_a/"),
            path.path.startswith("50%"),
            path.path.startswith("5_"),
            F.col("path").endswith("_b"),
            path.path.contains("5%a", autoescape=False),
            ~path.path.contains("%%"),
            path.path.contains(path.part),
            path.path.contains(path.other),
        )
    ]

    assert found == [5, 0, 5, 5, 0, 0, 5, 5, 5, 0]


def test_a_full_join_on_any_condition(df: DataFrame) -> None:
    """PostgreSQL's own needs an equality of the two sides."""
    few = df.where(df.id < 3).select("id", "b")
    for on in (df.id < few.id, (df.id < few.id) | (df.b == few.b), (df.id < few.id) & (few.id == 2)):
        found = df.join(few, on, "full").select("id", "id_right").collect()
        left = df.join(few, on, "left").select("id", "id_right").collect()
        matched = {row.id_right for row in left}
        alone = [(None, row.id) for row in few.collect() if row.id not in matched]
        assert sorted(found, key=str) == sorted([*map(tuple, left), *alone], key=str)


def test_a_full_join_of_two_columns_of_one_table(df: DataFrame) -> None:
    """The right side's is another row's, though the left side's table has that column, too."""
    merged = df.select("id").join(df.select(id="b"), "id", "full").collect()
    assert sorted(row.id for row in merged) == [-2, 0, 1, 2, 2, 3, 4, 5]

    pairs = df.select("id").join(df.select(k="b"), df.id < df.b, "full").collect()
    wanted = [(1, 2), (1, 2), (1, 3), (2, 3), (3, None), (4, None), (5, None), (None, -2), (None, 0)]
    assert sorted(map(tuple, pairs), key=str) == sorted(wanted, key=str)


def test_the_ends_of_a_range_are_read_beside_a_computed_date_too(df: DataFrame) -> None:
    """As beside a column."""
    day = func.coalesce(df.day, dt.date(2020, 1, 1))
    assert ids(df.where(day.between("2022-12-31", "2024-12-31"))) == [2, 4]
    assert ids(df.where(~day.between("2020-02-01", "2024-12-31"))) == [3]


def test_a_case_of_a_function_knows_its_type(df: DataFrame) -> None:
    """And so does the sum of it, and what is negated."""
    chosen = case((df.id > 1, func.nullif(df.a, 0)))
    made = df.agg(n=func.sum(chosen), m=func.sum(-func.nullif(df.a, 0)))
    assert [type(value) for value in made.collect()[0]] == [int, int]
    assert [type_.python_type for type_ in made.schema.values()] == [int, int]


def test_a_sum_of_a_function_knows_its_type(df: DataFrame) -> None:
    """Whatever the function inside is called; PostgreSQL would give a decimal."""
    made = df.agg(n=func.sum(func.nullif(df.a, 0) * 1), m=func.sum(func.nullif(df.a, 0)), k=func.sum(df.a))
    assert [type(value) for value in made.collect()[0]] == [int, int, int]
    assert made.schema["m"].python_type is int


def test_500_steps_run(session: Session) -> None:
    """A long chain, each step using the one before."""
    df = session.table("t").select("id")
    for _ in range(500):
        df = df.with_column("id", df.id + 1)
    assert sorted(row.id for row in df.collect()) == [501, 502, 503, 504, 505]


def test_whether_a_negation_is_unknown(df: DataFrame) -> None:
    """SQL would read ``NOT a IS NULL`` as ``NOT (a IS NULL)``."""
    flagged = df.select("id", is_one=df.a.isin([1]))
    unknown = flagged.where((~flagged.is_one).is_(None)).count()

    assert unknown == df.where(df.a.is_null()).count() > 0
    assert flagged.where((~flagged.is_one) == flagged.is_one).count() == 0


def test_a_sum_of_ranks_is_a_whole_number(df: DataFrame) -> None:
    """PostgreSQL's ranks have 64 bits, and their sum would be a decimal."""
    ranked = df.with_columns(n=func.rank().over(order_by=df.a), m=func.dense_rank().over(order_by=df.a))

    found = ranked.agg(n=func.sum(ranked.n), m=func.sum(ranked.m)).collect()[0]

    assert [*found] == [14, 13]
    assert {type(each) for each in found} == {int}


def test_a_whole_decimal_is_one(df: DataFrame) -> None:
    """Also from psycopg2, which would send an integer."""
    (found,) = df.limit(1).select(x=literal(Decimal(7), sa.Numeric(12, 3))).collect()[0]

    assert (found, type(found)) == (Decimal(7), Decimal)


def test_large_whole_numbers_that_cancel_out_leave_their_average(session: Session) -> None:
    """But where floats are added, in SQLite before 3.43 and in MariaDB: what is small beside 2^53 is lost."""
    numbers = [2**53 + 1, 1, -(2**53) - 1, 0]
    df = session.create_dataframe([{"n": number} for number in numbers])

    found = df.agg(a=func.avg(df.n)).collect()[0].a

    name = session.engine.dialect.name
    adds_floats = name == "mysql" or (name == "sqlite" and sqlite3.sqlite_version_info < (3, 43))
    assert found == (0.0 if adds_floats else 0.25)


@pytest.mark.parametrize("combine", [operator.add, operator.sub, operator.mul, operator.mod], ids=str)
def test_whole_numbers_of_two_widths_make_the_wider(df: DataFrame, combine: Any) -> None:
    """Column beside column, and beside a function; and their sum is whole, on PostgreSQL as well."""
    df = df.cast({"b": "smallint", "id": "bigint"})
    made = [
        combine(df.b, df.id),
        combine(df.a, df.id),
        combine(F.coalesce(df.b, 1), df.id),
        combine(case((df.id > 0, df.a)), df.id),
        combine(df.b, df.a),
    ]

    bits = [bits_of(df.select(x=each).schema["x"]) for each in made]
    sums = df.agg(**{f"x{number}": func.sum(each) for number, each in enumerate(made)}).collect()[0]

    assert bits == [64, 64, 64, 64, 32]
    assert [type(value) for value in sums] == [int] * 5
