"""What tables and columns exist: one catalogue query for each schema, asked when first needed, and kept."""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError, SAWarning
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import NullType, TypeEngine

from pydbt.errors import SchemaNotFoundError, TableNotFoundError, did_you_mean, user_location
from pydbt.sql.dialects import Dialect, dialect_of, keep_names_whole, quote_reserved_words
from pydbt.sql.rendering import render

Column = tuple[str, TypeEngine[Any]]
Columns = tuple[Column, ...]

# SQLite's code for what a statement names and it does not have; a lock, or a cancelling, has another.
_NOT_THERE = 1


class Catalog:
    """The tables of one database and their columns, remembered; safe under threads.

    Not made by hand: `catalog_of(engine)` gives the one of an engine. What PyDBT writes is announced, so
    that nobody asks the database again; what others write is noticed when a name is not found.
    """

    def __init__(self, engine: Engine) -> None:
        # Weakly: the catalog is the value of a weak dictionary whose key is the engine.
        self._engine = weakref.ref(engine)
        self._dialect: Dialect = dialect_of(engine)
        self._lock = threading.RLock()
        self._schemas: dict[str, _Tables] = {}
        self._announced: dict[str, _Tables] = {}
        self._default: str | None = None

    def __repr__(self) -> str:
        known = ", ".join(f"{schema}: {len(tables)} tables" for schema, tables in self._schemas.items())
        return f"Catalog({known or 'nothing asked yet'})"

    def columns(self, schema: str | None, table: str) -> Columns:
        """The columns of a table or view, in order, as ``(name, type)``.

        Args:
            schema: The schema; None for the current one.
            table: The table's name.

        Raises:
            TableNotFoundError: There is no such table, not even after asking again.
            SchemaNotFoundError: There is no such schema.
        """
        with self._lock:
            key = self._key(schema)
            found = self._of_announced(key).get(table)
            if found is None:
                # What was read just now for this very question is not asked again when it has no answer.
                is_old = key in self._schemas
                found = self._read(key).get(table) or (self._read_one(key, table) if is_old else None)
            if found is None:
                raise self._missing(key, table, is_old=is_old)
            return found

    def tables(self, schema: str | None) -> tuple[str, ...]:
        """The names of the tables and views of a schema, sorted.

        Raises:
            SchemaNotFoundError: There is no such schema.
        """
        with self._lock:
            key = self._key(schema)
            if self._read(key).doubted:
                del self._schemas[key]
            names = self._read(key).names() | self._of_announced(key).names()
            if not names:
                self.check_schema(key)
            return tuple(sorted(names))

    def has(self, schema: str | None, table: str) -> bool:
        """Whether there is such a table or view, as far as is known without asking about it by itself.

        Raises:
            SchemaNotFoundError: There is no such schema.
        """
        with self._lock:
            key = self._key(schema)
            known = (self._read(key), self._of_announced(key))
            if not any(map(len, known)):
                self.check_schema(key)
            if any(tables.get(table) is not None for tables in known):
                return True
            # It may be there all the same where it was written and then forgotten.
            return known[0].is_doubted(table) and self._read_one(key, table) is not None

    def schemas(self) -> tuple[str, ...]:
        """The names of the schemas of the database."""
        with self._connection() as connection:
            return tuple(name for (name,) in connection.execute(self._dialect.schemas))

    def divided(self, name: str) -> tuple[str, str] | None:
        """A name as the schema and the table at the sides of its dot, where there is such a schema."""
        schema, _dot, table = name.partition(".")
        return (schema, table) if table and schema in self.schemas() else None

    def check_schema(self, schema: str | None) -> None:
        """Refuse a schema that the database does not have.

        Raises:
            SchemaNotFoundError: There is no such schema.
        """
        if not schema:
            return
        known = self.schemas()
        if schema not in known:
            raise SchemaNotFoundError(
                f"no schema {schema!r} in this database",
                where=user_location(),
                hint=did_you_mean(schema, known),
            )

    def announce(
        self, schema: str | None, table: str, columns: Iterable[tuple[str, TypeEngine[Any]]]
    ) -> None:
        """Say that PyDBT has just written a table with these columns, so that nobody has to ask.

        A column whose type PyDBT does not know itself makes the next look at this one table a question.
        """
        given = tuple(columns)
        with self._lock:
            if any(isinstance(kind, NullType) for _name, kind in given):
                self.forget(schema, table)
                return
            key = self._key(schema)
            if key in self._schemas:
                self._schemas[key].remove(table)
            self._of_announced(key).put(table, given)

    def forget(self, schema: str | None = None, table: str | None = None) -> None:
        """Forget a table, a whole schema, or (without arguments) everything; the next look asks again."""
        with self._lock:
            if schema is None and table is None:
                self._schemas.clear()
                self._announced.clear()
                return
            key = self._key(schema)
            for known in (self._schemas, self._announced):
                if table is None:
                    known.pop(key, None)
                elif key in known:
                    known[key].doubt(table)

    def _of_announced(self, key: str) -> _Tables:
        if key not in self._announced:
            self._announced[key] = _Tables(is_folding=self._dialect.has_case_insensitive_names)
        return self._announced[key]

    def _key(self, schema: str | None) -> str:
        if schema is not None:
            return schema
        if self._default is None:
            with self._connection() as connection:
                # SQLAlchemy asks for it at an engine's first connection.
                self._default = connection.dialect.default_schema_name or ""
        return self._default

    def _read(self, schema: str) -> _Tables:
        if schema not in self._schemas:
            tables = _Tables(is_folding=self._dialect.has_case_insensitive_names)
            try:
                with self._connection() as connection:
                    tables.update(read(connection, self._dialect, schema or None))
            except DBAPIError:
                # SQLite cannot be asked about a schema it does not have.
                self.check_schema(schema)
                raise
            self._schemas[schema] = tables
        return self._schemas[schema]

    def _read_one(self, schema: str, table: str) -> Columns | None:
        with self._connection() as connection:
            found = read(connection, self._dialect, schema or None, table)
        self._schemas[schema].remove(table)
        self._schemas[schema].update(found)
        return self._schemas[schema].get(table)

    def _connection(self) -> Connection:
        engine = self._engine()
        assert engine is not None, "whoever asks holds the engine"
        return engine.connect()

    def _missing(self, schema: str, table: str, *, is_old: bool) -> TableNotFoundError:
        if is_old:
            self._schemas.pop(schema, None)
        known = self.tables(schema)
        divided = self.divided(table)
        if divided is not None:
            hint = f"a schema is given by itself: session.table({divided[1]!r}, schema={divided[0]!r})"
            what = f"no table of the whole name {table!r} in schema {schema!r}"
            return TableNotFoundError(what, where=user_location(), hint=hint)
        hint = (
            did_you_mean(table, (name for name in known if not name.startswith("_pydbt")))
            or "the schema has no tables; is it the right one?"
        )
        return TableNotFoundError(
            f"no table {table!r} in schema {schema!r}", where=user_location(), hint=hint
        )


class _Tables:
    """The columns of tables by name; in any case of letters, where the database does not tell them apart."""

    def __init__(self, *, is_folding: bool) -> None:
        self._is_folding = is_folding
        self._tables: dict[str, tuple[str, Columns]] = {}
        self.doubted: set[str] = set()

    def get(self, name: str) -> Columns | None:
        found = self._tables.get(self._key(name))
        return None if found is None else found[1]

    def put(self, name: str, columns: Columns) -> None:
        self._tables[self._key(name)] = (name, columns)
        self.doubted.discard(self._key(name))

    def update(self, tables: Mapping[str, Columns]) -> None:
        for name, columns in tables.items():
            self.put(name, columns)

    def remove(self, name: str) -> None:
        self._tables.pop(self._key(name), None)
        self.doubted.discard(self._key(name))

    def doubt(self, name: str) -> None:
        """Know no longer whether it is there."""
        self.remove(name)
        self.doubted.add(self._key(name))

    def is_doubted(self, name: str) -> bool:
        return self._key(name) in self.doubted

    def names(self) -> set[str]:
        return {name for name, _columns in self._tables.values()}

    def __len__(self) -> int:
        return len(self._tables)

    def _key(self, name: str) -> str:
        return name.lower() if self._is_folding else name


def read(
    connection: Connection, dialect: Dialect, schema: str | None, table: str | None = None
) -> dict[str, Columns]:
    """The columns of a schema's tables and views, or of one of them, as the database tells them now."""
    try:
        rows = ask(connection, dialect, dialect.columns(schema, table)).fetchall()
    except OperationalError:
        if dialect.name != "sqlite" or table is not None:
            raise
        return _read_each(connection, dialect, schema)
    names = getattr(connection.dialect, "ischema_names", {})
    types: dict[tuple[str, tuple[str, ...] | None], TypeEngine[Any] | None] = {}
    found: dict[str, list[tuple[str, TypeEngine[Any]]]] = {}
    unread: set[str] = set()
    for _schema, name, column, text, labels in rows:
        key = (text, tuple(labels) if labels else None)
        if key not in types:
            types[key] = dialect.read_type(text, labels, names)
        kind = types[key]
        if kind is None:
            unread.add(name)
            kind = sa.types.NULLTYPE
        found.setdefault(name, []).append((column, kind))
    tables = {name: tuple(columns) for name, columns in found.items()}
    return {**tables, **{name: _reflected(connection, schema, name) for name in unread}}


def read_one(connection: Connection, dialect: Dialect, schema: str | None, name: str) -> Columns:
    """The columns of one table or view; none of a view that SQLite cannot read any more."""
    try:
        found = read(connection, dialect, schema, name)
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != _NOT_THERE:
            raise
        return ()
    return next(iter(found.values()), ())


def ask(connection: Connection, dialect: Dialect, query: Executable) -> Any:
    """Run a catalogue query, in the way that costs least."""
    if dialect.has_cheap_parameters:
        return connection.execute(query)
    text = render(query, connection.dialect)
    return connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def _reflected(connection: Connection, schema: str | None, table: str) -> Columns:
    # Structs, maps and the like: SQLAlchemy's own dialect reads them, a table at a time.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Did not recognize type", SAWarning)
        columns = sa.inspect(connection).get_columns(table, schema=schema)
    return tuple((column["name"], column["type"]) for column in columns)


def _read_each(connection: Connection, dialect: Dialect, schema: str | None) -> dict[str, Columns]:
    # SQLite fails the whole query for one view whose table is gone.
    inspector = sa.inspect(connection)
    found: dict[str, Columns] = {}
    for name in [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]:
        try:
            found.update(read(connection, dialect, schema, name))
        except OperationalError:
            continue
    return found


_CATALOGS: weakref.WeakKeyDictionary[Engine, Catalog] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def catalog_of(engine: Engine) -> Catalog:
    """The catalog of an engine: one for each engine, kept as long as the engine is."""
    with _LOCK:
        catalog = _CATALOGS.get(engine)
        if catalog is None:
            # Whoever uses an engine through PyDBT comes by here first.
            quote_reserved_words(engine.dialect)
            keep_names_whole(engine.dialect)
            _settle(engine)
            catalog = _CATALOGS[engine] = Catalog(engine)
        return catalog


def _settle(engine: Engine) -> None:
    """See to it that each connection is told what PyDBT's SQL means, whoever made the engine."""
    settle = dialect_of(engine).settle
    if settle is None:
        return

    def taken(driver: Any, record: Any, _proxy: Any) -> None:
        # Connections may be in the pool by now: so not when they are made, but when they are lent.
        if "pydbt_settled" not in record.info:
            settle(driver)
            record.info["pydbt_settled"] = True

    event.listen(engine, "checkout", taken)
