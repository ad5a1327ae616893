"""Cancelling: what runs is stopped in the database, and what does not run is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt.connections import cancel_all, dispose_all, engine_from, owning

DRIVERS = ["psycopg2"] if sa.__version__.startswith("1.4") else ["psycopg", "psycopg2"]
DATABASES = ["sqlite", *(["duckdb"] if len(DRIVERS) > 1 else []), *DRIVERS]
ENDLESS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s",
    "duckdb": "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
    "postgresql": "SELECT pg_sleep(300)",
}


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """PyDBT's engine on each database and driver."""
    name = request.param
    if name.startswith("psycopg"):
        url = sa.engine.make_url(request.getfixturevalue("postgresql_url"))
        yield engine_from(url.set(drivername=f"postgresql+{name}").render_as_string())
    else:
        yield engine_from(request.getfixturevalue(f"{name}_url"))
    dispose_all()


class Endless(threading.Thread):
    """A query without end, in a thread, and how it ended."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.is_sent = threading.Event()
        self.has_ended = threading.Event()
        self.may_go_on = threading.Event()
        self.error: BaseException | None = None
        self.afterwards: Any = None

    def run(self) -> None:
        """Run it; then ask the same connection something short."""
        with self.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
            self.is_sent.set()
            try:
                connection.execute(sa.text(ENDLESS[self.engine.dialect.name])).fetchall()
            except DBAPIError as error:
                self.error = error
            self.has_ended.set()
            self.may_go_on.wait(60)  # Or what comes now is cancelled, too.
            connection.rollback()
            self.afterwards = connection.execute(sa.text("SELECT 7")).scalar()


def cancelled(threads: list[Endless], owner: object = None) -> int:
    """Cancel until the queries of all have ended; give how many were told of at once."""
    for thread in threads:
        thread.is_sent.wait()
    time.sleep(0.3)
    deadline = time.monotonic() + 20
    told = len(cancel_all(owner))
    while not all(thread.has_ended.wait(0.05) for thread in threads) and time.monotonic() < deadline:
        cancel_all(owner)
    for thread in threads:
        thread.may_go_on.set()
    return told


def test_running_queries_are_cancelled(engine: Engine) -> None:
    """Three at once end with the driver's error, long before their time; their connections stay usable."""
    threads = [Endless(engine) for _number in range(3)]
    for thread in threads:
        thread.start()

    told = cancelled(threads)
    for thread in threads:
        thread.join(20)

    assert [isinstance(thread.error, DBAPIError) for thread in threads] == [True] * 3
    assert ([thread.afterwards for thread in threads], told) == ([7, 7, 7], 3)


def test_nothing_that_rests_is_cancelled(engine: Engine) -> None:
    """A connection between two statements goes on; one given back is not even looked at."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        cancel_all()
        answer = connection.exec_driver_sql("SELECT 7").scalar()

    assert (answer, cancel_all()) == (7, [])


def test_what_was_cancelled_is_told_without_passwords(postgresql_url: str) -> None:
    """The URL with stars, and the server's process id."""
    url = sa.engine.make_url(postgresql_url).set(password="hunter2")
    thread = Endless(engine_from(url.render_as_string(hide_password=False)))
    thread.start()
    thread.is_sent.wait()
    time.sleep(0.3)
    (found,) = cancel_all()
    cancelled([thread])
    thread.join(10)

    assert ("hunter2" in repr(found), "***" in found.url, isinstance(found.session, int)) == (
        False,
        True,
        True,
    )
    dispose_all()


def test_only_what_is_an_owners_is_cancelled(engine: Engine) -> None:
    """Of two queries that run at once, the one whose connection was taken in the owner's block."""
    owner = object()
    threads = [Endless(engine), Endless(engine)]
    owned = threading.Thread(target=copy_context().run, args=(_running_for, owner, threads[0]), daemon=True)
    owned.start()
    threads[1].start()
    threads[1].is_sent.wait()

    cancelled(threads[:1], owner)
    is_other_running = not threads[1].has_ended.is_set()
    cancelled(threads[1:])
    for thread in (owned, threads[1]):
        thread.join(20)

    assert (isinstance(threads[0].error, DBAPIError), is_other_running) == (True, True)


def _running_for(owner: object, query: Endless) -> None:
    with owning(owner):
        query.run()
