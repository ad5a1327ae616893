"""Model files are read from their source each time, and leave no bytecode behind.

Python takes what it has compiled before for a file of the same size and the same second: a model that was
changed and run again at once, as scripts and tests do, would still be the old one.
"""

from __future__ import annotations

import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType

_ROOTS: set[Path] = set()


class _FromSource(SourceFileLoader):
    """Compiles the file, whatever has been compiled before."""

    def get_code(self, fullname: str) -> CodeType:
        """The module's code, as its file says it now."""
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def read_from_source(root: Path) -> None:
    """Have all modules in a folder read from their source from now on, but for packages installed there."""
    if not _ROOTS:
        sys.path_hooks.insert(0, _finder)
    if root not in _ROOTS:
        _ROOTS.add(root)
        sys.path_importer_cache.clear()


def _finder(place: str) -> FileFinder:
    path = Path(place)
    if "site-packages" in path.parts or not any(path.is_relative_to(root) for root in _ROOTS):
        raise ImportError(place)
    return FileFinder(place, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, SOURCE_SUFFIXES))
