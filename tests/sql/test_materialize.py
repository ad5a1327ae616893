"""What publishing promises, on every database."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any, Literal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt.errors import (
    InvalidNameError,
    NotATableError,
    SchemaNotFoundError,
    TableExistsError,
    UnboundValueError,
    UnmatchedColumnsError,
    UnnamedColumnError,
)
from pydbt.sql import settlement
from pydbt.sql.catalog import catalog_of
from pydbt.sql.materialize import publish

RUNS_ON_MARIADB = True
HOSTILE_NAMES = [
    'a"b',
    "a;drop table x;--",
    "a%s",
    "a%(x)s",
    "a:b",
    "emoji 😀",
    "select",
    "returning",
    "lateral",
    "Upper",
    "ünïcode",
    "a.b",
    "a'b",
]
HOSTILE_TEXTS = [
    "%(x)s",
    "100%",
    ":x",
    "it's",
    '"',
    "\\",
    "a\\'b",
    "; --",
    "$1",
    "?",
    "{}",
    "line\nbreak",
    "😀",
]


def one(**values: Any) -> Any:
    """A SELECT of one row."""
    return sa.select(*(sa.literal(value).label(name) for name, value in values.items()))


def rows(engine: Engine, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table, in order."""
    wanted: list[Any] = [sa.column(column) for column in columns or ("n",)]
    query = sa.select(*wanted).select_from(sa.table(name)).order_by(*wanted[:1])
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def tables(engine: Engine) -> set[str]:
    """What the database itself says it holds, but for the marks of COMMITs."""
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        return {*inspector.get_table_names(), *inspector.get_view_names()} - {settlement.NAME}


def test_a_table_is_made_and_replaced(engine: Engine) -> None:
    """Publishing twice leaves the second version, and each time says how many rows were written."""
    counts = [publish(engine, one(n=1), "t"), publish(engine, sa.union_all(one(n=2), one(n=3)), "t")]

    assert (counts, rows(engine, "t"), tables(engine)) == ([1, 2], [(2,), (3,)], {"t"})


def test_a_view_is_made_and_replaced_with_other_columns(engine: Engine) -> None:
    """A view reads what its latest query says, also when the columns are others."""
    publish(engine, one(n=1), "v", kind="view")
    publish(engine, one(m="x", n=2), "v", kind="view")

    assert (rows(engine, "v", "n", "m"), tables(engine)) == ([(2, "x")], {"v"})


def test_a_view_becomes_a_table_and_a_table_a_view(engine: Engine) -> None:
    """The kind may change between two runs; nothing of the old kind stays."""
    publish(engine, one(n=1), "t", kind="view")
    publish(engine, one(n=2), "t")
    as_table = rows(engine, "t")
    publish(engine, one(n=3), "t", kind="view")

    assert (as_table, rows(engine, "t"), tables(engine)) == ([(2,)], [(3,)], {"t"})


def test_a_table_may_be_replaced_by_a_query_of_itself(engine: Engine) -> None:
    """The query reads the old version, whole, before it is gone; also where the old version is a view."""
    publish(engine, one(n=1), "t", kind="view")
    for _round in range(2):
        t = sa.table("t", sa.column("n", sa.Integer))
        publish(engine, sa.union_all(sa.select(t.c.n), sa.select((t.c.n + 1).label("n"))), "t")

    assert rows(engine, "t") == [(1,), (2,), (2,), (3,)]


def test_append_adds_rows_by_the_names_of_columns(engine: Engine) -> None:
    """Columns may stand in any order; the first append makes the table."""
    counts = [
        publish(engine, one(n=1, m="a"), "t", mode="append"),
        publish(engine, one(m="b", n=2), "t", mode="append"),
    ]

    assert (counts, rows(engine, "t", "n", "m")) == ([1, 1], [(1, "a"), (2, "b")])


def test_append_refuses_other_columns(engine: Engine) -> None:
    """A missing or an additional column is an error that names both lists, and nothing is written."""
    publish(engine, one(n=1), "t")

    with pytest.raises(UnmatchedColumnsError, match="has the columns n; the query has n, m"):
        publish(engine, one(n=2, m=3), "t", mode="append")

    assert rows(engine, "t") == [(1,)]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (1, 1.5, "is a whole number, and of its query a float"),
        (
            dt.date(2026, 1, 2),
            dt.datetime(2026, 1, 2, 10, 30),  # noqa: DTZ001  as databases keep it
            "is a date, and of its query a date with time",
        ),
        (1, "one", "is a whole number, and of its query text"),
        ("1", 1, "is text, and of its query a whole number"),
    ],
)
def test_append_refuses_what_would_be_another_value(
    engine: Engine, first: Any, second: Any, told: str
) -> None:
    """`1.5` would become `2`, a moment lose its time, and SQLite keep text among numbers, without a word."""
    publish(engine, one(n=first), "t")

    with pytest.raises(UnmatchedColumnsError) as caught:
        publish(engine, one(n=second), "t", mode="append")

    assert caught.value.what == f"the column 'n' of table 't' {told}"


def test_append_refuses_a_view(engine: Engine) -> None:
    """Rows cannot be added to a view, whichever of the two is one."""
    publish(engine, one(n=1), "v", kind="view")

    with pytest.raises(NotATableError, match="cannot be appended to"):
        publish(engine, one(n=2), "v", mode="append")
    with pytest.raises(NotATableError, match="cannot be appended to"):
        publish(engine, one(n=2), "w", kind="view", mode="append")


def test_modes_error_and_ignore_leave_what_exists(engine: Engine) -> None:
    """`error` refuses, `ignore` writes no row; both make what is not there."""
    publish(engine, one(n=1), "t", mode="error")

    ignored = publish(engine, one(n=2), "t", mode="ignore")
    with pytest.raises(TableExistsError, match="'t' exists"):
        publish(engine, one(n=3), "t", mode="error")

    assert (ignored, publish(engine, one(n=4), "u", mode="ignore"), rows(engine, "t")) == (0, 1, [(1,)])


@pytest.mark.parametrize("kind", ["table", "view"])
def test_a_failing_query_leaves_the_old_version(engine: Engine, kind: Any) -> None:
    """An error in the SELECT, at its start or in its middle, changes nothing and leaves nothing behind."""
    publish(engine, one(n=1), "t")
    missing: Any = sa.select(sa.column("nosuch").label("n")).select_from(sa.table("nowhere"))

    with pytest.raises(DBAPIError):
        publish(engine, missing, "t", kind=kind)

    assert (rows(engine, "t"), tables(engine)) == ([(1,)], {"t"})


def test_a_query_that_fails_at_its_last_row_leaves_the_old_version(engine: Engine) -> None:
    """Rows already computed are not seen by anybody when a later one fails."""
    publish(engine, sa.union_all(*(one(n=number) for number in range(50))), "numbers")
    publish(engine, one(n=1), "t")
    n = sa.column("n", sa.Integer)
    # What fails on a value, on each of them.
    too_much = {
        "sqlite": sa.func.abs(sa.case((n == 49, sa.literal_column("-9223372036854775808")), else_=n)),
        "duckdb": sa.cast(sa.case((n == 49, sa.literal_column("1e30")), else_=n), sa.Integer),
        "postgresql": 1 / sa.func.nullif(n - 49, None),
        "mysql": sa.func.exp(n * 15),
    }[engine.dialect.name]

    with pytest.raises(DBAPIError):
        publish(engine, sa.select(too_much.label("n")).select_from(sa.table("numbers")), "t")

    assert (rows(engine, "t"), tables(engine)) == ([(1,)], {"t", "numbers"})


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_are_used_exactly_as_given(engine: Engine, name: str) -> None:
    """Quotes, semicolons, percent signs, reserved words, emoji: as table, as column, in every kind."""
    if engine.dialect.name == "mysql" and "😀" in name:
        with pytest.raises(InvalidNameError, match="mysql takes in no name"):
            publish(engine, one(n=7), name)
        with pytest.raises(InvalidNameError, match="mysql takes in no name"):
            publish(engine, one(**{name: 7}), "t")
        return
    publish(engine, one(x=1), "x")
    seen = []
    for kind, mode in (
        ("table", "overwrite"),
        ("view", "overwrite"),
        ("table", "overwrite"),
        ("table", "append"),
    ):
        publish(engine, one(**{name: 7}), name, kind=kind, mode=mode)  # type: ignore[arg-type]
        catalog_of(engine).forget()
        seen.append(
            (
                rows(engine, name, name)[0],
                [column for column, _type in catalog_of(engine).columns(None, name)],
            )
        )

    assert (seen, tables(engine)) == ([((7,), [name])] * 4, {"x", name})


@pytest.mark.parametrize("kind", ["table", "view"])
def test_texts_are_written_as_they_are(engine: Engine, kind: Any) -> None:
    """What looks like a parameter, a quote or an escape in a value stays a value."""
    publish(engine, one(**{f"c{i}": text for i, text in enumerate(HOSTILE_TEXTS)}), "t", kind=kind)

    assert rows(engine, "t", *(f"c{i}" for i in range(len(HOSTILE_TEXTS)))) == [tuple(HOSTILE_TEXTS)]


@pytest.mark.parametrize("kind", ["table", "view"])
def test_values_of_every_kind_arrive(engine: Engine, kind: Any) -> None:
    """Numbers, dates, times, booleans, bytes and NULL read back as what was given."""
    values: dict[str, tuple[Any, Any]] = {
        "i": (2**40, sa.BigInteger()),
        "f": (0.1, sa.Float()),
        "d": (dt.date(2022, 12, 30), sa.Date()),
        "t": (dt.datetime(2022, 12, 30, 23, 59, 59, 123456), sa.DateTime()),  # noqa: DTZ001  without a zone
        "b": (True, sa.Boolean()),
        "x": (b"\x00\xff'\\", sa.LargeBinary()),
        "nothing": (None, sa.String()),
        "inlist": (True, sa.Boolean()),
    }
    literals: dict[str, Any] = {name: sa.literal(value, kind_) for name, (value, kind_) in values.items()}
    literals["inlist"] = sa.literal("a'b").in_(["x%(y)s", "a'b"])
    publish(engine, sa.select(*(literal.label(name) for name, literal in literals.items())), "t", kind=kind)

    query = sa.select(*(sa.column(name, kind_) for name, (_value, kind_) in values.items())).select_from(
        sa.table("t")
    )
    with engine.connect() as connection:
        got = [bytes(v) if isinstance(v, memoryview) else v for v in connection.execute(query).one()]

    assert got == [value for value, _kind in values.values()]


def test_the_types_of_a_table_are_those_of_the_query(engine: Engine) -> None:
    """Also where CREATE TABLE AS would lose them: a date is a date in the next task."""
    publish(
        engine,
        sa.select(
            sa.literal(1).label("i"),
            sa.literal("x").label("s"),
            sa.literal(dt.date(2022, 1, 1)).label("d"),
            sa.cast(sa.literal(decimal.Decimal("1.50")), sa.Numeric(10, 2)).label("n"),
            sa.literal(True).label("b"),  # noqa: FBT003  it is the value
        ),
        "t",
    )
    catalog_of(engine).forget()
    kinds = dict(catalog_of(engine).columns(None, "t"))

    expected = {"i": sa.Integer, "s": sa.String, "d": sa.Date, "n": sa.Numeric, "b": sa.Boolean}
    assert {name: isinstance(kinds[name], kind) for name, kind in expected.items()} == dict.fromkeys(
        expected, True
    )


def test_a_with_query_is_published(engine: Engine) -> None:
    """A CTE stands where each database wants it, for each kind and mode."""
    inner = one(n=1).cte("inner_rows")
    query = sa.select(inner.c.n)
    for kind, mode in (("table", "overwrite"), ("table", "append"), ("view", "overwrite")):
        publish(engine, query, f"t_{kind}", kind=kind, mode=mode)  # type: ignore[arg-type]

    assert (rows(engine, "t_table"), rows(engine, "t_view")) == ([(1,), (1,)], [(1,)])


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "name is empty"), ("a\0b", "NUL character"), ("x" * 64, "64 bytes"), ("é" * 32, "64 bytes")],
)
def test_names_the_database_would_not_keep_are_refused(engine: Engine, name: str, says: str) -> None:
    """Nothing is sent; a name of 63 bytes, or 64 characters, is kept whole, also while it is replaced."""
    if engine.dialect.name == "mysql" and len(name) == 64:
        says = "65 characters"
        name += "x"
    if "bytes" in says and engine.dialect.name != "postgresql":
        publish(engine, one(n=1), name)
        assert tables(engine) == {name}
        return

    with pytest.raises(InvalidNameError, match=says):
        publish(engine, one(n=1), name)

    longest = "é" * 64 if engine.dialect.name == "mysql" else "é" * 31 + "x"
    publish(engine, one(n=1), longest)
    publish(engine, one(n=2), longest)
    assert tables(engine) == {longest}


def test_columns_without_a_name_of_their_own_are_refused(engine: Engine) -> None:
    """Databases make up names for them, each its own, or fail."""
    one_two = sa.select(sa.literal(1).label("n"), sa.literal(2).label("n"))

    with pytest.raises(UnnamedColumnError, match="column 2 of the query has no name"):
        publish(engine, sa.select(sa.literal(1).label("n"), sa.func.count()), "t")
    with pytest.raises(UnnamedColumnError, match="two columns of the query are called 'n'"):
        publish(engine, one_two, "t")


@pytest.mark.parametrize("kind", ["table", "view"])
def test_a_parameter_without_a_value_is_never_null(engine: Engine, kind: Any) -> None:
    """It is an error, not an empty table."""
    query = one(n=1).where(sa.bindparam("z", type_=sa.Integer) == 1)

    with pytest.raises(UnboundValueError, match="parameter 'z' without a value"):
        publish(engine, query, "t", kind=kind)

    assert tables(engine) == set()


@pytest.mark.parametrize("kind", ["table", "view"])
def test_columns_that_differ_in_capitals_only_are_two_or_refused(
    engine: Engine, kind: Literal["table", "view"]
) -> None:
    """DuckDB called the second one otherwise, and gave the first one's values for it."""
    if engine.dialect.name == "postgresql":
        publish(engine, one(a=1, A=2), "t", kind=kind)
        assert rows(engine, "t", "a", "A") == [(1, 2)]
        return
    with pytest.raises(InvalidNameError, match="takes the columns 'a' and 'A' for one"):
        publish(engine, one(a=1, A=2), "t", kind=kind)
    assert tables(engine) == set()


def test_a_schema_that_is_not_there_is_named_with_those_that_are(engine: Engine) -> None:
    """The error tells which schemas exist."""
    there = {"sqlite": "main", "duckdb": "main", "postgresql": "public"}.get(engine.dialect.name, "test_")

    with pytest.raises(SchemaNotFoundError, match="no schema 'nosuch'") as caught:
        publish(engine, one(n=1), "t", schema="nosuch")

    assert there in caught.value.hint


def test_a_schema_is_published_into(engine: Engine) -> None:
    """Every kind and mode in a schema that is not the current one."""
    schema = "main" if engine.dialect.name == "sqlite" else "my S"
    if schema != "main":
        with engine.begin() as connection:
            if engine.dialect.name == "mysql":
                # Schemas are databases there, of the whole server.
                connection.exec_driver_sql("DROP SCHEMA IF EXISTS `my S`")
            connection.execute(sa.schema.CreateSchema(schema))
    for kind, mode in (
        ("table", "overwrite"),
        ("view", "overwrite"),
        ("table", "overwrite"),
        ("table", "append"),
    ):
        publish(engine, one(n=1), "t", schema=schema, kind=kind, mode=mode)  # type: ignore[arg-type]

    catalog_of(engine).forget()
    assert [name for name, _type in catalog_of(engine).columns(schema, "t")] == ["n"]


def test_views_go_on_and_read_the_new_rows(engine: Engine) -> None:
    """A view on the table survives the swap, and so does a view on that view; columns may be added."""
    publish(engine, one(n=1, m=1), "t")
    publish(engine, sa.select(sa.column("n")).select_from(sa.table("t")), "v", kind="view")
    publish(engine, sa.select(sa.column("n")).select_from(sa.table("v")), "w", kind="view")

    for number, new in ((2, {}), (3, {"o": 3, "p": "x"})):
        publish(engine, one(n=number, m=number, **new), "t")

        assert (rows(engine, "v"), rows(engine, "w"), tables(engine)) == (
            [(number,)],
            [(number,)],
            {"t", "v", "w"},
        )
    assert rows(engine, "t", "n", "m", "o", "p") == [(3, 3, 3, "x")]


def test_publishing_is_announced(engine: Engine) -> None:
    """The catalog knows the new columns without asking the database."""
    catalog = catalog_of(engine)
    publish(engine, one(n=1), "t")
    before = [name for name, _type in catalog.columns(None, "t")]
    publish(engine, one(m="x"), "t", kind="view")
    after = [name for name, _type in catalog.columns(None, "t")]

    assert (before, after, catalog.tables(None)) == (["n"], ["m"], ("t",))


def test_a_foreign_engine_publishes_as_safely(database_url: str) -> None:
    """A failing swap is undone on an engine of SQLAlchemy's, which on SQLite begins no transaction."""
    engine = sa.create_engine(database_url, future=True)
    publish(engine, one(n=1), "t")
    publish(engine, sa.select(sa.column("n")).select_from(sa.table("t")), "v", kind="view")
    publish(engine, one(n=2), "t")

    with pytest.raises(DBAPIError):
        publish(
            engine, sa.select(sa.column("nosuch").label("n")).select_from(sa.table("t")), "v", kind="view"
        )

    assert (rows(engine, "t"), rows(engine, "v"), tables(engine)) == ([(2,)], [(2,)], {"t", "v"})
    engine.dispose()
