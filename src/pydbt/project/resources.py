"""Resources: what a task's body may ask for by name, made once for a target."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydbt.connections import dispose_all, engine_from, explain_failure, use, validate_url
from pydbt.errors import SchemaNotFoundError, did_you_mean
from pydbt.project.config import config_of
from pydbt.project.settings import Settings, Target

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from pydbt.sql.session import Session

EMBEDDED = ("duckdb:///", "sqlite:///")


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

    >>> absolute_url("duckdb:///a.duckdb", Path("/home/me/shop"))
    'duckdb:////home/me/shop/a.duckdb'
    >>> absolute_url("sqlite:////var/a.db", Path("/home/me/shop"))
    'sqlite:////var/a.db'
    """
    for scheme in EMBEDDED:
        file = url.removeprefix(scheme)
        if file != url and file and not file.startswith(":memory:"):
            path, mark, options = file.partition("?")
            return f"{scheme}{root / path}{mark}{options}"
    return url


def _missing_file(url: str) -> Path | None:
    """The file of an embedded database that is not there yet, in a folder that is."""
    for scheme in EMBEDDED:
        name = url.removeprefix(scheme).partition("?")[0]
        if url.startswith(scheme) and name and not name.startswith(":memory:"):
            file = Path(name)
            return file if file.parent.is_dir() and not file.exists() else None
    return None


def is_one_process(url: str) -> bool:
    """Whether only the process that made it can open the database of that URL.

    >>> is_one_process("duckdb:///a.duckdb"), is_one_process("sqlite://"), is_one_process("sqlite:///a.db")
    (True, True, False)
    """
    return url.startswith("duckdb:") or url in {"sqlite://", "sqlite:///:memory:"}
