"""Rows replaced in a table that is built again: for a database that takes a replaced row for a second one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import sqlalchemy as sa
from sqlalchemy.sql.expression import SelectBase

from pydbt.sql.ddl import AddColumn, CreateTableAs, Drop, DropColumn, InsertFrom, Rename
from pydbt.sql.dialects import Dialect
from pydbt.sql.dml import DeleteMatched
from pydbt.sql.publication import Existing, Publication, Step, beside_of


def rebuilt(
    dialect: Dialect, wanted: Publication, existing: Existing, steps: Sequence[Step]
) -> tuple[Step, ...]:
    """Steps with the same end as these, which delete rows of a table and add others under the same keys.

    The rows that stay and the new ones go into a table beside it, which takes its name: its indexes are to be
    made anew. Steps that delete nothing are left as they are.
    """
    is_replacing = any(is_deletion(step, wanted) for step in steps)
    return tuple(_rebuilt(dialect, wanted, existing, steps) if is_replacing else steps)


def _rebuilt(
    dialect: Dialect, wanted: Publication, existing: Existing, steps: Sequence[Step]
) -> Iterator[Step]:
    kept = beside_of(wanted, dialect)
    dropped = {step.name for step in steps if isinstance(step, DropColumn)}
    added = [step.name for step in steps if isinstance(step, AddColumn)]
    names = [name for name in (*existing.names, *added) if name not in dropped]
    for step in steps:
        if is_deletion(step, wanted):
            yield CreateTableAs(kept, _staying(wanted, names, step))
        elif isinstance(step, InsertFrom) and step.table.name == wanted.name:
            yield InsertFrom(kept, step.names, step.select)
            yield Drop(wanted.table)
            yield Rename(kept, wanted.name)
        elif not isinstance(step, DropColumn):
            yield step


def is_deletion(step: Step, wanted: Publication) -> TypeGuard[sa.sql.Delete | DeleteMatched]:
    """Whether it deletes rows of the table, and not of the ledger."""
    return isinstance(step, (sa.sql.Delete, DeleteMatched)) and step.table.name == wanted.name  # type: ignore[union-attr]  # of a table


def _staying(wanted: Publication, names: Sequence[str], deleted: sa.sql.Delete | DeleteMatched) -> SelectBase:
    """The query of the rows that are not deleted."""
    columns: list[Any] = [sa.column(name) for name in names]
    rows = sa.select(*columns)
    if isinstance(deleted, DeleteMatched):
        new = sa.select(sa.literal(1)).select_from(deleted.source).where(deleted.match)
        return rows.select_from(deleted.target).where(~new.correlate(deleted.target).exists())
    assert deleted.whereclause is not None, "not all rows go"
    # What is neither true nor false is not deleted.
    return rows.select_from(wanted.table).where(~sa.func.coalesce(deleted.whereclause, sa.false()))
