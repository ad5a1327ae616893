"""What is published, under which names, and what stands there: values, before anything is sent."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import _anonymous_label  # the only way to tell a name from the lack of one
from sqlalchemy.sql.expression import ColumnClause, Executable, Label, SelectBase, TableClause

from pydbt.errors import (
    InvalidNameError,
    PyDBTError,
    UnnamedColumnError,
    user_location,
)
from pydbt.sql.catalog import Columns
from pydbt.sql.dialects import Dialect
from pydbt.sql.identifiers import check_length, is_name

# So begin the tables PyDBT makes beside those of the user's.
_RESERVED = ("_pydbt", "__pydbt")

Kind = Literal["table", "view"]
Mode = Literal["overwrite", "append", "error", "ignore"]


@dataclass(frozen=True, slots=True)
class Existing:
    """What stands under a name that is about to be published.

    Args:
        kind: ``table``, ``view``, or what else the database calls it.
        columns: Its columns and their types, in order.
        has_dependents: Whether other objects stand on it, so that the database refuses to drop it.
        indexes: The names of the indexes that PyDBT has made of it.
        is_doubling: Whether a row that is deleted and added again would be refused as a second one.
    """

    kind: str
    columns: Columns = ()
    has_dependents: bool = False
    indexes: tuple[str, ...] = ()
    is_doubling: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(name for name, _kind in self.columns)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A step that sends nothing: all rows are in this table now, and no reader has seen them yet."""

    table: TableClause


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that only reads: a row that its query gives is a reason to undo all.

    Args:
        query: It gives no row where all is well.
        error: What to raise, given the first row.
    """

    query: Executable
    error: Callable[[Row[Any]], PyDBTError]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A step that asks what is there by now, and takes what follows from it.

    Args:
        query: What is asked.
        statements: The rows to what makes of it what is wanted, nothing where it is so already; or it raises.
        purpose: What it does, in words.
    """

    query: Executable
    statements: Callable[[Sequence[Row[Any]]], tuple[Executable, ...]]
    purpose: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A step that only reads: which columns a table has by now, as the database tells them.

    Args:
        table: The table.
        check: It raises where they are not as they have to be: a reason to undo all.
    """

    table: TableClause
    check: Callable[[Columns], None]


Step = Executable | Inspection | Refusal | Adjustment | Survey


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
        refusals: What must not be among a table's rows, given the table they are in.
    """

    select: SelectBase
    name: str
    schema: str | None = None
    kind: Kind = "table"
    mode: Mode = "overwrite"
    is_inspected: bool = False
    refusals: Callable[[TableClause], tuple[Refusal, ...]] = lambda _table: ()

    @property
    def table(self) -> TableClause:
        """The published table, as SQLAlchemy names it."""
        return sa.table(self.name, schema=self.schema)

    def inspection(self, table: TableClause) -> tuple[Step, ...]:
        """The steps that look at the rows in a table, where that is wanted."""
        return (*self.refusals(table), *((Inspection(table),) if self.is_inspected else ()))

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


Steps = Callable[[Dialect, Publication, Columns, Existing | None], tuple[Step, ...]]
"""A way to publish: the database's differences, what to publish, the query's columns as `columns_of` gives
them, and what stands under the name now, to what runs, in order and in one transaction; nothing is sent."""


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
    if not is_name(name):
        which = "a NUL character" if "\x00" in name else "half a character"
        raise InvalidNameError(
            f"a table's name holds {which}: {name!r}", where=user_location(), hint="take it out"
        )
    if name.lower().startswith(_RESERVED):
        raise InvalidNameError(
            f"the name {name!r} begins as PyDBT's own tables do, which are swept away",
            where=user_location(),
            hint="choose a name that does not begin with _pydbt",
        )
    check_length([name], dialect, "table")
    if not dialect.has_four_byte_names and (name != name.strip(" ") or max(name) > "\uffff"):
        raise InvalidNameError(
            f"the name {name!r} has a blank at its end, or a character that {dialect.name} takes in no name",
            where=user_location(),
            hint="choose another name",
        )


def check_kept(columns: Columns, dialect: Dialect, kind: Kind) -> None:
    """Refuse a column that the database would refuse in this kind, rename, or take for another."""
    refused = dialect.lost_names if kind == "view" else dialect.system_columns
    seen: dict[str, str] = {}
    for name, _kind in columns:
        other = seen.setdefault(dialect.column_key(name), name)
        if other != name:
            raise InvalidNameError(
                f"{dialect.name} takes the columns {other!r} and {name!r} for one",
                where=user_location(),
                hint="give one of them a name that differs in more than capitals",
            )
        if name.lower() in refused:
            raise InvalidNameError(
                f"a {kind} of {dialect.name} can have no column {name!r}",
                where=user_location(),
                hint="give it another name",
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
