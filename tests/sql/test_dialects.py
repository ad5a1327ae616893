"""Each flag of a dialect is what the real database does: asked of it, not read in a manual."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

import pydbt
from pydbt.sql.dialects import ANSI, Dialect, dialect_of
from pydbt.sql.materialize import publish

RUNS_ON_MARIADB = True
_NULL_AROUND_EXISTS = """
SELECT CASE WHEN EXISTS (
    SELECT 1 FROM (SELECT 1 AS a, 2 AS k UNION ALL SELECT 2, 3) u WHERE u.a = t.a AND u.k <> t.k
) THEN 1 ELSE 0 END
FROM (SELECT 1 AS a, NULLIF(1, 1) AS k UNION ALL SELECT 2, 5) t ORDER BY t.a LIMIT 1
"""
# A query, and what it gives where the database has it; it fails, or gives something else, where not.
PROBES: dict[str, tuple[str, object]] = {
    "has_grouping_sets": ("SELECT count(*) FROM (SELECT n FROM (SELECT 1 AS n) t GROUP BY ROLLUP (n)) u", 2),
    "has_full_join": ("SELECT count(*) FROM (SELECT 1 AS n) a FULL JOIN (SELECT 2 AS n) b ON a.n = b.n", 2),
    "has_full_join_on_anything": (
        "SELECT count(*) FROM (SELECT 1 AS n) a FULL JOIN (SELECT 2 AS n) b ON a.n > b.n",
        2,
    ),
    "has_expressions_in_having": (
        "SELECT count(*) FROM (SELECT 1 AS n) t GROUP BY n + 1 HAVING n + 1 > 0",
        1,
    ),
    "has_outer_columns_in_from": (
        "SELECT (SELECT m FROM (SELECT t.n + 1 AS m) u) FROM (SELECT 1 AS n) t",
        2,
    ),
    "has_null_in_exists": (_NULL_AROUND_EXISTS, 0),
    "has_asof_join": ("SELECT t.n FROM (SELECT 5 AS n) t ASOF JOIN (SELECT 4 AS n) u ON t.n >= u.n", 5),
}
# Proved elsewhere: by publishing, whole and by increments, by the catalog, and by chance.
ELSEWHERE = {
    "has_case_insensitive_names",
    "has_cheap_parameters",
    "has_checked_views",
    "has_count_from_table_as",
    "has_create_or_replace_table",
    "has_declared_create_table_as",
    "has_create_or_replace_view",
    "has_four_byte_names",
    "has_free_view_replacement",
    "has_columns_dropped_under_indexes",
    "has_indexed_text",
    "has_indexes_after_rows",
    "has_keys_from_indexes",
    "has_merge",
    "has_shared_ctes",
    "has_text_by_code_point",
    "has_transactional_ddl",
    "has_typed_create_table_as",
}


def answer(engine: Engine, query: str) -> object:
    """What the database says, as a Python number; None where it does not know the question."""
    try:
        with engine.connect() as connection:
            return connection.execute(sa.text(query)).scalar()
    except DBAPIError:
        return None


def test_flags_are_what_the_database_does(engine: Engine) -> None:
    """A flag that is set works there; one that is not, does not."""
    dialect = dialect_of(engine)
    found = {name: answer(engine, query) == value for name, (query, value) in PROBES.items()}

    assert found == {name: getattr(dialect, name) for name in PROBES}


def test_every_flag_is_proved() -> None:
    """A flag added later needs its probe."""
    flags = {field.name for field in fields(Dialect) if field.name.startswith("has_")}

    assert flags == {*PROBES, *ELSEWHERE}


def test_every_flag_is_asked_for() -> None:
    """Whoever writes a dialect sets no flag that nothing follows from."""
    package = Path(pydbt.__file__).parent
    source = "".join(path.read_text() for path in package.rglob("*.py"))

    assert [name for name in (*PROBES, *ELSEWHERE) if f".{name}" not in source] == []


def test_ddl_in_a_transaction_is_undone(engine: Engine) -> None:
    """CREATE belongs to its transaction, but on MariaDB."""
    with pytest.raises(DBAPIError), engine.begin() as connection:  # noqa: PT012  all of it is one transaction
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        connection.exec_driver_sql("nonsense")

    left = sa.inspect(engine).get_table_names()
    assert left == ([] if dialect_of(engine).has_transactional_ddl else ["t"])
    assert dialect_of(engine).has_transactional_ddl is (engine.dialect.name != "mysql")


def test_a_connection_and_a_dialect_have_the_same_differences(engine: Engine) -> None:
    """Engine, connection, SQLAlchemy's dialect: one answer; a database unknown here is ANSI."""
    with engine.connect() as connection:
        found = {dialect_of(engine).name, dialect_of(connection).name, dialect_of(engine.dialect).name}

    assert (found, dialect_of(sa.create_mock_engine("mssql://", lambda *_: None).dialect) is ANSI) == (
        {engine.dialect.name},
        True,
    )


@pytest.mark.parametrize(
    "word", ["nothing", "recursive", "returning", "collation", "lateral", "order", "user"]
)
def test_reserved_words_are_quoted(engine: Engine, word: str) -> None:
    """Also those that SQLAlchemy takes for plain names."""
    publish(engine, sa.select(sa.literal(7).label(word)), word)
    query: Any = (
        sa.select(sa.column(word)).select_from(sa.table(word)).where(sa.column(word) == sa.literal(7))
    )
    with engine.connect() as connection:
        assert connection.execute(query).scalar() == 7
