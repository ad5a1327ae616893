"""Copies of a damaged SQLite file, to be read and mended: reading a file may change it."""

from __future__ import annotations

import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError

from pydbt.core.state.engine import reading, state_engine
from pydbt.core.state.location import beside
from pydbt.core.state.schema import TABLES

_SIZES = frozenset(2**power for power in range(9, 16))
_USUAL_SIZE = 4096
_HEADER = 100


def best_copy(path: Path, fresh: Path, folder: Path) -> Path:
    """A copy in which the most tables can be read: as it is, or its head mended.

    Args:
        path: The damaged file.
        fresh: A new state without rows, which shows what a head looks like.
        folder: Where copies go.
    """
    mendings: tuple[Callable[[bytes], bytes], ...] = (_as_it_is, _header_of, lambda _: fresh.read_bytes())
    best, most = Path(), -1
    for number, mending in enumerate(mendings):
        copy = folder / f"damaged-{number}.db"
        _copy(path, copy)
        _copy(beside(path)[0], beside(copy)[0])
        if number:
            _write_head(copy, mending(copy.read_bytes()[:_USUAL_SIZE]))
        tables = _readable_tables(copy)
        if tables > most:
            best, most = copy, tables
        if most == len(TABLES):
            break
    return best


def scratch_engine(path: Path) -> Engine:
    """An engine that reads what a sound file would not hold."""
    engine = state_engine(URL.create("sqlite", database=str(path)))

    def on_connect(connection: Any, _record: object) -> None:
        # A text with a damaged byte: its row does not fit its checksum, the next row may.
        connection.text_factory = _text
        # One table or index whose definition is damaged does not hide the others.
        connection.execute("PRAGMA writable_schema = ON")

    # Before the state's own: those already read the file.
    sa.event.listen(engine, "connect", on_connect, insert=True)
    return engine


def _readable_tables(path: Path) -> int:
    engine = scratch_engine(path)
    try:
        return sum(_is_readable(engine, table) for table in TABLES)
    finally:
        engine.dispose()


def _is_readable(engine: Engine, table: sa.Table) -> bool:
    try:
        with reading(engine) as connection:
            connection.execute(sa.select(table).limit(1)).fetchall()
    except (DBAPIError, sqlite3.Error, UnicodeDecodeError):
        return False
    return True


def _as_it_is(head: bytes) -> bytes:
    return head


def _header_of(head: bytes) -> bytes:
    """The head with its first 100 bytes written anew, as in every state."""
    size = int.from_bytes(head[16:18])
    size = size if size in _SIZES else _USUAL_SIZE
    header = struct.pack(">16sHBBBBBB", b"SQLite format 3\0", size, 1, 1, 0, 64, 32, 32)
    #                    changes pages free . schema format cache vacuum text user vacuum application
    header += struct.pack(">12I", 1, 1, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0) + bytes(20)
    return header + struct.pack(">2I", 1, 3_040_000) + head[_HEADER:]


def _write_head(path: Path, head: bytes) -> None:
    """Put the head in its place; it says how many pages there are, and whether there is a log."""
    size = int.from_bytes(head[16:18])
    with path.open("r+b") as file:
        file.truncate(max(size, path.stat().st_size))
        pages = path.stat().st_size // size
        version = 2 if beside(path)[0].stat().st_size else 1
        file.write(head[:size])
        file.seek(18)
        file.write(bytes((version, version)))
        file.seek(28)
        file.write(struct.pack(">3I", pages, 0, 0))
        file.seek(92)
        file.write(head[24:28])


def _copy(path: Path, copy: Path) -> None:
    try:
        shutil.copyfile(path, copy, follow_symlinks=False)
    except FileNotFoundError:
        copy.touch()


def _text(content: bytes) -> str:
    return content.decode(errors="replace")
