"""What a bystander knows of a database: what stands in it, and whose sessions are open."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool, QueuePool

from tests.kill.forms import SIZE, Form
from tests.kill.nursery import observed

_POLL_SECONDS = 0.005
_GONE_SECONDS = 5.0
_SESSIONS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid()",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database()"
    " AND id <> connection_id()",
}


def sessions(engine: Engine, known: int) -> int:
    """How many sessions a server has beside this one and those that are known, after a while to end in."""
    query = _SESSIONS.get(engine.dialect.name)
    if query is None:
        return 0
    deadline = time.monotonic() + _GONE_SECONDS
    with engine.connect() as connection:
        while True:
            count = int(connection.exec_driver_sql(query).scalar() or 0) - known
            if count <= 0 or time.monotonic() > deadline:
                return count
            time.sleep(0.01)


class Place:
    """A database, seen by a process that has nothing to do with PyDBT's.

    Args:
        url: Its URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = sa.engine.make_url(url).get_backend_name()
        options: dict[str, Any] = {} if self.name == "duckdb" else {"isolation_level": "AUTOCOMMIT"}
        # A file has to be free for the run; a server's connection is dear to open.
        options["poolclass"] = QueuePool if self.name in _SESSIONS else NullPool
        self._engine = sa.create_engine(url, future=True, **options)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    @property
    def is_shared(self) -> bool:
        """Whether others can look while a run is at it."""
        return self.name != "duckdb"

    def run(self, *statements: str) -> None:
        """Run each statement by itself."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def fill(self) -> None:
        """Make the table that all forms read."""
        rows = ", ".join(f"({n})" for n in range(1, SIZE + 1))
        self.run("CREATE TABLE numbers (n INTEGER)", f"INSERT INTO numbers VALUES {rows}")

    def look(self, form: Form) -> list[Any]:
        """What a reader sees now."""
        with self._engine.connect() as connection:

            def read(query: str) -> Any:
                return connection.exec_driver_sql(query).fetchall()

            return observed(read, form.queries)

    def relations(self) -> set[str]:
        """All tables and views."""
        with self._engine.connect() as connection:
            found = sa.inspect(connection)
            return {*found.get_table_names(), *found.get_view_names()}

    def sessions(self) -> int:
        """How many sessions others have open beside the reader of `watched`, after a while to end in."""
        return sessions(self._engine, known=1)

    @contextmanager
    def watched(self, form: Form) -> Iterator[list[list[Any]]]:
        """What a reader sees meanwhile, whenever that is another thing than before."""
        changes: list[list[Any]] = []
        if not self.is_shared:
            yield changes
            return
        is_over = threading.Event()
        thread = threading.Thread(target=self._look_on, args=(form, changes, is_over))
        thread.start()
        try:
            yield changes
        finally:
            is_over.set()
            thread.join()

    def _look_on(self, form: Form, changes: list[list[Any]], is_over: threading.Event) -> None:
        with self._engine.connect() as connection:

            def read(query: str) -> Any:
                return connection.exec_driver_sql(query).fetchall()

            while not is_over.wait(_POLL_SECONDS):
                seen = observed(read, form.queries)
                if not changes or seen != changes[-1]:
                    changes.append(seen)
