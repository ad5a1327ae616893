"""Checks: what must hold of rows before readers see them.

Each is a query for the rows that fail it. They run on the new rows, in the transaction that publishes them:
a table that fails one stays as it was.

>>> from pydbt import Task
>>> from pydbt.checks import not_null, unique
>>> @Task(materialized="table", checks=[not_null("id"), unique("id", "day")])
... def orders(session):
...     return session.table("raw_orders")
"""

from pydbt.checks.check import Around, Check, check_of, custom
from pydbt.checks.library import (
    accepted_values,
    expression,
    freshness,
    not_null,
    relationships,
    row_count,
    unique,
)

__all__ = [
    "Around",
    "Check",
    "accepted_values",
    "check_of",
    "custom",
    "expression",
    "freshness",
    "not_null",
    "relationships",
    "row_count",
    "unique",
]
