"""PostgreSQL: what differs from the ANSI default. From version 13 on."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, ENUM
from sqlalchemy.sql.expression import Executable

from pydbt.sql.dialects.ansi import AnyType, Dialect, TypeNames, bound, type_from

_HERE = "n.nspname = coalesce(CAST(:schema AS name), current_schema())"
# A domain is read as the type it stands on: its limits are the database's to check.
_COLUMNS = sa.text(
    "SELECT n.nspname, c.relname, a.attname,"  # noqa: S608  a constant
    " CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)"
    " ELSE format_type(a.atttypid, a.atttypmod) END,"
    " CASE t.typtype WHEN 'e' THEN (SELECT array_agg(CAST(e.enumlabel AS text) ORDER BY e.enumsortorder)"
    " FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) END"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    f" WHERE {_HERE} AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
    " AND (CAST(:table AS name) IS NULL OR c.relname = CAST(:table AS name))"
    " ORDER BY c.relname, a.attnum"
)
# What DROP TABLE would refuse to take along: views, foreign keys of others, children, users of the row type.
# A relation's own rules, and constraints that refer to itself, go with it.
_RELATION = sa.text(
    "SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view'"  # noqa: S608  a constant
    " WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'relation' END,"
    " EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.deptype = 'n'"
    " AND ((d.refclassid = 'pg_class'::regclass AND d.refobjid IN"
    " (SELECT c.oid UNION ALL SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid))"
    " OR (d.refclassid = 'pg_type'::regclass AND d.refobjid = c.reltype))"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r"
    " WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.ev_class = c.oid)"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k"
    " WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.conrelid = c.oid))"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE {_HERE} AND c.relname = CAST(:table AS name)"
)
_INDEXES = sa.text(
    "SELECT i.relname FROM pg_catalog.pg_index x"  # noqa: S608  a constant
    " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class c ON c.oid = x.indrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE {_HERE} AND c.relname = CAST(:table AS name)"
    " AND strpos(CAST(i.relname AS text), '__pydbt_ix_') > 0"
)
_CASCADES = sa.text(
    "SELECT CAST(CAST(k.conrelid AS regclass) AS text) FROM pg_catalog.pg_constraint k"  # noqa: S608  a constant
    " JOIN pg_catalog.pg_class c ON c.oid = k.confrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE {_HERE} AND c.relname = CAST(:table AS name) AND k.confdeltype IN ('c', 'n', 'd') ORDER BY 1"
)
# Whoever may act as another role, and that role make tables here, can give it tables.
_MAY_OWN = (
    "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)"
    " OR (pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(c.relowner, n.oid, 'CREATE')"
    " AND CASE WHEN CAST(current_setting('server_version_num') AS integer) >= 160000"
    " THEN pg_has_role(c.relowner, 'SET') ELSE true END)"
)
_PRIVILEGES = sa.text(
    f"SELECT c.relname, o.rolname, {_MAY_OWN}, held.attname,"  # noqa: S608  a constant
    " CASE held.grantee WHEN 0 THEN 'public' ELSE r.rolname END, held.privilege_type, held.is_grantable"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_roles o ON o.oid = c.relowner LEFT JOIN LATERAL ("
    "SELECT CAST(NULL AS name) AS attname, x.*"
    " FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x"
    " UNION ALL SELECT a.attname, x.* FROM pg_catalog.pg_attribute a, aclexplode(a.attacl) x"
    " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) held ON true"
    " LEFT JOIN pg_catalog.pg_roles r ON r.oid = held.grantee"
    f" WHERE {_HERE} AND c.relname IN (CAST(:name AS name), CAST(:other AS name))"
)


def _privileges(schema: str | None, name: str, other: str) -> Executable:
    return _PRIVILEGES.bindparams(schema=schema, name=name, other=other)


_SCHEMAS = sa.text(
    "SELECT nspname FROM pg_catalog.pg_namespace"
    " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY nspname"
)
# Serialization failure, deadlock, and two writers making one name: duplicate table or object.
_CONFLICTS = {"40001", "40P01", "42P07", "42710"}
_DUPLICATE_KEY, _INTERNAL_ERROR = "23505", "XX000"


def _read_type(text: str, labels: Sequence[str] | None, names: TypeNames) -> AnyType | None:
    if labels is not None:
        schema, _, name = text.rpartition(".")
        return ENUM(*labels, name=name.strip('"'), schema=schema.strip('"') or None, create_type=False)
    if text.endswith("[]"):
        item = _read_type(text.removesuffix("[]"), None, names)
        return None if item is None else ARRAY(item)
    return type_from(text, names)


def _is_conflict(error: BaseException) -> bool:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    # The last two say it only when a catalogue's row is what two sessions changed at once.
    return (
        state in _CONFLICTS
        or (state == _DUPLICATE_KEY and ("pg_class_" in str(error) or "pg_type_" in str(error)))
        or (state == _INTERNAL_ERROR and "concurrently" in str(error))
    )


POSTGRESQL = Dialect(
    name="postgresql",
    columns=bound(_COLUMNS),
    relation=bound(_RELATION),
    indexes=bound(_INDEXES),
    cascades=bound(_CASCADES),
    schemas=_SCHEMAS,
    read_type=_read_type,
    privileges=_privileges,
    roles=sa.text("SELECT rolname FROM pg_catalog.pg_roles"),
    is_conflict=_is_conflict,
    commented=frozenset({"table", "view"}),
    system_columns=frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}),
    reserved_words=frozenset({"collation", "concurrently", "lateral", "system_user", "tablesample"}),
    # NAMEDATALEN - 1: what is longer is cut in silence.
    max_identifier_bytes=63,
    has_create_or_replace_view=True,
    has_keys_from_indexes=True,
    has_full_join_on_anything=False,
    has_merge=True,
)
