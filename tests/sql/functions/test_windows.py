"""Windows: the same rows on SQLite, DuckDB and PostgreSQL, as plain Python counts them; NULLs last."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt import F
from pydbt.errors import (
    AggregateError,
    FunctionArgumentError,
    TypeMismatchError,
    UnsupportedFunctionError,
)
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.sql.functions import days
from tests.sql.functions.conftest import MakeTable

NAMES = ("id", "team", "goals", "name", "day")
TYPES = (sa.Integer, sa.String(5), sa.Integer, sa.String(20), sa.Date)
_DAY = dt.date(2024, 2, 29)
ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "a", 3, "B", _DAY),
    (2, "a", None, "a", None),
    (3, "a", 1, "é", _DAY),
    (4, "a", 3, None, dt.date(1969, 12, 31)),
    (5, "b", -2, "b", _DAY),
    (6, "b", 7, "c", None),
    (7, None, 5, "d", _DAY),
    (8, None, None, "e", _DAY),
)


@pytest.fixture
def df(make_table: MakeTable) -> DataFrame:
    return make_table(NAMES, TYPES, ROWS)


def results(df: DataFrame, expression: Any) -> list[Any]:
    """The expression for each row, in the order of the ids."""
    return [row.result for row in df.select("id", result=expression).order_by("id").collect()]


def place(goals: int | None) -> tuple[bool, int]:
    """Where a number stands: NULL last."""
    return (goals is None, goals or 0)


def window(row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The rows of the same team in the order of goals, then of ids."""
    return sorted((other for other in ROWS if other[1] == row[1]), key=lambda each: (place(each[2]), each[0]))


def by_row(compute: Callable[[tuple[Any, ...], list[tuple[Any, ...]], int], Any]) -> list[Any]:
    """What Python computes of each row, the rows of its window, and its place among them from 0."""
    return [compute(row, window(row), window(row).index(row)) for row in ROWS]


TEAM: dict[str, Any] = {"partition_by": "team", "order_by": ["goals", "id"]}


def test_places_in_the_order(df: DataFrame) -> None:
    """Row numbers and ranks are whole numbers; equal rows share their rank."""
    by_goals: dict[str, Any] = {"partition_by": df.team, "order_by": df.goals}
    before = by_row(lambda row, rows, _: sum(place(each[2]) < place(row[2]) for each in rows))
    smaller = by_row(
        lambda row, rows, _: len({each[2] for each in rows if place(each[2]) < place(row[2])}),
    )

    assert results(df, F.row_number().over(**TEAM)) == by_row(lambda _row, _rows, at: at + 1)
    assert results(df, F.rank().over(**by_goals)) == [count + 1 for count in before]
    assert results(df, F.dense_rank().over(**by_goals)) == [count + 1 for count in smaller]
    assert all(type(value) is int for value in results(df, F.rank().over(**by_goals)))


def test_places_as_shares(df: DataFrame) -> None:
    """Percent ranks and cumulative distributions are floats."""
    over: dict[str, Any] = {"partition_by": "team", "order_by": "goals"}
    ranks = by_row(
        lambda row, rows, _: sum(place(each[2]) < place(row[2]) for each in rows) / (len(rows) - 1)
    )
    shares = by_row(lambda row, rows, _: sum(place(each[2]) <= place(row[2]) for each in rows) / len(rows))

    for found, wanted in (
        (results(df, F.percent_rank().over(**over)), ranks),
        (results(df, F.cume_dist().over(**over)), shares),
    ):
        assert all(map(math.isclose, found, wanted))
        assert all(type(value) is float for value in found)


def test_parts_of_a_window(df: DataFrame) -> None:
    """The first parts are the larger ones."""
    assert results(df, F.ntile(3).over(order_by="id")) == [1, 1, 1, 2, 2, 2, 3, 3]
    assert results(df, F.ntile(20).over(order_by=df.id.desc())) == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("column", ["goals", "name", "day"])
def test_values_of_other_rows(df: DataFrame, column: str) -> None:
    """Before and after, the first and the n-th, of every type."""
    at = NAMES.index(column)
    whole = {**TEAM, "rows": (None, None)}

    def other(distance: int) -> list[Any]:
        return by_row(
            lambda _row, rows, place: (
                rows[place + distance][at] if 0 <= place + distance < len(rows) else None
            )
        )

    assert results(df, F.lag(column).over(**TEAM)) == other(-1)
    assert results(df, F.lag(column, 2).over(**TEAM)) == other(-2)
    assert results(df, F.lead(df[column], 1).over(**TEAM)) == other(1)
    assert results(df, F.lead(column, 0).over(**TEAM)) == other(0)
    assert results(df, F.first_value(column).over(**TEAM)) == by_row(lambda _row, rows, _: rows[0][at])
    assert results(df, F.last_value(column).over(**whole)) == by_row(lambda _row, rows, _: rows[-1][at])
    assert results(df, F.last_value(column).over(**TEAM)) == other(0)
    assert results(df, F.nth_value(column, 3).over(**whole)) == by_row(
        lambda _row, rows, _: rows[2][at] if len(rows) > 2 else None
    )


def test_a_default_stands_where_there_is_no_other_row(df: DataFrame) -> None:
    """It is of the values' type: text beside a date is read as a date."""

    def before(at: int, default: Any) -> list[Any]:
        return by_row(lambda _row, rows, place: rows[place - 1][at] if place else default)

    assert results(df, F.lag("goals", 1, 0).over(**TEAM)) == before(2, 0)
    assert results(df, F.lag(df.name, 1, "none").over(**TEAM)) == before(3, "none")
    assert results(df, F.lag("day", 1, "2024-03-01").over(**TEAM)) == before(4, dt.date(2024, 3, 1))
    by_id = by_row(lambda row, rows, place: rows[place - 1][2] if place else row[0])
    assert results(df, F.lag("goals", 1, df.id).over(**TEAM)) == by_id
    found = results(df, F.lag("goals", 1, 0.5).over(**TEAM))
    assert found == before(2, 0.5)
    assert {type(value) for value in found if value is not None} == {float}


def test_running_aggregates(df: DataFrame) -> None:
    """Over the rows so far, with a frame or without; each keeps its type."""

    def running(function: Callable[[list[int]], Any]) -> list[Any]:
        def compute(_row: tuple[Any, ...], rows: list[tuple[Any, ...]], at: int) -> Any:
            given = [each[2] for each in rows[: at + 1] if each[2] is not None]
            return function(given) if given else None

        return by_row(compute)

    rows = {**TEAM, "rows": (None, 0)}
    assert results(df, F.sum("goals").over(**TEAM)) == running(sum)
    assert results(df, F.sum("goals").over(**rows)) == running(sum)
    assert results(df, F.max("goals").over(**rows)) == running(max)
    assert results(df, F.avg("goals").over(**rows)) == running(lambda given: sum(given) / len(given))
    assert results(df, F.bool_or(df.goals > 2).over(**rows)) == running(lambda given: max(given) > 2)
    assert all(type(value) in {int, type(None)} for value in results(df, F.sum("goals").over(**TEAM)))


def test_aggregates_over_moving_frames(df: DataFrame) -> None:
    """Rows around each row, and numbers near its number; SQLite's own statistics, too."""

    def near(function: Callable[[list[int]], Any]) -> list[Any]:
        def compute(_row: tuple[Any, ...], rows: list[tuple[Any, ...]], at: int) -> Any:
            given = [each[2] for each in rows[max(0, at - 1) : at + 2] if each[2] is not None]
            return function(given)

        return by_row(compute)

    def deviation(given: list[int]) -> float | None:
        if not given:
            return None
        mean = sum(given) / len(given)
        return round(math.sqrt(sum((each - mean) ** 2 for each in given) / len(given)), 9)

    frame = {**TEAM, "rows": (-1, 1)}
    assert results(df, F.count("goals").over(**frame)) == near(len)
    found = results(df, F.stddev_pop("goals").over(**frame))
    assert [None if each is None else round(each, 9) for each in found] == near(deviation)

    by_number: dict[str, Any] = {"order_by": "goals", "range": (-2, 0)}
    assert results(df, F.count().over(**by_number)) == [
        sum(
            other[2] is None if row[2] is None else other[2] is not None and row[2] - 2 <= other[2] <= row[2]
            for other in ROWS
        )
        for row in ROWS
    ]


def _hours(count: float) -> dt.timedelta:
    return dt.timedelta(hours=count)


DURATIONS: tuple[Any, ...] = (
    (_hours(-24 * 366), 0),
    (_hours(-24 * 30), dt.timedelta(microseconds=999_999)),
    (_hours(-0.5), dt.timedelta.max),
    (_hours(1), _hours(24 * 400)),
)


def check_durations(calendar: DataFrame, frame: Any, name: str) -> None:
    """Hold the rows in a range of durations, in both directions, against those that Python finds."""
    start, end = (dt.timedelta() if each == 0 else each for each in frame)
    column, values = calendar[name], [row[days.COLUMNS.index(name)] for row in days.ROWS]

    def count(value: Any, sign: int) -> int:
        if value is None:
            return values.count(None)
        return sum(other is not None and start <= (other - value) * sign <= end for other in values)

    for key, sign in ((column, 1), (column.desc(), -1)):
        counted = F.count().over(order_by=key, range=frame)
        assert results(calendar, counted) == [count(value, sign) for value in values]


@pytest.mark.parametrize("frame", DURATIONS)
def test_a_range_of_durations_is_of_dates_and_moments(calendar: DataFrame, frame: Any) -> None:
    """To the microsecond, before 1970 and after it; what has no date is by itself."""
    check_durations(calendar, frame, "day")
    check_durations(calendar, frame, "moment")


def test_a_range_may_be_longer_than_32_bits(df: DataFrame) -> None:
    """Also where the driver says how long a number is."""
    far = df.goals.cast("bigint") * 2**40
    found = results(df.with_column("far", far), F.count().over(order_by="far", range=(-2 * 2**40, 0)))
    assert found == [3, 2, 1, 3, 1, 2, 3, 2]


def test_a_range_of_durations_may_be_open(df: DataFrame) -> None:
    """NULLs are last, and in a frame that goes to the end."""
    found = results(df, F.count().over("team", order_by="day", range=(None, dt.timedelta(days=1))))
    assert found == [3, 4, 3, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(("type_", "bits"), [("int", 32), ("bigint", 64)])
def test_a_range_goes_beyond_the_largest_number(df: DataFrame, type_: str, bits: int) -> None:
    """A number at the end of its type is near itself, however far a frame reaches."""
    ends = Session(df.engine).create_dataframe({"n": [2 ** (bits - 1) - 1, -(2 ** (bits - 1))]}, {"n": type_})

    found = ends.select(n=F.count().over(order_by="n", range=(-8, 3)))

    assert found.collect() == [(1,), (1,)]


def test_a_filter_is_taken_before_the_window(df: DataFrame) -> None:
    """An aggregate with a filter is a window function as well."""
    found = results(df, F.sum("goals").filter(df.id > 1).over(partition_by="team"))

    assert found == by_row(
        lambda _row, rows, _: sum(each[2] for each in rows if each[2] is not None and each[0] > 1)
    )

    near = F.count().filter(df.id > 1, df.goals < 7).over(order_by="goals", range=(-2, 0))
    assert results(df, near)[:7] == [2, 0, 1, 2, 1, 1, 2]


def test_a_filter_may_leave_a_window_without_a_row(df: DataFrame) -> None:
    """Also where Python computes it for SQLite, which crashed."""
    found = results(df, F.stddev_pop("goals").filter(df.id > 5).over("team", order_by="id"))

    assert found == [None, None, None, None, None, 0.0, 0.0, 0.0]


def test_nulls_are_last_unless_told(df: DataFrame) -> None:
    """In both directions."""
    assert results(df, F.row_number().over(order_by=["goals", "id"])) == [3, 7, 2, 4, 1, 6, 5, 8]
    assert results(df, F.row_number().over(order_by=[df.goals.desc(), df.id])) == [3, 7, 5, 4, 6, 1, 2, 8]
    first = F.row_number().over(order_by=[F.col("goals").nulls_first(), F.col("id").desc()])
    assert results(df, first) == [6, 2, 4, 5, 3, 8, 7, 1]


def test_text_is_ordered_by_code_point(df: DataFrame) -> None:
    """In windows, too."""
    assert results(df, F.row_number().over(order_by="name")) == [1, 2, 7, 8, 3, 4, 5, 6]


def test_a_filter_on_a_window_sees_all_its_rows(df: DataFrame) -> None:
    """The window is computed below, and the condition above; so "the best of each team" is two verbs."""
    best = df.where(F.row_number().over(partition_by="team", order_by=[df.goals.desc(), df.id]) == 1)
    assert sorted(row.id for row in best.collect()) == [1, 6, 7]

    ranked = df.with_column("place", F.rank().over(partition_by="team", order_by="goals"))
    assert sorted(row.id for row in ranked.where(ranked.place == 2, ranked.id < 7).collect()) == [1, 4, 6]


def test_windows_of_windows_and_of_aggregates(df: DataFrame) -> None:
    """Each is computed over what the one before gives."""
    totals = df.where(df.team.is_not_null()).group_by("team").agg(total=F.sum("goals"))
    found = totals.with_column("share", totals.total * 100 / F.sum(totals.total).over())
    assert {row.team: round(row.share, 6) for row in found.collect()} == {"a": 58.333333, "b": 41.666667}

    gap = df.with_column("before", F.lag("goals", 1, 0).over(order_by="id"))
    gap = gap.with_column("sum", F.sum("before").over(order_by="id"))
    assert results(gap, F.col("sum")) == [0, 3, 3, 4, 7, 5, 12, 17]


def test_a_window_over_the_groups_stands_in_agg(df: DataFrame) -> None:
    """Its argument is an aggregate of each group; filtering by it nests."""
    grouped = df.group_by("team").agg(
        total=F.sum("goals"),
        of_all=F.sum(F.sum("goals")).over(),
        place=F.row_number().over(order_by=F.sum("goals").desc()),
    )
    assert sorted(map(tuple, grouped.collect()), key=str) == sorted(
        [("a", 7, 17, 1), ("b", 5, 17, 2), (None, 5, 17, 3)], key=str
    ) or sorted(map(tuple, grouped.collect()), key=str) == sorted(
        [("a", 7, 17, 1), ("b", 5, 17, 3), (None, 5, 17, 2)], key=str
    )

    assert [tuple(row) for row in grouped.where(grouped.place == 1).select("team", "of_all").collect()] == [
        ("a", 17)
    ]


def test_a_window_is_typed_before_anything_runs(df: DataFrame) -> None:
    """A row number is a whole number, not a type nobody knows; also of columns that were only named."""
    made = df.select(
        number=F.row_number().over(order_by="id"),
        share=F.cume_dist().over(order_by="id"),
        part=F.ntile(2).over(order_by="id"),
        before=F.lag("day").over(order_by="id"),
        running=F.sum("goals").over(order_by="id"),
        mean=F.avg("goals").over(partition_by=["team"]),
        name=F.max("name").filter(df.id > 1).over(),
    )

    assert [type_.python_type for type_ in made.schema.values()] == [
        int,
        float,
        int,
        dt.date,
        int,
        float,
        str,
    ]


def _frame() -> DataFrame:
    types: dict[str, Any] = {"id": sa.Integer(), "team": sa.String(), "day": sa.Date()}
    columns: list[Any] = [sa.column(name, type_) for name, type_ in types.items()]
    return DataFrame(sa.table("t", *columns), sa.create_engine("sqlite://", future=True))


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda df: df.select(n=F.row_number()), AggregateError, "F.row_number needs a window"),
        (lambda _df: F.rank().filter(_df.id > 1), AggregateError, "takes no filter"),
        (lambda _df: F.ntile(0), FunctionArgumentError, "F.ntile was given 0"),
        (lambda _df: F.lag("id", -1), FunctionArgumentError, "F.lag was given -1"),
        (lambda df: F.lag(df.id, 1, "x"), TypeMismatchError, "does not compare with 'x'"),
        (lambda df: F.lag(df.id, 1, Decimal("0.5")), TypeMismatchError, "a decimal as the default"),
        (lambda df: F.sum(df.id).over(rows=(1, 0)), FunctionArgumentError, r"rows=\(1, 0\)"),
        (lambda df: F.sum(df.id).over(rows=(2, -2)), FunctionArgumentError, r"rows=\(2, -2\)"),
        (lambda df: F.sum(df.id).over(rows=(0, 1), range=(0, 1)), FunctionArgumentError, "rows and range"),
        (
            lambda df: df.select(n=F.sum("id").over(order_by="day", range=(-1, 0))),
            TypeMismatchError,
            "order by one number",
        ),
        (
            lambda df: df.select(n=F.sum("id").over(order_by=["id", "team"], range=(-1, 0))),
            TypeMismatchError,
            "order by one number",
        ),
        (
            lambda df: df.select(n=F.sum("id").over(order_by="day", range=(dt.timedelta(-1), 1))),
            FunctionArgumentError,
            r"range=\(timedelta\(days=-6\), 0\)",
        ),
        (
            lambda df: df.select(n=F.sum("id").over(order_by="day", rows=(dt.timedelta(-1), 0))),
            FunctionArgumentError,
            "each a whole number",
        ),
        (
            lambda df: df.select(n=F.sum("id").over(order_by="id", range=(dt.timedelta(-1), 0))),
            TypeMismatchError,
            "order by one date or moment",
        ),
        (
            lambda df: df.select(n=F.rank().over("team")),
            AggregateError,
            "rank over a window without an order",
        ),
        (lambda df: df.select(n=sa.func.lag(df.id).over()), AggregateError, "lag over a window without an"),
        (
            lambda df: df.select(n=F.stddev("id").over(order_by="id", rows=(None, -1))),
            UnsupportedFunctionError,
            "F.stddev on sqlite takes no frame that ends before the row",
        ),
        (
            lambda df: df.group_by("team").agg(n=F.sum("id").over(partition_by="team")),
            AggregateError,
            "'n' in agg is not an aggregate",
        ),
        *(
            (build, AggregateError, "a window stands in a window")
            for build in (
                lambda df: df.select(n=F.sum(F.row_number().over(order_by="id")).over()),
                lambda df: df.select(n=F.rank().over(order_by=F.sum("id").over())),
                lambda df: df.select(n=sa.func.sum(df.id).over(partition_by=F.ntile(2).over())),
            )
        ),
        (
            lambda df: df.select(n=F.sum(F.sum("id")).over()),
            AggregateError,
            "an aggregate stands in select",
        ),
    ],
)
def test_a_window_that_cannot_be_is_an_error_where_it_is_written(
    build: Callable[[DataFrame], Any], error: type[Exception], message: str
) -> None:
    """Before any SQL is sent, with the user's line."""
    df = _frame()

    with pytest.raises(error, match=message) as raised:
        build(df)

    assert "test_windows.py" in str(raised.value)


def test_values_in_a_frame_and_its_keys_keep_their_places(df: DataFrame) -> None:
    """Bound one by one: SQLAlchemy 1.4 counts them as they are rendered."""
    frame = F.sum(df.id * 10).over(partition_by=df.id % 4, order_by=df.id + 5, rows=(-2, 0))

    assert results(df, frame) == [10, 20, 30, 40, 60, 80, 100, 120]
