"""What databases say of the comments of a relation."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_ASKED = {
    "postgresql": "SELECT a.attname, d.description FROM pg_description d"
    " LEFT JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND a.attnum > 0"
    " WHERE d.objoid = to_regclass(quote_ident(:name))",
    "duckdb": "SELECT NULL, comment FROM duckdb_tables() WHERE table_name = :name UNION ALL"
    " SELECT NULL, comment FROM duckdb_views() WHERE view_name = :name UNION ALL"
    " SELECT column_name, comment FROM duckdb_columns() WHERE table_name = :name",
    "mysql": "SELECT NULL, table_comment FROM information_schema.tables"
    " WHERE table_schema = database() AND table_name = :name AND table_type <> 'VIEW' UNION ALL"
    # A view says what is said of its tables' columns.
    " SELECT column_name, column_comment FROM information_schema.columns JOIN information_schema.tables"
    " USING (table_schema, table_name)"
    " WHERE table_schema = database() AND table_name = :name AND table_type <> 'VIEW'",
}


def comments(engine: Engine, relation: str) -> dict[str | None, str]:
    """The comment of the relation, under None, and those of its columns, by their names."""
    if engine.dialect.name not in _ASKED:
        return {}
    with engine.connect() as connection:
        rows = connection.execute(sa.text(_ASKED[engine.dialect.name]), {"name": relation}).fetchall()
    return {name: text for name, text in rows if text}
