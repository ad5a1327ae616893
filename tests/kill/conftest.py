"""The process that the killed ones come from: one for all tests, for it takes a second to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kill.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the processes come from."""
    with Nursery() as made:
        yield made


@pytest.fixture(scope="session")
def other_nursery() -> Iterator[Nursery]:
    """Where a second process comes from that is to live at the same time."""
    with Nursery() as made:
        yield made
