"""SQLite: what differs from the ANSI default. From version 3.35 on."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.sql.expression import Executable

from pydbt.sql.dialects.ansi import AnyType, Dialect, TypeNames, in_small_letters, type_from

# The schema stands in the FROM, where no parameter may stand: so the query is built, not a constant.
_HIDDEN_COLUMN_OF_A_VIRTUAL_TABLE = 1


def _master(schema: str | None) -> sa.sql.expression.TableClause:
    columns = (sa.column(name, sa.String) for name in ("name", "type", "tbl_name"))
    return sa.table("sqlite_master", *columns, schema=schema)


def _columns(schema: str | None, table: str | None) -> Executable:
    master = _master(schema)
    info = sa.func.pragma_table_xinfo(master.c.name, schema or "main").table_valued(
        "cid", "name", "type", "hidden"
    )
    query = (
        sa.select(
            sa.literal(schema or "main"), master.c.name, info.c.name, info.c.type, sa.null().label("labels")
        )
        .select_from(master.join(info, sa.true()))
        .where(master.c.type.in_(["table", "view"]), info.c.hidden != _HIDDEN_COLUMN_OF_A_VIRTUAL_TABLE)
        .order_by(master.c.name, info.c.cid)
    )
    return query if table is None else query.where(sa.func.lower(master.c.name) == table.lower())


def _relation(schema: str | None, name: str) -> Executable:
    master = _master(schema)
    # Views follow the name when the swap runs with legacy_alter_table: no dependent is in the way.
    return sa.select(master.c.type, sa.literal(0)).where(
        master.c.type.in_(["table", "view"]), sa.func.lower(master.c.name) == name.lower()
    )


def _indexes(schema: str | None, name: str) -> Executable:
    master = _master(schema)
    return sa.select(master.c.name).where(
        master.c.type == "index",
        sa.func.lower(master.c.tbl_name) == name.lower(),
        sa.func.instr(master.c.name, "__pydbt_ix_") > 0,
    )


_AFFINITIES: tuple[tuple[tuple[str, ...], type[AnyType]], ...] = (
    (("INT",), sa.Integer),
    (("CHAR", "CLOB", "TEXT"), sa.String),
    (("BLOB",), sa.LargeBinary),
    (("REAL", "FLOA", "DOUB"), sa.Float),
)


def _read_type(text: str, _labels: Sequence[str] | None, names: TypeNames) -> AnyType | None:
    if not text:
        return sa.types.NullType()
    known = type_from(text, names)
    if known is not None:
        return known
    # https://www.sqlite.org/datatype3.html, "Determination Of Column Affinity", in its order
    for words, kind in _AFFINITIES:
        if any(word in text.upper() for word in words):
            return kind()
    return sa.Numeric()


SQLITE = Dialect(
    name="sqlite",
    columns=_columns,
    relation=_relation,
    indexes=_indexes,
    schemas=sa.text("SELECT name FROM pragma_database_list ORDER BY seq"),
    read_type=_read_type,
    reserved_words=frozenset({"nothing", "recursive", "returning"}),
    # Quoted or not: they become column1, column2.
    lost_names=frozenset({"true", "false"}),
    # CREATE TABLE AS gives the columns of expressions no type at all.
    has_typed_create_table_as=False,
    # A view that names a missing column is made, and fails when it is read.
    has_checked_views=False,
    has_case_insensitive_names=True,
    column_key=in_small_letters,
    has_grouping_sets=False,
)
