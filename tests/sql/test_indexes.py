"""Indexes of published tables, on every database and in every way to publish: made with the rows, kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import RowKeyError
from pydbt.sql.indexes import Index, Indexed
from pydbt.sql.materialize import publish
from pydbt.sql.output import write
from pydbt.sql.publication import Steps
from pydbt.sql.session import Session
from pydbt.sql.snapshot import History, as_versions
from pydbt.sql.statements import statements
from tests.sql.test_materialize import one, rows, tables

RUNS_ON_MARIADB = True

_KEY = Index(("day",), is_unique=True, is_primary=True)
_DAY, _ID = Index(("day",), is_unique=False), Index(("id", "day"), is_unique=True)


def indexes(engine: Engine, table: str = "orders") -> set[tuple[tuple[str, ...], bool]]:
    with engine.connect() as connection:
        found = sa.inspect(connection).get_indexes(table)
    return {(tuple(str(name) for name in each["column_names"]), bool(each["unique"])) for each in found}


def put(
    engine: Engine, *days: str, wanted: tuple[Index, ...] = (_DAY, _ID), steps: Steps = statements, **how: Any
) -> None:
    select = sa.union_all(*(one(id=number, day=day) for number, day in enumerate(days)))
    publish(engine, select, "orders", steps=Indexed(steps, wanted), **how)


def test_a_table_has_its_indexes_after_each_rebuild(engine: Engine) -> None:
    """Whether it is new, replaced, or had others; no other is left, and no name is in the way."""
    for wanted in ((_DAY, _ID), (_DAY, _ID), (_ID,), (), (_DAY,)):
        put(engine, "mon", "tue", wanted=wanted)

        assert indexes(engine) == {(index.columns, index.is_unique) for index in wanted}
    assert tables(engine) == {"orders"}


def test_a_table_that_is_added_to_gets_what_is_new_and_loses_what_is_gone(engine: Engine) -> None:
    """Its own stay as they are, those that somebody else has made too."""
    put(engine, "mon", wanted=(_DAY,))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE INDEX by_hand ON orders (id)")

    put(engine, "tue", wanted=(_DAY, _ID), mode="append", inspect=lambda *_: None)
    assert indexes(engine) == {(("day",), False), (("id",), False), (("id", "day"), True)}
    put(engine, "sun", wanted=(_ID,), mode="append")

    assert indexes(engine) == {(("id",), False), (("id", "day"), True)}
    assert rows(engine, "orders", "day", "id") == [("mon", 0), ("sun", 0), ("tue", 0)]


def test_text_of_any_length_gets_an_index_later(engine: Engine) -> None:
    """Where the table was made without one, too."""
    put(engine, "mon", wanted=())

    put(engine, "tue", wanted=(_DAY,), mode="append")

    assert indexes(engine) == {(("day",), False)}


def test_rows_that_a_unique_index_refuses_are_not_published(engine: Engine) -> None:
    """The old table stays whole, with the indexes it had; the error shows the values; NULLs are no two."""
    put(engine, "mon", wanted=())
    unique = (Index(("day",), is_unique=True),)

    with pytest.raises(RowKeyError, match="2 rows have the same values in a unique index: day='tue'"):
        put(engine, "tue", "tue", wanted=unique)
    assert (rows(engine, "orders", "day"), indexes(engine), tables(engine)) == ([("mon",)], set(), {"orders"})

    nothing = sa.select(sa.literal(7).label("id"), sa.cast(sa.null(), sa.String(9)).label("day"))
    publish(engine, sa.union_all(nothing, nothing), "orders", steps=Indexed(statements, unique))
    assert rows(engine, "orders", "id") == [(7,), (7,)]


def test_rows_that_an_index_that_is_there_refuses_are_not_published(engine: Engine) -> None:
    """The database says which columns or values; nothing is written."""
    unique = (Index(("day",), is_unique=True),)
    put(engine, "mon", wanted=unique)

    with pytest.raises(DBAPIError, match="day"):
        put(engine, "tue", "mon", wanted=unique, mode="append")

    assert (rows(engine, "orders", "day"), tables(engine)) == ([("mon",)], {"orders"})


def test_a_history_has_indexes(engine: Engine) -> None:
    """From its first version on, and when its columns grow."""
    session, moment = Session(engine), dt.datetime(2026, 1, 1)  # noqa: DTZ001  as databases keep it
    for day, more in (("mon", {}), ("tue", {"size": 1})):
        frame = session.create_dataframe([{"id": 1, "day": day, **more}])
        how = History(("id",), ("day",), None, is_closing=True, moment=moment)
        steps = Indexed(how, (_DAY, Index(("valid_from",), is_unique=False)))
        write(as_versions(frame, None, moment), "orders", "append", "table", None, steps=steps)

        assert indexes(engine) == {(("day",), False), (("valid_from",), False)}
    assert rows(engine, "orders", "day", "size") == [("mon", None), ("tue", 1)]


def test_rows_that_are_replaced_in_place_keep_their_indexes(postgresql_url: str) -> None:
    """Where views stand on the table."""
    engine = engine_from(postgresql_url)
    put(engine, "mon", wanted=(_DAY,))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW days AS SELECT day FROM orders")

    put(engine, "tue", wanted=(_DAY, _ID))

    assert indexes(engine) == {(("day",), False), (("id", "day"), True)}
    assert rows(engine, "days", "day") == [("tue",)]
    dispose_all()


def test_rows_that_a_new_key_refuses_are_those_that_were_there_too(engine: Engine) -> None:
    """A NULL of an older run is told, and nothing is added."""
    nothing = sa.select(sa.literal(7).label("id"), sa.cast(sa.null(), sa.String(9)).label("day"))
    publish(engine, nothing, "orders")

    with pytest.raises(RowKeyError, match="NULL in its key: day=NULL"):
        put(engine, "mon", wanted=(_KEY,), mode="append")

    assert (rows(engine, "orders", "id"), tables(engine)) == ([(7,)], {"orders"})


def test_a_key_changes_where_the_table_stays(postgresql_url: str) -> None:
    """Under a view, beside a unique index on the same column, and where a foreign key points at it."""
    engine = engine_from(postgresql_url)
    put(engine, "mon", wanted=(_KEY,))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW days AS SELECT day FROM orders")
    for wanted in ((), (_KEY, Index(("day",), is_unique=True)), (_KEY,)):
        put(engine, "mon", "tue", wanted=wanted)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (day text REFERENCES orders (day))")

    put(engine, "sun", wanted=(_KEY,))

    with engine.connect() as connection:
        key = sa.inspect(connection).get_pk_constraint("orders")["constrained_columns"]
    assert (rows(engine, "days", "day"), indexes(engine), key) == ([("sun",)], set(), ["day"])
    dispose_all()


def test_names_are_as_long_as_any_database_keeps() -> None:
    """And two indexes whose names begin alike have two."""
    table, column = "é" * 60, "x" * 40
    one_name, other = (Index((column + end,), is_unique=False).name(table) for end in "ab")

    assert len(one_name.encode()) <= 63
    assert one_name != other
