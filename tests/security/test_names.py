"""Hostile names: each comes back as it was given, or is refused before any SQL is sent."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt import F, Task
from pydbt.connections import engine_from
from pydbt.errors import InvalidNameError, PyDBTError, TaskOptionError
from pydbt.sql.catalog import catalog_of
from pydbt.sql.session import Session
from tests.security.hostile import NAMES, REFUSED

RUNS_ON_MARIADB = True
_LONG = {"x" * 64, "x" * 128}
# What each database keeps no name for: PyDBT says so, and sends nothing.
_KEPT_OUT = {
    "sqlite": set[str](),
    "duckdb": set[str](),
    "postgresql": {*_LONG, "ctid"},
    "mysql": {"x" * 128, " leading", "trailing ", "😀"},
}


@pytest.fixture
def session(engine: Engine) -> Session:
    """A session on a database with a canary."""
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE canary (n INTEGER)")
    return Session(engine)


def found(session: Session, name: str) -> list[Any]:
    """What becomes of a name: as column and table, filtered, grouped, sorted, renamed, joined and shown."""
    try:
        given = session.create_dataframe([(7, "t")], schema=[name, "other"])
        given.with_column("twice", given[name] * 2).write(name)
    except InvalidNameError:
        return ["refused"]
    catalog_of(session.engine).forget()
    table = session.table(name)
    grouped = table.where(table[name] == 7).group_by(name).agg(k=F.count()).order_by(name)
    renamed = table.select(name).rename({name: "between"}).rename({"between": name}).limit(5)
    joined = renamed.join(table, name)
    return [table.columns, grouped.collect(), renamed.columns, joined.collect()]


def test_names_are_kept_or_refused(session: Session) -> None:
    """As tables and as columns; nothing else comes of any, and what was there stays."""
    outcomes = {name: found(session, name) for name in NAMES}

    kept_out = _KEPT_OUT[session.engine.dialect.name]
    expected = {
        name: ["refused"]
        if name in kept_out
        else [[name, "other", "twice"], [(7, 1)], [name], [(7, "t", 14)]]
        for name in NAMES
    }
    assert outcomes == expected
    with session.engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
    assert there == {"canary", *(set(NAMES) - kept_out)}


def test_names_are_kept_by_views(session: Session) -> None:
    """A view's column, too, is what it was called, or refused."""
    outcomes: dict[str, Any] = {}
    table = session.range(3)
    for number, name in enumerate(NAMES):
        try:
            table.select(table.id.label(name)).write(f"v{number}", as_="view")
        except InvalidNameError:
            outcomes[name] = "refused"
            continue
        catalog_of(session.engine).forget()
        view = session.table(f"v{number}")
        outcomes[name] = (view.columns, view.where(view[name] == 1).collect())

    of_views = {"sqlite": {"true", "False"}, "postgresql": _LONG}
    kept_out = of_views.get(session.engine.dialect.name) or _KEPT_OUT[session.engine.dialect.name]
    assert outcomes == {name: "refused" if name in kept_out else ([name], [(1,)]) for name in NAMES}


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_names_that_nothing_can_have_are_refused(session: Session, name: str) -> None:
    """At the line that gives them, before anything is sent."""
    frame = session.range(3)
    ways = [
        lambda: frame.write(name),
        lambda: frame.with_column(name, frame.id),
        lambda: frame.rename({"id": name}),
        lambda: frame.select(frame.id.label(name)),
        lambda: frame.agg(**{name: F.count()}),
        lambda: frame.alias(name),
        lambda: session.create_dataframe([(1,)], schema=[name]),
        lambda: session.table(name),
        lambda: session.table("canary", schema=name or "\0"),
        lambda: session.source(name),
    ]
    sent: list[object] = []
    catalog_of(session.engine).tables(None)
    sa.event.listen(session.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    refused = [_error_of(way) for way in ways]

    assert [type(error) for error in refused if not isinstance(error, PyDBTError)] == []
    assert not any(name in str(text) for text in sent if name)


def _error_of(way: Any) -> BaseException | None:
    try:
        way()
    except Exception as error:  # noqa: BLE001  each is looked at
        return error
    return None


def test_schemas_and_sources_may_be_called_anything(postgresql_url: str) -> None:
    """SQLite's schemas are files, MariaDB's databases, and DuckDB's dialect reads two names at a dot."""
    engine = engine_from(postgresql_url)
    outcomes: dict[str, Any] = {}
    names = [name for name in NAMES if name not in _KEPT_OUT["postgresql"]]
    for name in names:
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(name))
        inside = Session(engine, schema=name, sources={name: (name, name)})
        inside.range(3).write(name)
        catalog_of(engine).forget()
        outcomes[name] = (inside.source(name).count(), inside.table(name).columns)

    assert outcomes == dict.fromkeys(names, (3, ["id"]))


@pytest.mark.parametrize("name", [*NAMES, *REFUSED], ids=ascii)
def test_a_task_is_called_by_a_word(name: str) -> None:
    """Anything else is refused at its line: it would be a file's name, an option and a column, too."""
    try:
        made = Task(name=name)(_nothing).name
    except TaskOptionError:
        made = "refused"

    assert made == (name if name.isidentifier() else "refused")


def _nothing() -> None: ...
