"""What a database's error means: whether the trouble passes by itself, and what to do where it does not.

Told by the SQLSTATE or the number that the driver gives; by words only where there is none. What is not known
here is not tried again: an error that stays would only come later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from pydbt.connections.words import (
    CONNECTION_GONE,
    DUCKDB,
    HINTS,
    MARIADB,
    POSTGRESQL,
    POSTGRESQL_CLASSES,
    POSTGRESQL_WORDS,
    SQLITE,
    SQLITE_WORDS,
)
from pydbt.errors import DatabaseLockedError, PyDBTError, ServerBusyError, ServerUnreachableError

_OURS: dict[type[PyDBTError], str] = {
    ServerUnreachableError: "the server does not answer",
    ServerBusyError: "the server takes no connection",
    DatabaseLockedError: "another process holds the file",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is the matter.

    Args:
        what: In a word or two, ``deadlock``.
        is_transient: It passes: the same statements may well succeed a little later.
        hint: What to do where it does not pass; ``{task}`` stands for the task's name. May be empty.
    """

    what: str
    is_transient: bool
    hint: str = ""


def diagnose(error: BaseException) -> Diagnosis | None:
    """What a database's error means; None for what is no database's error, or not known.

    It looks at errors of the drivers, as they are or as SQLAlchemy wraps them, and at PyDBT's own that were
    raised because of one; never at what a user's own exception was raised from.

    >>> import sqlite3
    >>> diagnose(sqlite3.OperationalError("no such column: amuont")).what
    'missing column'
    >>> diagnose(ValueError("deadlock detected")) is None
    True
    """
    if isinstance(error, PyDBTError):
        return _of_ours(error)
    if isinstance(error, DBAPIError):
        if error.orig is None:
            return None
        found = _of_driver(error.orig)
        # What the driver was sure of counts more: a server that was shut down says so before it hangs up.
        return found or (_transient(CONNECTION_GONE) if error.connection_invalidated else None)
    return _of_driver(error)


def _of_ours(error: PyDBTError) -> Diagnosis | None:
    for kind, what in _OURS.items():
        if isinstance(error, kind):
            return _transient(what)
    return None if error.__cause__ is None or error.hint else diagnose(error.__cause__)


def _of_driver(error: BaseException) -> Diagnosis | None:
    driver = type(error).__module__.partition(".")[0].lstrip("_")
    match driver:
        case "psycopg" | "psycopg2":
            return _of_postgresql(error)
        case "sqlite3":
            return _of_sqlite(error)
        case "duckdb":
            return _of_duckdb(error)
        case "pymysql":
            return _told(MARIADB.get(error.args[0] if error.args else None))
    return None


def _of_postgresql(error: Any) -> Diagnosis | None:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    said = str(error)
    if state is None:
        # The connection broke, or was never made: nobody was left to give a code.
        lowered = said.lower()
        known = next((what for piece, what in POSTGRESQL_WORDS.items() if piece in lowered), None)
        return _told(known)
    if state == "XX000" and "concurrently" in said:
        return _transient("another session changed the same object")
    if state == "0A000" and "cached plan" in said:
        return _transient("a table was replaced meanwhile")
    if state == "57014" and "statement timeout" in said:
        return Diagnosis("statement timeout", is_transient=False, hint=HINTS["statement timeout"])
    found = _told(POSTGRESQL.get(state) or POSTGRESQL_CLASSES.get(state[:2]))
    theirs = getattr(getattr(error, "diag", None), "message_hint", None)
    if found is None or not theirs or found.is_transient:
        return found
    # Braces in it would be taken for the place of the task's name.
    return Diagnosis(found.what, is_transient=False, hint=theirs.replace("{", "{{").replace("}", "}}"))


def _of_sqlite(error: Any) -> Diagnosis | None:
    # Words first: a missing column and a wrong word have one number.
    for piece, what in SQLITE_WORDS.items():
        if piece in str(error):
            return _told(what)
    # An extended code has the plain one in its last byte.
    return _told(SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF))


def _of_duckdb(error: BaseException) -> Diagnosis | None:
    kind, said = type(error).__name__, str(error).lower()
    return _told(next((what for name, piece, what in DUCKDB if name in {kind, ""} and piece in said), None))


def _told(what: str | None) -> Diagnosis | None:
    """The diagnosis of that name: it passes unless something is to be done."""
    if what is None:
        return None
    hint = HINTS.get(what)
    return _transient(what) if hint is None else Diagnosis(what, is_transient=False, hint=hint)


def _transient(what: str) -> Diagnosis:
    return Diagnosis(what, is_transient=True)
