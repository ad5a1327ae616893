"""What is made beside a path, to take its place when it is whole, and what killed processes left there."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydbt.owner.process import is_leftover, mark, this_process

_NAME = re.compile(r"\.pydbt_([0-9a-f]{12}_[0-9a-f]+_[0-9a-f]+)_[0-9a-f]{16}")


@contextmanager
def beside(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """A new, empty file beside a path, for what is to take its place; nothing is left of a failure.

    What killed processes left in the folder goes first.

    Args:
        path: The file whose place is to be taken.
        mode: Who may do what with it, as far as the process' own mask lets them.

    Raises:
        OSError: It cannot be made.
    """
    sweep(path.parent)
    made = name_beside(path)
    # Exclusive: no link that somebody planted is followed, and nobody's file is taken for ours.
    os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)


def name_beside(path: Path) -> Path:
    """A hidden name beside a path, which no other has and which tells whose it is.

    >>> name_beside(Path("docs/dag.png")).parent
    PosixPath('docs')
    """
    return path.with_name(f".pydbt_{mark(this_process())}_{secrets.token_hex(8)}")


def sweep(folder: Path) -> None:
    """Remove what processes left beside paths of a folder before they ended; none of one that lives."""
    # A folder one may only write to cannot be looked through, nor may what is another user's be removed.
    with suppress(OSError), os.scandir(folder) as entries:
        found = [(entry, _NAME.fullmatch(entry.name)) for entry in entries]
        for entry, named in found:
            with suppress(OSError):
                if named and is_leftover(named[1], entry.stat(follow_symlinks=False).st_mtime):
                    _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        import shutil  # Slow to import, for what is hardly ever there.

        shutil.rmtree(entry.path)
    else:
        Path(entry.path).unlink(missing_ok=True)
