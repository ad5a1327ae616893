"""The engine of any URL, by the database in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from pydbt.connections import duckdb, mysql, postgresql, sqlite
from pydbt.connections.active import chosen_url
from pydbt.connections.cache import cached
from pydbt.connections.url import load_driver, read_url

_CREATE: dict[str, Callable[..., Engine]] = {
    "duckdb": duckdb.create,
    "mariadb": mysql.create,
    "mysql": mysql.create,
    "postgresql": postgresql.create,
    "sqlite": sqlite.create,
}


def engine_from(url: str, **options: Any) -> Engine:
    """PyDBT's engine for a URL: one in a process for each URL and its options.

    Nothing connects yet. What is set on its connections, and which options it takes, stands with each
    database: `pydbt.connections.duckdb`, `mysql`, `postgresql`, `sqlite`; others get SQLAlchemy's defaults.

    Args:
        url: A SQLAlchemy URL; ``postgres://`` means ``postgresql://``.
        options: Of the database's `get_engine`, and of `sqlalchemy.create_engine`.

    Raises:
        ConnectionFailedError: One of its kinds: what is wrong with the URL, or which driver is missing.

    >>> engine_from("sqlite://") is engine_from("sqlite://")
    True
    """
    parts = read_url(url)
    return cached(parts, options, _CREATE.get(parts.get_backend_name(), _create))


def get_engine(url: str | None = None, **options: Any) -> Engine:
    """PyDBT's engine for a URL; without one the active project's target, or what the environment names.

    Raises:
        NoDatabaseError: Nothing says which database.
    """
    return engine_from(url or chosen_url(), **options)


def _create(url: URL, **options: Any) -> Engine:
    return sa.create_engine(load_driver(url), future=True, **options)
