"""Resources: what a task's body may ask for by name, made once for a target."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydbt.connections import (
    dispose_all,
    engine_from,
    explain_failure,
    hide_password,
    use,
    validate_url,
)
from pydbt.errors import DatabaseUrlError, SchemaNotFoundError, did_you_mean
from pydbt.project.config import config_of
from pydbt.project.settings import Settings, Target

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

    from pydbt.sql.session import Session

_EMBEDDED = ("duckdb", "sqlite")
# In memory, or what the database itself reads as a name: a URI of SQLite, a database of MotherDuck.
_NOT_PATHS = (":memory:", "file:", "md:", "motherduck:")


class Resources:
    """The session and the config of one target; the engine is made when first asked for.

    Args:
        settings: What ``pydbt.toml`` says.
        target: One of its targets.
        is_reading: Nothing will be written: the file of an embedded database that is not there yet is not
            made, an empty database in memory stands for it.
    """

    def __init__(self, settings: Settings, target: Target, *, is_reading: bool = False) -> None:
        self.settings = settings
        self.target = target
        validate_url(target.url, f"the key targets.{target.name}.url")
        self.url = absolute_url(target.url, settings.root)
        self.missing_file = _missing_file(self.url) if is_reading else None
        if self.missing_file:
            self.url = f"{self.url.partition('://')[0]}:///:memory:"
        use(self.url)

    @property
    def config(self) -> Mapping[str, Any]:
        """The settings' ``[config]`` table, read only."""
        return config_of(self.settings.config)

    @property
    def shown(self) -> str:
        """What messages call the database: its file, or its URL without the password."""
        return str(_file_of(validate_url(self.url)) or hide_password(self.url))

    @functools.cached_property
    def engine(self) -> Engine:
        """The target's engine, from ``pydbt.connections``."""
        return engine_from(self.url)

    @functools.cached_property
    def session(self) -> Session:
        """The session every task of the project shares."""
        from pydbt.sql.session import Session

        sources = {alias: (source.schema, source.table) for alias, source in self.settings.sources.items()}
        return Session(self.engine, schema=self.target.schema, sources=sources)

    def connect(self) -> None:
        """Connect once, so that a database that cannot be reached is said before any task starts.

        Raises:
            PyDBTError: Which of the known reasons it is, without the password.
            SchemaNotFoundError: The target's schema does not exist; the names that do are told.
        """
        if self.target.schema and _missing_file(self.url):
            self._refuse_schema(("main",))
        try:
            with self.engine.connect():
                pass
        except Exception as error:  # noqa: BLE001  drivers raise anything; it is told as what it means
            raise explain_failure(self.url, error) from None
        if self.target.schema:
            from pydbt.sql.catalog import catalog_of

            self._refuse_schema(catalog_of(self.engine).schemas())

    def sweep(self) -> None:
        """Drop the tables that killed processes have left in the target's schema, if it is used at all."""
        if "engine" in self.__dict__:
            from pydbt.sql.transfer.leftovers import sweep_leftovers

            sweep_leftovers(self.engine, self.target.schema)

    def _refuse_schema(self, known: Sequence[str]) -> None:
        schema = self.target.schema
        if schema and schema not in known:
            raise SchemaNotFoundError(
                f"the database has no schema {schema!r}",
                where=f"the key targets.{self.target.name}.schema",
                hint=did_you_mean(schema, known),
            )

    def forget_tables(self) -> None:
        """Ask the database again which tables and columns it has, when they are next needed."""
        if "engine" in self.__dict__:
            from pydbt.sql.catalog import catalog_of

            catalog_of(self.engine).forget()

    def close(self) -> None:
        """Give back every connection."""
        dispose_all()
        use(None)


def absolute_url(url: str, root: Path) -> str:
    """The URL with the file of an embedded database placed in the project's folder.

    Raises:
        DatabaseUrlError: The folder's name holds a question mark.

    >>> absolute_url("duckdb:///a.duckdb", Path("/home/me/shop"))
    'duckdb:////home/me/shop/a.duckdb'
    >>> absolute_url("sqlite:////var/a.db", Path("/home/me/shop"))
    'sqlite:////var/a.db'
    """
    parts = validate_url(url)
    file = _file_of(parts)
    if file is None:
        return url
    if "?" in str(root):
        raise DatabaseUrlError(
            f"the project's folder has a question mark in its name: {root}",
            hint="rename the folder: in a database's URL, and for DuckDB, a path ends there",
        )
    # SQLAlchemy reads %41 as A from 2.1 on, and writes it so that it is read back as it is.
    return parts.set(database=str(root / file)).render_as_string(hide_password=False)


def is_same_database(one: URL, other: URL) -> bool:
    """Whether two URLs lead to one database; two in memory never do.

    >>> is_same_database(validate_url("sqlite:///a.db"), validate_url("sqlite:///./a.db"))
    True
    >>> is_same_database(validate_url("sqlite://"), validate_url("sqlite://"))
    False
    """
    if one.get_backend_name() != other.get_backend_name():
        return False
    if one.get_backend_name() not in _EMBEDDED:
        return (one.host, one.port, one.database) == (other.host, other.port, other.database)
    file, other_file = _file_of(one), _file_of(other)
    return file is not None and other_file is not None and file.resolve() == other_file.resolve()


def _file_of(url: URL) -> Path | None:
    """The file of an embedded database; None where there is none that is named by its path."""
    name = url.database
    if url.get_backend_name() not in _EMBEDDED or not name or name.startswith(_NOT_PATHS):
        return None
    return Path(name)


def _missing_file(url: str) -> Path | None:
    """The file of an embedded database that is not there yet, in a folder that is."""
    file = _file_of(validate_url(url))
    return file if file and file.parent.is_dir() and not file.exists() else None


def is_one_process(url: str) -> bool:
    """Whether only the process that made it can open the database of that URL.

    >>> is_one_process("duckdb:///a.duckdb"), is_one_process("sqlite://"), is_one_process("sqlite:///a.db")
    (True, True, False)
    """
    return url.startswith("duckdb:") or url in {"sqlite://", "sqlite:///:memory:"}
