"""Publishing: a SELECT becomes a table or a view, the old version or the new one, whole, whatever dies when.

`pydbt.sql.statements.statements` says what would run, as data; `publish` runs it in one transaction.
"""

from __future__ import annotations

import functools
import random
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError
from sqlalchemy.sql.expression import Executable, SelectBase, TableClause

from pydbt.failpoints import reached
from pydbt.sql.catalog import Columns, ask, catalog_of, read_one
from pydbt.sql.ddl import AlterComments, Comment, CreateTableAs, CreateView, InsertFrom, Rename
from pydbt.sql.dependents import refusal_of
from pydbt.sql.dialects import Dialect, dialect_of
from pydbt.sql.direct import create_table_as, is_direct
from pydbt.sql.publication import (
    Adjustment,
    Existing,
    Inspection,
    Kind,
    Mode,
    Publication,
    Refusal,
    Step,
    Steps,
    Survey,
    check_kept,
    check_name,
    columns_of,
)
from pydbt.sql.rendering import check_bound, render
from pydbt.sql.settlement import settled
from pydbt.sql.statements import statements
from pydbt.sql.transaction import single

__all__ = ["look", "publish", "statements"]

Inspect = Callable[[Connection, TableClause, Existing | None], None]

_T = TypeVar("_T")
_LOCK = threading.Lock()
_TABLE_LOCKS: weakref.WeakKeyDictionary[Engine, dict[str, threading.Lock]] = weakref.WeakKeyDictionary()
_ATTEMPTS = 12
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.5


def publish(
    engine: Engine,
    select: SelectBase,
    name: str,
    *,
    schema: str | None = None,
    kind: Kind = "table",
    mode: Mode = "overwrite",
    inspect: Inspect | None = None,
    steps: Steps = statements,
) -> int | None:
    """Make a SELECT a table or view of the database, in one transaction, and announce it to the catalog.

    Whoever reads the name sees the old version or the new one. A SELECT that fails changes nothing.

    Args:
        engine: Any engine; it need not be one of `pydbt.connections`.
        select: What to publish; each column needs a name of its own.
        name: The table's name, used exactly as given.
        schema: The schema; None for the current one.
        kind: ``table`` or ``view``.
        mode: For what exists already: ``overwrite`` it, ``append`` to it, ``error``, or ``ignore`` the rows.
        inspect: Looks at a table's new rows, in the transaction, before readers see them: is given the
            connection, the table the rows are in, and what stands under the name. What it raises undoes all.
        steps: How it is done: what runs in the transaction, given what stands under the name.

    Returns:
        The number of rows written; None for a view.

    Raises:
        InvalidNameError: The name is empty or too long for the database.
        SchemaNotFoundError: There is no such schema.
        TableExistsError: ``mode="error"``, and it exists.
        UnmatchedColumnsError: The columns are not those of the table to append to.
        DependentObjectsError: Views stand on the table, and its columns would change or could not keep the
            rows as they are; or rows of other tables refer to those that would be replaced.
        UnboundValueError: The query has a parameter without a value.
    """
    wanted = Publication(select, name, schema, kind, mode, is_inspected=inspect is not None)
    dialect = dialect_of(engine)
    check_name(name, dialect)
    columns = columns_of(select)
    if dialect.max_identifier_characters is not None:
        for column, _kind in columns:
            check_name(column, dialect)
    check_kept(columns, dialect, kind)
    catalog = catalog_of(engine)
    try:
        with _alone(engine, dialect, wanted):
            at_once = _replacement(dialect, wanted) if steps is statements else None
            looking = functools.partial(_run_looking, engine, dialect, wanted, columns, inspect, steps)
            rows, is_new = _replaced(engine, dialect, wanted, at_once, looking)
    except DBAPIError as error:
        # A server that is gone could not be asked, and that would be told instead of this.
        if not error.connection_invalidated:
            catalog.check_schema(schema)
        raise
    except (InvalidRequestError, StatementError):
        check_bound(select)
        raise
    if is_new:
        catalog.announce(schema, name, columns)
    elif steps is not statements:
        # Its columns may be more than the query's.
        catalog.forget(schema, name)
    return rows


def _alone(engine: Engine, dialect: Dialect, wanted: Publication) -> threading.Lock:
    """The lock of a table among this process' threads.

    A database that refuses a second writer instead of letting it wait would make it compute all again.
    """
    name = str(wanted).lower() if dialect.has_case_insensitive_names else str(wanted)
    with _LOCK:
        return _TABLE_LOCKS.setdefault(engine, {}).setdefault(name, threading.Lock())


def look(connection: Connection, dialect: Dialect, wanted: Publication) -> Existing | None:
    """What stands under the name of a publication, as the transaction sees it."""
    row = ask(connection, dialect, dialect.relation(wanted.schema, wanted.name)).first()
    if row is None:
        return None
    place = wanted.schema, wanted.name
    columns = read_one(connection, dialect, *place)
    indexes = ask(connection, dialect, dialect.indexes(*place)).scalars().all()
    asked = dialect.doubling_indexes if indexes else None
    is_doubling = asked is not None and ask(connection, dialect, asked(*place)).first() is not None
    return Existing(row[0], columns, bool(row[1]), tuple(indexes), is_doubling)


def _replaced(
    engine: Engine,
    dialect: Dialect,
    wanted: Publication,
    at_once: Executable | None,
    looking: Callable[[], tuple[int | None, bool]],
) -> tuple[int | None, bool]:
    """Publish; give the rows written, and whether the name now stands for the query's columns."""
    if at_once is not None:
        # One atomic statement is tried first, without a look at what exists.
        try:
            return _retried(dialect, lambda: _run(engine, dialect, at_once)), True
        except DBAPIError:
            if not _retried(dialect, lambda: _stands_in_the_way(engine, dialect, wanted)):
                raise
    return _retried(dialect, looking)


def _replacement(dialect: Dialect, wanted: Publication) -> Executable | None:
    if wanted.mode != "overwrite" or wanted.is_inspected:
        return None
    if wanted.kind == "table" and dialect.has_create_or_replace_table:
        return CreateTableAs(wanted.table, wanted.select, or_replace=True)
    if wanted.kind == "view" and dialect.has_create_or_replace_view:
        return CreateView(wanted.table, wanted.select, or_replace=True)
    return None


def _stands_in_the_way(engine: Engine, dialect: Dialect, wanted: Publication) -> bool:
    """Whether REPLACE failed because of what exists: another kind, or a view with other columns."""
    with single(engine) as connection:
        existing = look(connection, dialect, wanted)
    if existing is None:
        return False
    return existing.kind != wanted.kind or not dialect.has_free_view_replacement


def _run(engine: Engine, dialect: Dialect, statement: Executable) -> int | None:
    reached("publish.before", statement)
    if isinstance(statement, CreateTableAs) and is_direct(engine, statement):
        count = create_table_as(engine, statement)
    else:
        with single(engine) as connection:
            count = _execute(connection, dialect, statement)
    reached("publish.after", statement)
    return count


def _run_looking(
    engine: Engine,
    dialect: Dialect,
    wanted: Publication,
    columns: Columns,
    inspect: Inspect | None,
    steps: Steps,
) -> tuple[int | None, bool]:
    with settled(engine, dialect, wanted) as connection:
        existing = look(connection, dialect, wanted)
        taken = steps(dialect, wanted, columns, existing)
        counts = [_take(connection, dialect, step, existing, inspect) for step in taken]
    if wanted.kind == "view":
        return None, bool(taken)
    is_new = bool(taken) and (existing is None or wanted.mode == "overwrite")
    return _rows_of(wanted, taken, counts), is_new


def _rows_of(wanted: Publication, taken: Sequence[Step], counts: Sequence[int | None]) -> int:
    """The rows written: those that were added to what has the name in the end; else those of what took it."""
    taking = {step.table.name for step in taken if isinstance(step, Rename) and step.new_name == wanted.name}
    added = [
        count or 0
        for step, count in zip(taken, counts, strict=True)
        if isinstance(step, InsertFrom) and step.table.name in {wanted.name, *taking}
    ]
    return sum(added) if added else next((count for count in counts if count is not None), 0)


def _take(
    connection: Connection, dialect: Dialect, step: Step, existing: Existing | None, inspect: Inspect | None
) -> int | None:
    """Take one step; give the rows it wrote, None where it writes none."""
    reached("publish.before", step)
    count = _taken(connection, dialect, step, existing, inspect)
    reached("publish.after", step)
    return count


def _taken(
    connection: Connection, dialect: Dialect, step: Step, existing: Existing | None, inspect: Inspect | None
) -> int | None:
    if isinstance(step, Inspection):
        if inspect is not None:
            inspect(connection, step.table, existing)
        return None
    if isinstance(step, Refusal):
        row = ask(connection, dialect, step.query).first()
        if row is not None:
            raise step.error(row)
        return None
    if isinstance(step, Survey):
        step.check(read_one(connection, dialect, step.table.schema, step.table.name))
        return None
    if isinstance(step, Adjustment):
        for each in step.statements(ask(connection, dialect, step.query).fetchall()):
            _take(connection, dialect, each, existing, inspect)
        return None
    try:
        return _execute(connection, dialect, step)
    except DBAPIError as error:
        refusal = refusal_of(step, error)
        if refusal is None:
            raise
        raise refusal from error


def _execute(connection: Connection, dialect: Dialect, statement: Executable) -> int | None:
    """Run one statement; give the rows it wrote, None where it writes none."""
    if isinstance(statement, (CreateView, Comment, AlterComments)):
        text = render(statement, connection.dialect)
        connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        return None
    result = ask(connection, dialect, statement)
    if not isinstance(statement, (CreateTableAs, InsertFrom)):
        return None
    if dialect.has_count_from_table_as and isinstance(statement, CreateTableAs):
        # Past SQLAlchemy, which would read the count as the query's first column.
        answer = result.cursor.fetchone() if result.cursor is not None else None
        return int(answer[0]) if answer else None
    return int(result.rowcount)


def _retried(dialect: Dialect, run: Callable[[], _T]) -> _T:
    """Run it again, after a random and growing pause, while another writer was first."""
    for attempt in range(_ATTEMPTS):
        try:
            return run()
        except DBAPIError as error:
            is_last = attempt == _ATTEMPTS - 1
            if is_last or error.orig is None or not dialect.is_conflict(error.orig):
                raise
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        time.sleep(random.uniform(0, pause))  # noqa: S311  jitter, no secret
    raise AssertionError
