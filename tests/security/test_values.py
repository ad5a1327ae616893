"""Hostile values: each comes back as it was given, wherever a value may stand, or is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import Engine

from pydbt import F
from pydbt.checks import accepted_values
from pydbt.errors import PyDBTError
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.security.hostile import TEXTS, like_pattern

RUNS_ON_MARIADB = True
_LARGE = "0123456789abcde'" * 65_536  # 1 MB.


@pytest.fixture
def session(engine: Engine) -> Session:
    """A session on a database with a canary."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE canary (n INTEGER)")
    return Session(engine)


@pytest.fixture
def table(session: Session) -> DataFrame:
    """A table of all texts, each with its number."""
    session.create_dataframe([*enumerate(TEXTS)], schema=["k", "t"]).write("texts")
    return session.table("texts")


def numbers(frame: DataFrame) -> list[int]:
    return sorted(row.k for row in frame.collect())


def test_values_in_conditions_are_values(table: DataFrame) -> None:
    """In where, isin, like with an escape, starts_with, when: exactly the row with the text is found."""
    ways: dict[str, Any] = {
        "==": lambda text: table.where(table.t == text),
        "isin": lambda text: table.where(table.t.isin([text, "no such text"])),
        "not in": lambda text: table.where(~table.t.isin([other for other in TEXTS if other != text])),
        "like": lambda text: table.where(table.t.like(like_pattern(text), escape="~")),
        "when": lambda text: table.where(F.when(table.t == text, "yes").otherwise("no") == "yes"),
    }

    missed = {
        (way, text): found
        for way, rows_of in ways.items()
        for number, text in enumerate(TEXTS)
        if (found := numbers(rows_of(text))) != [number]
    }

    assert missed == {}


@pytest.mark.parametrize("kind", ["table", "view"])
def test_values_are_published_as_they_are(session: Session, kind: Any) -> None:
    """As columns of a table and as the literals of a view; what was there stays."""
    frame = session.range(1)
    for number, text in enumerate(TEXTS):
        frame = frame.with_column(f"c{number}", F.lit(text))
    frame = frame.with_column("picked", F.when(frame.id == 0, TEXTS[1]).otherwise(TEXTS[0]))
    frame.write("published", as_=kind)
    catalog_of(session.engine).forget()

    assert session.table("published").collect() == [(0, *TEXTS, TEXTS[1])]
    assert "canary" in catalog_of(session.engine).tables(None)


def test_a_check_takes_any_values(table: DataFrame) -> None:
    """accepted_values compares with each as it is."""
    some = accepted_values("t", TEXTS[:-2])
    every = accepted_values("t", TEXTS)

    failing = [table.where(check.fails(table)).collect() for check in (some, every)]

    assert [len(rows) for rows in failing] == [2, 0]


@pytest.mark.parametrize("kind", ["table", "view"])
def test_a_megabyte_of_text_is_a_value(session: Session, kind: Any) -> None:
    """Bound, and written into a view."""
    frame = session.range(1).with_column("large", F.lit(_LARGE))
    frame.write("large", as_=kind)
    catalog_of(session.engine).forget()
    there = session.table("large")

    assert there.where(there.large == _LARGE).collect() == [(0, _LARGE)]


@pytest.mark.parametrize("text", ["half \ud83d", "\udc80\ud83d"], ids=ascii)
def test_half_a_character_is_refused(session: Session, table: DataFrame, text: str) -> None:
    """An invalid UTF-16 can be sent to no database: an error at the user's line, wherever it stands."""
    ways = [
        lambda: table.where(table.t == text).collect(),
        lambda: table.where(table.t.isin([text])).collect(),
        lambda: table.with_column("x", F.lit(text)).collect(),
        lambda: table.where(table.t.like(text)).collect(),
        lambda: table.with_column("x", F.lit(text)).write("never"),
        lambda: table.with_column("x", F.lit(text)).write("never", as_="view"),
        lambda: session.create_dataframe([(text,)], schema=["x"]).collect(),
        lambda: session.sql("SELECT :x AS x", x=text).collect(),
    ]

    told = [_error_of(way) for way in ways]

    assert [type(error) for error in told if not isinstance(error, PyDBTError)] == []
    assert "never" not in catalog_of(session.engine).tables(None)


def _error_of(way: Any) -> BaseException | None:
    try:
        way()
    except Exception as error:  # noqa: BLE001  each is looked at
        return error
    return None
