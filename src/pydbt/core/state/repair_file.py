"""The repair of a SQLite file: a new one is made beside it, and takes its place in one step."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from pydbt.core.state.carry import CARRIED, NewState, agree, carry, refuse_live_runs
from pydbt.core.state.engine import reading, state_engine, writing
from pydbt.core.state.location import REPAIR_MARK, beside, put_in_place, repair_lock
from pydbt.core.state.log import is_log_whole
from pydbt.core.state.migrations import make_tables
from pydbt.core.state.salvage import Tally
from pydbt.core.state.schema import PREFIX, TABLES, tasks
from pydbt.core.state.scratch import best_copy, scratch_engine
from pydbt.errors import StateAccessError, StateLockedError
from pydbt.failpoints import reached

_CHECK_TASKS = "PRAGMA integrity_check('_pydbt_tasks')"
_LOG_IS_DAMAGED = "its log is damaged, and the latest runs may be in it"


def sweep(path: Path) -> None:
    """Remove what a repair left that was killed when all but this was done."""
    if [*path.parent.glob(f".{path.name}.repair-*"), *path.parent.glob(repair_lock(path).name)]:
        with _alone(path), _folder_beside(path):
            pass


def repair_file(path: Path, ending: str) -> NewState:
    """Put a new state in the file's place, made of what can be read of it.

    In this order, so that whoever looks after a kill finds a state or an error, and never nothing: the new
    state is made whole elsewhere, the file gets its further name, a mark takes its place, its log follows
    it, the new state takes the place of the mark.

    Args:
        path: The damaged file.
        ending: Of the name under which it is kept.

    Raises:
        StateLockedError: A run is going on, or another repair.
    """
    with _alone(path), _folder_beside(path) as folder:
        kept = _kept_already(path)
        if kept:
            _move_log(path, kept)
        made = folder / "new.db"
        _make(made)
        # Before any copy is read: the last reader writes the log back, and its damage is gone.
        doubt = "" if is_log_whole(kept or path) else _LOG_IS_DAMAGED
        source = best_copy(kept or path, made, folder)
        _refuse_others(source, path)
        new = _filled(made, source, str(path), doubt)
        if not kept:
            kept = _keep(path, ending, folder)
        reached("repair.before.replace")
        made.replace(path)
        reached("repair.after.replace")
        return replace(new, kept=str(kept))


def _make(path: Path) -> None:
    """A state without rows, for its owner only."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with _engine_on(path) as engine, writing(engine) as connection:
        make_tables(connection)


@contextmanager
def _engine_on(path: Path) -> Iterator[Engine]:
    engine = state_engine(URL.create("sqlite", database=str(path)))
    try:
        yield engine
    finally:
        engine.dispose()


def _filled(made: Path, source: Path, name: str, doubt: str) -> NewState:
    damaged = scratch_engine(source)
    try:
        with _engine_on(made) as engine, writing(engine) as connection:
            tallies = _carried(damaged, connection)
            refuse_live_runs(connection, name)
            return agree(connection, tallies, doubt)
    finally:
        damaged.dispose()


def _refuse_others(source: Path, path: Path) -> None:
    """See that no tables of the user's own would leave their database with the state."""
    engine = scratch_engine(source)
    try:
        with reading(engine) as connection:
            others = {*sa.inspect(connection).get_table_names()} - {table.name for table in TABLES}
    except (DBAPIError, sqlite3.Error, UnicodeDecodeError):
        return
    finally:
        engine.dispose()
    mine = sorted(name for name in others if not name.startswith(PREFIX))
    if mine:
        raise StateAccessError(
            f"the state {path} is in a file with other tables ({', '.join(mine)}): a new one would lack them",
            where="state",
            hint="give the state a file of its own in the setting, or move the other tables first",
        )


def _carried(damaged: Engine, connection: Connection) -> dict[str, Tally]:
    try:
        with reading(damaged) as old:
            tallies = {table.name: carry(old, table, connection, table) for table in CARRIED}
            tallies[tasks.name].is_cut |= not _is_whole(old)
            return tallies
    except (OperationalError, sqlite3.OperationalError):
        raise
    except (DatabaseError, sqlite3.DatabaseError):  # SQLite does not even begin to read it.
        return {table.name: Tally(is_cut=True) for table in CARRIED}


def _is_whole(connection: Connection) -> bool:
    """Whether every row of what is known of tasks is where it belongs, and no other."""
    try:
        return connection.exec_driver_sql(_CHECK_TASKS).scalars().first() == "ok"
    except (DBAPIError, UnicodeDecodeError):
        return False


def _keep(path: Path, ending: str, folder: Path) -> Path:
    """Give the file a further name, and its place to a mark that says which."""
    stem = f"{path.name}.{ending}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    kept = path.with_name(next(name for name in names if not path.with_name(name).exists()))
    reached("repair.before.keep")
    with suppress(FileNotFoundError):  # Its log alone is there.
        put_in_place(path, kept)
    mark = folder / "mark"
    mark.write_bytes(REPAIR_MARK + os.fsencode(kept.name))
    reached("repair.before.mark")
    mark.replace(path)
    _move_log(path, kept)
    return kept


def _kept_already(path: Path) -> Path | None:
    """Where a repair that was interrupted has put the file; a name in another folder is none of ours."""
    try:
        with path.open("rb") as file:
            content = file.read(len(REPAIR_MARK) + 300)
    except FileNotFoundError:
        return None
    mark, _, name = content.partition(REPAIR_MARK)
    if mark or not name:
        return None
    kept = path.with_name(Path(os.fsdecode(name)).name)
    is_ours = kept.name.startswith(f"{path.name}.") and b"\0" not in name
    return kept if is_ours and not kept.is_symlink() else None


def _move_log(path: Path, kept: Path) -> None:
    for left, there in zip(beside(path), beside(kept), strict=True):
        reached("repair.before.log")
        with suppress(FileNotFoundError):
            left.replace(there)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder on the same drive, for its owner only, gone at the end; those of dead repairs go first."""
    prefix = f".{path.name}.repair-"
    for left in path.parent.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the only repair: a lock of SQLite's, which goes with the process that holds it."""
    lock = repair_lock(path)
    with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise StateLockedError(
                f"another process repairs the state {path}", where="state", hint="wait for its end"
            ) from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
