"""A damaged state is kept aside as it was, and what can be read of it goes into a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydbt.core.state.failures import told
from pydbt.core.state.location import inaccessible
from pydbt.core.state.place import Place, opened_place
from pydbt.core.state.repair_file import repair_file, sweep
from pydbt.core.state.repair_tables import repair_tables
from pydbt.core.state.soundness import Soundness, soundness_of
from pydbt.errors import StateDamagedError, StateVersionError


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair of a state has done.

    Args:
        before: What was wrong; when nothing was, nothing has been done.
        kept: Where the state is as it was: a file, or the tables' common ending.
        carried: How many rows each table of the new state has.
        left_out: What could not be carried over, and what follows from that.
    """

    before: Soundness
    kept: str = ""
    carried: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def repair_state(url: str, root: Path, *, newer: bool = False) -> Repair:
    """Repair a state that `check_state` finds damaged; a sound one is left alone.

    A kill at any instant leaves the damaged state, the new one, or a mark in its place that says so; another
    repair goes on from there.

    Args:
        url: The setting ``state``.
        root: The project's folder, where a relative path begins.
        newer: Set aside a state that a newer PyDBT made, too.

    Raises:
        StateVersionError: A newer PyDBT made it, and `newer` is not set.
        StateLockedError: A run is going on, or another repair.
        StateError: It cannot be reached.
    """
    with opened_place(url, root) as place, told(place.name):
        is_newer = _is_newer(place)
        if is_newer and not newer:
            place.version()  # Raises.
        before = soundness_of(place)
        place.engine.dispose()
        if before.is_sound:
            if place.path:
                sweep(place.path)
            return Repair(before)
        ending = "newer" if is_newer else "damaged"
        try:
            new = repair_file(place.path, ending) if place.path else repair_tables(place.engine, ending)
        except OSError as error:
            raise inaccessible(place.path or Path(), error) from error
        return Repair(before, new.kept, new.carried, new.left_out)


def _is_newer(place: Place) -> bool:
    try:
        place.version()
    except StateVersionError:
        return True
    except StateDamagedError:
        return False
    return False
