"""Comments of tables, views and columns, on every database and in every way to publish."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import CommentError, InvalidNameError
from pydbt.sql.description import Described
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.materialize import publish
from pydbt.sql.publication import check_kept, check_name
from pydbt.sql.statements import statements
from tests.security.hostile import NAMES, TEXTS
from tests.sql.comments import comments
from tests.sql.test_materialize import one, rows, tables

DATABASES = ("duckdb", "postgresql", "mysql")


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Any:
    """PyDBT's engine on an empty database of each that has comments."""
    yield engine_from(request.getfixturevalue(f"{request.param}_url"))
    dispose_all()


def put(engine: Engine, comment: str | None, columns: dict[str, str], name: str = "t", **how: Any) -> None:
    publish(engine, one(n=1, m="a"), name, steps=Described(statements, comment, columns), **how)


def test_a_text_is_kept_as_it_is(engine: Engine) -> None:
    """Whatever SQL or a driver would make of it; MariaDB's characters beyond U+FFFF are refused, not lost."""
    text = "\n".join(each for each in TEXTS if "\0" not in each)
    text = text if engine.dialect.name != "mysql" else "".join(sign for sign in text if sign <= "\uffff")

    put(engine, text, {"n": text, "m": "%"}, 'a "table" of 100%')

    assert comments(engine, 'a "table" of 100%') == {None: text, "n": text, "m": "%"}


def test_a_column_is_named_as_it_is(engine: Engine) -> None:
    """Whatever SQL or a driver would make of its name."""
    dialect = dialect_of(engine)
    names = [each for each in NAMES if is_kept(each, dialect)]
    said = {name: f"of {name}" for name in names if max(name) <= "\uffff"}

    publish(engine, one(**dict.fromkeys(names, 1)), "t", steps=Described(statements, None, said))

    assert (comments(engine, "t"), len(said) > 30) == (said, True)


def is_kept(name: str, dialect: Dialect) -> bool:
    try:
        check_name(name, dialect)
        check_kept(((name, sa.Integer()),), dialect, "table")
    except InvalidNameError:
        return False
    return True


def test_what_is_not_said_stays_and_what_is_empty_goes(engine: Engine) -> None:
    """Of a table that rows are added to."""
    put(engine, "one", {"n": "first", "m": "second"})
    put(engine, None, {"m": "other"}, mode="append")
    first = comments(engine, "t")
    put(engine, "", {"n": ""}, mode="append")

    assert first == {None: "one", "n": "first", "m": "other"}
    assert (comments(engine, "t"), rows(engine, "t", "n")) == ({"m": "other"}, [(1,), (1,), (1,)])


def test_a_table_that_becomes_a_view_and_one_again(engine: Engine) -> None:
    """Each says what it is; MariaDB has none of views."""
    seen = []
    for kind in ("table", "view", "view", "table"):
        if kind == "table" or engine.dialect.name != "mysql":
            put(engine, f"a {kind}", {"n": kind}, kind=kind)
            seen.append(comments(engine, "t"))

    kinds = ("table", "table") if engine.dialect.name == "mysql" else ("table", "view", "view", "table")
    assert seen == [{None: f"a {kind}", "n": kind} for kind in kinds]


@pytest.mark.parametrize(
    ("comment", "columns", "told"),
    [
        ("x" * 2049, {}, "the comment has 2049 characters; mysql keeps 2048"),
        (None, {"n": "é" * 1025}, "the comment of the column 'n' has 1025 characters; mysql keeps 1024"),
        ("so 😀", {}, "the comment holds '😀', which mysql keeps in no comment"),
    ],
)
def test_what_mariadb_does_not_keep_is_told_before_anything_is_written(
    mysql_url: str, comment: str | None, columns: dict[str, str], told: str
) -> None:
    """It would refuse it when the rows are there, or keep a question mark; the longest it has are kept."""
    engine = engine_from(mysql_url)

    with pytest.raises(CommentError, match=told):
        put(engine, comment, columns)
    before = tables(engine)
    put(engine, "é" * 2048, {"n": "é" * 1024})

    assert (before, comments(engine, "t")) == (set(), {None: "é" * 2048, "n": "é" * 1024})
    dispose_all()


def test_mariadb_keeps_what_a_column_is_beside_its_comment(mysql_url: str) -> None:
    """Its type, its collation, whether it may be NULL, its default, its condition."""
    engine = engine_from(mysql_url)
    definition = r"""CREATE TABLE t (n int(11) NOT NULL DEFAULT 7 COMMENT 'old' CHECK (n > 0),
        m varchar(9) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'it''s \\ %s',
        d decimal(9,2) DEFAULT (n + 1), at timestamp(3) DEFAULT current_timestamp(3)
        ON UPDATE current_timestamp(3) INVISIBLE, twice int(11) GENERATED ALWAYS AS (n * 2) STORED)"""
    said = {"n": "new", "M": "more", "d": "sum", "at": "when", "twice": "double"}
    with engine.connect() as connection:
        connection.exec_driver_sql(definition, execution_options={"no_parameters": True})

    before = shown(engine)
    publish(engine, one(n=1), "t", mode="append", steps=Described(lambda *_: (), None, said))
    after = shown(engine)

    for text in said.values():
        after = after.replace(f" COMMENT '{text}'", "")
    assert after == before.replace(" COMMENT 'old'", "")
    dispose_all()


def test_mariadb_alters_no_table_that_says_it_already(mysql_url: str) -> None:
    """ALTER TABLE would wait for the end of all that read it."""
    engine = engine_from(mysql_url)
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *called: sent.append(called[2][:11]))

    for _ in range(2):
        put(engine, "one", {"n": "it's"}, mode="append")

    assert sent.count("ALTER TABLE") == 2  # The comments, and the new table's name.
    dispose_all()


def shown(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("SHOW CREATE TABLE t").fetchall()[0][1])


def test_a_view_that_others_stand_on_says_what_it_is(postgresql_url: str) -> None:
    """It is replaced as it stands there, new columns at its end."""
    engine = engine_from(postgresql_url)
    put(engine, "one", {"n": "first"}, kind="view")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW above AS SELECT n FROM t")

    select = sa.select(*one(n=2, m="a").selected_columns, sa.literal(3).label("more"))
    publish(engine, select, "t", kind="view", steps=Described(statements, "two", {"more": "third"}))

    assert comments(engine, "t") == {None: "two", "n": "first", "more": "third"}
    assert rows(engine, "above", "n") == [(2,)]
    dispose_all()
