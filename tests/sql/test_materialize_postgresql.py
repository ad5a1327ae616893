"""What is PostgreSQL's alone: views that follow the old table, and many sessions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.errors import DependentObjectsError, NotATableError
from pydbt.sql.increment import Increment
from pydbt.sql.materialize import publish, statements
from pydbt.sql.publication import Kind
from tests.sql.test_materialize import one, rows, tables


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """PyDBT's engine on an empty PostgreSQL database."""
    yield engine_from(postgresql_url)
    dispose_all()


def run(engine: Engine, *statements: str) -> list[Any]:
    """Run statements in one transaction, and give the last one's rows."""
    with engine.begin() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
        return list(result) if result.returns_rows else []


def oid(engine: Engine) -> Any:
    """Which table it is."""
    return run(engine, "SELECT 't'::regclass::oid::int")[0][0]


def test_a_table_nobody_stands_on_is_swapped(engine: Engine) -> None:
    """The new table takes the old one's name; the lock on readers is held for a rename only."""
    publish(engine, one(n=1), "t")
    before = oid(engine)
    publish(engine, one(n=2), "t")

    assert (oid(engine) != before, rows(engine, "t")) == (True, [(2,)])


@pytest.mark.parametrize(
    "dependent",
    [
        "CREATE VIEW v AS SELECT n FROM t",
        "CREATE MATERIALIZED VIEW v AS SELECT n FROM t",
        "ALTER TABLE t ADD PRIMARY KEY (n);CREATE TABLE c (n int REFERENCES t INITIALLY DEFERRED)",
        "CREATE TABLE child () INHERITS (t)",
        "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t'",
    ],
)
def test_a_table_others_stand_on_keeps_its_identity(engine: Engine, dependent: str) -> None:
    """Its rows are replaced in one transaction instead; what stands on it stays."""
    publish(engine, one(n=1, m="a"), "t")
    run(engine, *dependent.split(";"))
    before = oid(engine)

    assert publish(engine, one(m="b", n=2), "t") == 1
    assert (oid(engine) == before, rows(engine, "t", "n", "m")) == (True, [(2, "b")])


def test_a_key_of_its_own_is_not_in_the_way(engine: Engine) -> None:
    """A table that refers only to itself is swapped like any other."""
    publish(engine, one(n=1, parent=1), "t")
    run(engine, "ALTER TABLE t ADD PRIMARY KEY (n)", "ALTER TABLE t ADD FOREIGN KEY (parent) REFERENCES t")
    before = oid(engine)
    publish(engine, one(n=2, parent=2), "t")

    assert oid(engine) != before


def test_other_columns_under_a_view_are_refused(engine: Engine) -> None:
    """The error names both lists; the table stays as it was."""
    publish(engine, one(n=1), "t")
    run(engine, "CREATE VIEW v AS SELECT n FROM t")

    with pytest.raises(DependentObjectsError, match="would change from n to m"):
        publish(engine, one(m=1), "t")

    assert (rows(engine, "v"), tables(engine)) == ([(1,)], {"t", "v"})


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("1", "1.5::float8", "a whole number, of its query a float"),
        ("1", "1.5", "a whole number, of its query a decimal"),
        ("1", "'x'", "a whole number, of its query text"),
        ("1.5::numeric(4, 1)", "1.25", "a decimal with 1 digits after the point, of its query a decimal"),
        ("1.5::real", "1.3::float8", "REAL(), of its query DOUBLE_PRECISION()"),
        ("1.5::float8", "9007199254740993", "a float, of its query a whole number"),
        ("date '2026-01-02'", "timestamp '2026-01-02 10:30'", "a date, of its query a date with time"),
        ("now()::timestamp", "now()", "TIMESTAMP(), of its query TIMESTAMP(timezone=True)"),
        ("'{1}'::int[]", "'{1.5}'::float8[]", "ARRAY(INTEGER()), of its query ARRAY(DOUBLE_PRECISION())"),
    ],
)
def test_values_that_would_change_under_a_view_are_refused(
    engine: Engine, column: str, value: str, told: str
) -> None:
    """Rounded, cut, or moved to another zone: by the types of the rows, whatever SQLAlchemy knows."""
    run(engine, f"CREATE TABLE t AS SELECT {column} AS n", "CREATE VIEW v AS SELECT n FROM t")
    before = rows(engine, "v")

    with pytest.raises(DependentObjectsError) as caught:
        publish(engine, sa.select(sa.literal_column(value).label("n")), "t")

    assert caught.value.what == f"other objects stand on table 't', and its column 'n' is {told}"
    assert (rows(engine, "v"), tables(engine)) == (before, {"t", "v"})


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("1::bigint", "2::smallint", 2),
        ("1.5::numeric(6, 2)", "2.5::numeric(4, 1)", Decimal("2.50")),
        ("1.5::numeric", "7", 7),
        ("1.5::float8", "2.5::real", 2.5),
        ("'a'::text", "'b'::varchar(3)", "b"),
    ],
)
def test_values_that_a_column_keeps_go_into_it_under_a_view(
    engine: Engine, column: str, value: str, kept: object
) -> None:
    """A wider column takes what is narrower."""
    run(engine, f"CREATE TABLE t AS SELECT {column} AS n", "CREATE VIEW v AS SELECT n FROM t")

    publish(engine, sa.select(sa.literal_column(value).label("n")), "t")

    assert rows(engine, "v") == [(kept,)]


def test_decimals_that_were_calculated_go_where_their_digits_fit(engine: Engine) -> None:
    """PostgreSQL tells no digits of a product; PyDBT knows them, the first time and each further one."""
    run(engine, "CREATE TABLE t AS SELECT 1.5::numeric(4, 1) AS n", "CREATE VIEW v AS SELECT n FROM t")
    doubled = sa.type_coerce(sa.literal_column("1.5::numeric(4, 1) * 2"), sa.Numeric(8, 2))
    select = sa.select(sa.literal_column("2.5", sa.Numeric(4, 1)).label("n"), doubled.label("m"))

    publish(engine, select, "t")
    publish(engine, select, "t")

    assert rows(engine, "t", "n", "m") == [(Decimal("2.5"), Decimal("3.00"))]


def test_rows_that_others_refer_to_are_not_replaced(engine: Engine) -> None:
    """A foreign key is told as what it is; the rows stay."""
    publish(engine, one(n=1), "t")
    run(engine, "ALTER TABLE t ADD PRIMARY KEY (n)", "CREATE TABLE c AS SELECT n FROM t")
    run(engine, "ALTER TABLE c ADD FOREIGN KEY (n) REFERENCES t")

    with pytest.raises(DependentObjectsError, match="rows of other tables refer to rows of table 't'"):
        publish(engine, one(n=1), "t")

    assert rows(engine, "t") == [(1,)]


@pytest.mark.parametrize("rule", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_rows_of_others_do_not_go_with_those_that_are_replaced(engine: Engine, rule: str) -> None:
    """A foreign key would delete or empty them, without a word; an increment that deletes is refused, too."""
    publish(engine, one(n=1), "t")
    run(engine, "ALTER TABLE t ADD PRIMARY KEY (n)", "CREATE TABLE c AS SELECT n FROM t")
    run(engine, f"ALTER TABLE c ADD FOREIGN KEY (n) REFERENCES t ON DELETE {rule}")

    for steps in (statements, Increment("delete_insert", ("n",)).steps):
        with pytest.raises(DependentObjectsError, match="rows of table 'c' would go, or change"):
            publish(engine, one(n=1), "t", steps=steps)
    publish(engine, one(n=2), "t", mode="append", steps=Increment("merge", ("n",)).steps)

    assert (rows(engine, "c"), sorted(rows(engine, "t"))) == ([(1,)], [(1,), (2,)])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("view", "table", "other objects stand on view 't', which is to become a table"),
        ("table", "view", "other objects stand on table 't', which is to become a view"),
    ],
)
def test_another_kind_under_a_view_is_refused(engine: Engine, before: Kind, after: Kind, told: str) -> None:
    """The error says what is there; without what stands on it, it is done."""
    publish(engine, one(n=1), "t", kind=before)
    run(engine, "CREATE VIEW v AS SELECT n FROM t")

    with pytest.raises(DependentObjectsError) as caught:
        publish(engine, one(n=2), "t", kind=after)

    assert (caught.value.what, rows(engine, "v")) == (told, [(1,)])
    run(engine, "DROP VIEW v")
    publish(engine, one(n=2), "t", kind=after)
    assert rows(engine, "t") == [(2,)]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"m": 1, "n": 1}, 'cannot change name of view column "n" to "m"'),
        ({"n": "a"}, 'cannot change data type of view column "n" from integer to text'),
    ],
)
def test_other_columns_of_a_view_under_a_view_are_refused(
    engine: Engine, after: dict[str, Any], told: str
) -> None:
    """The error says so in PyDBT's words and the database's."""
    publish(engine, one(n=1), "t", kind="view")
    run(engine, "CREATE VIEW v AS SELECT n FROM t")

    with pytest.raises(DependentObjectsError) as caught:
        publish(engine, one(**after), "t", kind="view")

    what = f"other objects stand on view 't', whose columns would change: {told}"
    assert (caught.value.what, rows(engine, "v")) == (what, [(1,)])


def test_a_reader_of_an_older_snapshot_still_sees_its_rows(engine: Engine) -> None:
    """DELETE and INSERT, never TRUNCATE: REPEATABLE READ sees the old version to its end."""
    publish(engine, one(n=1), "t")
    run(engine, "CREATE VIEW v AS SELECT n FROM t")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.exec_driver_sql("SELECT 1")
        publish(engine, one(n=2), "t")
        seen = list(reader.exec_driver_sql("SELECT n FROM t"))

    assert (seen, rows(engine, "v")) == ([(1,)], [(2,)])


@pytest.mark.parametrize(
    ("made", "kind"),
    [("CREATE SEQUENCE t", "relation"), ("CREATE TABLE x (t int); CREATE INDEX t ON x (t)", "relation")],
)
def test_what_is_no_table_is_not_replaced(engine: Engine, made: str, kind: str) -> None:
    """A sequence or an index of that name is an error that says so."""
    run(engine, *made.split(";"))

    with pytest.raises(NotATableError, match=f"'t' is a {kind}"):
        publish(engine, one(n=1), "t")


def test_a_materialized_view_is_replaced(engine: Engine) -> None:
    """It was published there by somebody, and the name is wanted."""
    run(engine, "CREATE MATERIALIZED VIEW t AS SELECT 1 AS n")
    publish(engine, one(n=2), "t")

    assert (rows(engine, "t"), tables(engine)) == ([(2,)], {"t"})


def test_backslashes_survive_old_settings(engine: Engine) -> None:
    """A view's text is right also where standard_conforming_strings is off."""
    admin = engine_from(str(engine.url.render_as_string(hide_password=False)), pool_size=1, max_overflow=0)
    run(admin, "SET standard_conforming_strings = off")
    with admin.connect() as connection:
        if connection.exec_driver_sql("SHOW standard_conforming_strings").scalar() == "on":
            pytest.fail("the session lost its setting")
    publish(admin, one(n="a\\'b"), "v", kind="view")

    assert rows(engine, "v") == [("a\\'b",)]
