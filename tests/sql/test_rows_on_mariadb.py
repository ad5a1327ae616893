"""Changes by the rows of another table on MariaDB, which goes through a table for each row if it is let."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from pydbt.connections import engine_from
from pydbt.connections.words import HINTS, MARIADB
from pydbt.sql.dialects.mysql import COLLATION
from pydbt.sql.dml import ByRows, DeleteMatched, InsertUnmatched, UpdateFrom
from pydbt.sql.indexes import Index, Indexed
from pydbt.sql.materialize import publish
from pydbt.sql.mysql_rendering import KeyText
from pydbt.sql.statements import statements

_OLD, _NEW = 2000, 1000


@pytest.fixture(params=["BIGINT", f"VARCHAR({KeyText().length}) COLLATE {COLLATION}"], ids=["number", "text"])
def connection(mysql_url: str, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A table with one row for each number from 1, and one with every third; both as numbers or as text."""
    engine = sa.create_engine(mysql_url, future=True)
    with engine.begin() as made:
        for name, note, step, count in (("t", "old", 1, _OLD), ("rows", "new", 3, _NEW)):
            made.exec_driver_sql(
                f"CREATE TABLE `{name}` (n {request.param})"
                f" AS SELECT {step} * seq AS n, '{note}' AS note FROM seq_1_to_{count}"
            )
        yield made
    engine.dispose()


@pytest.mark.parametrize(
    ("way", "changed", "left"),
    [
        (DeleteMatched, (), [("old", _OLD - _OLD // 3)]),
        (UpdateFrom, ("note",), [("new", _OLD // 3), ("old", _OLD - _OLD // 3)]),
        (InsertUnmatched, (), [("new", _NEW - _OLD // 3), ("old", _OLD)]),
    ],
)
def test_each_table_is_read_a_few_times(
    connection: Connection, way: type[ByRows], changed: tuple[str, ...], left: list[tuple[str, int]]
) -> None:
    """Not one of them for each row of the other, which were two million."""
    change = way(
        sa.table("t"), sa.table("rows"), lambda old, new: old.c.n == new.c.n, ["n", "note"], changed, "n"
    )
    connection.exec_driver_sql("FLUSH STATUS")

    connection.execute(change)

    read = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'")
    assert sum(int(count) for _name, count in read) < 6 * (_OLD + _NEW)
    found = connection.exec_driver_sql("SELECT note, count(*) FROM t GROUP BY note ORDER BY note")
    assert [tuple(row) for row in found] == left


def test_text_in_a_key_is_as_long_as_it_says_and_never_cut(mysql_url: str) -> None:
    """Of the longest signs; one more is an error, and the table stays as it is."""
    engine = engine_from(mysql_url)
    most = KeyText().length or 0
    steps = Indexed(statements, (Index(("name",), is_unique=True),))
    publish(engine, sa.select(sa.literal("😀" * most).label("name")), "t", steps=steps)

    with pytest.raises(DBAPIError, match="Data too long") as raised:
        publish(engine, sa.select(sa.literal("😀" * (most + 1)).label("name")), "t", steps=steps)

    word = MARIADB[raised.value.orig.args[0]]  # type: ignore[union-attr]  # the driver's error has its number first
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT name FROM t").scalars().all()
    assert (found, f"{most} characters" in HINTS[word]) == (["😀" * most], True)
