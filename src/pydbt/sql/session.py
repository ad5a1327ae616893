"""Session: where DataFrames come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy.engine import Engine
from sqlalchemy.types import TypeEngine

from pydbt.errors import (
    FrameSourceError,
    InvalidNameError,
    SourceNotFoundError,
    UnknownMethodError,
    did_you_mean,
    hide_passwords,
    user_location,
)
from pydbt.sql.catalog import catalog_of
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.functions.supplied import supply
from pydbt.sql.identifiers import is_name
from pydbt.sql.query import Query
from pydbt.sql.spellings import SESSION, spelled
from pydbt.sql.verbs.source import from_table

if TYPE_CHECKING:
    from pydbt.sql.transfer.reader import Reader

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
        if not isinstance(engine, Engine):
            hint = "give an engine: sqlalchemy.create_engine(url)"
            what = f"a Session was given {type(engine).__name__}, not an engine"
            raise FrameSourceError(what, where=user_location(), hint=hint)
        supply(engine)
        catalog_of(engine)  # Whose making sees to the connections.
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
        if not is_name(name) or (schema is not None and not is_name(schema)):
            wrong = schema if is_name(name) else name
            what = f"{wrong!r} cannot be the name of a table or a schema"
            raise InvalidNameError(what, where=user_location(), hint='give text: session.table("orders")')
        where = schema or self._schema
        columns = catalog_of(self._engine).columns(where, name)
        return self._frame(from_table(name, where, columns, self._engine.dialect.name, is_whole=True))

    def has_table(self, name: str, schema: str | None = None) -> bool:
        """Whether the database has a table or view of that name."""
        return catalog_of(self._engine).has(schema or self._schema, name)

    def declare(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> DataFrame:
        """A table that does not exist yet, as a DataFrame with the columns it will have.

        >>> from sqlalchemy import Integer, create_engine
        >>> Session(create_engine("sqlite://")).declare("later", {"n": Integer()}).columns
        ['n']
        """
        return self._frame(from_table(name, self._schema, tuple(columns.items()), self._engine.dialect.name))

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

    def sql(self, text: str, /, **values: Any) -> DataFrame:
        """The user's own SQL, one query, as a DataFrame: ``WITH sql AS (…) SELECT … FROM sql``.

        The database tells the names and types of the columns without running the query (SQLite knows the
        types of plain columns only; MariaDB tells them to who may make temporary tables). Names without a
        schema are looked up as the database does it.

        Args:
            text: A SELECT, with ``:name`` where a value belongs.
            **values: The values, bound and never written into the text; a list for ``IN :name``.

        Raises:
            NotAQueryError: It is no query, or more than one, or the database does not take it.

        >>> session = Session(games().engine)
        >>> session.sql("SELECT team FROM games WHERE goals > :least", least=2).collect()
        [('a',)]
        """
        from pydbt.sql.transfer.text import of_text

        return self._frame(of_text(self._engine, text, values))

    def range(self, start: int, stop: int | None = None, step: int = 1) -> DataFrame:
        """The whole numbers from start up to stop, without it, in a column ``id``; from 0 when one is given.

        >>> Session(games().engine).range(3).collect()
        [(0,), (1,), (2,)]
        """
        from pydbt.sql.transfer.frames import of_range

        return self._frame(of_range(self._engine, start, stop, step))

    def create_dataframe(self, data: Any, schema: Any = None, name: str | None = None) -> DataFrame:
        """Rows that Python holds, as a DataFrame.

        Up to 1,000 values stand in the query itself; more go into a table of their own, which is dropped
        when the last DataFrame made of it is gone.

        Args:
            data: A list of tuples or of dicts, a dict of columns, a pandas or polars DataFrame, an Arrow
                table.
            schema: Types by name, of all columns or some: ``{"price": "decimal(10,2)", "day": date}``; or the
                names alone. What it does not say is told from the values.
            name: What the rows are called in the SQL.

        Raises:
            IncomingError: The rows make no table: their values, lengths or names do not agree.

        >>> session = Session(games().engine)
        >>> session.create_dataframe([{"team": "a", "city": "Ulm"}]).join(games(), "team").count()
        2
        >>> session.create_dataframe([(1, None)], schema={"a": "bigint", "b": str}).schema
        {'a': BigInteger(), 'b': String()}
        """
        from pydbt.sql.transfer.frames import of_data

        return self._frame(of_data(self._engine, self._schema, data, schema, name))

    @property
    def read(self) -> Reader:
        """Reads files: ``session.read.csv("prices.csv")``, ``parquet``, ``json``."""
        from pydbt.sql.transfer.reader import Reader

        return Reader(self._engine, self._schema, self._frame)

    def _frame(self, query: Query) -> DataFrame:
        return DataFrame._of(query, self._engine, self._schema)  # noqa: SLF001  its other constructor

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        methods = [
            each if isinstance(value, property) else f"{each}(…)" for each, value in vars(Session).items()
        ]
        advice = spelled(name, [each for each in methods if not each.startswith("_")], SESSION, "session")
        hint = f"use {advice}" if advice else "a table is session.table(name)"
        raise UnknownMethodError(f"a Session has no method {name!r}", where=user_location(), hint=hint)

    def __repr__(self) -> str:
        shown = hide_passwords(self._engine.url.render_as_string(hide_password=True))
        return f"Session({shown}, schema={self._schema!r})"
