"""Scaffold: the files of a new project, from the template or from an example."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from pydbt.errors import ExampleError, FolderNotEmptyError, ProjectNameError, did_you_mean
from pydbt.failpoints import reached
from pydbt.owner.files import name_beside, sweep

EXAMPLES = Path(__file__).parent.parent / "examples"
TEMPLATE = "template"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
# Windows keeps these names for devices, in every folder and with every ending.
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}


def examples() -> list[str]:
    """The names that ``--example`` takes."""
    return sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != TEMPLATE)


def create_project(parent: Path, name: str, example: str | None = None) -> Path:
    """Make the folder ``parent/name`` with a project in it; nothing that is there is overwritten.

    Raises:
        ProjectNameError: The name holds more than letters, digits, ``-`` and ``_``.
        ExampleError: There is no such example.
        FolderNotEmptyError: The folder holds something already.
    """
    if not _NAME.fullmatch(name) or name.lower() in _DEVICES:
        raise ProjectNameError(
            f"{name!r} cannot name a project",
            hint="a letter, then letters, digits, - and _, at most 64, and no device name of Windows",
        )
    if example is not None and example not in examples():
        raise ExampleError(f"there is no example {example!r}", hint=did_you_mean(example, examples()))
    folder = parent / name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "choose another name, or empty the folder: nothing was written"
        raise FolderNotEmptyError(f"{name!r} exists and is not empty", where=str(folder), hint=hint)
    # Built beside and moved, so that a full disk or a kill leaves no half project under the name.
    sweep(parent)
    made = name_beside(folder)
    try:
        shutil.copytree(EXAMPLES / (example or TEMPLATE), made, ignore=shutil.ignore_patterns("__pycache__"))
        settings = made / "pydbt.toml"
        settings.write_text(settings.read_text("utf-8").replace("{name}", name), "utf-8")
        reached("init.before.rename")
        made.replace(folder)
        reached("init.after.rename")
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder
