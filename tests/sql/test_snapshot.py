"""Snapshots, on every database: the versions that rows have had, against a model of them in Python."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import NotATableError, RowKeyError, UnmatchedColumnsError
from pydbt.sql.inspection import Rows
from pydbt.sql.output import write
from pydbt.sql.session import Session
from pydbt.sql.snapshot import History, as_versions
from tests.sql.test_materialize import tables

RUNS_ON_MARIADB = True
# SQLAlchemy 1.4 says so for each decimal that SQLite gives.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

_KEY = ("id", "land")
_TYPES = {
    "id": sa.Integer(),
    "land": sa.String(9),
    "name": sa.String(9),
    "amount": sa.Numeric(10, 2),
    "at": sa.DateTime(),
}
_START = dt.datetime(2026, 1, 1)  # noqa: DTZ001  as databases keep it
_SEEDS, _RUNS = (1,), 6

Row = tuple[Any, ...]


def history(moment: dt.datetime, **options: Any) -> History:
    given = {"key": ("id",), "compared": ("name",), "updated_at": None, "is_closing": True, **options}
    return History(moment=moment, **given)


def publish(engine: Engine, rows: Sequence[Row], how: History, types: dict[str, Any] = _TYPES) -> int | None:
    frame = Session(engine).create_dataframe(rows, schema=types)
    versions = as_versions(frame, how.updated_at, how.moment)
    return write(versions, "versions", "append", "table", None, steps=how)


def published(engine: Engine) -> list[Row]:
    return ordered(map(tuple, Session(engine).table("versions").collect()))


def ordered(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [(value is None, value) for value in row])


class Model:
    """What a history is, said once more: every version in a list, looked at one by one."""

    def __init__(self) -> None:
        self.versions: list[list[Any]] = []

    def see(self, rows: Sequence[Row], how: History) -> int:
        names = list(_TYPES)
        compared = [names.index(name) for name in how.compared]
        added = 0
        for row in rows:
            of_key = [version for version in self.versions if version[:2] == list(row[:2])]
            current = next((version for version in of_key if version[-1] is None), None)
            begins = row[4] if how.updated_at else how.moment
            if current is not None:
                is_later = how.updated_at is not None and row[4] > current[4]
                if not is_later and not any(current[place] != row[place] for place in compared):
                    continue
                begins = current[-1] = max(begins, current[-2])
            elif of_key:
                begins = max(how.moment, *(version[-1] for version in of_key))
            self.versions.append([*row, begins, None])
            added += 1
        keys = {row[:2] for row in rows}
        for version in self.versions:
            if how.is_closing and version[-1] is None and tuple(version[:2]) not in keys:
                version[-1] = max(how.moment, version[-2])
        return added

    @property
    def rows(self) -> list[Row]:
        return ordered(map(tuple, self.versions))


def changed(rng: random.Random, rows: dict[Row, Row], moment: dt.datetime) -> dict[Row, Row]:
    """The rows a moment later: some new, some gone or back, some other than they were."""
    after = {key: row for key, row in rows.items() if rng.random() < 0.8}
    for _ in range(rng.randint(0, 6)):
        key = (rng.randint(1, 5), rng.choice(["a", "A", "é"]))
        name, amount = (
            rng.choice([None, "x", "X", "x "]),
            rng.choice([None, Decimal("1.50"), Decimal("2.00")]),
        )
        # Some were changed long ago, some will have been.
        at = moment + dt.timedelta(minutes=rng.choice([-600, 0, 0, 0, 90]), microseconds=rng.randint(0, 9))
        after[key] = (*key, name, amount, at)
    return after


_WAYS: dict[str, dict[str, Any]] = {
    "all": {"compared": ("name", "amount", "at")},
    "some": {"compared": ("name", "amount"), "is_closing": False},
    "updated_at": {"compared": (), "updated_at": "at"},
    "updated_at, kept": {"compared": (), "updated_at": "at", "is_closing": False},
}


@pytest.mark.parametrize("way", _WAYS)
def test_versions_are_what_a_model_says(engine: Engine, way: str) -> None:
    """New rows, changes, deletes, returns, NULLs, clocks that jump back; what has ended stays as it is."""
    for seed in _SEEDS:
        rng, model, moment = random.Random(f"{way} {seed}"), Model(), _START
        rows: dict[Row, Row] = {}
        before: list[Row] = []
        for _ in range(_RUNS):
            moment += dt.timedelta(hours=rng.choice([1, 1, 1, 0, -2]), microseconds=rng.randint(0, 999_999))
            rows = changed(rng, rows, moment) or rows
            how = history(moment, key=_KEY, **_WAYS[way])
            added = model.see([*rows.values()], how)

            assert publish(engine, [*rows.values()], how) == added, f"seed {seed}"
            after = published(engine)
            assert after == model.rows, f"seed {seed}"
            assert {row for row in before if row[-1] is not None} <= set(after)
            assert {row[:-1] for row in before} <= {row[:-1] for row in after}
            assert all(row[-1] is None or row[-2] <= row[-1] for row in after)
            before = after
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE versions")


_OLD, _NEW = (1, "a", "x", Decimal("1.50"), _START), (1, "a", "y", Decimal("1.50"), _START)
_LATER = _START + dt.timedelta(days=1)


def test_rows_that_are_as_they_were_change_nothing(engine: Engine) -> None:
    """Nothing is added, and nothing ends."""
    publish(engine, [_OLD], history(_START))

    assert publish(engine, [_OLD], history(_LATER)) == 0
    assert published(engine) == [(*_OLD, _START, None)]


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ([_NEW, (None, "b", "y", None, _START)], {}, "a new row has NULL in its key: id=NULL"),
        ([_NEW, _NEW], {}, "2 new rows have the same key: id=1"),
        (
            [(1, "b", "y", None, None)],
            {"updated_at": "at", "compared": ()},
            "a new row does not say when it changed: id=1, at=NULL",
        ),
    ],
)
def test_rows_without_a_key_or_a_moment_are_refused(
    engine: Engine, rows: list[Row], options: dict[str, Any], told: str
) -> None:
    """With the first of them; the table is as it was, the first time there is none."""
    with pytest.raises(RowKeyError, match=re.escape(told)):
        publish(engine, rows, history(_START, **options))
    assert not Session(engine).has_table("versions")
    publish(engine, [_OLD], history(_START, **options))

    with pytest.raises(RowKeyError, match=re.escape(told)):
        publish(engine, rows, history(_LATER, **options))
    assert published(engine) == [(*_OLD, _START, None)]
    assert tables(engine) == {"versions"}


def test_a_query_may_gain_and_lose_columns(engine: Engine) -> None:
    """The history has NULL in what is new, new versions in what is gone; a value that was not is a change."""
    publish(engine, [_OLD, (2, *_OLD[1:])], history(_START))
    types = {"id": sa.Integer(), "land": sa.String(9), "name": sa.String(9), "size": sa.DateTime()}

    publish(engine, [(1, "a", "x", _LATER), (2, "a", "x", None)], history(_LATER, compared=("size",)), types)

    assert Session(engine).table("versions").columns[:-1] == [*_TYPES, "valid_from", "valid_to"]
    assert published(engine) == ordered(
        [
            (*_OLD, _START, _LATER, None),
            (2, *_OLD[1:], _START, None, None),
            (1, "a", "x", None, None, _LATER, None, _LATER),
        ]
    )


@pytest.mark.parametrize(
    ("column", "kind", "value"),
    [
        ("id", sa.Float(), 1.5),
        ("name", sa.Date(), dt.date(2026, 1, 1)),
        ("amount", sa.Numeric(12, 4), Decimal("1.2345")),
    ],
)
def test_values_of_another_kind_are_refused(engine: Engine, column: str, kind: Any, value: Any) -> None:
    """A database would round them, or write them as text, without a word."""
    publish(engine, [_OLD], history(_START))
    row = [value if name == column else old for name, old in zip(_TYPES, _OLD, strict=True)]

    with pytest.raises(UnmatchedColumnsError, match=f"the column {column!r} of table 'versions' is "):
        publish(engine, [tuple(row)], history(_LATER), {**_TYPES, column: kind})

    assert published(engine) == [(*_OLD, _START, None)]


def test_a_value_that_the_table_rounds_is_no_change_each_time(engine: Engine) -> None:
    """What is compared is what would be stored."""
    publish(engine, [_OLD], history(_START))
    types = {**_TYPES, "amount": sa.Numeric()}
    how = history(_LATER, compared=("amount",))

    publish(engine, [(*_OLD[:3], Decimal("2.25"), _START)], how, types)

    assert publish(engine, [(*_OLD[:3], Decimal("2.25"), _START)], how, types) == 0


@pytest.mark.parametrize(("kind", "error"), [("view", NotATableError), ("table", UnmatchedColumnsError)])
def test_what_is_no_history_is_left_alone(engine: Engine, kind: str, error: type[Exception]) -> None:
    """A view, or a table that something else has made."""
    frame = Session(engine).create_dataframe([_OLD], schema=_TYPES)
    write(frame, "versions", "overwrite", kind, None)

    with pytest.raises(error, match="versions"):
        publish(engine, [_NEW], history(_LATER))

    assert published(engine) == [_OLD]


def test_the_whole_history_is_inspected_before_it_is_there(engine: Engine) -> None:
    """What refuses it sees old and new versions; the old ones are as they were."""
    publish(engine, [_OLD], history(_START))
    seen: list[list[Row]] = []

    def refuse(rows: Rows) -> None:
        seen.append(ordered(map(tuple, rows.collect(rows.frame.select("name", "valid_to")))))
        msg = "no"
        raise ValueError(msg)

    versions = as_versions(Session(engine).create_dataframe([_NEW], schema=_TYPES), None, _LATER)
    with pytest.raises(ValueError, match="no"):
        write(versions, "versions", "append", "table", None, refuse, history(_LATER))

    assert seen == [[("x", _LATER), ("y", None)]]
    assert published(engine) == [(*_OLD, _START, None)]


def test_days_and_moments_with_a_zone_say_since_when(engine: Engine) -> None:
    """A day begins at midnight; where there are zones, a moment is told at UTC."""
    day, moment = dt.date(2026, 1, 2), dt.datetime.fromisoformat("2026-01-02T03:00+02:00")
    rows = [(1, day, moment)]
    is_zoned = engine.dialect.name in {"postgresql", "duckdb"}
    types = {"id": sa.Integer(), "day": sa.Date(), "moment": sa.DateTime(timezone=is_zoned)}
    given = rows if is_zoned else [(1, day, dt.datetime.fromisoformat("2026-01-02T01:00"))]

    for column, since in (("day", "2026-01-02"), ("moment", "2026-01-02T01:00")):
        publish(engine, given, history(_START, compared=(), updated_at=column), types)
        assert published(engine)[0][-2] == dt.datetime.fromisoformat(since)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE versions")


def test_json_of_postgresql_is_compared(postgresql_url: str) -> None:
    """Though its type has no equality."""
    engine = engine_from(postgresql_url)
    session = Session(engine)
    for moment, text in ((_START, "{}"), (_LATER, "{}"), (_LATER, "[]")):
        rows = session.sql("SELECT 1 AS id, CAST(:text AS json) AS name", text=text)
        write(as_versions(rows, None, moment), "versions", "append", "table", None, steps=history(moment))

    assert [row.name for row in session.table("versions").order_by("valid_from").collect()] == [{}, []]
    dispose_all()
