"""What leaves a DataFrame: rows, frames of other packages, text."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import MetaData, Table, case, func, select
from sqlalchemy.dialects import registry

from pydbt import F
from pydbt.errors import ColumnArgumentError, MissingPackageError, SourceNotFoundError, TableNotFoundError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

ROWS = (
    [("2022-12-30", "d")] * 2 + [("2022-12-30", "aw")] + [("2022-12-30", "hw")] * 3 + [("2022-12-31", "hw")]
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = sa.create_engine(database_url, future=True)
    table = Table("predictions", MetaData(), sa.Column("matchDate", sa.Date), sa.Column("preds", sa.String))
    table.create(engine)
    with engine.begin() as connection:
        rows = [{"matchDate": dt.date.fromisoformat(day), "preds": preds} for day, preds in ROWS]
        connection.execute(table.insert(), rows)
    yield Session(engine, sources={"games": (None, "predictions")})
    engine.dispose()


def test_the_seeds_example_gives_the_rows_of_its_log(session: Session) -> None:
    """where, with_column with case, group_by with agg, as written in the seed."""
    df = session.table("predictions")
    df = df.where(df.matchDate == "2022-12-30")
    df = df.with_column("new_column", case((df.preds == "hw", "W")))
    df = df.group_by(df.matchDate, df.preds, agg={"preds": (func.count, "count_preds")})
    day = dt.date(2022, 12, 30)
    assert sorted(map(tuple, df.collect())) == [(day, "aw", 1), (day, "d", 2), (day, "hw", 3)]


def test_a_dataframe_from_a_cte_is_its_table(session: Session) -> None:
    """The seed's ``select(table).cte()`` needs no detour; a Select with more to it becomes a CTE."""
    table = Table("predictions", MetaData(), autoload_with=session.engine)
    assert "WITH" not in DataFrame(select(table).cte(), session.engine).sql()
    chosen = select(table.c.preds.label("p")).where(table.c.preds == "hw")
    for base in (chosen, chosen.cte("hits"), chosen.subquery()):
        df = DataFrame(base, session.engine)
        assert df.where(df.p != "d").count() == 4


def test_sql_text_keeps_the_blanks_of_texts(session: Session) -> None:
    """At the ends of lines inside quotes, and after one that is doubled; elsewhere it has none."""
    value = "it's  \n 'two' \t\nlines "
    text = session.table("predictions").select(note=sa.literal(value)).limit(1).sql()

    with session.engine.connect() as connection:
        rows = connection.exec_driver_sql(text, execution_options={"no_parameters": True}).fetchall()

    assert [row[0] for row in rows] == [value]
    assert text.replace(value.replace("'", "''"), "") == "\n".join(
        line.rstrip() for line in text.replace(value.replace("'", "''"), "").split("\n")
    )


def test_a_query_goes_back_into_sqlalchemy(session: Session) -> None:
    """``df.query`` is a Select like any other, CTEs and all."""
    df = session.table("predictions").limit(5)
    inner = df.where(df.preds == "hw").query.subquery()
    with session.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(inner)).scalar() is not None


def test_a_set_operation_over_ctes_keeps_its_types(session: Session) -> None:
    """SQLAlchemy takes the columns of CTEs beside a set operation for the result's own."""
    df = session.table("predictions").order_by("matchDate", "preds").limit(1)
    moved = df.select(first="preds", second="matchDate")
    assert moved.intersect(moved).collect() == [("aw", dt.date(2022, 12, 30))]


def test_of_two_names_for_one_column_drop_takes_one(session: Session) -> None:
    """The other stays."""
    df = session.table("predictions").select("preds", again="preds")
    assert df.drop("again").columns == ["preds"]
    assert df.drop(df.preds).columns == ["again"]


def test_show_prints_an_aligned_table(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """And says when there is more."""
    df = session.table("predictions").order_by("matchDate", "preds")
    df.show(2)
    assert capsys.readouterr().out == (
        "matchDate  | preds\n-----------+------\n2022-12-30 | aw\n2022-12-30 | d\nonly the first 2 rows\n"
    )
    df.where(df.preds == "none").show()
    assert capsys.readouterr().out.endswith("no rows\n")


def test_explain_reads_no_types_into_the_account(session: Session) -> None:
    """Its rows are text, whatever the columns of the query are; a date would not parse."""
    df: Any = session.table("predictions")

    for name in df.columns:
        assert "predictions" in df.select(name).explain()


def test_explain_is_the_databases_own(session: Session) -> None:
    """It names the table."""
    df = session.table("predictions")
    assert "predictions" in df.where(df.preds == "hw").limit(3).explain()


def test_pandas_polars_and_arrow_get_the_same_rows(session: Session) -> None:
    """In order, under the DataFrame's names."""
    for package in ("pandas", "polars", "pyarrow"):
        pytest.importorskip(package)
    df = session.table("predictions").order_by("matchDate", "preds")
    expected = [row.preds for row in df.collect()]
    assert df.to_pandas()["preds"].tolist() == expected
    assert df.to_polars()["preds"].to_list() == expected
    assert df.to_arrow().column("preds").to_pylist() == expected
    assert df.where(df.preds == "none").to_arrow().column_names == df.columns
    assert df.to_dicts()[0] == {"matchDate": dt.date(2022, 12, 30), "preds": "aw"}


def test_a_missing_package_is_named_with_its_extra(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not an ImportError out of the depths."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackageError, match="pip install pandas"):
        session.table("predictions").to_pandas()


def test_a_session_knows_its_tables_and_sources(session: Session) -> None:
    """An alias of the settings is a table; what is not there is an error with the nearest names."""
    assert session.source("games").columns == session.table("predictions").columns
    with pytest.raises(SourceNotFoundError, match="did you mean 'games'"):
        session.source("game")
    with pytest.raises(TableNotFoundError, match="predictions"):
        session.table("prediction")


def test_a_notebook_sees_escaped_html(session: Session) -> None:
    """Whatever is in the data."""
    df = session.table("predictions")
    assert "<td>&lt;i&gt;</td>" in df.with_column("preds", F.lit("<i>"))._repr_html_()


def test_repr_reads_as_the_plan(session: Session) -> None:
    """The verbs in order, and the columns with their types."""
    df = session.table("predictions")
    shown = repr(df.where(df.preds == "d").select("preds").limit(3))
    assert shown.startswith("<DataFrame predictions.where(…).select('preds').limit(3): preds: ")


def test_attributes_complete(session: Session) -> None:
    """In a shell."""
    df: Any = session.table("predictions")
    assert {"matchDate", "where"} <= set(dir(df))
    assert "preds" in df
    with pytest.raises(TypeError):
        iter(df)


def test_a_dialect_for_another_sqlalchemy_is_told(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """As DuckDB's is on 1.4."""

    def load() -> None:
        raise ImportError("cannot import name 'processors'")

    monkeypatch.setitem(registry.impls, "oldfashioned", load)

    with pytest.raises(ColumnArgumentError, match=r"'oldfashioned' does not go with SQLAlchemy .*processors"):
        session.table("predictions").sql("oldfashioned")
