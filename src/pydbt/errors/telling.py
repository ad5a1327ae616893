"""What errors tell: where the user's line is, and what was probably meant."""

from __future__ import annotations

import difflib
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_PACKAGE = str(Path(__file__).parent.parent)
_COMMAND_LINE = str(Path(__file__).parent.parent / "cli")
# The second is what Debian calls the first.
_LIBRARIES = ("site-packages", "dist-packages")
_NOT_THE_USERS = (_PACKAGE, sysconfig.get_path("stdlib"), "<frozen", "<sqlalchemy")


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file of the user's.

    >>> str(Location("models/a.py", 3))
    'models/a.py:3'
    """

    file: str
    line: int

    def __str__(self) -> str:
        try:
            shown = str(Path(self.file).relative_to(Path.cwd()))
        except (ValueError, OSError):
            shown = self.file
        return f"{shown}:{self.line}"


def user_location() -> Location | None:
    """The nearest line on the stack that is neither PyDBT's nor a library's."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  the documented way to walk the stack without reading sources
    # What stands above the command line is the script that called it, not a line that is at fault.
    while frame is not None and not frame.f_code.co_filename.startswith(_COMMAND_LINE):
        if _is_users(frame):
            return Location(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def location_of(error: BaseException) -> Location | None:
    """The line of the user's nearest to where the exception was raised."""
    found = None
    traceback = error.__traceback__
    while traceback is not None:
        if _is_users(traceback.tb_frame):
            found = Location(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def names_at(error: BaseException) -> Mapping[str, object]:
    """The names of the file in which an exception was raised."""
    found: Mapping[str, object] = {}
    traceback = error.__traceback__
    while traceback is not None:
        found = traceback.tb_frame.f_globals
        traceback = traceback.tb_next
    return found


def _is_users(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    if file == "<string>":
        # Dataclasses and libraries make functions from text; the user's own text is a `python -c`.
        return frame.f_globals.get("__name__") == "__main__"
    return is_users_file(file)


def is_users_file(file: str) -> bool:
    """Whether a file is the user's own: not PyDBT's, a library's or Python's.

    >>> is_users_file("models/orders.py")
    True
    >>> is_users_file("/usr/lib/python3/dist-packages/sqlalchemy/sql/schema.py")
    False
    """
    return not any(name in file for name in _LIBRARIES) and not file.startswith(_NOT_THE_USERS)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known names, or all of them when none is near.

    >>> did_you_mean("flihgts", ["flights", "planes"])
    "did you mean 'flights'?"
    >>> did_you_mean("x", ["flights", "planes"])
    'known: flights, planes'
    >>> did_you_mean("x", [])
    ''
    """
    names = sorted(set(known))
    found = nearest(name, names)
    if found:
        return "did you mean " + " or ".join(repr(other) for other in found) + "?"
    if not names:
        return ""
    shown = ", ".join(names[:12])
    return f"known: {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")  # noqa: PLR2004  12 names fit a line or two


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are like it: those that differ in case alone, or at most three, most alike first.

    >>> nearest("Planes", ["flights", "planes"])
    ['planes']
    >>> nearest("ttl", ["tags", "ttl_minutes"])
    ['ttl_minutes']
    """
    names = sorted(set(known))
    lowered = [other for other in names if other.lower() == name.lower()]
    begun = [other for other in names if len(name) > 2 and other.lower().startswith(name.lower())]  # noqa: PLR2004  two letters begin too much
    return lowered or difflib.get_close_matches(name, names, n=3, cutoff=0.6) or begun[:3]
