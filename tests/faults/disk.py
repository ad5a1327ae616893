"""A small disk of the test's own: a file system in memory, or a limit on files where none may be mounted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 16


@dataclass(frozen=True)
class Disk:
    """A folder with little room.

    Args:
        folder: Where it is.
        is_mounted: Whether it is a file system; else whoever runs there has to limit its files.
    """

    folder: Path
    is_mounted: bool

    def limited(self, *words: str) -> list[str]:
        """The command, whose files can grow to a quarter of the disk; bash counts in kilobytes."""
        return ["bash", "-c", f'trap "" XFSZ; ulimit -f {MEGABYTES * 256}; exec "$@"', "limited", *words]

    def fill(self, megabytes: int = MEGABYTES) -> None:
        """Leave less room, or none at all."""
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            try:
                for _ in range(megabytes * 256):
                    file.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Give the room back."""
        (self.folder / "ballast").unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A small disk in the folder, gone at the end."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
