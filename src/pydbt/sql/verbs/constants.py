"""Constants: a little table that a verb brings along, written into the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pydbt.sql.query import Query
from pydbt.sql.transfer.statements import Values
from pydbt.sql.verbs.arguments import literal_of
from pydbt.sql.verbs.source import from_selectable


def constants(name: str, columns: Mapping[str, Sequence[Any]]) -> Query:
    """The rows of these columns as a plan: a CTE of VALUES.

    A UNION ALL of as many SELECTs would be too many for SQLite from 500 on, and takes DuckDB seconds to plan.

    Args:
        name: What the table is called in the SQL.
        columns: Name to values, of which there is at least one.
    """
    rows: list[list[Any]] = [
        [literal_of(value, name) for value in row] for row in zip(*columns.values(), strict=True)
    ]
    made = [
        sa.column(f"column{number}", value.type).label(column)
        for number, (column, value) in enumerate(zip(columns, rows[0], strict=True), 1)
    ]
    return from_selectable(sa.select(*made).select_from(Values(rows)).cte(name))
