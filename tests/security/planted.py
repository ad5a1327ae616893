"""What somebody may plant where PyDBT writes: links to a file of somebody else's, and folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

CONTENT = b"somebody else's, and more than SQLite's page\n" * 200


def victim_in(folder: Path) -> Path:
    """A file that nobody may change."""
    file = folder / "victim"
    file.write_bytes(CONTENT)
    return file


def link(victim: Path) -> Callable[[Path], None]:
    """Plants a link to the victim."""
    return lambda place: place.symlink_to(victim)


def link_to_nothing(victim: Path) -> Callable[[Path], None]:
    """Plants a link to a file that is not there, which opening the link would make."""
    return lambda place: place.symlink_to(victim.with_name("made"))


def folder(_: Path) -> Callable[[Path], None]:
    """Plants a folder."""
    return Path.mkdir


PLANTS = (link, link_to_nothing, folder)
