"""The ANSI default: what PyDBT may expect of a database until its own file says otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

AnyType = TypeEngine[Any]
# SQLAlchemy's own names for types, as `engine.dialect.ischema_names` has them.
TypeNames = Mapping[str, Callable[..., AnyType]]

_FORM = re.compile(r"\s*(?P<name>[^(]+?)\s*(?:\((?P<arguments>[^()]*)\)\s*(?P<rest>[a-z ]*))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a database has, and the catalogue queries it answers.

    Args:
        name: SQLAlchemy's name of the dialect.
        columns: ``(schema, table)`` to the query of ``(schema, table, column, type, labels)`` of tables and
            views, in order; no schema is the current one, no table is all of them.
        relation: ``(schema, name)`` to the query of ``(kind, has_dependents)``, one row or none; the kind is
            ``table``, ``view`` or what else the database calls it.
        indexes: ``(schema, name)`` to the query of the names of the indexes that PyDBT has made of a table.
        doubling_indexes: The same of those under which no row can be replaced; None where it always can.
        cascades: The same of the tables whose rows are deleted, or changed, with those that they refer to;
            None where there are no such foreign keys.
        definitions: ``(schema, table)`` to the query of ``(column, before, after, comment)`` of a table's
            columns, with their definitions before and after the comment, and of the table, whose column is
            None; None where a comment is set by itself.
        privileges: ``(schema, name, other)`` to the query of ``(name, owner, may_own, column, role,
            privileges, is_grantable)`` of two relations: what each role may do, and whether who asks may give
            its owner another one; None where there are no grants.
        roles: The query of the names of those who can be granted something.
        schemas: The query of the names of the schemas a user may name.
        read_type: The catalogue's text for a type, its labels if it is an enum, and SQLAlchemy's names, to a
            type; None where the text alone does not say it.
        is_conflict: Whether an error of the driver means that another writer was first, and trying again
            is right.
        settle: What a driver's connection is told before PyDBT's SQL first runs on it; None where nothing.
        reserved_words: Words that are no names unless quoted, which SQLAlchemy does not know of.
        column_key: What two columns of one table must not share: a column's name as it is told apart.
        commented: The kinds of relations that can have comments, and so their columns.
        max_comment_characters: The longest comment the database keeps of a table and of a column, in
            characters; None where there is no limit worth a check.
        ungranted: Privileges of tables that are none here.
        max_identifier_bytes: The longest name the database keeps; None where there is no limit worth a check.
        max_identifier_characters: As the bytes, where the database counts characters.
        has_cheap_parameters: A statement with bound values costs no more than one without.
        has_transactional_ddl: CREATE, DROP and RENAME are undone by ROLLBACK.
        has_create_or_replace_table: CREATE OR REPLACE TABLE … AS is one atomic statement that keeps the old
            table when the SELECT fails.
        has_create_or_replace_view: CREATE OR REPLACE VIEW exists.
        has_free_view_replacement: CREATE OR REPLACE VIEW may change the columns.
        has_count_from_table_as: CREATE TABLE AS answers with one row, the number of rows written.
        has_typed_create_table_as: CREATE TABLE AS keeps the types of expressions.
        has_declared_create_table_as: CREATE TABLE AS takes types for its columns beside the SELECT.
        has_keys_from_indexes: ADD PRIMARY KEY USING INDEX exists.
        has_indexes_after_rows: A unique index may be made in the transaction that replaces rows, after them.
        has_columns_dropped_under_indexes: DROP COLUMN works on a table that has indexes on other columns.
        has_indexed_text: Text of any length can be a key, and is hashed where tables are joined.
        has_checked_views: CREATE VIEW refuses a SELECT that cannot run.
        system_columns: What no column of a table can be called, in small letters: each table has one.
        lost_names: What no column of a subquery or a view can be called, in small letters.
        has_case_insensitive_names: A quoted name finds a table in another case.
        has_expressions_in_having: HAVING may repeat a key of GROUP BY that is more than a column.
        has_four_byte_names: A name, or a comment, may hold characters beyond U+FFFF.
        has_full_join: FULL JOIN exists.
        has_full_join_on_anything: Its condition need not have an equality of the two sides.
        has_asof_join: ASOF JOIN exists.
        has_merge: MERGE INTO exists.
        has_outer_columns_in_from: A query in a subquery's FROM may read the rows around the subquery.
        has_null_in_exists: A NULL around an EXISTS is unequal to nothing in it.
        has_shared_ctes: A CTE that is read twice is computed once, if chance is in it.
        has_text_by_code_point: Columns of text are compared, grouped and told apart by code point, whatever
            their collation; where not, the compiler gives each a collation that does so.
    """

    name: str
    columns: Callable[[str | None, str | None], Executable]
    relation: Callable[[str | None, str], Executable]
    indexes: Callable[[str | None, str], Executable]
    schemas: Executable
    read_type: Callable[[str, Sequence[str] | None, TypeNames], AnyType | None]
    cascades: Callable[[str | None, str], Executable] | None = None
    definitions: Callable[[str | None, str], Executable] | None = None
    privileges: Callable[[str | None, str, str], Executable] | None = None
    roles: Executable | None = None
    is_conflict: Callable[[BaseException], bool] = lambda _error: False
    settle: Callable[[Any], None] | None = None
    column_key: Callable[[str], str] = str
    reserved_words: frozenset[str] = frozenset()
    system_columns: frozenset[str] = frozenset()
    lost_names: frozenset[str] = frozenset()
    commented: frozenset[str] = frozenset()
    max_comment_characters: tuple[int, int] | None = None
    ungranted: frozenset[str] = frozenset()
    max_identifier_bytes: int | None = None
    max_identifier_characters: int | None = None
    has_cheap_parameters: bool = True
    has_transactional_ddl: bool = True
    has_create_or_replace_table: bool = False
    has_create_or_replace_view: bool = False
    has_free_view_replacement: bool = False
    has_count_from_table_as: bool = False
    has_typed_create_table_as: bool = True
    has_declared_create_table_as: bool = False
    has_keys_from_indexes: bool = False
    doubling_indexes: Callable[[str | None, str], Executable] | None = None
    has_indexes_after_rows: bool = True
    has_columns_dropped_under_indexes: bool = True
    has_indexed_text: bool = True
    has_checked_views: bool = True
    has_case_insensitive_names: bool = False
    has_expressions_in_having: bool = True
    has_four_byte_names: bool = True
    has_full_join: bool = True
    has_full_join_on_anything: bool = True
    has_outer_columns_in_from: bool = True
    has_null_in_exists: bool = True
    has_shared_ctes: bool = True
    has_text_by_code_point: bool = True
    has_grouping_sets: bool = True
    has_asof_join: bool = False
    has_merge: bool = False


def type_from(text: str, names: TypeNames) -> AnyType | None:
    """The type a catalogue writes as ``numeric(10,2)`` or ``character varying(20)``; None when not known.

    >>> from sqlalchemy.dialects.postgresql import dialect
    >>> type_from("numeric(10,2)", dialect().ischema_names)
    NUMERIC(precision=10, scale=2)
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    name = " ".join(filter(None, (form["name"], (form["rest"] or "").strip())))
    made = names.get(name.lower()) or names.get(name.upper())
    if made is None:
        return None
    kind: type[object] = made if isinstance(made, type) else object
    if name.lower().endswith("with time zone"):
        return made(timezone=True)
    if issubclass(kind, sa.Float) or not issubclass(kind, (sa.Numeric, sa.String)):
        return made()
    parts = (form["arguments"] or "").split(",")
    return made(*(int(part) for part in parts if part.strip().isdigit()))


def in_small_letters(name: str) -> str:
    """A name with a to z for A to Z, and all other letters as they are.

    >>> in_small_letters("AÉ")
    'aÉ'
    """
    return name.encode().lower().decode()


def bound(query: sa.sql.elements.TextClause) -> Callable[[str | None, str | None], Executable]:
    """A constant query of ``:schema`` and ``:table`` as the function a `Dialect` wants."""
    return lambda schema, table: query.bindparams(schema=schema, table=table)


_COLUMNS = sa.text(
    "SELECT table_schema, table_name, column_name, data_type, NULL FROM information_schema.columns"
    " WHERE table_schema = :schema AND (:table IS NULL OR table_name = :table)"
    " ORDER BY table_name, ordinal_position"
)
_RELATION = sa.text(
    "SELECT CASE table_type WHEN 'VIEW' THEN 'view' ELSE 'table' END, 1 = 0 FROM information_schema.tables"
    " WHERE table_schema = :schema AND table_name = :table"
)
_SCHEMAS = sa.text("SELECT schema_name FROM information_schema.schemata ORDER BY schema_name")

# Nobody keeps to a standard there.
_NO_INDEXES = sa.text("SELECT table_name FROM information_schema.tables WHERE 1 = 0")

ANSI = Dialect(
    name="ansi",
    columns=bound(_COLUMNS),
    relation=bound(_RELATION),
    indexes=lambda _schema, _table: _NO_INDEXES,
    schemas=_SCHEMAS,
    read_type=lambda text, _labels, names: type_from(text, names),
)
