"""What leaves a DataFrame: rows, Arrow tables, SQL text, a written table. Only here does it run SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect, Engine, Row
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement, Executable

from pydbt.errors import ColumnArgumentError, TableExistsError, WriteError, did_you_mean, user_location
from pydbt.sql.catalog import Columns, catalog_of
from pydbt.sql.compile import Statement
from pydbt.sql.dialects import Dialect as Differences
from pydbt.sql.dialects import dialect_of
from pydbt.sql.inspection import Inspect, look_at, shown_to
from pydbt.sql.materialize import publish
from pydbt.sql.publication import Existing, Publication, Step, Steps
from pydbt.sql.rendering import render
from pydbt.sql.statements import statements
from pydbt.sql.transfer.passing import sweep
from pydbt.sql.verbs.source import Table

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame

MODES = ("overwrite", "append", "error", "ignore")
KINDS = ("table", "view")
# What is quoted is passed over: a text may have blanks at the ends of its lines, and at their beginnings.
_QUOTED_OR_BLANKS = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`)|[ \t]+(?=\n)|(?<=\n)[ \t]+"""
)


def rows(engine: Engine, statement: Statement) -> list[Row[Any]]:
    """All rows of a statement."""
    sweep(engine)
    with engine.connect() as connection:
        return list(connection.execute(statement))


def scalar(engine: Engine, statement: Statement) -> Any:
    """The one value of a statement."""
    return rows(engine, statement)[0][0]


def dialect_named(name: Any, engine: Engine) -> Dialect:
    """A SQLAlchemy dialect by its name; the engine's own for None, the standard's for ``ansi``."""
    if name is None or name == engine.dialect.name:
        return engine.dialect
    if name == "ansi":
        return DefaultDialect()
    if isinstance(name, str):
        try:
            loaded: Dialect = registry.load(name)()
        except NoSuchModuleError:
            hint = did_you_mean(name, ("ansi", "duckdb", "mysql", "postgresql", "sqlite"))
            raise ColumnArgumentError(f"no dialect {name!r}", where=user_location(), hint=hint) from None
        except ImportError as error:
            what = f"the dialect {name!r} does not go with SQLAlchemy {sqlalchemy.__version__}: {error}"
            hint = "install a SQLAlchemy that it goes with"
            raise ColumnArgumentError(what, where=user_location(), hint=hint) from None
        return loaded
    if isinstance(name, Dialect):
        return name
    raise ColumnArgumentError(
        f"{name!r} is not a dialect", where=user_location(), hint='give a name: "postgresql"'
    )


def sql_text(statement: Statement, dialect: Dialect, *, pretty: bool = True) -> str:
    """The statement with its values written in; ``pretty`` puts each clause on a line of its own."""
    text = render(statement, dialect)
    if pretty:
        return _QUOTED_OR_BLANKS.sub(lambda found: found[1] or "", text).strip()
    return text


class Explain(Executable, ClauseElement):
    """The database's account of how it would run a statement."""

    inherit_cache = False

    def __init__(self, statement: Statement) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(node: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return "EXPLAIN " + _untyped(node, compiler, **kw)


@compiles(Explain, "sqlite")
def _explain_sqlite(node: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return "EXPLAIN QUERY PLAN " + _untyped(node, compiler, **kw)


def _untyped(node: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    """The statement, whose columns are not those of the account: their types would be read into it."""
    text = compiler.process(node.statement, **kw)
    compiler._result_columns.clear()  # noqa: SLF001  no public way says that a statement gives other rows
    return text


def explain(engine: Engine, statement: Statement) -> str:
    """The database's own account of how it would run the statement."""
    with engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.execute(Explain(statement)))


def write(
    frame: DataFrame,
    name: str,
    mode: str,
    as_: str,
    schema: str | None,
    inspect: Inspect | None = None,
    steps: Steps | None = None,
) -> int | None:
    """Publish a DataFrame under a name.

    Args:
        frame: The rows.
        name: The table's or view's name.
        mode: One of `MODES`.
        as_: One of `KINDS`.
        schema: Where; None is the current schema.
        inspect: Is shown the rows as they will stand, before readers see them; what it raises undoes all.
        steps: How it is done; None for what is written by hand, where no view takes the place of a table.
    """
    if mode not in MODES:
        raise WriteError(
            f"mode={mode!r} is not a way to write", where=user_location(), hint=did_you_mean(str(mode), MODES)
        )
    if as_ not in KINDS:
        raise WriteError(
            f"as_={as_!r} is not a kind of relation",
            where=user_location(),
            hint=did_you_mean(str(as_), KINDS),
        )
    if not isinstance(name, str):
        hint = 'give text: "scores"'
        raise WriteError(f"{name!r} is no name for a {as_}", where=user_location(), hint=hint)
    if steps is None and "." in name:
        _check_whole(frame, name, schema)
    if as_ == "view":
        from pydbt.sql.transfer.frames import check_lasting

        check_lasting(frame)
    if mode in {"overwrite", "append"}:
        _check_other_than_sources(frame, name, schema)
    sweep(frame.engine)
    shown = None
    if inspect is not None and as_ == "view":
        # A view has no rows of its own: what it will show is the query.
        look_at(frame, inspect)
    elif inspect is not None:
        shown = shown_to(inspect, frame, schema, name)
    return publish(
        frame.engine,
        frame.query,
        name,
        schema=schema,
        kind=as_,  # type: ignore[arg-type]  # checked above
        mode=mode,  # type: ignore[arg-type]  # checked above
        inspect=shown,
        steps=steps or (_beside_tables if as_ == "view" else statements),
    )


def _check_whole(frame: DataFrame, name: str, schema: str | None) -> None:
    """Refuse a new table that would have a schema's name in its own, which is nearly always a mistake."""
    catalog = catalog_of(frame.engine)
    divided = catalog.divided(name)
    if divided is not None and not catalog.has(schema, name):
        what = (
            f"{name!r} would be a table of that whole name, not {divided[1]!r} in the schema {divided[0]!r}"
        )
        hint = f"give the schema by itself: write({divided[1]!r}, schema={divided[0]!r})"
        raise WriteError(what, where=user_location(), hint=hint)


def _beside_tables(
    dialect: Differences, wanted: Publication, columns: Columns, existing: Existing | None
) -> tuple[Step, ...]:
    """What publishes a view, but never in the place of a table, whose rows would be gone."""
    if existing is not None and existing.kind == "table" and wanted.mode == "overwrite":
        what = f"{str(wanted)!r} is a table, whose rows would be gone for a view"
        hint = "write the view under another name, or drop the table first"
        raise TableExistsError(what, where=user_location(), hint=hint)
    return statements(dialect, wanted, columns, existing)


def _check_other_than_sources(frame: DataFrame, name: str, schema: str | None) -> None:
    """Refuse to write a table that the DataFrame reads: run again, it would work on its own result."""
    dialect = dialect_of(frame.engine)
    default = frame.engine.dialect.default_schema_name
    fold = str.lower if dialect.has_case_insensitive_names else str
    query = frame._query  # noqa: SLF001  its own writer
    for each in (query, *query.ancestors()):
        if not isinstance(each.step, Table) or fold(each.step.name) != fold(name):
            continue
        if (each.step.schema or default) == (schema or default):
            raise WriteError(
                f"{name!r} is read by the DataFrame that is to be written there",
                where=user_location(),
                hint="write it under another name: run again, it would start from its own result",
            )
