"""What becomes of the rows a task returns: kinds by name, and those that take options."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydbt.core.column_names import names_of
from pydbt.core.incremental import Incremental
from pydbt.errors import TaskOptionError, did_you_mean, user_location

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

    def lacking(self, root: Path) -> str:
        """That its file is not there, in words; empty where it is.

        >>> Seed("countries.csv").lacking(Path("/nosuch"))
        'there is no file countries.csv'
        """
        path = root / self.path
        if path.is_dir():
            return f"{self.path} is a folder"
        return "" if path.exists() else f"there is no file {self.path}"

    def digest(self, root: Path) -> str:
        """What the file holds now, in short; of one that cannot be read, why. Another one is another file."""
        try:
            with (root / self.path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            return str(error.strerror)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A table that keeps every version its rows have had, with the time each was valid.

    To the columns of the query come ``valid_from`` and ``valid_to``, moments at UTC; ``valid_to`` is NULL of
    the version that is current. Each run compares the query's rows with the current versions: what is new
    or has changed begins, what was there before ends.

    Args:
        key: The columns that tell rows apart: a name, or several.
        updated_at: The column, a date or a moment, that is later where a row has changed.
        check: Or else the columns to compare; "all" for all but the key.
        deletes: What to do with rows that the query no longer has: "ignore" leaves them current,
            "invalidate" ends them.

    Raises:
        TaskOptionError: It does not say what tells rows apart, or what a change is.

    >>> str(Snapshot(key="id", check="all"))
    'snapshot'
    """

    key: str | Sequence[str]
    updated_at: str | None = None
    check: Literal["all"] | Sequence[str] | None = None
    deletes: Literal["ignore", "invalidate"] = "ignore"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", names_of("key", self.key))
        if (self.updated_at is None) == (self.check is None):
            both = (
                "both updated_at= and check=" if self.check is not None else "neither updated_at= nor check="
            )
            hint = 'updated_at="changed_at" where a column says when a row has changed, else check="all"'
            raise TaskOptionError(f"Snapshot was given {both}", where=user_location(), hint=hint)
        if self.updated_at is not None:
            if not isinstance(self.updated_at, str) or not self.updated_at:
                what = f"updated_at={self.updated_at!r} is not the name of a column"
                raise TaskOptionError(what, where=user_location(), hint='updated_at="changed_at"')
        elif self.check != "all":
            object.__setattr__(self, "check", names_of("check", self.check))
        if self.deletes not in _DELETES:
            hint = did_you_mean(str(self.deletes), _DELETES)
            raise TaskOptionError(f"deletes={self.deletes!r} is not known", where=user_location(), hint=hint)

    def __str__(self) -> str:
        return "snapshot"

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns that each option names."""
        named = {"key": tuple(self.key)}
        if self.updated_at is not None:
            named["updated_at"] = (self.updated_at,)
        elif self.check != "all":
            named["check"] = tuple(self.check or ())
        return named

    def compared(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns of a query whose change makes a new version; none where ``updated_at`` says it."""
        if self.check == "all":
            return tuple(name for name in columns if name not in self.key)
        return tuple(self.check or ())


_DELETES = ("ignore", "invalidate")


Materialized = Kind | Seed | Snapshot | Incremental
