"""Why a connection failed: the driver's words made into one of PyDBT's errors, with what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from pydbt.connections.holder import holders
from pydbt.connections.url import read_url, without_secrets
from pydbt.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DatabaseFileError,
    DatabaseFolderError,
    DatabaseLockedError,
    EncryptionError,
    PyDBTError,
    ServerBusyError,
    ServerUnreachableError,
    UnknownDatabaseError,
    UnknownHostError,
)

# What SQLite needs to begin a log, and its index of 32 kB.
_LEAST_ROOM = 64 * 1024
# Pieces of what libpq and the server say, in the order they are looked for. "no pg_hba.conf entry" names
# encryption too, and must come before it; "too many connections for database" names a database.
_SERVER: tuple[tuple[type[ConnectionFailedError], tuple[str, ...], str, str], ...] = (
    (
        ServerBusyError,
        (
            "too many",
            "remaining connection slots",
            "starting up",
            "shutting down",
            "terminating connection",
            "recovery mode",
            "not yet accepting",
            "closed the connection",
            "connection reset",
            "could not receive data",
            "lost connection",
        ),
        "{host} takes no connection now: {detail}",
        "try again in a moment; where it has too many connections, raise its max_connections",
    ),
    (
        AuthenticationError,
        (
            "authentication failed",
            "no password supplied",
            "pg_hba.conf",
            "access denied",
            "password required",
        ),
        "{host} refused user {user}: wrong user or password, or the server does not let them in from here",
        "check the user and the password in the URL",
    ),
    (
        AuthenticationError,
        ('role "',),
        "{host} has no user {user}",
        "check the user in the URL",
    ),
    (
        UnknownDatabaseError,
        ('database "', "unknown database"),
        "{host} has no database {database}, or user {user} may not use it",
        "make it with createdb, or name another in the URL",
    ),
    (
        UnknownHostError,
        (
            "could not translate host",
            "name or service not known",
            "nodename nor servname",
            "failed to resolve host",
            "no address associated",
            "name resolution",
        ),
        "the host {host} is not known: its name has no address",
        "check the host in the URL",
    ),
    (
        EncryptionError,
        ("ssl", "tls", "certificate"),
        "no encrypted connection (TLS) with {host} as user {user}: {detail}",
        "check sslmode and the certificates: ?sslmode=prefer does without, where the server allows it",
    ),
    (
        ServerUnreachableError,
        ("connection refused", "no such file or directory", "can't connect"),
        "nothing listens at {host}, port {port} (user {user})",
        "is the server running, and is it the right port?",
    ),
    (
        ServerUnreachableError,
        ("timeout", "timed out", "no route to host", "unreachable"),
        "no answer from {host}, port {port} (user {user})",
        "is the server up, and does a firewall stand between?",
    ),
)


def explain_failure(url: URL | str, error: BaseException) -> PyDBTError:
    """The error of PyDBT's that says why connecting failed, without the password.

    Args:
        url: Where to.
        error: What the driver or SQLAlchemy raised. One of PyDBT's own comes back as it is.
    """
    if isinstance(error, PyDBTError):
        return error
    try:
        parts = read_url(url) if isinstance(url, str) else url
    except PyDBTError as wrong:
        return wrong
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    detail = without_secrets(str(cause).strip(), parts)
    database = parts.get_backend_name()
    if database == "duckdb":
        return _of_duckdb(parts, detail)
    if database == "sqlite":
        return _of_sqlite(parts, detail)
    return _of_server(parts, detail)


def _of_server(url: URL, detail: str) -> ConnectionFailedError:
    first = next((line.strip() for line in detail.splitlines() if line.strip()), "no reason given")
    is_postgresql = url.get_backend_name() == "postgresql"
    socket = url.query.get("host" if is_postgresql else "unix_socket", "")
    facts = {
        "host": repr(url.host or (socket if isinstance(socket, str) else ", ".join(socket)) or "localhost"),
        "user": repr(url.username or "(the system's)"),
        "port": url.port or (5432 if is_postgresql else 3306),
        "database": repr(url.database or url.username),
        "detail": first,
    }
    lowered = detail.lower()
    for kind, pieces, what, hint in _SERVER:
        if any(piece in lowered for piece in pieces):
            return kind(what.format(**facts), hint=hint)
    return ConnectionFailedError(
        f"cannot connect to {facts['host']} as user {facts['user']}: {first}",
        hint="`pydbt debug` tries it again",
    )


def _of_duckdb(url: URL, detail: str) -> ConnectionFailedError:
    path = Path(url.database or "")
    if "set lock on file" in detail:
        return locked(path, detail)
    if "not a valid DuckDB database" in detail:
        return DatabaseFileError(
            f"{path} is not a DuckDB file", hint="name another file; PyDBT left it as it is"
        )
    if "version number" in detail:
        return DatabaseFileError(
            f"{path} was written by another version of DuckDB: {detail.splitlines()[0]}",
            hint="pip install --upgrade duckdb, or export the file with the DuckDB that wrote it",
        )
    if "WAL" in detail:
        return DatabaseFileError(
            f"{path} has a log ({path.name}.wal) that cannot be replayed: {detail.splitlines()[0]}",
            hint="copy both files before anything else; PyDBT never deletes a log",
        )
    if "Corrupt" in detail or "enough bytes" in detail:
        return DatabaseFileError(
            f"{path} is damaged: {detail.splitlines()[0]}", hint="bring it back from a copy"
        )
    wrong = _of_path(path) or _of_disk(path)
    return wrong or ConnectionFailedError(f"cannot open {path}: {detail.splitlines()[0]}")


def _of_sqlite(url: URL, detail: str) -> ConnectionFailedError:
    path = Path((url.database or "").removeprefix("file:").partition("?")[0])
    if "not a database" in detail or "malformed" in detail or "unsupported file format" in detail:
        what = (
            "damaged" if "malformed" in detail else "not a SQLite file, or encrypted, or of a newer version"
        )
        return DatabaseFileError(f"{path} is {what}", hint="name another file; PyDBT left it as it is")
    if "locked" in detail:
        return locked(path, detail)
    return _of_path(path) or _of_disk(path) or ConnectionFailedError(f"cannot open {path}: {detail}")


def _of_path(path: Path) -> ConnectionFailedError | None:
    if path.is_dir():
        return DatabaseFileError(f"{path} is a folder, not a database file", hint="name a file in it")
    if not path.parent.is_dir():
        return DatabaseFolderError(
            f"the directory {path.parent} does not exist", hint=f"make it, or correct the path of {path.name}"
        )
    return None


def _of_disk(path: Path) -> ConnectionFailedError | None:
    """A disk without room for the log that an embedded database begins when it is opened."""
    if shutil.disk_usage(path.parent).free > _LEAST_ROOM:
        return None
    return DatabaseFileError(f"cannot open {path}: its disk is full", hint=f"make room in {path.parent}")


def locked(path: Path, detail: str = "") -> DatabaseLockedError:
    """The error of a database file that another process holds: which, as far as it can be found."""
    found = holders(path, detail)
    by = " and ".join(f"process {pid} ({program})" for pid, program in found) or "another process"
    return DatabaseLockedError(
        f"{path} is held by {by}",
        hint=f"wait for it, or end it: kill {found[0][0]}" if found else "end the other process",
    )
