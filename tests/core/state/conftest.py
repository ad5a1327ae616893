"""A store on each kind of state in turn, and one on each database alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pydbt.core.state.base import StateStore
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.memory import MemoryStore


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a state that is not there yet, on each database in turn."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    return f"sqlite:///{tmp_path / '.pydbt' / 'state.db'}"


@pytest.fixture
def database_store(state_url: str) -> Iterator[DatabaseStore]:
    """An empty store on each database in turn."""
    store = DatabaseStore(state_url)
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    """An empty store of each kind in turn."""
    if request.param == "memory":
        yield MemoryStore()
        return
    url = f"sqlite:///{tmp_path / '.pydbt' / 'state.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    store = DatabaseStore(url)
    yield store
    store.close()
