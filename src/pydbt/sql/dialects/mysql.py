"""MariaDB, and what MySQL has in common with it: what differs from the ANSI default. MariaDB from 10.6 on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import Executable

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
_INDEXES = sa.text(
    "SELECT DISTINCT index_name FROM information_schema.statistics"  # noqa: S608  a constant
    f" WHERE {_HERE} AND {_NAMED} AND instr(index_name, '__pydbt_ix_') > 0"
)
_CASCADES = sa.text(
    "SELECT table_name FROM information_schema.referential_constraints"
    " WHERE unique_constraint_schema = coalesce(:schema, database()) AND referenced_table_name = :table"
    " AND delete_rule IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY table_name"
)
# What MODIFY would forget of a column that is not said again.
_BEFORE = (
    "concat(column_type,"
    " coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), ''),"
    " CASE WHEN generation_expression IS NOT NULL"
    " THEN concat(' GENERATED ALWAYS AS (', generation_expression, ') ', substring_index(extra, ' ', 1))"
    " ELSE concat(if(is_nullable = 'NO', ' NOT NULL', ' NULL'),"
    " coalesce(concat(' DEFAULT ', column_default), ''), ' ', replace(extra, ',', '')) END)"
)
_CHECK = (
    "coalesce((SELECT concat('CHECK (', k.check_clause, ')') FROM information_schema.check_constraints k"
    " WHERE k.constraint_schema = c.table_schema AND k.table_name = c.table_name AND k.level = 'Column'"
    " AND k.constraint_name = c.column_name), '')"
)
_DEFINITIONS = sa.text(
    "SELECT NULL, '', '', table_comment FROM information_schema.tables"  # noqa: S608  a constant
    f" WHERE {_HERE} AND {_NAMED} UNION ALL SELECT column_name, {_BEFORE}, {_CHECK}, column_comment"
    f" FROM information_schema.columns c WHERE {_HERE} AND {_NAMED}"
)
# As they are kept, and not as they are granted.
_NAMES = "replace(replace(table_priv, 'Grant', 'Grant Option'), 'Delete versioning rows', 'Delete History')"
_TO = "CASE WHEN user = 'PUBLIC' AND host = '' THEN 'public' WHEN host = '' THEN user"
_TO += " WHEN host = '%' AND user NOT LIKE '%@%' THEN user ELSE concat(user, '@', host) END"
_GRANTED = (
    "db = coalesce(:schema, database()) AND table_name = :name AND concat(user, '@', host) <> current_user()"
)
_PRIVILEGES = sa.text(
    f"SELECT table_name, NULL, 0, NULL, {_TO}, {_NAMES}, 0 FROM mysql.tables_priv"  # noqa: S608  a constant
    f" WHERE {_GRANTED} AND table_priv <> ''"
    f" UNION ALL SELECT table_name, NULL, 0, column_name, {_TO}, column_priv, 0 FROM mysql.columns_priv"
    f" WHERE {_GRANTED}"
)


def _privileges(schema: str | None, name: str, _other: str) -> Executable:
    return _PRIVILEGES.bindparams(schema=schema, name=name)


_SCHEMAS = sa.text(
    "SELECT schema_name FROM information_schema.schemata"
    " WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
    " ORDER BY schema_name"
)
_TEXT = re.compile(r"(?P<type>.+) COLLATE (?P<collation>\w+)", re.DOTALL)
_LENGTH = re.compile(r"(?:var)?char\((?P<length>\d+)\)", re.IGNORECASE)
_NAME = re.compile(r"\w+")
# Under other names among the dialect's own, with a fraction in brackets, or not there at all.
_TYPES: TypeNames = {
    "binary": sa.LargeBinary,
    "varbinary": sa.LargeBinary,
    "datetime": sa.DateTime,
    "timestamp": sa.DateTime,
    "time": sa.Time,
    "double": lambda: sa.Float(53),
    "year": sa.Integer,
    "inet4": sa.String,
    "inet6": sa.String,
    "uuid": sa.String,
}
_RESERVED = (
    "delete_domain_id lateral master_demote_to_replica master_demote_to_slave portion row_number"
    " sql_buffer_result sql_cache sql_no_cache"
)
# Deadlock; record has changed since last read.
_CONFLICTS = frozenset({1213, 1020})


def _read_type(text: str, _labels: Sequence[str] | None, names: TypeNames) -> AnyType | None:
    written = _TEXT.fullmatch(text)
    if written is not None:
        # An ENUM or a SET is text, too, and compares with text.
        length = _LENGTH.fullmatch(written["type"])
        return sa.String(int(length["length"]) if length else None, collation=written["collation"])
    name = _NAME.match(text)
    assert name is not None, "the catalogue names a type"
    if text == "tinyint(1)":
        return sa.Boolean()
    if name[0] in _TYPES:
        return _TYPES[name[0]]()
    if text.endswith("unsigned") and name[0] in {"int", "bigint"}:
        return sa.BigInteger()
    return type_from(text.removesuffix(" unsigned"), names) or sa.types.NullType()


# Of code points, without the padding that takes 'a ' for 'a'.
COLLATION = "utf8mb4_nopad_bin"
# As `pydbt.connections.mysql` sets its engines; here for everybody's. ANSI_QUOTES stays as the server has it:
# SQLAlchemy has asked, and quotes names accordingly.
SETTINGS = (
    f"SET NAMES utf8mb4 COLLATE {COLLATION}",
    (
        "SET SESSION sql_mode = concat('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION',"
        " if(find_in_set('ANSI_QUOTES', @@sql_mode), ',ANSI_QUOTES', '')),"
        " SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1073741824"
    ),
    # MariaDB alone knows these: without them a recursion is cut at 1,000 rows in silence, and joins without
    # an index compare each row with each.
    (
        "/*M! SET SESSION max_recursive_iterations = 4294967295, SESSION join_cache_level = 4,"
        " SESSION join_buffer_size = 16777216 */"
    ),
)


def _settle(driver: Any) -> None:
    """Tell a connection what SQL means, and PyMySQL to send moments as such, not as text."""
    with driver.cursor() as cursor:
        for setting in SETTINGS:
            cursor.execute(setting)
    driver.encoders = {
        **driver.encoders,
        dt.date: lambda value, _encoders: f"DATE'{value.isoformat()}'",
        dt.datetime: lambda value, _encoders: f"TIMESTAMP'{without_zone(value).isoformat(' ')}'",
        dt.time: lambda value, _encoders: f"TIME'{value.isoformat()}'",
    }


def without_zone(moment: dt.datetime) -> dt.datetime:
    """A moment as the database keeps it: at UTC, which is where the connection is."""
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


def _is_conflict(error: BaseException) -> bool:
    return bool(error.args) and error.args[0] in _CONFLICTS


MYSQL = Dialect(
    name="mysql",
    columns=bound(_COLUMNS),
    relation=bound(_RELATION),
    indexes=bound(_INDEXES),
    cascades=bound(_CASCADES),
    schemas=_SCHEMAS,
    read_type=_read_type,
    definitions=bound(_DEFINITIONS),
    privileges=_privileges,
    roles=sa.text(f"SELECT {_TO} FROM mysql.user"),  # noqa: S608  a constant
    is_conflict=_is_conflict,
    settle=_settle,
    reserved_words=frozenset(_RESERVED.split()),
    # Of views there are none.
    commented=frozenset({"table"}),
    max_comment_characters=(2048, 1024),
    ungranted=frozenset({"truncate"}),
    max_identifier_characters=64,
    # Those of tables it tells apart, on Linux.
    column_key=str.lower,
    # CREATE, DROP and RENAME commit what was before them, and themselves.
    has_transactional_ddl=False,
    has_create_or_replace_view=True,
    has_free_view_replacement=True,
    # True and false would come out as numbers, values bound as dates as text: these columns are declared.
    has_typed_create_table_as=False,
    has_declared_create_table_as=True,
    # CREATE INDEX commits.
    has_indexes_after_rows=False,
    has_indexed_text=False,
    has_expressions_in_having=False,
    has_four_byte_names=False,
    has_full_join=False,
    has_full_join_on_anything=False,
    has_outer_columns_in_from=False,
    # MariaDB puts a CTE into each place where it is read.
    has_shared_ctes=False,
    # A column's own collation decides, and the usual one takes 'a' for 'A' and for 'a '.
    has_text_by_code_point=False,
    has_grouping_sets=False,
)
