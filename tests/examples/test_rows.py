"""The comparison that the examples' tests rest on can fail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.examples.rows import differences

ROW: dict[str, Any] = {"carrier": "UA", "flights": 3, "mean": 1.5}


def test_the_same_rows_in_another_order_are_the_same() -> None:
    """A table has no order, and a mean's last digits depend on its summands' order."""
    rows: list[dict[str, Any]] = [ROW, {"carrier": None, "flights": 1, "mean": None}]
    moved = [rows[1], ROW | {"mean": 1.5 + 1e-15}]

    assert differences(moved, rows) == []


@pytest.mark.parametrize(
    "found",
    [
        [],
        [ROW, ROW],
        [ROW | {"flights": 4}],
        [ROW | {"mean": 1.5001}],
        [ROW | {"mean": None}],
        [ROW | {"mean": Decimal("1.5")}],
        [ROW | {"carrier": None}],
        [ROW | {"extra": 1}],
    ],
)
def test_any_difference_is_told(found: list[dict[str, Any]]) -> None:
    """A row missing, a row too many, another value, another type, another column: all of them show."""
    assert differences(found, [ROW]) != []
