"""The memory between runs: one contract, kept in memory or in a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydbt.core.state.base import StateStore

DEFAULT_URL = "sqlite:///.pydbt/state.db"


def open_state(url: str = DEFAULT_URL, root: Path | None = None) -> StateStore:
    """The store at the URL of the setting ``state``; nothing is made before the first run is recorded.

    Args:
        url: A SQLite file or a PostgreSQL database.
        root: The project's folder, where a relative path begins; the working directory if not given.

    Raises:
        StateError: The URL is none, or its driver is missing.

    >>> open_state("sqlite:///state.db", Path("/srv/project"))
    DatabaseStore('/srv/project/state.db')
    """
    from pydbt.core.state.database import DatabaseStore

    return DatabaseStore(url, root)
