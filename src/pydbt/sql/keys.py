"""Keys: the columns that tell rows apart, held to it before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.sql.expression import TableClause

from pydbt.errors import Location, RowKeyError
from pydbt.sql.display import row_as_read
from pydbt.sql.publication import Refusal


def refusals(table: TableClause, key: Sequence[str], where: Location | None) -> tuple[Refusal, Refusal]:
    """The steps that refuse rows whose key is NULL, or there twice.

    Args:
        table: Where the new rows are.
        key: The columns.
        where: Where the task stands.
    """
    columns: list[Any] = [sa.column(each) for each in key]
    rows = sa.select(*columns).select_from(table)
    empty = rows.where(sa.or_(*(column.is_(None) for column in columns))).limit(1)
    times: sa.sql.elements.ColumnElement[int] = sa.func.count().label("pydbt_times")
    twice = rows.add_columns(times).group_by(*columns).having(sa.func.count() > 1).order_by(*columns).limit(1)

    def of_null(row: Row[Any]) -> RowKeyError:
        told = f"a new row has NULL in its key: {row_as_read(key, row)}"
        return RowKeyError(told, where=where, hint="leave such rows out, or give them a value: fillna")

    def of_two(row: Row[Any]) -> RowKeyError:
        told = f"{row[-1]} new rows have the same key: {row_as_read(key, row)}"
        return RowKeyError(
            told, where=where, hint="leave one, drop_duplicates(…), or take more columns for the key"
        )

    return Refusal(empty, of_null), Refusal(twice, of_two)
