"""The statements that add to a table the rows of a query: data, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import Executable, FromClause, SelectBase, TableClause

from pydbt.errors import Location, NotATableError, TableMovedError
from pydbt.sql import keys
from pydbt.sql.catalog import Columns
from pydbt.sql.collation import Collated
from pydbt.sql.ddl import Drop, InsertFrom, Rename, Swap
from pydbt.sql.dependents import unharmed
from pydbt.sql.dialects import Dialect
from pydbt.sql.dml import DeleteMatched, InsertUnmatched, Merge, UpdateFrom
from pydbt.sql.evolution import SchemaChange, changes
from pydbt.sql.publication import Existing, Publication, Refusal, Step, beside_of
from pydbt.sql.rebuilding import is_deletion, rebuilt
from pydbt.sql.statements import build, statements, with_keys
from pydbt.sql.types import Family, family_of

Strategy = Literal["append", "delete_insert", "merge", "partition"]


_TAKING_THE_NAME = (Rename, Swap, sa.sql.Delete)


@dataclass(frozen=True, slots=True)
class Increment:
    """How the rows of a query are added to a table.

    Args:
        strategy: ``append``, ``delete_insert``, ``merge`` or ``partition``.
        key: The columns that tell a row.
        on: The column of the window, or of the partitions.
        covers: The condition that a value of ``on`` is in the window.
        on_schema_change: ``fail``, ``append`` or ``sync``.
        is_first: Whether there was no table when the query was made.
        is_whole: The table is made anew of the query.
        is_again: Rows of the window may be in the table already: with ``append`` they are deleted first.
        assumed: What has to be still so as it was when the query was made.
        before: What is done before a table that is made anew takes the name.
        after: What is done when all rows are written.
        where: Where the task stands.
    """

    strategy: Strategy
    key: tuple[str, ...] = ()
    on: str | None = None
    covers: Callable[[Any], Any] | None = None
    on_schema_change: SchemaChange = "fail"
    is_first: bool = False
    is_whole: bool = False
    is_again: bool = False
    assumed: tuple[Refusal, ...] = ()
    before: tuple[Executable, ...] = ()
    after: tuple[Executable, ...] = ()
    where: Location | None = None

    def steps(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        """What runs, in order and in one transaction; `Steps` for `publish`."""
        if (existing is None) is not self.is_first:
            raise moved(str(wanted), self.where)
        if existing is None or self.is_whole:
            return (*self.assumed, *self._anew(dialect, wanted, columns, existing))
        steps = self._added(dialect, wanted, columns, existing)
        is_deleting = any(is_deletion(step, wanted) for step in steps)
        return (
            *self.assumed,
            *(unharmed(dialect, wanted, existing) if is_deleting else ()),
            *(rebuilt(dialect, wanted, existing, steps) if existing.is_doubling else steps),
        )

    def _anew(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        def refused(table: TableClause) -> tuple[Refusal, ...]:
            return (*self._refusals(table), *wanted.refusals(table))

        anew = replace(wanted, mode="overwrite", refusals=refused)
        made = statements(dialect, anew, with_keys(dialect, columns, self._told_by), existing)
        # Where DDL commits, what can fail is behind it by then: the table's name changes hands next.
        swaps = (number for number, step in enumerate(made) if isinstance(step, _TAKING_THE_NAME))
        at = 0 if dialect.has_transactional_ddl else next(swaps, 0)
        return (*made[:at], *self.before, *made[at:], *self.after)

    def _added(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing
    ) -> tuple[Step, ...]:
        check_is_table(existing, wanted.name, self.where)
        told_by = (*self.key, *((self.on,) if self.on is not None else ()))
        first, last = changes(
            dialect, wanted, columns, existing, self.on_schema_change, self.where, told_by=told_by
        )
        end = (*wanted.inspection(wanted.table), *self.before, *self.after, *last)
        if self.strategy == "append":
            names = [name for name, _kind in columns]
            added = InsertFrom(wanted.table, names, wanted.select)
            return (*first, *self._cleared(dialect, wanted, columns), added, *end)
        beside = beside_of(wanted, dialect)
        return (
            *first,
            *build(dialect, beside, wanted.select, with_keys(dialect, columns, self._told_by)),
            *self._refusals(beside),
            *self._replaced(dialect, wanted, beside, columns, existing),
            *end,
            Drop(beside),
        )

    def _cleared(self, dialect: Dialect, wanted: Publication, columns: Columns) -> tuple[Executable, ...]:
        """The window's rows go first, where they may be there."""
        # Where DDL commits, a run that died may have left a table whose ledger does not know of its rows.
        is_doubtful = self.is_again or not dialect.has_transactional_ddl
        if not is_doubtful or self.covers is None or self.on is None:
            return ()
        return (sa.delete(wanted.table).where(self.covers(_column(self.on, columns))),)

    def _replaced(
        self,
        dialect: Dialect,
        wanted: Publication,
        beside: TableClause,
        columns: Columns,
        existing: Existing,
    ) -> tuple[Executable, ...]:
        names = [name for name, _kind in columns]
        rows: SelectBase = sa.select(*(sa.column(name) for name in names)).select_from(beside)
        added = InsertFrom(wanted.table, names, rows)
        if self.strategy == "delete_insert" and not self.key:
            assert self.on is not None, "an option is checked"
            assert self.covers is not None, "what has no key has a window"
            return (sa.delete(wanted.table).where(self.covers(_column(self.on, columns))), added)
        key = self._told_by

        def match(old: FromClause, new: FromClause) -> ColumnElement[bool]:
            return sa.and_(*(_same(dialect, old, new, name, columns, existing) for name in key))

        if self.strategy != "merge":
            return (DeleteMatched(wanted.table, beside, match, names, key=key), added)
        changed = [name for name in names if name not in key]
        merge = Merge(wanted.table, beside, match, names, changed, key)
        if dialect.has_merge:
            return (merge,)
        update = UpdateFrom(wanted.table, beside, match, names, changed)
        return (*((update,) if changed else ()), InsertUnmatched(wanted.table, beside, match, names, key=key))

    @property
    def _told_by(self) -> tuple[str, ...]:
        """The columns by which rows of the table and new ones belong together."""
        return (self.on,) if self.strategy == "partition" and self.on is not None else self.key

    def _refusals(self, table: TableClause) -> tuple[Refusal, ...]:
        """What must not be among the new rows: without a key, nothing is wrong."""
        if not self._told_by:
            return ()
        empty, twice = keys.refusals(table, self._told_by, self.where)
        return (empty, twice) if self.strategy == "merge" else (empty,)


def check_is_table(existing: Existing, name: str, where: Location | None) -> None:
    """Refuse to add rows to what is no table.

    Raises:
        NotATableError: It is a view, or something else.
    """
    if existing.kind != "table":
        raise NotATableError(
            f"{existing.kind} {name!r} cannot be added to",
            where=where,
            hint=f"pydbt run --full-refresh {name} makes it a table",
        )


def moved(name: str, where: Location | None) -> TableMovedError:
    """Something else has changed the table since the query was made."""
    return TableMovedError(
        f"another run has changed {name!r} while this one was at it",
        where=where,
        hint="run it again: what the other one has added is left alone",
    )


def _column(name: str, columns: Columns) -> ColumnElement[Any]:
    kind = next(kind for column, kind in columns if column == name)
    return sa.column(name, kind)


def _same(
    dialect: Dialect, old: FromClause, new: FromClause, name: str, columns: Columns, existing: Existing
) -> ColumnElement[bool]:
    """That a column is the same on both sides; text by code point."""
    kind = next(kind for column, kind in columns if column == name)
    left: ColumnElement[Any] = old.c[name]
    if not dialect.has_text_by_code_point and family_of(kind) is Family.TEXT:
        left = Collated(sa.type_coerce(left, dict(existing.columns).get(name, kind)))
    return left == new.c[name]
