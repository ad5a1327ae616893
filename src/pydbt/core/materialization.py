"""What becomes of the rows a task returns: kinds by name, and those that take options."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydbt.errors import TaskOptionError, user_location

Kind = Literal["table", "view", "ephemeral"]
KINDS = ("table", "view", "ephemeral")


@dataclass(frozen=True, slots=True)
class Seed:
    """A table whose rows are a CSV file's, loaded anew when the file, or what is said of it, has changed.

    The function below it has no parameters and returns nothing.

    Args:
        path: The file; a relative one is looked for in the project's folder.
        schema: The types of columns by name, where they are to be others than the file's values tell.
        delimiter: What stands between the values.
        na: What stands for NULL.

    Raises:
        TaskOptionError: The path is empty.

    >>> str(Seed("countries.csv"))
    'seed'
    """

    path: str
    schema: Mapping[str, Any] = field(default_factory=dict, hash=False)
    delimiter: str = ","
    na: str | Sequence[str] = ("", "NA")

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, Path)) or not str(self.path):
            raise TaskOptionError(
                f"Seed({self.path!r}) names no file",
                where=user_location(),
                hint='give its path, from the project\'s folder: Seed("seeds/countries.csv")',
            )
        object.__setattr__(self, "path", str(self.path))

    def __str__(self) -> str:
        return "seed"

    def digest(self, root: Path) -> str:
        """What the file holds now, in short; of one that cannot be read, why. Another one is another file."""
        try:
            with (root / self.path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return str(error.strerror)


Materialized = Kind | Seed
