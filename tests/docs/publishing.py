"""The statements that publish a table, on each database: what the code makes, shown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.sql.expression import Executable

from pydbt.sql.dialects import DUCKDB, MYSQL, POSTGRESQL, SQLITE, Dialect
from pydbt.sql.indexes import Index, Indexed
from pydbt.sql.materialize import _replacement
from pydbt.sql.publication import Existing, Publication, Refusal, Step, columns_of
from pydbt.sql.snapshot import MOMENT, VALID_FROM, VALID_TO, History
from pydbt.sql.statements import statements
from tests.docs.steps import line_of, lines_of, told, transaction

_ORDERS = sa.table("orders", sa.column("customer", sa.String(20)), sa.column("amount", sa.Integer))
_SELECT = sa.select(
    _ORDERS.c.customer, sa.func.sum(_ORDERS.c.amount, type_=sa.BigInteger()).label("total")
).group_by(_ORDERS.c.customer)
_COLUMNS = columns_of(_SELECT)
_EXISTING = Existing("table", _COLUMNS)
_WITH_VIEWS = Existing("table", _COLUMNS, has_dependents=True)

_DATABASES = (("PostgreSQL", POSTGRESQL), ("SQLite", SQLITE), ("DuckDB", DUCKDB), ("MariaDB", MYSQL))

_CASES = (
    ("PostgreSQL", POSTGRESQL, _EXISTING),
    ("PostgreSQL, where views stand on the table", POSTGRESQL, _WITH_VIEWS),
    ("SQLite", SQLITE, _EXISTING),
    ("DuckDB", DUCKDB, _EXISTING),
    ("DuckDB, where the task has checks", DUCKDB, _EXISTING),
)


_VERSIONS = sa.select(
    sa.column("customer", sa.String(20)),
    sa.column("city", sa.String(20)),
    sa.literal(dt.datetime(2026, 3, 2), MOMENT).label(VALID_FROM),  # noqa: DTZ001  as databases keep it
    sa.cast(sa.null(), MOMENT).label(VALID_TO),
).select_from(sa.table("crm"))
_OF_VERSIONS = columns_of(_VERSIONS)
_HISTORY = History(("customer",), ("city",), None, is_closing=True, moment=dt.datetime(2026, 3, 2))  # noqa: DTZ001  as databases keep it


def published() -> str:
    """For each database the statements that put a new version of the table ``totals`` in place."""
    return "\n\n".join(_case(*case) for case in _CASES)


def _case(title: str, dialect: Dialect, existing: Existing) -> str:
    wanted = Publication(_SELECT, "totals", is_inspected="checks" in title)
    at_once = _replacement(dialect, wanted)
    steps = (at_once,) if at_once is not None else statements(dialect, wanted, _COLUMNS, existing)
    shown = _transaction(steps, dialect) if at_once is None else _alone(at_once, dialect)
    return f"### {title}\n\n{shown}"


def tables() -> str:
    """For each database the statements that make the table ``totals`` anew with its index."""
    wanted = Publication(_SELECT, "totals")
    steps = Indexed(statements, (Index(("customer",), is_unique=True),))
    return "\n\n".join(
        f"### {title}\n\n{_transaction(steps(dialect, wanted, _COLUMNS, _EXISTING), dialect)}"
        for title, dialect in _DATABASES
    )


def views() -> str:
    """For each database the statements that publish the view ``totals`` where one is already."""
    wanted = Publication(_SELECT, "totals", kind="view")
    parts = []
    for title, dialect in _DATABASES:
        at_once = _replacement(dialect, wanted)
        steps = statements(dialect, wanted, _COLUMNS, Existing("view", _COLUMNS))
        shown = _transaction(steps, dialect) if at_once is None else _alone(at_once, dialect)
        parts.append(f"### {title}\n\n{shown}")
    return "\n\n".join(parts)


def _alone(statement: Step, dialect: Dialect) -> str:
    """A statement that is its own transaction."""
    return f"```sql\n{_told(statement, dialect)}\n```"


def _transaction(steps: Sequence[Step], dialect: Dialect) -> str:
    lines = [_told(step, dialect) for step in steps]
    text = transaction(lines, dialect) if dialect.has_transactional_ddl else "\n".join(lines)
    # What is built beside, and what was there before, have names of their own.
    chosen = iter(("1f3a9c07", "5be0c2d4"))
    for name in dict.fromkeys(re.findall(r"__pydbt_(?:[0-9a-f]{8}_)?[0-9a-f]{8}\b", text)):
        text = text.replace(name, f"__pydbt_{next(chosen)}")
    return f"```sql\n{text}\n```"


def _told(step: Step, dialect: Dialect) -> str:
    return told(step, line_of(dialect), "the rows of the new table")


def snapshot() -> str:
    """The statements of a later run of a snapshot that compares rows and ends those that are gone."""
    wanted = Publication(_VERSIONS, "customers", mode="append", is_inspected=True)
    steps = _HISTORY(POSTGRESQL, wanted, _OF_VERSIONS, Existing("table", _OF_VERSIONS))
    text = transaction((_in_lines(step) for step in steps), POSTGRESQL)
    text = re.sub(r"__pydbt_[0-9a-f]{8}", "__pydbt_1f3a9c07", text)
    return f"```sql\n{text}\n```"


def _in_lines(step: Step) -> str:
    """A step, each clause on a line of its own."""

    def write(statement: Executable) -> str:
        return re.sub(r" +$", "", lines_of(POSTGRESQL)(statement), flags=re.MULTILINE)

    if isinstance(step, Refusal):
        return f"-- a row of this is an error:\n{write(step.query)};"
    return told(step, write, "all versions")
