"""The example projects, copied to where a test may run them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def whole_year() -> Path:
    """The folder with all of nycflights13: below $PYDBT_SHARED, or in `shared` beside the checkout."""
    shared = Path(os.environ.get("PYDBT_SHARED", ROOT.parent / "shared"))
    folder = shared / "data" / "nycflights13"
    if not (folder / "flights.parquet").is_file():
        pytest.skip(f"ONLY JANUARY IS CHECKED: the year's data is not in {folder}; set PYDBT_SHARED")
    return folder
