"""An empty database for each stage: a file, or a database on a server of the tests' own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.conftest import POSTGRESQL_DRIVER
from tests.postgresql import SessionFolder, started_server

Fresh = Callable[[Path], str]
"""Gives the URL of an empty database; a file goes into the folder."""


@contextmanager
def databases(name: str) -> Iterator[Fresh]:
    """Where empty databases come from; a server is started and stopped."""
    if name in {"sqlite", "duckdb"}:
        yield lambda folder: f"{name}:///{folder / f'test.{name}'}"
        return
    session = SessionFolder(f"pydbt-{name[:2]}-")
    try:
        if name == "postgresql":
            url = f"postgresql+{POSTGRESQL_DRIVER}://postgres@/{{}}?host={started_server(session.path)}"
            yield lambda _folder: _made(url, "postgres")
        else:
            home = started_server(session.path, "tests.mariadb")
            yield lambda _folder: _made(f"mysql+pymysql://root@localhost/{{}}?unix_socket={home}/socket", "")
    finally:
        session.close()


def _made(url: str, first: str) -> str:
    name = f"kill_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url.format(first), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return url.format(name)
