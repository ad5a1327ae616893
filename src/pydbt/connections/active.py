"""Which database is meant when nobody says: the active project's target, else what the environment names."""

from __future__ import annotations

import os

from pydbt.connections.url import read_url
from pydbt.errors import NoDatabaseError, user_location

_VARIABLES = ("PYDBT_URL", "DATABASE_URL")
# With one of these set libpq finds its server without a URL.
_LIBPQ = ("PGHOST", "PGHOSTADDR", "PGDATABASE", "PGUSER", "PGSERVICE", "PGPORT")
_SERVERS = ("postgresql", "mysql")
_ACTIVE: dict[str, str] = {}


def use(url: str | None) -> None:
    """Make a database the one that `get_engine()` without a URL gives; None for none.

    A project calls it with its target's URL.
    """
    _ACTIVE.clear()
    if url is not None:
        _ACTIVE["url"] = url


def active_url() -> str | None:
    """The URL last given to `use`; None when no project is active."""
    return _ACTIVE.get("url")


def chosen_url(database: str | None = None) -> str:
    """The URL that is meant where none is given.

    Args:
        database: ``postgresql``, ``mysql``, ``sqlite`` or ``duckdb``, where only that will do; None for any.

    Raises:
        NoDatabaseError: Neither a project nor the environment names such a database.
    """
    for url in (active_url(), *map(os.environ.get, _VARIABLES)):
        if url and (database is None or _backend(url) == database):
            return url
    if database == "postgresql" and any(map(os.environ.get, _LIBPQ)):
        return "postgresql://"
    libpq = ", or libpq's PGHOST, PGDATABASE and PGUSER" if database == "postgresql" else ""
    form = f"{database}://user:password@host/database" if database in _SERVERS else None
    example = form or f"{database or 'duckdb'}:///file"
    active = active_url()
    is_other = active is not None and database is not None
    what = (
        f"the project's target is not {database}" if is_other else f"no {database or 'database'} URL is known"
    )
    raise NoDatabaseError(
        f"{what}, and get_engine() was given none",
        where=user_location(),
        hint=f"set PYDBT_URL or DATABASE_URL{libpq}, or write get_engine({example!r})",
    )


def _backend(url: str) -> str:
    name: str = read_url(url).get_backend_name()
    return "mysql" if name == "mariadb" else name
