"""Where the state lives: from the setting ``state`` to a URL that can be opened, or the reason why not."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from pydbt.errors import (
    StateAccessError,
    StateDamagedError,
    StateUrlError,
    hide_passwords,
    keep_secrets,
)
from pydbt.failpoints import reached
from pydbt.owner import files

SETTING = "state"

_logger = logging.getLogger(__name__)
_EXAMPLES = (
    "a SQLite file, sqlite:///.pydbt/state.db, or PostgreSQL, postgresql://user:password@host/database"
)
_MAGIC = b"SQLite format 3\0"
_PICKLE = b"\x80"
# Stands in the state's place while a repair puts a new one there; the name of the one kept aside follows.
REPAIR_MARK = b"PyDBT is repairing this state; it was kept as "


def state_url(setting: str, root: Path) -> URL:
    """The URL in the setting, a SQLite path made absolute from `root`, PostgreSQL's driver chosen.

    Raises:
        StateUrlError: It is no URL, or one of a database the state cannot live in.
    """
    try:
        url = make_url(setting)
    except (ArgumentError, ValueError):  # ValueError: a port that is not a number.
        # The cause is left out: it repeats the setting, password and all.
        raise _refused(f"{hide_passwords(setting)!r} is not a database URL") from None
    keep_secrets({"password": url.password, **url.query}, not_in=(url.username, url.host, url.database))
    if "@" in (url.host or ""):
        hint = "write each @ in the password as %40"
        raise _refused(f"{hide_passwords(setting)!r} has more than one @", hint=hint)
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        return _sqlite_url(url, root)
    if url.drivername == "postgresql":
        return url.set(drivername=f"postgresql+{_postgresql_driver()}")
    if url.drivername.startswith("postgresql+"):
        return url
    if url.drivername == "postgres":
        raise _refused(f"{shown(url)} begins with postgres://", hint="write postgresql://")
    raise _refused(f"the state cannot live in {url.drivername!r} ({shown(url)})")


def shown(url: URL) -> str:
    """The URL for people: without its password."""
    return hide_passwords(url.render_as_string(hide_password=True))


def sqlite_path(url: URL) -> Path | None:
    """The state's file; None when it is on a server."""
    return Path(url.database or "") if url.drivername.startswith("sqlite") else None


def is_new(path: Path) -> bool:
    """Whether the file is still to be made.

    Raises:
        StateAccessError: It cannot be read, or is a link or no file at all.
        StateDamagedError: It is not a SQLite file; an empty one was emptied, for none is made empty.
    """
    try:
        _refuse_planted(path)
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a file"
            raise StateAccessError(
                f"the state {path} is {kind}", where=SETTING, hint="give the path of a file"
            )
        with path.open("rb") as file:
            head = file.read(len(REPAIR_MARK))
    except FileNotFoundError:
        if _has_log(path):
            raise damaged(str(path), "the file is gone, and its log beside it is not") from None
        return True
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path.
        raise inaccessible(path, error) from error
    if not head.startswith(_MAGIC):
        raise damaged(str(path), _guessed(head))
    if os.name == "posix" and status.st_mode & 0o077:
        _warn_of_others(path)
    return False


@cache
def _warn_of_others(path: Path) -> None:
    """Once: a run looks at its state several times."""
    _logger.warning("the state %s can be opened by other users: chmod 600 it", path)


def make_file(path: Path) -> None:
    """Create the file, for its owner only, and its directory; a kill leaves a whole file or none.

    Raises:
        StateAccessError: The directory or the file cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with files.beside(path, mode=0o600) as made:
            _fill(made)
            reached("state.before.link")
            put_in_place(made, path)
            reached("state.after.link")
    except FileExistsError:
        if not path.parent.is_dir():
            raise StateAccessError(f"{path.parent} is not a directory", where=SETTING) from None
    except (OSError, ValueError, sqlite3.Error) as error:
        raise inaccessible(path, error) from error


def put_in_place(made: Path, path: Path) -> None:
    """Give a file a further name, at once and whole, unless that name is taken.

    Raises:
        FileExistsError: It is.
    """
    try:
        os.link(made, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # A drive that has no links.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with os.fdopen(os.open(path, flags, 0o600), "wb") as copy, made.open("rb") as content:
            shutil.copyfileobj(content, copy)
            os.fsync(copy.fileno())


def beside(path: Path) -> tuple[Path, Path]:
    """SQLite's own files of this one: the log of what is not in it yet, and the log's index."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _refuse_planted(path: Path) -> None:
    """SQLite would follow a link in the place of its log, and write into another file."""
    for each in (*beside(path), repair_lock(path)):
        if each.is_symlink() or (each.exists() and not each.is_file()):
            kind = "a symbolic link" if each.is_symlink() else "not a file"
            raise StateAccessError(f"{each}, beside the state, is {kind}", where=SETTING, hint="remove it")


def repair_lock(path: Path) -> Path:
    """The file whose lock a repair of this one holds."""
    return path.with_name(f"{path.name}.repair-lock")


def _has_log(path: Path) -> bool:
    log = beside(path)[0]
    return log.is_file() and log.stat().st_size > 0


def _fill(path: Path) -> None:
    """Make a SQLite database without tables of an empty file: SQLite itself writes nothing until it must."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # A journal would be one more file that a kill leaves.
        for setting in ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY"):
            connection.execute(setting)
        for statement in ("CREATE TABLE t (a)", "DROP TABLE t", "VACUUM"):
            connection.execute(statement)


def damaged(database: str, reason: str) -> StateDamagedError:
    """The error for a state that is not what PyDBT wrote."""
    return StateDamagedError(
        f"the state {database} is damaged: {reason}",
        where=SETTING,
        hint="nothing was changed; pydbt state check says what is wrong, pydbt state repair keeps it aside"
        " and carries over what can be read",
    )


def _sqlite_url(url: URL, root: Path) -> URL:
    path = url.database or ""
    if path in {"", ":memory:"} or path.startswith("file:"):
        raise _refused(f"{url} names no file that lasts")
    if "\0" in path:
        raise _refused(f"the path {path!r} holds a NUL")
    return sa.engine.URL.create("sqlite", database=str((root / path).absolute()))


def _postgresql_driver() -> str:
    # SQLAlchemy 1.4 has no dialect for psycopg 3.
    is_known = not sa.__version__.startswith("1.")
    return "psycopg" if is_known and find_spec("psycopg") else "psycopg2"


def _refused(what: str, hint: str = _EXAMPLES) -> StateUrlError:
    return StateUrlError(what, where=SETTING, hint=hint)


def inaccessible(path: Path, error: Exception) -> StateAccessError:
    """The error for a file that the system does not give."""
    reason = getattr(error, "strerror", None) or str(error)
    return StateAccessError(
        f"the state {path} cannot be opened: {reason}",
        where=SETTING,
        hint="give another path in the setting, or make this one readable and writable",
    )


def _guessed(head: bytes) -> str:
    if not head:
        return "the file is empty"
    if head.startswith(REPAIR_MARK):
        return "a repair of it was interrupted"
    if head.startswith(_PICKLE):
        return "it looks like a pickle, which PyDBT never reads, because reading one runs the code in it"
    return "it is not a SQLite file"
