"""SQL as text: golden for each database, and literals that come back as what they were."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from pydbt.errors import UnboundValueError, UnwritableValueError
from pydbt.sql.ddl import (
    Comment,
    CreateTable,
    CreateTableAs,
    CreateView,
    Drop,
    Grant,
    InsertFrom,
    LockTable,
    Rename,
    Revoke,
    SetOwner,
)
from pydbt.sql.dialects import POSTGRESQL, SQLITE
from pydbt.sql.literals import literal
from pydbt.sql.publication import Existing, Publication, columns_of, temporary_name
from pydbt.sql.rendering import render
from pydbt.sql.statements import statements

RUNS_ON_MARIADB = True
POSTGRES = sa.create_mock_engine("postgresql://", lambda *_: None).dialect
LITE = sa.create_mock_engine("sqlite://", lambda *_: None).dialect
SELECT = sa.select(sa.literal("it's").label("Text"))
TABLE = sa.table("my table", schema="s")


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (CreateTableAs(TABLE, SELECT), """CREATE TABLE s."my table" AS SELECT 'it''s' AS "Text\""""),
        (
            CreateTableAs(TABLE, SELECT, or_replace=True),
            """CREATE OR REPLACE TABLE s."my table" AS SELECT 'it''s' AS "Text\"""",
        ),
        (CreateView(TABLE, SELECT), """CREATE VIEW s."my table" AS SELECT 'it''s' AS "Text\""""),
        (
            CreateTable(TABLE, [("a b", sa.Numeric(10, 2)), ("c", sa.types.NullType())]),
            'CREATE TABLE s."my table" ("a b" NUMERIC(10, 2), c)',
        ),
        (
            InsertFrom(TABLE, ["Text"], SELECT),
            """INSERT INTO s."my table" ("Text") SELECT 'it''s' AS "Text\"""",
        ),
        (Drop(TABLE, "materialized view"), 'DROP MATERIALIZED VIEW s."my table"'),
        (Rename(TABLE, "Other"), 'ALTER TABLE s."my table" RENAME TO "Other"'),
        (LockTable(TABLE), 'LOCK TABLE s."my table" IN EXCLUSIVE MODE'),
        (Comment(TABLE, "view", "it's 5 %"), """COMMENT ON VIEW s."my table" IS 'it''s 5 %'"""),
        (Comment(TABLE, "view", "", "a b"), 'COMMENT ON COLUMN s."my table"."a b" IS NULL'),
        (
            Grant(TABLE, [("select", None), ("update", "a b")], "user", is_grantable=True),
            'GRANT SELECT, UPDATE ("a b") ON s."my table" TO "user" WITH GRANT OPTION',
        ),
        (Revoke(TABLE, [("delete", None)], "public"), 'REVOKE DELETE ON s."my table" FROM PUBLIC CASCADE'),
        (SetOwner(TABLE, "a@b"), 'ALTER TABLE s."my table" OWNER TO "a@b"'),
    ],
)
def test_statements_as_text(statement: Any, text: str) -> None:
    """Each construct, with its names quoted where they must be."""
    assert render(statement, POSTGRES) == text


def shape(*steps: Any) -> list[str]:
    """The kinds of statements, in order."""
    return [type(step).__name__ for step in steps]


@pytest.mark.parametrize(
    ("dialect", "existing", "kinds"),
    [
        (POSTGRESQL, None, ["CreateTableAs"]),
        (
            POSTGRESQL,
            Existing("table", (("Text", sa.Text()),)),
            ["CreateTableAs", "Adjustment", "Drop", "Rename"],
        ),
        (
            POSTGRESQL,
            Existing("table", (("Text", sa.Text()),), has_dependents=True),
            ["CreateTableAs", "LockTable", "Survey", "Refusal", "Delete", "InsertFrom", "Drop"],
        ),
        (SQLITE, None, ["CreateTable", "InsertFrom"]),
        (SQLITE, Existing("view", (("x", sa.Text()),)), ["CreateTable", "InsertFrom", "Drop", "Rename"]),
    ],
)
def test_what_runs_is_data(dialect: Any, existing: Any, kinds: list[str]) -> None:
    """The statements are known before anything is sent: new data first, the old table's end last."""
    wanted = Publication(SELECT, "t")

    assert shape(*statements(dialect, wanted, columns_of(SELECT), existing)) == kinds


def test_a_temporary_name_is_unique_and_short_enough() -> None:
    """It fits with its suffix, never cuts a character in two, and never comes twice."""
    made = {temporary_name("é" * 31, POSTGRESQL) for _number in range(100)}

    assert (len(made), all(len(name.encode()) <= 63 for name in made)) == (100, True)


VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00")),
    st.binary(max_size=50),
    st.dates(dt.date(1, 1, 1)),
    st.datetimes(dt.datetime(1, 1, 1)),  # noqa: DTZ001  without a zone
    st.times(),
)
KINDS: dict[type, Any] = {
    bool: sa.Boolean(), int: sa.BigInteger(), float: sa.Float(53), str: sa.String(), bytes: sa.LargeBinary(),
    dt.date: sa.Date(), dt.datetime: sa.DateTime(), dt.time: sa.Time(),
}  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_a_literal_comes_back_as_its_value(engine: Engine, value: Any) -> None:
    """Any value of a plain type, written out and read back, on every database."""
    kind = KINDS[type(value)]
    text = render(sa.select(sa.literal(value, kind).label("x")), engine.dialect)
    with engine.connect() as connection:
        got = connection.exec_driver_sql(text, execution_options={"no_parameters": True}).scalar()
    if engine.dialect.name in {"sqlite", "mysql"}:
        # They keep times, dates or booleans as something else; SQLAlchemy makes them what they were.
        process = kind.dialect_impl(engine.dialect).result_processor(engine.dialect, None)
        got = process(got) if process else got

    got = bytes(got) if isinstance(got, memoryview) else got
    if engine.dialect.name == "sqlite" and isinstance(value, float):
        # It reads the last of 17 digits inexactly, far from 1.
        assert got == pytest.approx(value, rel=1e-14, abs=0)
        return
    assert got == value


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (decimal.Decimal("1E+5"), sa.Numeric(), "100000.0"),
        (uuid.UUID(int=7), sa.types.NullType(), "CAST('00000000-0000-0000-0000-000000000007' AS UUID)"),
        (dt.timedelta(days=1, seconds=2), sa.Interval(), "CAST('1 days 2.000000 seconds' AS INTERVAL)"),
        ([1, 2], sa.ARRAY(sa.Integer), "ARRAY[1, 2]"),
        ({"a": "it's"}, sa.JSON(), "'{\"a\": \"it''s\"}'"),
        ("a\\b", sa.String(), "E'a\\\\b'"),
        (float("inf"), sa.Float(), "CAST('inf' AS DOUBLE PRECISION)"),
    ],
)
def test_literals_of_postgresql(value: Any, kind: Any, text: str) -> None:
    """The forms that have one spelling in a view."""
    assert literal(value, kind, POSTGRES) == text


@pytest.mark.parametrize("value", ["a\0b", object()])
def test_a_value_without_a_literal_is_refused(value: Any) -> None:
    """It is said when the view is made, not found in it later."""
    with pytest.raises(UnwritableValueError):
        literal(value, sa.types.NullType(), LITE)


def test_a_parameter_without_a_value_is_refused() -> None:
    """SQLAlchemy would write NULL."""
    with pytest.raises(UnboundValueError, match="'z' without a value"):
        render(CreateView(TABLE, SELECT.where(sa.bindparam("z") == 1)), LITE)
