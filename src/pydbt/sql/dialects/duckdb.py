"""DuckDB: what differs from the ANSI default. From version 1.5 on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.types import ARRAY

from pydbt.sql.dialects.ansi import AnyType, Dialect, TypeNames, bound, in_small_letters, type_from

# A schema is named alone, or with the attached database it is in: `archive.main`.
_HERE = (
    "((database_name = current_database() AND schema_name = coalesce(:schema, current_schema()))"
    " OR database_name || '.' || schema_name = :schema)"
)
_COLUMNS = sa.text(
    "SELECT schema_name, table_name, column_name, data_type, NULL FROM duckdb_columns()"  # noqa: S608  a constant
    f" WHERE NOT internal AND {_HERE} AND (:table IS NULL OR lower(table_name) = lower(:table))"
    " ORDER BY table_name, column_index"
)
_RELATION = sa.text(
    "SELECT kind, false FROM (SELECT 'table' AS kind,"  # noqa: S608  a constant
    " database_name, schema_name, table_name FROM duckdb_tables()"
    " UNION ALL SELECT 'view', database_name, schema_name, view_name FROM duckdb_views())"
    f" WHERE {_HERE} AND lower(table_name) = lower(:table)"
)
_INDEXES = sa.text(
    "SELECT index_name FROM duckdb_indexes()"  # noqa: S608  a constant
    f" WHERE {_HERE} AND lower(table_name) = lower(:table) AND contains(index_name, '__pydbt_ix_')"
)
_UNIQUE_INDEXES = sa.text(
    "SELECT index_name FROM duckdb_indexes() WHERE is_unique"  # noqa: S608  a constant
    f" AND {_HERE} AND lower(table_name) = lower(:table) AND contains(index_name, '__pydbt_ix_')"
)
_SCHEMAS = sa.text(
    "SELECT CASE WHEN database_name = current_database() THEN schema_name"
    " ELSE database_name || '.' || schema_name END AS name FROM duckdb_schemas()"
    # `main` is marked internal, too.
    " WHERE schema_name NOT IN ('information_schema', 'pg_catalog')"
    " AND database_name NOT IN ('system', 'temp') ORDER BY name"
)
# Under other names, or missing, among the dialect's own, which are PostgreSQL's.
_TYPES: TypeNames = {
    "blob": sa.LargeBinary,
    "boolean": sa.Boolean,
    "decimal": sa.Numeric,
    "float": sa.REAL,
    "timestamp_ns": sa.TIMESTAMP,
    "timestamp": sa.TIMESTAMP,
    "timestamp with time zone": sa.TIMESTAMP,
    "time": sa.Time,
    "time with time zone": sa.Time,
    "varchar": sa.String,
}
_LIST = re.compile(r"(?P<item>.+)\[\]", re.DOTALL)


def _read_type(text: str, labels: Sequence[str] | None, names: TypeNames) -> AnyType | None:
    if text.startswith("ENUM("):
        # Its values are text, and DuckDB compares them with text.
        return sa.String()
    if match := _LIST.fullmatch(text):
        item = _read_type(match["item"], labels, names)
        return None if item is None or isinstance(item, ARRAY) else ARRAY(item)
    return type_from(text, _TYPES) or type_from(text, names)


def _is_conflict(error: BaseException) -> bool:
    # DuckDB never waits for another writer, it refuses: "Catalog write-write conflict",
    # "Conflict on tuple deletion", "Transaction conflict".
    return type(error).__name__ == "TransactionException" and "conflict" in str(error).lower()


DUCKDB = Dialect(
    name="duckdb",
    columns=bound(_COLUMNS),
    relation=bound(_RELATION),
    indexes=bound(_INDEXES),
    # In a file that was closed since, a row that is deleted and added again at once counts as a second one.
    doubling_indexes=bound(_UNIQUE_INDEXES),
    schemas=_SCHEMAS,
    read_type=_read_type,
    is_conflict=_is_conflict,
    commented=frozenset({"table", "view"}),
    # For the first value that is bound in a process, its Python package imports pandas, where that is
    # installed: 0.4 s and more.
    has_cheap_parameters=False,
    has_create_or_replace_table=True,
    has_create_or_replace_view=True,
    has_free_view_replacement=True,
    has_count_from_table_as=True,
    # At COMMIT it takes the row that was deleted for a second one.
    has_indexes_after_rows=False,
    has_columns_dropped_under_indexes=False,
    has_case_insensitive_names=True,
    column_key=in_small_letters,
    has_asof_join=True,
    has_merge=True,
    has_null_in_exists=False,
)
