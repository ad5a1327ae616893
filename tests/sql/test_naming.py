"""Columns are written without their table where nothing else can be meant, and only there."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine

from pydbt import Session, exists
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.naming import WORDS
from tests.sql.frames import small, sql

RUNS_ON_MARIADB = True

# https://www.sqlite.org/lang_keywords.html, which no query tells
SQLITE_WORDS = (
    "abort action add after all alter always analyze and as asc attach autoincrement before begin between by"
    " cascade case cast check collate column commit conflict constraint create cross current current_date"
    " current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop"
    " each else end escape except exclude exclusive exists explain fail filter first following for foreign"
    " from full generated glob group groups having if ignore immediate in index indexed initially inner"
    " insert instead intersect into is isnull join key last left like limit match materialized natural no not"
    " nothing notnull null nulls of offset on or order others outer over partition plan pragma preceding"
    " primary query raise range recursive references regexp reindex release rename replace restrict returning"
    " right rollback row rows savepoint select set table temp temporary then ties to transaction trigger"
    " unbounded union unique update using vacuum values view virtual when where window with without"
)
KEYWORDS = {
    "duckdb": "SELECT keyword_name FROM duckdb_keywords()",
    "postgresql": "SELECT word FROM pg_get_keywords()",
    "mysql": "SELECT lower(word) FROM information_schema.keywords",
}
# So many columns does every database take in a table.
WIDTH = 60
# No table may have them: they are the server's own.
HIDDEN = {"postgresql": {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}}


def made(engine: Engine, *tables: str) -> Session:
    with engine.begin() as connection:
        for text in tables:
            connection.exec_driver_sql(text)
    return Session(engine)


def shop(engine: Engine) -> Session:
    """Two tables that share a column, and rows."""
    return made(
        engine,
        "CREATE TABLE orders (id INTEGER, customer INTEGER, total INTEGER)",
        "CREATE TABLE customers (id INTEGER, city VARCHAR(20))",
        "INSERT INTO orders VALUES (1, 10, 5), (2, 10, 7), (3, 11, 9)",
        "INSERT INTO customers VALUES (10, 'Rome'), (11, 'Oslo')",
    )


def text(frame: DataFrame) -> str:
    return " ".join(frame.sql().replace("INNER JOIN", "JOIN").split())


def test_one_source_needs_no_names_of_tables() -> None:
    """Also in GROUP BY, HAVING and ORDER BY, and in a SELECT of a CTE."""
    df = small()
    found = df.where(df.k > 1).group_by("s").agg(n=func.count())
    assert sql(found.where(found.n > 1).order_by("s").limit(3).distinct()) == (
        "WITH t_limited AS (SELECT s, count(*) AS n FROM t WHERE k > 1 GROUP BY s HAVING count(*) > 1"
        ' ORDER BY s COLLATE "C" LIMIT 3) SELECT DISTINCT s, n FROM t_limited'
    )


def test_a_join_names_the_table_where_both_have_the_name(engine: Engine) -> None:
    """And there alone, where the catalogue says which columns there are."""
    session = shop(engine)
    orders, customers = session.table("orders"), session.table("customers")

    joined = (
        orders.join(customers, orders.customer == customers.id).select("total", "id").where(orders.id > 1)
    )

    assert text(joined).endswith(
        "SELECT total, orders.id FROM orders JOIN customers ON customer = customers.id WHERE orders.id > 1"
    )
    assert sorted(joined.collect()) == [(7, 2), (9, 3)]


def test_a_join_of_declared_tables_names_them_all() -> None:
    """Such a table may have columns that nobody has told."""
    df, other = small(), small("u")
    assert sql(df.join(other, df.k == other.k).select("s")) == "SELECT t.s FROM t JOIN u ON t.k = u.k"


def test_a_view_of_a_join_names_them_all(engine: Engine) -> None:
    """Databases that keep its text would fail, or worse, when a table gets a column of the name."""
    session = shop(engine)
    orders, customers = session.table("orders"), session.table("customers")
    joined = orders.join(customers, orders.customer == customers.id).select("total", "city")

    joined.write("joined", as_="view")

    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE customers ADD COLUMN total INTEGER")
    again = Session(engine).table("joined").collect()
    assert sorted(again) == [(5, "Rome"), (7, "Rome"), (9, "Oslo")]


def test_a_subquery_names_what_the_query_around_it_has_too(engine: Engine) -> None:
    """If the column went from the inner table, its name alone would mean the outer one, and not fail."""
    session = shop(engine)
    orders, customers = session.table("orders"), session.table("customers")
    large = orders.where(orders.total > 6, orders.id > 0)

    found = customers.where(exists(large, orders.customer == customers.id)).select("city")

    assert text(found).endswith(
        "(SELECT 1 FROM orders WHERE total > 6 AND orders.id > 0 AND customer = customers.id)"
    ) or text(found).endswith(
        "(SELECT 1 FROM orders WHERE total > 6 AND orders.id > 0 AND customer = customers.id))"
    )
    assert sorted(found.collect()) == [("Oslo",), ("Rome",)]


def test_a_subquery_of_a_declared_table_is_named_wholly() -> None:
    """What it lacks, the query around it may have."""
    df, other = small(), small("u")
    found = df.where(exists(other, other.k == df.k)).select("s")
    assert sql(found) == "SELECT s FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.k)"


def test_a_name_given_to_something_else_keeps_its_table() -> None:
    """In WHERE, GROUP BY and ORDER BY databases differ in which of the two they take it for."""
    df = small()
    made = df.where(df.k > 1).order_by("k").select(k=df.k + 1, n=df.id)
    assert sql(made) == "SELECT t.k + 1 AS k, id AS n FROM t WHERE t.k > 1 ORDER BY t.k"


@pytest.mark.parametrize(
    "name", ["a b", "Upper", "1st", "_latin1", "select", "rowid", "current_date", "true"]
)
def test_a_name_that_may_be_read_as_something_else_keeps_its_table(name: str) -> None:
    """SQLite takes a quoted name that is no column for a text, and ``rowid`` is there anyway."""
    columns: list[Any] = [sa.column(name, sa.Integer()), sa.column("k", sa.Integer())]
    df = DataFrame(sa.table("t", *columns), small().engine)
    assert " t." in sql(df.select(name), "sqlite")


def test_a_name_of_a_table_keeps_its_table() -> None:
    """PostgreSQL and DuckDB would take it for a whole row if the column went."""
    columns: list[Any] = [sa.column("t", sa.Integer())]
    assert sql(DataFrame(sa.table("t", *columns), small().engine)) == "SELECT t.t FROM t"


def test_what_sqlalchemy_adds_to_a_query_brings_the_names_back(engine: Engine) -> None:
    """``df.query`` is a Select: what stands in its FROM when it is rendered decides."""
    session = shop(engine)
    query: Any = session.table("orders").select("id", "total").query
    others = sa.table("customers", sa.column("id"), sa.column("city"))

    joined = query.join(others, others.c.id == sa.literal_column("orders.customer")).add_columns(
        others.c.city
    )

    assert "SELECT orders.id, orders.total, customers.city" in str(joined)
    with engine.connect() as connection:
        rows = sorted(map(tuple, connection.execute(joined)))
        inside = connection.execute(
            sa.select(sa.func.count()).where(
                others.c.id.in_(query.with_only_columns(query.selected_columns[0]))
            )
        ).scalar()
    assert rows == [(1, 5, "Rome"), (2, 7, "Rome"), (3, 9, "Oslo")]
    assert inside == 0


def test_a_label_that_sqlalchemy_adds_brings_the_name_back() -> None:
    """It may hide the column."""
    query: Any = small().select("id", "k").query
    assert str(query.add_columns(sa.literal_column("1").label("K"))) == 'SELECT id, t.k, 1 AS "K" \nFROM t'


def test_a_statement_compiled_once_does_not_serve_a_table_of_other_columns(engine: Engine) -> None:
    """SQLAlchemy keeps compiled statements; the columns of their tables are part of what it knows them by."""
    session = shop(engine)

    def cities(session: Session) -> list[Any]:
        orders, customers = session.table("orders"), session.table("customers")
        joined = orders.join(customers, orders.customer == customers.id)
        return sorted(joined.select("total", city=customers.city).collect())

    before = cities(session)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE orders ADD COLUMN city INTEGER")
    catalog_of(engine).forget()

    assert cities(session) == before


def _words(engine: Engine) -> list[str]:
    found = {*SQLITE_WORDS.split(), *WORDS}
    asked = KEYWORDS.get(engine.dialect.name)
    if asked is not None:
        with engine.connect() as connection:
            found.update(word for (word,) in connection.exec_driver_sql(asked))
    found -= HIDDEN.get(engine.dialect.name, set())
    return sorted(word for word in found if word.isidentifier())


def _wrong(df: DataFrame, words: list[str], value: Any) -> list[str]:
    """The words whose columns give something else, or nothing, in one of the clauses."""
    columns = [df[word] for word in words]
    conditions = [
        (each == value) & each.isin([value]) & each.is_not_null() & (each >= value) for each in columns
    ]
    made = {f"v{at}": each for at, each in enumerate(columns)}
    made |= {f"w{at}": func.coalesce(each + each, value) for at, each in enumerate(columns)}
    one = df.where(*conditions).order_by(*(each.desc() for each in columns)).select(**made)
    groups = df.group_by(*words).agg(**{f"m{at}": func.max(each) for at, each in enumerate(columns)})
    groups = groups.order_by(*words)
    try:
        rows = [tuple(row) for frame in (one, groups) for row in frame.collect()]
    except sa.exc.DBAPIError:
        rows = []
    width = len(words)
    if rows == [(value,) * width + (value + value,) * width, (value,) * 2 * width]:
        return []
    half = width // 2
    return [*_wrong(df, words[:half], value), *_wrong(df, words[half:], value)] if half else words


@pytest.mark.parametrize(("kind", "value"), [("INTEGER", 7), ("VARCHAR(9)", "seven")])
def test_every_word_of_a_database_can_be_a_column(engine: Engine, kind: str, value: Any) -> None:
    """In every clause: the SQL of a word that is read as something else would fail, or give other rows."""
    words = _words(engine)
    quote = engine.dialect.identifier_preparer.quote_identifier
    wrong = []
    for start in range(0, len(words), WIDTH):
        some = words[start : start + WIDTH]
        columns = ", ".join(f"{quote(word)} {kind}" for word in some)
        values = ", ".join([repr(value)] * len(some))
        session = made(
            engine, f"CREATE TABLE t{start} ({columns})", f"INSERT INTO t{start} VALUES ({values})"
        )
        wrong += _wrong(session.table(f"t{start}"), some, value)

    assert wrong == []
