"""Session: where DataFrames come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.types import TypeEngine

from pydbt.errors import SourceNotFoundError, did_you_mean, user_location
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.functions.supplied import supply
from pydbt.sql.verbs.source import from_table

Sources = Mapping[str, tuple[str | None, str]]


class Session:
    """An engine, the schema one works in, and names for tables of others.

    Args:
        engine: A SQLAlchemy engine.
        schema: The schema of tables that are read and written without naming one; None is the database's
            own default.
        sources: Aliases: name to ``(schema, table)``.

    >>> from sqlalchemy import create_engine
    >>> engine = create_engine("sqlite://")
    >>> with engine.begin() as connection:
    ...     _ = connection.exec_driver_sql("CREATE TABLE games (team TEXT)")
    >>> Session(engine).table("games").columns
    ['team']
    """

    __slots__ = ("_engine", "_schema", "_sources")

    def __init__(self, engine: Engine, schema: str | None = None, sources: Sources | None = None) -> None:
        supply(engine)
        self._engine = engine
        self._schema = schema
        self._sources = dict(sources or {})

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self._engine

    @property
    def schema(self) -> str | None:
        """The schema one works in."""
        return self._schema

    @property
    def sources(self) -> Sources:
        """The aliases: name to ``(schema, table)``."""
        return dict(self._sources)

    def table(self, name: str, schema: str | None = None) -> DataFrame:
        """A table or view of the database as a DataFrame.

        Raises:
            TableNotFoundError: There is no such table; the nearest names are in the hint.
        """
        where = schema or self._schema
        columns = catalog_of(self._engine).columns(where, name)
        query = from_table(name, where, columns, self._engine.dialect.name)
        return DataFrame._of(query, self._engine, self._schema)  # noqa: SLF001  its other constructor

    def has_table(self, name: str, schema: str | None = None) -> bool:
        """Whether the database has a table or view of that name."""
        return name in catalog_of(self._engine).tables(schema or self._schema)

    def declare(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> DataFrame:
        """A table that does not exist yet, as a DataFrame with the columns it will have.

        >>> from sqlalchemy import Integer, create_engine
        >>> Session(create_engine("sqlite://")).declare("later", {"n": Integer()}).columns
        ['n']
        """
        query = from_table(name, self._schema, tuple(columns.items()), self._engine.dialect.name)
        return DataFrame._of(query, self._engine, self._schema)  # noqa: SLF001  its other constructor

    def source(self, alias: str) -> DataFrame:
        """The table an alias of the settings stands for.

        Raises:
            SourceNotFoundError: There is no such alias; the known ones are in the hint.
        """
        if alias not in self._sources:
            hint = did_you_mean(alias, self._sources) or "none is in the settings"
            raise SourceNotFoundError(f"no source {alias!r}", where=user_location(), hint=hint)
        schema, table = self._sources[alias]
        return self.table(table, schema)

    def __repr__(self) -> str:
        return f"Session({self._engine.url.render_as_string(hide_password=True)}, schema={self._schema!r})"
