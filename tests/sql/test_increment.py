"""Adding to a table by the rows of another, and to odd tables: names, texts, older servers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import NotATableError, TableMovedError, UnmatchedColumnsError
from pydbt.sql.increment import Increment, Strategy
from pydbt.sql.session import Session
from pydbt.sql.standing import add

RUNS_ON_MARIADB = True

_KEY = 'the "key"'
_STRATEGIES: tuple[Strategy, ...] = ("merge", "delete_insert")
_TABLE = [("a", 1, "old"), ("A", 2, "old"), ("a ", 3, "old")]
_ROWS = [("a", 1, "new"), ("b", 1, "new")]


def given(session: Session, rows: list[tuple[object, ...]], *names: str) -> None:
    """The table `target`, with these rows."""
    session.create_dataframe(rows, schema=list(names)).write("order")


def rows_of(session: Session) -> list[tuple[object, ...]]:
    return sorted(map(tuple, session.table("order").collect()), key=str)


@pytest.mark.parametrize("strategy", _STRATEGIES)
def test_keys_are_told_apart_by_code_point_and_names_are_quoted(engine: Engine, strategy: Strategy) -> None:
    """A key of two columns, one of text: neither case nor a blank at its end is another's."""
    session = Session(engine)
    given(session, [*_TABLE], _KEY, "n", "%(x)s")
    new = session.create_dataframe([*_ROWS], schema=[_KEY, "n", "%(x)s"])

    count = add(new, "order", None, Increment(strategy, (_KEY, "n")), None)

    assert count == len(_ROWS)
    assert rows_of(session) == sorted([*_TABLE[1:], *_ROWS], key=str)


def test_postgresql_before_15_merges_in_one_statement(postgresql_url: str) -> None:
    """It has no MERGE: an UPDATE and an INSERT see the same rows."""
    engine = sa.create_engine(postgresql_url, future=True)
    session = Session(engine)
    given(session, [("a", 1), ("b", 2)], "key", "n")
    engine.dialect.server_version_info = (14, 2)
    statements: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    add(
        session.create_dataframe([("a", 5), ("c", 3)], schema=["key", "n"]),
        "order",
        None,
        Increment("merge", ("key",)),
        None,
    )
    add(
        session.create_dataframe([("c",), ("d",)], schema=["key"]),
        "order",
        None,
        Increment("merge", ("key",), on_schema_change="append"),
        None,
    )

    assert rows_of(session) == [("a", 5), ("b", 2), ("c", 3), ("d", None)]
    assert [each[:12] for each in statements if "changed" in each] == ["WITH changed"]
    assert not [each for each in statements if each.startswith("MERGE")]
    engine.dispose()


def test_what_is_no_table_or_was_none_is_refused(engine: Engine) -> None:
    """A view; a table that has come since the query was made; a column whose type would round."""
    session = Session(engine)
    given(session, [("a", 1)], "key", "n")
    session.table("order").write("seen", as_="view")
    new = session.create_dataframe([("a", 1.5)], schema=["key", "n"])
    told = []

    for name, increment in (
        ("seen", Increment("append")),
        ("order", Increment("append", is_first=True)),
        ("order", Increment("append")),
    ):
        with pytest.raises((NotATableError, TableMovedError, UnmatchedColumnsError)) as caught:
            add(new, name, None, increment, None)
        told.append(caught.value.what)

    assert told == [
        "view 'seen' cannot be added to",
        "another run has changed 'order' while this one was at it",
        "the column 'n' of table 'order' is a whole number, and of its query a float",
    ]
    assert rows_of(session) == [("a", 1)]
