"""The statements that add to an incremental table, by strategy and database: what the code makes, shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from pydbt.core.window import Window
from pydbt.sql import ledger
from pydbt.sql.dialects import DUCKDB, MYSQL, POSTGRESQL, SQLITE, Dialect
from pydbt.sql.increment import Increment
from pydbt.sql.publication import Existing, Publication, columns_of
from tests.docs.steps import line_of, told, transaction

_ORDERS = sa.table(
    "orders", sa.column("day", sa.Date), sa.column("id", sa.Integer), sa.column("amount", sa.Integer)
)
_WINDOW = Window(date(2026, 1, 5), date(2026, 1, 8))
_SELECT = sa.select(*_ORDERS.c).where(_WINDOW.covers(_ORDERS.c.day))
_COLUMNS = columns_of(_SELECT)
_SPAN = datetime(2026, 1, 5), datetime(2026, 1, 8)  # noqa: DTZ001  UTC, without zone
_AT = datetime(2026, 1, 8, 6)  # noqa: DTZ001  UTC, without zone
_NOTED = Increment(
    "append",
    on="day",
    covers=_WINDOW.covers,
    assumed=(ledger.unmoved(None, "sales", 4, None),),
    after=ledger.Notes(None, "sales", "day", "20260108T060000Z-1a2b3c4d", _AT).note(_SPAN, 5),
)
_BY_KEY = replace(_NOTED, key=("id",))

_CASES = (
    ("append, PostgreSQL, DuckDB and SQLite", POSTGRESQL, _NOTED),
    ("delete_insert without a key, SQLite", SQLITE, replace(_NOTED, strategy="delete_insert")),
    ("delete_insert with a key, PostgreSQL", POSTGRESQL, replace(_BY_KEY, strategy="delete_insert")),
    ("merge, PostgreSQL from 15 on", POSTGRESQL, replace(_BY_KEY, strategy="merge")),
    ("merge, DuckDB", DUCKDB, replace(_BY_KEY, strategy="merge")),
    ("merge, SQLite", SQLITE, replace(_BY_KEY, strategy="merge")),
    ("merge, MariaDB", MYSQL, replace(_BY_KEY, strategy="merge")),
    ("partition, DuckDB", DUCKDB, replace(_NOTED, strategy="partition")),
)


def increments() -> str:
    """For each strategy the statements that add three days to the table ``sales``, and note it."""
    return "\n\n".join(_case(*case) for case in _CASES)


def _case(title: str, dialect: Dialect, increment: Increment) -> str:
    wanted = Publication(_SELECT, "sales", mode="append", is_inspected=True)
    steps = increment.steps(dialect, wanted, _COLUMNS, Existing("table", _COLUMNS))
    text = transaction((told(step, line_of(dialect), "the whole table") for step in steps), dialect)
    text = re.sub(r"__pydbt_[0-9a-f]{8}(_[0-9a-f]{8})?", "__pydbt_1f3a9c07", text)
    return f"### {title}\n\n```sql\n{text}\n```"
