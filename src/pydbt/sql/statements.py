"""The statements that publish a whole table or view, or add rows to one: data, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.sql.expression import Executable, SelectBase, TableClause
from sqlalchemy.types import NullType

from pydbt.errors import (
    DependentObjectsError,
    NotATableError,
    TableExistsError,
    UnmatchedColumnsError,
    user_location,
)
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import (
    AddColumn,
    CreateTable,
    CreateTableAs,
    CreateView,
    Drop,
    InsertFrom,
    LockTable,
    Rename,
    Swap,
)
from pydbt.sql.dependents import DROPPING, check_kind, unharmed
from pydbt.sql.dialects import Dialect
from pydbt.sql.grants import kept
from pydbt.sql.keeping import keeping, takes, type_told
from pydbt.sql.mysql_rendering import KeyText, is_text
from pydbt.sql.publication import Existing, Publication, Step, beside_of


def statements(
    dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
) -> tuple[Step, ...]:
    """What runs, in order and in one transaction, to publish; nothing is sent.

    Args:
        dialect: The database's differences.
        wanted: What to publish.
        columns: The query's columns, as `columns_of` gives them.
        existing: What stands under the name now; None for nothing.
    """
    if existing is not None and existing.kind not in {"table", "view", "materialized view"}:
        raise NotATableError(
            f"{str(wanted)!r} is a {existing.kind}", where=user_location(), hint="choose another name"
        )
    if existing is not None and wanted.mode == "error":
        raise TableExistsError(
            f"{existing.kind} {str(wanted)!r} exists",
            where=user_location(),
            hint='mode="overwrite" replaces it',
        )
    if existing is not None and wanted.mode == "ignore":
        return ()
    if existing is not None and wanted.mode == "overwrite":
        check_kind(wanted, existing)
    if wanted.kind == "view":
        return _view(dialect, wanted, columns, existing)
    if existing is None and dialect.has_transactional_ddl:
        built = build(dialect, wanted.table, wanted.select, columns)
        return (*built, *wanted.inspection(wanted.table))
    if existing is None:
        beside = beside_of(wanted, dialect)
        built = build(dialect, beside, wanted.select, columns)
        return (*built, *wanted.inspection(beside), Rename(beside, wanted.name))
    if wanted.mode == "append":
        return _appended(dialect, wanted, columns, existing)
    return _swapped(dialect, wanted, columns, existing)


def _view(
    dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
) -> tuple[Step, ...]:
    if wanted.mode == "append":
        raise NotATableError(
            f"view {str(wanted)!r} cannot be appended to", where=user_location(), hint='kind="table" can'
        )
    if existing is not None and _is_replaceable(dialect, existing):
        return (CreateView(wanted.table, wanted.select, or_replace=True),)
    if existing is not None and dialect.privileges is not None:
        beside = beside_of(wanted, dialect)
        return (CreateView(beside, wanted.select), *_exchanged(dialect, wanted, columns, beside, existing))
    drop: tuple[Executable, ...] = () if existing is None else (Drop(wanted.table, existing.kind),)
    # Reading it once, inside the transaction, is how a database that checks nothing is made to check.
    reading: Executable = sa.select(sa.literal_column("1")).select_from(wanted.table).limit(0)
    probe = () if dialect.has_checked_views else (reading,)
    return (*drop, CreateView(wanted.table, wanted.select), *probe)


def _is_replaceable(dialect: Dialect, existing: Existing) -> bool:
    """Whether a view is replaced as it stands: where its columns may change, or it cannot be dropped."""
    is_view = existing.kind == "view" and dialect.has_create_or_replace_view
    return is_view and (dialect.has_free_view_replacement or existing.has_dependents)


def build(
    dialect: Dialect, table: TableClause, select: SelectBase, columns: Columns
) -> tuple[Executable, ...]:
    """Make a new table with a query's rows, and its columns' types."""
    if dialect.has_typed_create_table_as:
        return (CreateTableAs(table, select),)
    if dialect.has_declared_create_table_as:
        return (CreateTableAs(table, select, columns=columns),)
    return (CreateTable(table, columns), InsertFrom(table, [name for name, _kind in columns], select))


def with_keys(dialect: Dialect, columns: Columns, keys: Iterable[str]) -> Columns:
    """The columns as a table has them in which some are looked up."""
    if dialect.has_indexed_text:
        return columns
    names = set(keys)
    return tuple((name, KeyText() if name in names and is_text(kind) else kind) for name, kind in columns)


def _appended(
    dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing
) -> tuple[Step, ...]:
    if existing.kind != "table":
        raise NotATableError(
            f"{existing.kind} {str(wanted)!r} cannot be appended to",
            where=user_location(),
            hint='mode="overwrite"',
        )
    names = [name for name, _kind in columns]
    if not agree(dialect, names, existing.names):
        raise UnmatchedColumnsError(
            f"table {str(wanted)!r} has the columns {', '.join(existing.names)};"
            f" the query has {', '.join(names)}{difference(dialect, names, existing.names)}",
            where=user_location(),
            hint='select the table\'s columns, in any order; mode="overwrite" makes the table anew',
        )
    _check_unchanged(dialect, wanted, columns, existing)
    # What is looked at is the table as it will be: rows may be right by themselves and wrong beside others.
    return (InsertFrom(wanted.table, names, wanted.select), *wanted.inspection(wanted.table))


def _check_unchanged(dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing) -> None:
    """Refuse values that the database would round or cut, or keep as they are in a column of other ones."""
    fold = dialect.column_key
    there = {fold(name): kind for name, kind in existing.columns}
    for name, kind in columns:
        column = there[fold(name)]
        if not takes(column, kind):
            raise UnmatchedColumnsError(
                f"the column {name!r} of table {str(wanted)!r} is {type_told(column)},"
                f" and of its query {type_told(kind)}",
                where=user_location(),
                hint='cast it to what the column is; mode="overwrite" makes the table anew',
            )


def _swapped(dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing) -> tuple[Step, ...]:
    beside = beside_of(wanted, dialect)
    built = (*build(dialect, beside, wanted.select, columns), *wanted.inspection(beside))
    if not existing.has_dependents:
        return (*built, *_exchanged(dialect, wanted, columns, beside, existing))
    names = [name for name, _kind in columns]
    added = _added(dialect, columns, existing)
    kept = [name for name in names if name not in {name for name, _kind in added}]
    is_unknown = any(isinstance(kind, NullType) for _name, kind in added)
    if is_unknown or not agree(dialect, kept, existing.names):
        raise DependentObjectsError(
            f"other objects stand on table {str(wanted)!r}, and its columns would change from"
            f" {', '.join(existing.names)} to {', '.join(names)}",
            where=user_location(),
            hint=f"keep the columns, and add new ones at will; or {DROPPING}",
        )
    # Never TRUNCATE, which readers of an older snapshot see as no rows at all. The lock keeps a second
    # writer from deleting what this one does not see and adding its rows to these.
    rows: SelectBase = sa.select(*(sa.column(name) for name in names)).select_from(beside)
    # Where DDL commits, LOCK TABLES would, too: there, only one of PyDBT's writers comes this far at a time.
    lock = (LockTable(wanted.table),) if dialect.has_transactional_ddl else ()
    return (
        *built,
        *lock,
        keeping(dialect, wanted, columns, existing, added, beside),
        *unharmed(dialect, wanted, existing),
        *(AddColumn(wanted.table, *column) for column in added),
        sa.delete(wanted.table),
        InsertFrom(wanted.table, names, rows),
        Drop(beside),
    )


def _added(dialect: Dialect, columns: Columns, existing: Existing) -> Columns:
    """The query's columns that the table lacks."""
    fold = dialect.column_key
    there = {fold(name) for name in existing.names}
    return tuple(column for column in columns if fold(column[0]) not in there)


def _exchanged(
    dialect: Dialect, wanted: Publication, columns: Columns, beside: TableClause, existing: Existing
) -> tuple[Step, ...]:
    """The new one takes the name, and the old one goes."""
    if dialect.has_transactional_ddl:
        # A view reads what its owner may: who owned a table need not be let into what the view reads.
        is_owned = wanted.kind == "table" or existing.kind == "view"
        names = [name for name, _kind in columns]
        given = kept(dialect, wanted.table, beside, names, is_owned=is_owned)
        return (*given, Drop(wanted.table, existing.kind), Rename(beside, wanted.name))
    old = beside_of(wanted, dialect)
    return (Swap(wanted.table, old, beside), Drop(old, existing.kind))


def difference(dialect: Dialect, names: Iterable[str], others: Iterable[str]) -> str:
    """What one side has and the other lacks."""
    fold = dialect.column_key
    ours, theirs = {fold(name): name for name in names}, {fold(name): name for name in others}
    more = [name for key, name in ours.items() if key not in theirs]
    less = [name for key, name in theirs.items() if key not in ours]
    told = [f"the table lacks {', '.join(more)}"] * bool(more)
    told += [f"the query lacks {', '.join(less)}"] * bool(less)
    return f": {' and '.join(told)}"


def agree(dialect: Dialect, names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether both sides have the same names, in whatever order."""
    return {*map(dialect.column_key, names)} == {*map(dialect.column_key, others)}
