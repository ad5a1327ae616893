"""The seed's Session and DataFrame, as its manual writes them, on each database and each SQLAlchemy."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, Table, case, func, select
from sqlalchemy.engine import Engine

from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.seed.conftest import FRIDAY, SATURDAY

RUNS_ON_MARIADB = True


def test_a_date_in_text_is_compared_as_a_date(session: Session) -> None:
    """`df.matchDate == "2022-12-31"` finds the rows of that day, whatever the database makes of text."""
    df = session.table("predictions")

    df = df.where(df.matchDate == "2022-12-31")

    assert df.collect() == [(SATURDAY, 4, "aw")]


def test_the_manuals_example_counts_predictions(session: Session) -> None:
    """A computed column, plain `case` and `func` of SQLAlchemy, and a group in the seed's `agg` form."""
    df = session.table("predictions")
    df = df.where(df.matchDate == "2022-12-30")
    df = df.with_column("new_column", case((df.preds == "hw", "W")))
    df = df.group_by(df.matchDate, df.preds, agg={"preds": (func.count, "count_preds")})

    assert sorted(df.collect()) == [(FRIDAY, "d", 1), (FRIDAY, "hw", 2)]
    assert df.columns == ["matchDate", "preds", "count_preds"]


def test_a_computed_column_is_null_where_no_case_holds(session: Session) -> None:
    """`case` without an else gives NULL."""
    df = session.table("predictions")
    df = df.with_column("won", case((df.preds == "hw", "W")))

    rows = df.select(df.key, df.won).order_by(df.key).collect()

    assert rows == [(1, "W"), (2, "W"), (3, None), (4, None)]


def test_a_join_names_the_right_sides_columns(session: Session) -> None:
    """Columns on both sides get `_right`, in the condition and in the result."""
    df_a = session.table("predictions")
    df_b = session.table("odds")

    joined = df_a.join(df_b, (df_a.key == df_b.key) & (df_a.matchDate == df_b.matchDate_right))

    assert joined.columns == ["matchDate", "key", "preds", "matchDate_right", "key_right", "odd"]
    rows = joined.select(joined.key, joined.matchDate_right, joined.odd).collect()
    assert sorted(rows) == [(1, FRIDAY, 17), (4, SATURDAY, 25)]


def test_a_table_joins_itself(session: Session) -> None:
    """In a self-join `_right` tells the sides apart."""
    df = session.table("predictions")

    pairs = df.join(df, (df.preds == df.preds_right) & (df.key < df.key_right))

    assert pairs.select(pairs.key, pairs.key_right).collect() == [(1, 2)]


def test_columns_are_renamed_and_dropped(session: Session) -> None:
    """What is left has the new name, and the values of the old one."""
    df = session.table("predictions").with_column_renamed("preds", "result").drop("matchDate")

    assert df.columns == ["key", "result"]
    assert df.where(df.result == "d").collect() == [(3, "d")]


def test_rows_are_ordered_limited_and_made_distinct(session: Session) -> None:
    """Order and limit hold together; distinct counts equal rows once."""
    df = session.table("predictions")

    assert df.select("key").order_by(df.key, descending=True).limit(2).collect() == [(4,), (3,)]
    assert sorted(df.select("preds").distinct().collect()) == [("aw",), ("d",), ("hw",)]


def test_a_union_has_each_row_once(session: Session) -> None:
    """The rows of both, equal ones once."""
    keys = session.table("predictions").select("key").union(session.table("odds").select("key"))

    assert sorted(keys.collect()) == [(1,), (2,), (3,), (4,)]


def test_what_is_written_can_be_read(session: Session) -> None:
    """A written DataFrame is a table under its name at once, and writing again replaces it."""
    df = session.table("predictions")

    df.write("copied")
    df.where(df.key > 2).write("copied")

    assert sorted(session.table("copied").collect()) == [(FRIDAY, 3, "d"), (SATURDAY, 4, "aw")]


def test_show_prints_a_table(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """The header and the rows, in text."""
    df = session.table("predictions")

    df.where(df.key == 1).select("key", "preds").show()

    header, _, row = capsys.readouterr().out.splitlines()
    assert (header.split(), row.split()) == (["key", "|", "preds"], ["1", "|", "hw"])


@pytest.mark.parametrize("form", ["table", "select", "cte", "subquery"])
def test_a_dataframe_is_made_of_what_sqlalchemy_has(session: Session, form: str) -> None:
    """`DataFrame(base, engine)` takes a table, a select, a CTE or a subquery, as the seed's manual does."""
    engine: Engine = session.engine
    table = Table("predictions", MetaData(), autoload_with=engine)
    bases = {
        "table": table,
        "select": select(table),
        "cte": select(table).cte(),
        "subquery": select(table).subquery(),
    }

    df = DataFrame(bases[form], engine)

    assert df.where(df.preds == "aw").collect() == [(SATURDAY, 4, "aw")]
