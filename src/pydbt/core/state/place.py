"""A state's place, opened: where it is, what it is called, and the engine on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from pydbt.core.state.engine import state_engine
from pydbt.core.state.failures import told
from pydbt.core.state.location import is_new, shown, sqlite_path, state_url
from pydbt.core.state.log import check_log
from pydbt.core.state.migrations import check_version, version_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state is.

    Args:
        path: Its file; None on a server.
        name: What messages call it: the path, or the URL without its password.
        engine: Connects to it; nothing is opened yet.
    """

    path: Path | None
    name: str
    engine: Engine

    def version(self) -> int:
        """The version of the tables; 0 when there is no state yet.

        Raises:
            StateDamagedError: It is not what PyDBT wrote.
            StateVersionError: A newer PyDBT made it.
        """
        with told(self.name):
            if self.path and is_new(self.path):
                return 0
            if self.path:
                check_log(self.path)
            return check_version(version_of(self.engine), self.name)


def place_at(url: str, root: Path) -> Place:
    """The place that the setting ``state`` names.

    Raises:
        StateUrlError: The state cannot live at this URL.
        StateDriverError: The package for this database is not installed.
    """
    address = state_url(url, root)
    path = sqlite_path(address)
    return Place(path, str(path) if path else shown(address), state_engine(address))


@contextmanager
def opened_place(url: str, root: Path) -> Iterator[Place]:
    """The place that the setting ``state`` names, its connections closed at the end."""
    place = place_at(url, root)
    try:
        yield place
    finally:
        place.engine.dispose()
