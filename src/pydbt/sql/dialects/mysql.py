"""MariaDB, and what MySQL has in common with it: what differs from the ANSI default. MariaDB from 10.6 on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa

from pydbt.sql.dialects.ansi import AnyType, Dialect, TypeNames, bound, type_from

# Twice: the first lets the server look at one table only, the second tells t from T where names do.
_HERE = "table_schema = coalesce(:schema, database())"
_NAMED = "(:table IS NULL OR (table_name = :table AND CAST(table_name AS BINARY) = CAST(:table AS BINARY)))"
_COLUMNS = sa.text(
    "SELECT table_schema, table_name, column_name,"  # noqa: S608  a constant
    " concat(column_type, coalesce(concat(' COLLATE ', collation_name), '')), NULL"
    f" FROM information_schema.columns WHERE {_HERE} AND {_NAMED}"
    " ORDER BY table_name, ordinal_position"
)
# What DROP TABLE would refuse to leave: a table that foreign keys of others point at.
_RELATION = sa.text(
    "SELECT CASE table_type WHEN 'BASE TABLE' THEN 'table' WHEN 'SYSTEM VERSIONED' THEN 'table'"  # noqa: S608  a constant
    " WHEN 'VIEW' THEN 'view' ELSE lower(table_type) END,"
    " EXISTS (SELECT 1 FROM information_schema.referential_constraints r"
    " WHERE r.unique_constraint_schema = t.table_schema AND r.referenced_table_name = t.table_name"
    " AND NOT (r.constraint_schema = t.table_schema AND r.table_name = t.table_name))"
    f" FROM information_schema.tables t WHERE {_HERE} AND {_NAMED}"
)
_SCHEMAS = sa.text(
    "SELECT schema_name FROM information_schema.schemata"
    " WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
    " ORDER BY schema_name"
)
_TEXT = re.compile(r"(?P<type>.+) COLLATE (?P<collation>\w+)", re.DOTALL)
_LENGTH = re.compile(r"(?:var)?char\((?P<length>\d+)\)", re.IGNORECASE)
_FRACTION = re.compile(r"(datetime|timestamp|time)\(\d\)", re.IGNORECASE)
# Deadlock, lock wait timeout, and what another writer made or took away first: table exists, no such
# table, record has changed since last read.
_CONFLICTS = frozenset({1213, 1205, 1020})


def _read_type(text: str, _labels: Sequence[str] | None, names: TypeNames) -> AnyType | None:
    written = _TEXT.fullmatch(text)
    if written is not None:
        # An ENUM or a SET is text, too, and compares with text.
        length = _LENGTH.fullmatch(written["type"])
        return sa.String(int(length["length"]) if length else None, collation=written["collation"])
    if text == "tinyint(1)":
        return sa.Boolean()
    if text.startswith(("bigint", "int")) and text.endswith("unsigned"):
        return sa.BigInteger()
    if text.startswith("double"):
        return sa.Float(53)
    if match := _FRACTION.fullmatch(text):
        return sa.Time() if match[1].lower() == "time" else sa.DateTime()
    return type_from(text.removesuffix(" zerofill").removesuffix(" unsigned"), names)


def _is_conflict(error: BaseException) -> bool:
    return bool(error.args) and error.args[0] in _CONFLICTS


MYSQL = Dialect(
    name="mysql",
    columns=bound(_COLUMNS),
    relation=bound(_RELATION),
    schemas=_SCHEMAS,
    read_type=_read_type,
    is_conflict=_is_conflict,
    max_identifier_characters=64,
    # CREATE, DROP and RENAME commit what was before them, and themselves.
    has_transactional_ddl=False,
    has_create_or_replace_view=True,
    has_free_view_replacement=True,
    # True and false come out as numbers, values bound as dates as text: these columns are declared.
    has_typed_create_table_as=False,
    has_four_byte_names=False,
    has_full_join=False,
    # A column's own collation decides, and the usual one takes 'a' for 'A' and for 'a '.
    has_text_by_code_point=False,
    has_boolean=False,
    has_date_types=False,
    has_true_division_of_integers=True,
    has_grouping_sets=False,
    has_lateral=False,
    has_percentile_cont=False,
)
