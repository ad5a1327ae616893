"""The comparison that the examples' tests rest on can fail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.examples.rows import Row, Table, differences

ROW: Row = {"carrier": "UA", "flights": 3, "mean": 1.5}


def as_table(*rows: Row) -> Table:
    """The rows as a database would give them."""
    return Table(tuple(rows[0] if rows else ROW), [tuple(row.values()) for row in rows])


def test_the_same_rows_in_another_order_are_the_same() -> None:
    """A table has no order, and a mean's last digits depend on its summands' order."""
    rows: list[Row] = [ROW, {"carrier": None, "flights": 1, "mean": None}]
    found = as_table(rows[1], ROW | {"mean": 1.5 + 1e-15})

    assert differences(found, rows) == []


@pytest.mark.parametrize(
    "found",
    [
        [],
        [ROW, ROW],
        [ROW | {"flights": 4}],
        [ROW | {"mean": 1.5001}],
        [ROW | {"mean": None}],
        [ROW | {"mean": Decimal("1.5")}],
        [ROW | {"flights": 3.0}],
        [ROW | {"flights": True}],
        [ROW | {"carrier": None}],
        [ROW | {"extra": 1}],
    ],
)
def test_any_difference_is_told(found: list[dict[str, Any]]) -> None:
    """A row missing, a row too many, another value, another type, another column: all of them show."""
    assert differences(as_table(*found), [ROW]) != []


def test_one_wrong_value_among_two_equal_rows_is_told() -> None:
    """Rows are counted: the same row twice is not the same as two rows."""
    other = ROW | {"carrier": "AA"}

    assert differences(as_table(ROW, ROW), [ROW, other]) != []
