"""asof_join: the nearest row of the other side, the same one on every database."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt import errors
from pydbt.sql.session import Session
from tests.sql.frames import frame, sql

START = dt.datetime(2024, 2, 28, 23, 59, 59, 999_990)  # noqa: DTZ001  databases keep moments without a zone
Row = tuple[Any, ...]


def moment(steps: int | None) -> dt.datetime | None:
    return None if steps is None else START + dt.timedelta(microseconds=steps)


def rows(rng: random.Random, count: int) -> list[Row]:
    """An id, a key, a number with ties and NULLs, a moment, a day."""
    made: list[Row] = []
    for number in range(count):
        at = rng.choice([None, *range(12), *range(12)])
        day = None if at is None else dt.date(2024, 2, 20) + dt.timedelta(days=at)
        made.append((number, rng.choice([None, "a", "b", "é"]), at, moment(at), day))
    return made


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = sa.create_engine(database_url, future=True)
    metadata = sa.MetaData()
    types: list[Any] = [sa.Integer, sa.String, sa.Integer, sa.DateTime, sa.Date]
    rng = random.Random(3)
    for name in ("orders", "prices"):
        names = ["id", "k", "n", "at", "day"]
        table = sa.Table(name, metadata, *map(sa.Column, names, types))
        table.create(engine)
        with engine.begin() as connection:
            connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows(rng, 25)])
    yield Session(engine)
    engine.dispose()


COLUMN = {"n": 2, "at": 3, "day": 4}
STEP: dict[str, Any] = {"n": 1, "at": dt.timedelta(microseconds=1), "day": dt.timedelta(days=1)}


def nearest(
    left: list[Any], right: list[Any], on: str, direction: str, steps: int | None, *, by: bool
) -> list[Row]:
    """By Python: each left id with the id of its match."""
    position = COLUMN[on]
    found: list[Row] = []
    for row in left:
        near = []
        for other in right:
            if row[position] is None or other[position] is None:
                continue
            if by and (row[1] is None or row[1] != other[1]):
                continue
            ahead = (row[position] - other[position]) / STEP[on]
            if (ahead < 0 and direction == "backward") or (ahead > 0 and direction == "forward"):
                continue
            if steps is not None and abs(ahead) > steps:
                continue
            near.append((abs(ahead), ahead < 0, other[0]))
        found.append((row[0], min(near)[2] if near else None))
    return found


@pytest.mark.parametrize("direction", ["backward", "forward", "nearest"])
def test_matches_are_those_of_python(session: Session, direction: str) -> None:
    """With ties, NULLs, keys and tolerances, by numbers, moments and days."""
    orders, prices = session.table("orders"), session.table("prices")
    left, right = ([tuple(row) for row in each.order_by("id").collect()] for each in (orders, prices))
    for on in COLUMN:
        for by in (None, "k"):
            for steps in (None, 0, 2):
                tolerance = None if steps is None else steps * STEP[on]
                made = orders.asof_join(prices, on, by, direction, tolerance)
                found = made.order_by("id").select("id", "id_right").collect()
                expected = nearest(left, right, on, direction, steps, by=by is not None)
                assert [tuple(row) for row in found] == expected, (on, by, steps)


def test_all_columns_come_out(session: Session) -> None:
    """Those of the left side, then those of the right; keys once."""
    orders, prices = session.table("orders"), session.table("prices").select("k", "at", price="n")
    made = orders.select("id", "k", "at").asof_join(prices, "at", by="k")
    assert made.columns == ["id", "k", "at", "at_right", "price"]
    named = prices.rename({"at": "moment"})
    other = orders.asof_join(named, on=("at", named.moment), by=["k"])
    assert other.columns == ["id", "k", "n", "at", "day", "moment", "price"]
    assert other.count() == 25


def test_verbs_go_on_above_and_below(session: Session) -> None:
    """It joins filtered, limited and computed frames, itself, and is filtered, grouped and joined."""
    orders, prices = session.table("orders"), session.table("prices")
    late = prices.where(prices.n > 5).select(n=prices.n + 1, price="id")
    made = orders.order_by("id").limit(10).asof_join(late, "n", tolerance=3)
    assert made.count() == 10
    assert made.where(made.price.is_not_null(), made.n < 7).count() == 0
    before = orders.where(orders.n > 0).asof_join(orders.select(n=orders.n + 1, last="id"), "n")
    assert before.where(before.n_right > before.n).count() == 0
    assert before.select("last").distinct().join(prices, before.last == prices.id).count() > 0
    same = orders.asof_join(orders, "n", by="id")
    assert same.where(same.n_right.is_not_distinct_from(same.n)).count() == 25
    assert sum(row.n for row in made.group_by("price").agg(n=sa.func.count()).collect()) == 10


def test_ties_are_decided_by_the_other_columns_in_their_order(session: Session) -> None:
    """NULLs last; whichever columns are selected later."""
    prices = session.table("prices").where(sa.literal(value=True))
    twice = prices.select("n", "k", "id").union_all(prices.select("n", "k", id=prices.id - 100))
    made = session.table("orders").asof_join(twice.select("n", other="id"), "n")
    lowest = made.where(made.other >= 0).count()
    assert lowest == 0


def test_the_sql_is_native_on_duckdb() -> None:
    """Elsewhere every join is one of equality."""
    left, right = frame().select("id", "k"), frame("u").select("k", "price")
    made = left.asof_join(right, "k")
    assert sql(made, "duckdb").endswith(
        "SELECT t.id, t.k, u_windowed_filtered.k AS k_right, u_windowed_filtered.price "
        "FROM t ASOF LEFT JOIN u_windowed_filtered ON t.k >= u_windowed_filtered.k"
    )
    elsewhere = sql(made)
    assert "ASOF" not in elsewhere
    assert ">=" not in elsewhere
    assert repr(made).startswith("<DataFrame t.select('id', 'k').asof_join('k', 'backward')")


LEFT: Any = frame()
RIGHT: Any = frame("u")
MISTAKES: list[tuple[str, Any, type[errors.PyDBTError], str]] = [
    ("direction", lambda: LEFT.asof_join(RIGHT, "k", direction="backwards"), errors.JoinError, "'backward'"),
    ("on text", lambda: LEFT.asof_join(RIGHT, "s"), errors.TypeMismatchError, "numbers, dates"),
    ("on nothing", lambda: LEFT.asof_join(RIGHT, None), errors.ColumnArgumentError, "name"),
    ("on three", lambda: LEFT.asof_join(RIGHT, ["id", "k", "s"]), errors.JoinError, "a pair"),
    ("on an unknown name", lambda: LEFT.asof_join(RIGHT, "kk"), errors.ColumnNotFoundError, "'k'"),
    ("on other types", lambda: LEFT.asof_join(RIGHT, ("k", "day")), errors.TypeMismatchError, "cast"),
    ("by a condition", lambda: LEFT.asof_join(RIGHT, "k", LEFT.id == RIGHT.id), errors.JoinError, "by=["),
    ("by an unknown name", lambda: LEFT.asof_join(RIGHT, "k", "idd"), errors.ColumnNotFoundError, "'id'"),
    (
        "a number of days",
        lambda: LEFT.asof_join(RIGHT, "day", tolerance=3),
        errors.TypeMismatchError,
        "timedelta",
    ),
    (
        "text for a distance",
        lambda: LEFT.asof_join(RIGHT, "k", tolerance="3"),
        errors.TypeMismatchError,
        "=5",
    ),
    ("below zero", lambda: LEFT.asof_join(RIGHT, "k", tolerance=-1), errors.JoinError, "distance"),
    ("with a table", lambda: LEFT.asof_join(sa.table("u"), "k"), errors.ColumnArgumentError, "DataFrame("),
]


@pytest.mark.parametrize(
    ("mistake", "kind", "hint"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_with_an_asof_join_ends_at_the_users_line(
    mistake: Any, kind: type[errors.PyDBTError], hint: str
) -> None:
    """With what to do."""
    with pytest.raises(errors.PyDBTError) as raised:
        mistake()
    assert type(raised.value) is kind
    assert hint in raised.value.hint
    line = mistake.__code__.co_firstlineno
    assert str(raised.value.where) == f"{Path(__file__).relative_to(Path.cwd())}:{line}"
