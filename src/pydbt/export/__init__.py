"""The manifest as files: a picture (PNG, SVG) or text (Mermaid, DOT, JSON).

Each format is one module here, by its name, with a ``FILE_NAME`` and a ``render``; `FORMATS` lists them.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from pydbt.errors import ExportFolderError, UnknownFormatError, did_you_mean
from pydbt.failpoints import reached
from pydbt.owner.files import beside
from pydbt.project.manifest import Manifest

FORMATS = ("dot", "json", "mermaid", "png", "svg")
DEFAULT_FORMATS = ("png", "svg")


def export(manifest: Manifest, directory: Path, formats: Sequence[str] = DEFAULT_FORMATS) -> list[Path]:
    """Write the manifest in each format; all are rendered before the first file changes.

    Args:
        manifest: What to write.
        directory: An existing folder; each file lands in it under its format's name, ``dag.png``.
        formats: Names out of `FORMATS`; one named twice is written once.

    Raises:
        UnknownFormatError: A format has no module.
        ExportFolderError: The folder is missing, is no folder, or cannot be written.
        PictureError: Graphviz failed or took longer than two minutes.
    """
    wanted = tuple(dict.fromkeys(formats))
    for name in wanted:
        if name not in FORMATS:
            raise UnknownFormatError(f"there is no format {name!r}", hint=did_you_mean(name, FORMATS))
    _check_folder(directory)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in wanted]
    contents = [(directory / module.FILE_NAME, module.render(manifest)) for module in modules]
    for path, content in contents:
        _replace(path, content)
    return [path for path, _ in contents]


def _check_folder(directory: Path) -> None:
    if not directory.exists():
        raise ExportFolderError(
            f"the folder {str(directory)!r} does not exist", hint="make it first, or give another one"
        )
    if not directory.is_dir():
        raise ExportFolderError(f"{str(directory)!r} is not a folder", hint="give the folder to write into")


def _replace(path: Path, content: bytes) -> None:
    """Write beside, then swap: who reads the file sees the old one or the new one, whole."""
    try:
        with beside(path) as made:
            made.write_bytes(content)
            reached("export.before.replace")
            made.replace(path)
            reached("export.after.replace")
    except OSError as error:
        raise ExportFolderError(
            f"cannot write {str(path)!r}: {error.strerror or error}",
            hint="check the folder's permissions and the space left",
        ) from error
