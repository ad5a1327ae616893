"""Indexes of published tables: made in the transaction that publishes, whatever the way, and kept to a list.

Each has a name that its table, its columns and its kind decide. So what stands there can be told from what is
wanted by names alone, and indexes that others have made are left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.sql.expression import TableClause

from pydbt.errors import Location, RowKeyError, UnmatchedColumnsError
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import AddPrimaryKey, CreateIndex, DropColumn, DropConstraint, DropIndex
from pydbt.sql.dialects import Dialect
from pydbt.sql.display import row_as_read
from pydbt.sql.identifiers import shortened
from pydbt.sql.keys import refusals
from pydbt.sql.publication import Existing, Publication, Refusal, Step, Steps
from pydbt.sql.shaping import built, columns_end, takes_name
from pydbt.sql.statements import with_keys

MARK = "__pydbt_ix_"
_PRIMARY = "pk_"
# No database of ours keeps less.
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Index:
    """An index: columns in their order, and whether no two rows may have the same values in them.

    The one of the primary key takes no NULLs either.
    """

    columns: tuple[str, ...]
    is_unique: bool
    is_primary: bool = False

    def name(self, table: str) -> str:
        """Its name on a table.

        >>> Index(("day",), False).name("orders")
        'orders_day__pydbt_ix_62044fcc'
        """
        told = f"{table}\0{self.columns!r}\0{self.is_unique}"
        mark = MARK + _PRIMARY * self.is_primary + hashlib.sha256(told.encode()).hexdigest()[:8]
        return shortened("_".join((table, *self.columns)), _LONGEST - len(mark)) + mark


@dataclass(frozen=True, slots=True)
class Indexed:
    """A way to publish with indexes: another way, and after it those that are to be there, and no others.

    Args:
        steps: The other way.
        indexes: The indexes.
        where: Where the task stands.
    """

    steps: Steps
    indexes: tuple[Index, ...]
    where: Location | None = None

    def __call__(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        """What runs, as `pydbt.sql.publication.Steps`."""
        keys = [name for index in self.indexes for name in index.columns]
        held = replace(wanted, refusals=lambda table: self._key_refusals(wanted, table))
        taken = self.steps(dialect, held, with_keys(dialect, columns, keys), existing)
        place = next((at for at, step in enumerate(taken) if takes_name(step, wanted)), None)
        is_new = existing is None or existing.kind != "table" or place is not None
        there = () if is_new or existing is None else existing.indexes
        if place is not None and not dialect.has_transactional_ddl:
            # What commits comes before a new table takes the name.
            gone, missing = self._difference(dialect, wanted, built(taken[place]), there)
            return (*taken[:place], *gone, *missing, *taken[place:])
        gone, missing = self._difference(dialect, wanted, wanted.table, there)
        if is_new or dialect.has_indexes_after_rows:
            # A table is renamed first: DuckDB renames none that has an index.
            return (*gone, *taken, *missing)
        self._check_droppable(dialect, wanted, taken, there)
        at = columns_end(dialect, taken)
        return (*gone, *taken[:at], *missing, *taken[at:])

    def _key_refusals(self, wanted: Publication, table: TableClause) -> tuple[Refusal, ...]:
        """NULLs in a primary key; two rows with the same are its index' to refuse."""
        keys = [index.columns for index in self.indexes if index.is_primary]
        return (*wanted.refusals(table), *(refusals(table, key, self.where)[0] for key in keys))

    def _check_droppable(
        self, dialect: Dialect, wanted: Publication, taken: Sequence[Step], there: Sequence[str]
    ) -> None:
        """DuckDB would not make an index again in the transaction that drops it and a column."""
        dropped = next((step for step in taken if isinstance(step, DropColumn)), None)
        kept = next((index for index in self.indexes if index.name(wanted.name) in there), None)
        if dropped is not None and kept is not None and not dialect.has_columns_dropped_under_indexes:
            raise UnmatchedColumnsError(
                f"{dialect.name} drops no column of a table that has an index: {dropped.name!r} of"
                f" {str(wanted)!r}, with one on {', '.join(kept.columns)}",
                where=self.where,
                hint=f"pydbt run --full-refresh {wanted.name} makes the table anew",
            )

    def _difference(
        self, dialect: Dialect, wanted: Publication, table: TableClause, there: Sequence[str]
    ) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """What drops the indexes that are too many, and what makes those that are missing."""
        named = {index.name(wanted.name): index for index in self.indexes}
        gone = tuple(_dropped(dialect, table, name) for name in there if name not in named)
        missing: list[Step] = []
        for name, index in named.items():
            if name not in there:
                missing += (*self._refusals(table, index), *_made(dialect, table, name, index))
        return gone, tuple(missing)

    def _refusals(self, table: TableClause, index: Index) -> tuple[Refusal, ...]:
        """The database would refuse, too, but show no row."""
        if not index.is_unique:
            return ()
        columns: list[Any] = [sa.column(name) for name in index.columns]
        rows = sa.select(*columns, sa.func.count().label("pydbt_times")).select_from(table)
        given = rows.where(*(column.is_not(None) for column in columns)).group_by(*columns)

        def of_two(row: Row[Any]) -> RowKeyError:
            what = "the primary key" if index.is_primary else "a unique index"
            hint = "take more columns for the key" if index.is_primary else "make it not unique"
            told = f"{row[-1]} rows have the same values in {what}: {row_as_read(index.columns, row)}"
            return RowKeyError(told, where=self.where, hint=f"leave one, drop_duplicates(…), or {hint}")

        return (Refusal(given.having(sa.func.count() > 1).order_by(*columns).limit(1), of_two),)


def _made(dialect: Dialect, table: TableClause, name: str, index: Index) -> tuple[Step, ...]:
    made = CreateIndex(table, name, index.columns, unique=index.is_unique)
    is_key = index.is_primary and dialect.has_keys_from_indexes
    return (made, AddPrimaryKey(table, name)) if is_key else (made,)


def _dropped(dialect: Dialect, table: TableClause, name: str) -> Step:
    is_key = MARK + _PRIMARY in name and dialect.has_keys_from_indexes
    return DropConstraint(table, name) if is_key else DropIndex(table, name)
