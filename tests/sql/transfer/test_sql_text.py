"""``session.sql`` and ``session.range``: the user's own query as a DataFrame."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import IncomingError, NotAQueryError
from pydbt.sql.session import Session

# SQLAlchemy 1.4 says so for each decimal that SQLite gives.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

DAY = dt.date(2024, 2, 29)


@pytest.fixture
def session(engine: Engine) -> Session:
    made = Session(engine)
    rows = [
        {"id": n, "team": f"t{n % 3}", "price": decimal.Decimal(n) / 4, "day": DAY, "x": n / 2}
        for n in range(10)
    ]
    made.create_dataframe(rows, schema={"id": int, "price": sa.Numeric(10, 2)}).write("games")
    return made


def test_a_query_is_a_frame_with_its_types(session: Session) -> None:
    """What the columns of the table are; more verbs go on above."""
    frame = session.sql("SELECT id, team, price, day FROM games WHERE id < 4")

    kinds = {name: type_.python_type for name, type_ in frame.schema.items()}
    found = frame.where(frame.day == "2024-02-29").order_by(frame.id.desc()).first()

    assert kinds == {"id": int, "team": str, "price": decimal.Decimal, "day": dt.date}
    assert found is not None
    assert tuple(found) == (3, "t0", decimal.Decimal("0.75"), DAY)


def test_values_are_bound(session: Session) -> None:
    """Texts that would end a quote, dates, NULL, and lists."""
    text = "SELECT id FROM games WHERE (team = :team OR id IN :ids) AND day <= :day AND :nothing IS NULL"

    frame = session.sql(f"{text} ORDER BY id", team="t1", ids=[2, 3], day=DAY, nothing=None)

    assert [row.id for row in frame.collect()] == [1, 2, 3, 4, 7]
    assert session.sql("SELECT id FROM games WHERE team = :t", t="'; DROP TABLE games; --").collect() == []
    assert session.table("games").count() == 10


def test_nothing_runs_before_it_is_asked_for(session: Session) -> None:
    """A query that fails on its rows is typed all the same."""
    text = "SELECT CAST(10 AS INTEGER) / (id - id) AS q, id FROM games"

    frame = session.sql(text)

    assert frame.columns == ["q", "id"]


@pytest.mark.parametrize(
    "text",
    [
        "select id from games -- the end",
        "select id from games;  ",
        "/* ; */ select id from games where team <> ';'",
        "with g as (select * from games) select id from g",
        "(select id from games)",
        "select ':id' as text, '%' as percent, id from games where team <> '%s'",
        "values (1, 2)",
    ],
)
def test_however_it_is_written(session: Session, text: str) -> None:
    """Comments, a semicolon at the end, brackets, signs in quotes."""
    if text.startswith("values") and session.engine.dialect.name == "duckdb":
        text = "select * from (values (1, 2)) as v(column1, column2)"
    if text.startswith("(") and session.engine.dialect.name == "sqlite":
        text = text.strip("()")  # It takes no brackets around a query.
    found = session.sql(text).collect()

    assert len(found) == (1 if "values" in text else 10)


def test_quoted_signs_come_back(session: Session) -> None:
    """A colon or a percent sign in quotes is no parameter."""
    row = session.sql("SELECT ':a' AS a, '10%' AS b, 'it''s :x' AS c, CAST('7' AS INTEGER) AS d").collect()[0]

    assert tuple(row) == (":a", "10%", "it's :x", 7)


def test_a_table_of_any_name_is_found(session: Session) -> None:
    """The CTE around the text must not hide it."""
    session.table("games").write("sql")

    assert session.sql("SELECT id FROM sql").count() == 10


def test_it_joins_and_is_published(session: Session) -> None:
    """Also as a view, with its values in it."""
    frame = session.sql("SELECT team, id AS first FROM games WHERE id < :most", most=3)

    session.table("games").join(frame, "team").write("joined", as_="view")

    assert session.table("joined").count() == 10


_MARIADB = """
SELECT 1 AS n, 2 * 1.50 AS price, 'Ann' AS name, CAST('2024-01-31' AS DATE) AS day, NULL AS nothing, :x AS x
"""


def test_mariadb_tells_the_types_of_a_temporary_table(mysql_url: str) -> None:
    """So that text goes by code point, and whole numbers are divided, as elsewhere; the table is gone."""
    session = Session(sa.create_engine(mysql_url, future=True))

    df = session.sql(_MARIADB, x=1.5)

    kinds = [type(each).__name__.title() for each in df.schema.values()]
    assert kinds == ["Integer", "Decimal", "String", "Date", "Nulltype", "Float"]
    assert (df.where(df.name == "ann").count(), df.select(third=df.n / 3).first()) == (0, (1 / 3,))


def test_mariadb_tells_the_names_to_who_may_make_no_table(mysql_url: str) -> None:
    """Whoever may only read has the rows, without types."""
    engine = sa.create_engine(mysql_url, future=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INT)")
        connection.exec_driver_sql("INSERT INTO t VALUES (7)")
        connection.exec_driver_sql("CREATE OR REPLACE USER only_reads@localhost")
        connection.exec_driver_sql(f"GRANT SELECT ON `{engine.url.database}`.* TO only_reads@localhost")
    reader = Session(sa.create_engine(engine.url.set(username="only_reads"), future=True))

    df = reader.sql("SELECT n FROM t")

    assert (str(df.schema), df.collect()) == ("{'n': NullType()}", [(7,)])


def test_postgresql_tells_a_decimals_digits(postgresql_url: str) -> None:
    """And the types of casts and functions."""
    session = Session(sa.create_engine(postgresql_url, future=True))

    schema = session.sql(
        "SELECT 1.5::numeric(12,3) AS a, now() AS b, ARRAY[1,2] AS c, '{}'::jsonb AS d"
    ).schema

    session.engine.dispose()
    assert repr(schema["a"]).lower() == "numeric(precision=12, scale=3)"
    assert repr(schema["b"]).lower() == "timestamp(timezone=true)"


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "nothing": ("  ", {}, "is no SQL"),
    "no text": (5, {}, "is no SQL"),
    "an INSERT": ("INSERT INTO games SELECT * FROM games", {}, "begins with INSERT"),
    "a DROP": ("drop table games", {}, "begins with DROP"),
    "two statements": ("SELECT 1 AS a; DROP TABLE games", {}, "more than one statement"),
    "a closed bracket": ("SELECT 1 AS a) AS t; DROP TABLE games; --", {}, "closed that was not opened"),
    "an open bracket": ("SELECT (1 AS a", {}, "is not closed"),
    "an open quote": ("SELECT 'a", {}, "does not end"),
    "an open comment": ("SELECT 1 /* a", {}, "does not end"),
    "a DELETE behind WITH": ("WITH a AS (SELECT 1) DELETE FROM games", {}, "does not take"),
    "what does not parse": ("SELECT FROM WHERE", {}, "does not take"),
    "an unknown column": ("SELECT nosuch FROM games", {}, "nosuch"),
    "a value missing": ("SELECT id FROM games WHERE id = :id", {}, "names :id, which has no value"),
    "a value too many": ("SELECT id FROM games", {"id": 3}, "names no :id"),
    "a value of no type": (
        "SELECT id FROM games WHERE id = :id",
        {"id": object()},
        "no value a database knows",
    ),
    "two of one name": ("SELECT id AS a, id AS a FROM games", {}, "two columns of the SQL are called 'a'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_query_is_refused(session: Session, case: str) -> None:
    """Nothing has run; the place and what to do are told."""
    text, values, told = REFUSED[case]

    with pytest.raises(NotAQueryError, match=told) as refusal:
        session.sql(text, **values)

    assert "test_sql_text" in refusal.value.where
    assert session.table("games").count() == 10


@pytest.mark.parametrize("given", [(5,), (2, 8), (0, 10, 3), (10, 0, -4), (3, 3), (5, 0), (-3, 3, 2)])
def test_a_range_is_pythons(session: Session, given: tuple[int, ...]) -> None:
    """Up, down, by steps, empty."""
    found = session.range(*given).order_by("id").collect()

    assert [row.id for row in found] == sorted(range(*given))


def test_a_long_range_is_made_by_the_database(session: Session) -> None:
    """A hundred thousand, joined with a table."""
    numbers = session.range(100_000)

    assert numbers.count() == 100_000
    assert numbers.join(session.table("games"), "id").count() == 10


@pytest.mark.parametrize("given", [(1.5,), ("3",), (0, 10, 0), (2**70,), (True,)])
def test_a_range_of_no_numbers_is_refused(session: Session, given: Any) -> None:
    """Which argument, and what it takes."""
    with pytest.raises(IncomingError, match="range was given"):
        session.range(*given)
