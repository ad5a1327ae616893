"""What is published, and the statements that do it: data, before anything is sent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.sql.elements import _anonymous_label  # the only way to tell a name from the lack of one
from sqlalchemy.sql.expression import ColumnClause, Executable, Label, SelectBase, TableClause

from pydbt.errors import (
    DependentObjectsError,
    InvalidNameError,
    NotATableError,
    TableExistsError,
    UnmatchedColumnsError,
    UnnamedColumnError,
    user_location,
)
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import CreateTable, CreateTableAs, CreateView, Drop, InsertFrom, LockTable, Rename, Swap
from pydbt.sql.dialects import Dialect
from pydbt.sql.identifiers import check_length

# So begin the tables PyDBT makes beside those of the user's.
_RESERVED = ("_pydbt", "__pydbt")

Kind = Literal["table", "view"]
Mode = Literal["overwrite", "append", "error", "ignore"]


@dataclass(frozen=True, slots=True)
class Existing:
    """What stands under a name that is about to be published.

    Args:
        kind: ``table``, ``view``, or what else the database calls it.
        columns: Its columns, in order.
        has_dependents: Whether other objects stand on it, so that the database refuses to drop it.
    """

    kind: str
    columns: tuple[str, ...] = ()
    has_dependents: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """A step that sends nothing: all rows are in this table now, and no reader has seen them yet."""

    table: TableClause


Step = Executable | Inspection


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published, where, and how: the value `statements` turns into SQL.

    Args:
        select: The query.
        name: The name it is published under.
        schema: The schema; None for the current one.
        kind: ``table`` or ``view``.
        mode: ``overwrite``, ``append``, ``error`` or ``ignore``.
        is_inspected: Whether a table's rows are looked at before readers see them.
    """

    select: SelectBase
    name: str
    schema: str | None = None
    kind: Kind = "table"
    mode: Mode = "overwrite"
    is_inspected: bool = False

    @property
    def table(self) -> TableClause:
        """The published table, as SQLAlchemy names it."""
        return sa.table(self.name, schema=self.schema)

    def inspection(self, table: TableClause) -> tuple[Step, ...]:
        """The step that looks at the rows in a table, where that is wanted."""
        return (Inspection(table),) if self.is_inspected else ()

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


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
    if wanted.kind == "view":
        return _view(dialect, wanted, existing)
    if existing is None and dialect.has_transactional_ddl:
        built = _built(dialect, wanted.table, wanted.select, columns)
        return (*built, *wanted.inspection(wanted.table))
    if existing is None:
        beside = beside_of(wanted, dialect)
        built = _built(dialect, beside, wanted.select, columns)
        return (*built, *wanted.inspection(beside), Rename(beside, wanted.name))
    if wanted.mode == "append":
        return _appended(dialect, wanted, columns, existing)
    return _swapped(dialect, wanted, columns, existing)


def _view(dialect: Dialect, wanted: Publication, existing: Existing | None) -> tuple[Executable, ...]:
    if wanted.mode == "append":
        raise NotATableError(
            f"view {str(wanted)!r} cannot be appended to", where=user_location(), hint='kind="table" can'
        )
    if existing is not None and not dialect.has_transactional_ddl:
        beside = beside_of(wanted, dialect)
        return (CreateView(beside, wanted.select), *_exchanged(dialect, wanted, beside, existing))
    # A view that could be replaced as it is was replaced before anybody looked.
    drop: tuple[Executable, ...] = () if existing is None else (Drop(wanted.table, existing.kind),)
    # Reading it once, inside the transaction, is how a database that checks nothing is made to check.
    reading: Executable = sa.select(sa.literal_column("1")).select_from(wanted.table).limit(0)
    probe = () if dialect.has_checked_views else (reading,)
    return (*drop, CreateView(wanted.table, wanted.select), *probe)


def _built(
    dialect: Dialect, table: TableClause, select: SelectBase, columns: Columns
) -> tuple[Executable, ...]:
    if dialect.has_typed_create_table_as:
        return (CreateTableAs(table, select),)
    if dialect.has_declared_create_table_as:
        return (CreateTableAs(table, select, columns=columns),)
    return (CreateTable(table, columns), InsertFrom(table, [name for name, _kind in columns], select))


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
    if not _agree(dialect, names, existing.columns):
        raise UnmatchedColumnsError(
            f"table {str(wanted)!r} has the columns {', '.join(existing.columns)};"
            f" the query has {', '.join(names)}{_difference(dialect, names, existing.columns)}",
            where=user_location(),
            hint='select the table\'s columns, in any order; mode="overwrite" makes the table anew',
        )
    # What is looked at is the table as it will be: rows may be right by themselves and wrong beside others.
    return (InsertFrom(wanted.table, names, wanted.select), *wanted.inspection(wanted.table))


def _swapped(dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing) -> tuple[Step, ...]:
    beside = beside_of(wanted, dialect)
    built = (*_built(dialect, beside, wanted.select, columns), *wanted.inspection(beside))
    if not existing.has_dependents:
        return (*built, *_exchanged(dialect, wanted, beside, existing))
    names = [name for name, _kind in columns]
    if existing.kind != "table" or not _agree(dialect, names, existing.columns):
        raise DependentObjectsError(
            f"other objects stand on {existing.kind} {str(wanted)!r}, and its columns would change from"
            f" {', '.join(existing.columns)} to {', '.join(names)}",
            where=user_location(),
            hint="keep the columns, or drop what stands on it first",
        )
    # Never TRUNCATE, which readers of an older snapshot see as no rows at all. The lock keeps a second
    # writer from deleting what this one does not see and adding its rows to these.
    rows: SelectBase = sa.select(*(sa.column(name) for name in names)).select_from(beside)
    # Where DDL commits, LOCK TABLES would, too: there, only one of PyDBT's writers comes this far at a time.
    lock = (LockTable(wanted.table),) if dialect.has_transactional_ddl else ()
    return (
        *built,
        *lock,
        sa.delete(wanted.table),
        InsertFrom(wanted.table, names, rows),
        Drop(beside),
    )


def _exchanged(
    dialect: Dialect, wanted: Publication, beside: TableClause, existing: Existing
) -> tuple[Executable, ...]:
    """The new one takes the name, and the old one goes."""
    if dialect.has_transactional_ddl:
        return (Drop(wanted.table, existing.kind), Rename(beside, wanted.name))
    old = beside_of(wanted, dialect)
    return (Swap(wanted.table, old, beside), Drop(old, existing.kind))


def _difference(dialect: Dialect, names: Iterable[str], others: Iterable[str]) -> str:
    """What one side has and the other lacks."""
    fold = str.lower if dialect.has_case_insensitive_names else str
    ours, theirs = {fold(name): name for name in names}, {fold(name): name for name in others}
    more = [name for key, name in ours.items() if key not in theirs]
    less = [name for key, name in theirs.items() if key not in ours]
    told = [f"the table lacks {', '.join(more)}"] * bool(more)
    told += [f"the query lacks {', '.join(less)}"] * bool(less)
    return f": {' and '.join(told)}"


def _agree(dialect: Dialect, names: Iterable[str], others: Iterable[str]) -> bool:
    if dialect.has_case_insensitive_names:
        return {name.lower() for name in names} == {name.lower() for name in others}
    return set(names) == set(others)


def columns_of(select: SelectBase) -> Columns:
    """The names and types of a query's columns.

    Raises:
        UnnamedColumnError: A column has no name, or two have the same.
    """
    columns = _labelled(select) or tuple((column.name, column.type) for column in select.subquery().columns)
    seen: set[str] = set()
    for position, (name, _kind) in enumerate(columns, 1):
        # SQLAlchemy's own names for nameless columns are templates: `%(140… count)s`.
        if isinstance(name, _anonymous_label):
            raise UnnamedColumnError(
                f"column {position} of the query has no name",
                where=user_location(),
                hint='give it one: .label("name")',
            )
        if name in seen:
            raise UnnamedColumnError(
                f"two columns of the query are called {name!r}",
                where=user_location(),
                hint='give one of them another name: .label("name")',
            )
        seen.add(name)
    return columns


def _labelled(select: SelectBase) -> Columns | None:
    """The columns of a plain SELECT of labels and columns: no subquery need be made to name them."""
    if not isinstance(select, sa.sql.expression.Select):
        return None
    named = [column for column in select.inner_columns if isinstance(column, (Label, ColumnClause))]
    if len(named) < len(tuple(select.inner_columns)):
        return None
    return tuple((column.name, column.type) for column in named)


def check_name(name: str, dialect: Dialect) -> None:
    """Refuse a table's name that the database would refuse, or keep another one for.

    >>> from pydbt.sql.dialects import POSTGRESQL
    >>> check_name("x" * 64, POSTGRESQL)
    Traceback (most recent call last):
    pydbt.errors.InvalidNameError: ...
    """
    if not name:
        raise InvalidNameError("a table's name is empty", where=user_location(), hint="give it a name")
    if "\x00" in name:
        raise InvalidNameError(
            f"a table's name holds a NUL character: {name!r}", where=user_location(), hint="take it out"
        )
    if name.lower().startswith(_RESERVED):
        raise InvalidNameError(
            f"the name {name!r} begins as PyDBT's own tables do, which are swept away",
            where=user_location(),
            hint="choose a name that does not begin with _pydbt",
        )
    check_length([name], dialect, "table")
    if not dialect.has_four_byte_names and (name.endswith(" ") or max(name) > "\uffff"):
        raise InvalidNameError(
            f"the name {name!r} ends with a blank, or holds a character that {dialect.name} takes in no name",
            where=user_location(),
            hint="choose another name",
        )


def beside_of(wanted: Publication, dialect: Dialect) -> TableClause:
    """A table of a new name, for what is built beside the published one, or was published before."""
    if dialect.has_transactional_ddl:
        return sa.table(temporary_name(wanted.name, dialect), schema=wanted.schema)
    return sa.table(leftovers_of(wanted.name) + secrets.token_hex(4), schema=wanted.schema)


def leftovers_of(name: str) -> str:
    """How all names beside a table begin, and no other's: what a dead run left is found by it.

    >>> leftovers_of("orders")
    'orders__pydbt_1c168adb_'
    """
    return f"{name[:38]}__pydbt_{hashlib.sha256(name.encode()).hexdigest()[:8]}_"


def temporary_name(name: str, dialect: Dialect) -> str:
    """A new unique name for a table built beside that one, never longer than the database keeps."""
    suffix = f"__pydbt_{secrets.token_hex(4)}"
    limit = dialect.max_identifier_bytes
    if limit is None:
        return name + suffix
    # Cutting bytes may split a character: what is left of it goes.
    return name.encode()[: limit - len(suffix)].decode(errors="ignore") + suffix
