"""What the catalog knows, what it asks, and when."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.types import NullType

from pydbt.errors import SchemaNotFoundError, TableNotFoundError
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dialects import dialect_of
from tests.conftest import IS_SQLALCHEMY_14

RUNS_ON_MARIADB = True
INTEGER = sa.Integer()

TYPES = {
    "sqlite": {
        "INTEGER": sa.Integer, "BIGINT": sa.BigInteger, "VARCHAR(20)": sa.String, "TEXT": sa.String,
        "DATE": sa.Date, "DATETIME": sa.DateTime, "TIMESTAMP": sa.DateTime, "TIME": sa.Time,
        "BOOLEAN": sa.Boolean, "NUMERIC(10,2)": sa.Numeric, "DECIMAL(8, 3)": sa.Numeric, "REAL": sa.Float,
        "DOUBLE PRECISION": sa.Float, "BLOB": sa.LargeBinary, "JSON": sa.JSON, "UNSIGNED BIG INT": sa.Integer,
        "NATIVE CHARACTER(70)": sa.String, "": NullType, "MONEY": sa.Numeric,
    },
    "duckdb": {
        "BOOLEAN": sa.Boolean, "TINYINT": sa.Integer, "SMALLINT": sa.Integer, "INTEGER": sa.Integer,
        "BIGINT": sa.BigInteger, "HUGEINT": sa.Integer, "UBIGINT": sa.Integer, "FLOAT": sa.Float,
        "DOUBLE": sa.Float,
        "DECIMAL(18,3)": sa.Numeric, "VARCHAR": sa.String, "DATE": sa.Date, "TIME": sa.Time,
        "TIMESTAMP": sa.DateTime, "TIMESTAMP_S": sa.DateTime, "TIMESTAMP_MS": sa.DateTime,
        "TIMESTAMP WITH TIME ZONE": sa.DateTime, "INTERVAL": object, "UUID": object,
        "BLOB": sa.LargeBinary, "JSON": sa.JSON, "ENUM('a', 'b')": sa.String, "INTEGER[]": sa.ARRAY,
        "VARCHAR[][]": sa.ARRAY, "STRUCT(a INTEGER, b VARCHAR)": object, "MAP(VARCHAR, INTEGER)": object,
    },
    "postgresql": {
        "boolean": sa.Boolean, "smallint": sa.SmallInteger, "integer": sa.Integer, "bigint": sa.BigInteger,
        "real": sa.Float, "double precision": sa.Float, "numeric": sa.Numeric, "numeric(10,2)": sa.Numeric,
        "text": sa.String, "varchar(20)": sa.String, "char(3)": sa.String, "date": sa.Date, "time": sa.Time,
        "timestamp": sa.DateTime, "timestamp with time zone": sa.DateTime, "interval": object, "uuid": object,
        "json": sa.JSON, "jsonb": sa.JSON, "bytea": sa.LargeBinary, "integer[]": sa.ARRAY, "text[]": sa.ARRAY,
        "mood": sa.Enum, "positive": sa.Integer, "inet": object, "timestamp(3)": sa.DateTime,
    },
    "mysql": {
        "boolean": sa.Boolean, "tinyint": sa.Integer, "smallint": sa.SmallInteger, "int": sa.Integer,
        "int unsigned": sa.BigInteger, "bigint": sa.BigInteger, "bigint unsigned": sa.BigInteger,
        "float": sa.Float, "double": sa.Float, "decimal(10,2)": sa.Numeric,
        "decimal(8,3) unsigned": sa.Numeric,
        "varchar(20)": sa.String, "char(3)": sa.String, "text": sa.String, "longtext": sa.String,
        "varchar(5) character set latin1": sa.String, "enum('a', 'b)')": sa.String,
        "set('a', 'b')": sa.String,
        "date": sa.Date, "time": sa.Time, "time(3)": sa.Time, "datetime": sa.DateTime,
        "datetime(6)": sa.DateTime,
        "timestamp": sa.DateTime, "year": sa.Integer, "blob": sa.LargeBinary, "varbinary(5)": sa.LargeBinary,
        "binary(5)": sa.LargeBinary, "bit(1)": object, "json": sa.String, "uuid": object, "inet6": object,
    },
}  # fmt: skip


def run(engine: Engine, *statements: str) -> None:
    """Run statements as they are, each for itself."""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def sent(engine: Engine) -> Iterator[list[str]]:
    """The statements an engine sends meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def names(engine: Engine, table: str, schema: str | None = None) -> list[str]:
    """The names of a table's columns."""
    return [name for name, _type in catalog_of(engine).columns(schema, table)]


def test_types_are_those_of_the_database(engine: Engine) -> None:
    """Each declared type reads back as the SQLAlchemy type that behaves like it."""
    types = TYPES[engine.dialect.name]
    if engine.dialect.name == "postgresql":
        run(
            engine,
            "CREATE TYPE mood AS ENUM ('sad', 'ok')",
            "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
        )
    declared = ", ".join(f"c{number} {name}" for number, name in enumerate(types))
    run(engine, f"CREATE TABLE t ({declared})")

    found = [kind for _name, kind in catalog_of(engine).columns(None, "t")]

    wrong = {
        name: kind
        for (name, expected), kind in zip(types.items(), found, strict=True)
        if not isinstance(kind, expected) or (expected is not NullType and isinstance(kind, NullType))
    }
    assert wrong == {}


def test_precision_scale_length_and_zone_are_kept(engine: Engine) -> None:
    """What stands in parentheses is not lost."""
    moment = "TIMESTAMP" if engine.dialect.name == "mysql" else "TIMESTAMP WITH TIME ZONE"
    run(engine, f"CREATE TABLE t (n NUMERIC(10, 2), s VARCHAR(20), z {moment})")
    n, s, z = (kind for _name, kind in catalog_of(engine).columns(None, "t"))

    has_zone = engine.dialect.name in {"sqlite", "mysql"} or getattr(z, "timezone", False)
    # DuckDB takes the length and forgets it.
    length = None if engine.dialect.name == "duckdb" else 20
    got = [getattr(n, "precision", 0), getattr(n, "scale", 0), getattr(s, "length", 0), has_zone]
    assert got == [10, 2, length, True]


def test_a_view_has_columns(engine: Engine) -> None:
    """Views are tables to whoever reads them."""
    run(engine, "CREATE TABLE t (a INTEGER, b VARCHAR(5))", "CREATE VIEW v AS SELECT b, a FROM t")

    assert (names(engine, "v"), catalog_of(engine).tables(None)) == (["b", "a"], ("t", "v"))


def test_one_query_for_a_schema(engine: Engine) -> None:
    """A hundred tables are one question, and asking again is none."""
    run(engine, *(f"CREATE TABLE t{number} (n INTEGER)" for number in range(100)))
    catalog_of(engine).tables(None)
    catalog_of(engine).forget()

    with sent(engine) as statements:
        for number in range(100):
            names(engine, f"t{number}")

    assert len([statement for statement in statements if "SELECT" in statement]) == 1


def test_a_table_made_by_somebody_else_is_found(engine: Engine) -> None:
    """A miss asks once more before it is an error."""
    run(engine, "CREATE TABLE a (n INTEGER)")
    names(engine, "a")
    run(engine, "CREATE TABLE b (m INTEGER)")

    assert names(engine, "b") == ["m"]


def test_a_missing_table_is_told_with_near_names(engine: Engine) -> None:
    """The error names the schema, and the tables that are there now."""
    run(engine, "CREATE TABLE flights (n INTEGER)")

    with pytest.raises(TableNotFoundError, match="no table 'flihgts' in schema") as caught:
        names(engine, "flihgts")

    assert caught.value.hint == "did you mean 'flights'?"


def test_a_missing_schema_is_told_with_those_there_are(engine: Engine) -> None:
    """The error names the schemas that exist, not the tables."""
    there = {"sqlite": "main", "duckdb": "main", "postgresql": "public"}.get(engine.dialect.name, "test_")
    with pytest.raises(SchemaNotFoundError, match="no schema 'nosuch'") as of_table:
        names(engine, "t", "nosuch")
    with pytest.raises(SchemaNotFoundError) as of_schema:
        catalog_of(engine).tables("nosuch")

    assert there in of_table.value.hint
    assert there in of_schema.value.hint


def test_what_is_announced_is_not_asked(engine: Engine) -> None:
    """After a write of PyDBT's nobody asks the database."""
    catalog = catalog_of(engine)
    catalog.tables(None)
    with sent(engine) as statements:
        catalog.announce(None, "t", [("a", INTEGER)])
        known = names(engine, "t")

    assert (known, statements) == (["a"], [])


def test_an_announced_column_without_a_type_is_asked_for(engine: Engine) -> None:
    """The type of a function SQLAlchemy does not know is the database's to tell."""
    catalog = catalog_of(engine)
    catalog.tables(None)
    run(engine, "CREATE TABLE t (a INTEGER)")
    catalog.announce(None, "t", [("a", NullType())])

    assert isinstance(catalog.columns(None, "t")[0][1], sa.Integer)


def test_a_forgotten_table_is_there(engine: Engine) -> None:
    """As a table is to which an incremental task has added: it is asked for once more, and once only."""
    run(engine, "CREATE TABLE t (a INTEGER)")
    catalog = catalog_of(engine)
    catalog.tables(None)
    catalog.forget(None, "t")
    first = catalog.has(None, "t")
    with sent(engine) as statements:
        found = [catalog.has(None, "t"), catalog.has(None, "u")]
    catalog.forget(None, "t")

    assert (first, found, statements, catalog.tables(None)) == (True, [True, False], [], ("t",))


def test_no_schema_is_the_current_one(engine: Engine) -> None:
    """None and its name are the same place."""
    run(engine, "CREATE TABLE t (a INTEGER)")
    current = engine.dialect.default_schema_name or ""
    catalog_of(engine).announce(current, "u", [("b", INTEGER)])

    assert (names(engine, "t", current), names(engine, "u")) == (["a"], ["b"])


def test_case_is_as_the_database_has_it(engine: Engine) -> None:
    """Where the database finds `T` as `t`, so does the catalog; where not, not."""
    run(engine, f"CREATE TABLE {engine.dialect.identifier_preparer.quote('Mixed')} (a INTEGER)")
    if dialect_of(engine).has_case_insensitive_names:
        assert names(engine, "mIXED") == ["a"]
        return
    with pytest.raises(TableNotFoundError, match="'mIXED'"):
        names(engine, "mIXED")


def test_forgotten_is_asked_again(engine: Engine) -> None:
    """`forget` of a table, of a schema, of all: each makes the next look a question."""
    run(engine, "CREATE TABLE t (a INTEGER)")
    catalog = catalog_of(engine)
    catalog.announce(None, "t", [("old", INTEGER)])
    catalog.forget(None, "t")
    first = names(engine, "t")
    catalog.announce(None, "t", [("old", INTEGER)])
    catalog.forget()

    assert (first, names(engine, "t")) == (["a"], ["a"])


def test_one_catalog_for_an_engine_under_threads(engine: Engine) -> None:
    """Eight threads at once share one catalog and one question."""
    run(engine, "CREATE TABLE t (a INTEGER)")
    gate = threading.Barrier(8)

    def ask(_number: int) -> tuple[int, list[str]]:
        gate.wait()
        return id(catalog_of(engine)), names(engine, "t")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))

    assert found == [(id(catalog_of(engine)), ["a"])] * 8


def test_a_catalog_lives_as_long_as_its_engine() -> None:
    """An engine that is let go of takes its catalog along."""
    engine = sa.create_engine("sqlite://", future=True)
    catalog = weakref.ref(catalog_of(engine))
    catalog_of(engine).tables(None)
    del engine
    gc.collect()

    assert catalog() is None


def test_a_broken_view_hides_only_itself(sqlite_url: str) -> None:
    """SQLite fails the whole catalogue query for a view whose table is gone; the others are still found."""
    engine = sa.create_engine(sqlite_url, future=True)
    run(
        engine, "CREATE TABLE t (a INTEGER)", "CREATE TABLE u (b INTEGER)", "CREATE VIEW v AS SELECT a FROM t"
    )
    run(engine, "DROP TABLE t")

    assert (names(engine, "u"), catalog_of(engine).tables(None)) == (["b"], ("u",))
    engine.dispose()


def test_generated_columns_are_columns(sqlite_url: str) -> None:
    """SQLite lists them apart."""
    engine = sa.create_engine(sqlite_url, future=True)
    run(engine, "CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1) VIRTUAL)")

    assert names(engine, "t") == ["a", "b"]
    engine.dispose()


@pytest.mark.skipif(IS_SQLALCHEMY_14, reason="DuckDB's dialect needs SQLAlchemy 2")
def test_an_attached_duckdb_is_a_schema(duckdb_url: str) -> None:
    """`database.schema` names what is attached; the same schema of the main database stays apart."""
    engine = sa.create_engine(duckdb_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH ':memory:' AS archive")
        connection.exec_driver_sql("CREATE TABLE archive.main.old (a INTEGER)")
        connection.commit()
        assert (names(engine, "old", "archive.main"), catalog_of(engine).tables(None)) == (["a"], ())
    engine.dispose()
