"""What the state's database says, told in the words of our errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from pydbt.core.state.location import SETTING, damaged
from pydbt.core.state.rows import DamagedRowError
from pydbt.errors import (
    PyDBTError,
    StateAccessError,
    StateDriverError,
    StateError,
    StateLockedError,
    hide_passwords,
)

_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03")
_FULL = ("SQLITE_FULL", "53100")
# SQLITE_ERROR: a table or column is missing. 42P01, 42703: the same in PostgreSQL.
_DAMAGED = (
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_ERROR",
    "SQLITE_MISMATCH",
    "SQLITE_CONSTRAINT",
    "42P01",
    "42703",
)
_NO_RIGHTS = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH", "42501")
_DISK_HINT = "is the disk there, has it room, and may this user write the file and its directory?"
_SERVER_HINT = "is the server up, are host, user, password and database right?"
_PACKAGES = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}


@contextmanager
def told(database: str) -> Iterator[None]:
    """Raise what the database raises as a ``StateError`` that names it."""
    try:
        yield
    except PyDBTError:
        raise
    except DamagedRowError as error:
        raise damaged(database, str(error)) from error
    except UnicodeDecodeError as error:
        # SQLite's messages repeat what it cannot read, and Python cannot read the messages.
        raise damaged(database, "SQLite cannot read it") from error
    except DBAPIError as error:
        raise _translated(error.orig, database) from error
    except sqlite3.Error as error:  # From the events of a new connection, which SQLAlchemy does not wrap.
        raise _translated(error, database) from error
    except SQLAlchemyError as error:
        raise StateError(f"the state {database} failed: {_line(error)}", where=SETTING) from error


def missing_driver(error: Exception, database: str) -> StateDriverError:
    """The error for a driver that is not installed."""
    name = getattr(error, "name", None) or ""
    if isinstance(error, NoSuchModuleError) or not name:
        return StateDriverError(
            f"SQLAlchemy knows no driver for {database}",
            where=SETTING,
            hint="write postgresql:// and let PyDBT choose, or postgresql+psycopg2://",
        )
    package = _PACKAGES.get(name, name)
    return StateDriverError(
        f"the driver {name!r} for {database} is not installed",
        where=SETTING,
        hint=f"pip install '{package}'",
    )


def _translated(error: BaseException | None, database: str) -> StateError:
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    code = code or getattr(error, "pgcode", None) or ""
    said = _line(error)
    if code.startswith(_LOCKED):
        return StateLockedError(
            f"the state {database} is locked by another process ({said})",
            where=SETTING,
            hint="wait for it, or see who holds the file: `pydbt history` shows the runs",
        )
    if code.startswith(_DAMAGED) or "decode to UTF-8" in said:
        return damaged(database, said)
    if code.startswith(_FULL):
        return StateAccessError(
            f"no space left for the state {database} ({said})", where=SETTING, hint="free some"
        )
    if code.startswith(_NO_RIGHTS):
        return StateAccessError(
            f"the state {database} may not be written or read ({said})",
            where=SETTING,
            hint="give this user the right to, or another state in the setting",
        )
    return StateAccessError(
        f"the state {database} cannot be reached ({said})",
        where=SETTING,
        hint=_DISK_HINT if code.startswith("SQLITE") else _SERVER_HINT,
    )


def _line(error: BaseException | None) -> str:
    said = str(error).strip() or type(error).__name__
    return hide_passwords(" ".join(said.split()))
