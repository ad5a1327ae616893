"""SQLite's write-ahead log: whether it is whole.

SQLite reads a log up to the first part whose checksum does not fit, and takes the rest for what a dead
writer left unfinished: right so after a kill. But a byte that rots in the middle takes all later runs with
it, and one in the first 32 bytes takes everything, without a word.
"""

from __future__ import annotations

import struct
import time
from pathlib import Path

from pydbt.core.state.location import beside
from pydbt.core.state.rows import DamagedRowError

LOG_IS_DAMAGED = "its log (-wal) is damaged before its end"
_HEADER = 32
_FRAME_HEADER = 24
_MAGIC = (0x377F0682, 0x377F0683)
_WORD = 0xFFFFFFFF
_MOMENT = 0.1
# Twice the size at which SQLite writes the log back; the rare longer one would make a plan wait.
_LARGEST = 8_000_000


def check_log(path: Path) -> None:
    """Refuse a log that SQLite would read in part.

    No connection is open yet: closing the last one writes the log back, and what is damaged is gone.

    Args:
        path: The state's file.

    Raises:
        DamagedRowError: Something is lost in the log's middle.
    """
    log = beside(path)[0]
    if _size(log) <= _LARGEST and not is_log_whole(path):
        raise DamagedRowError(LOG_IS_DAMAGED)


def is_log_whole(path: Path) -> bool:
    """Whether nothing is lost in the middle of the file's log."""
    log = beside(path)[0]
    if not _size(log):
        return True
    content = _content(log)
    while not _is_whole(content):
        # A writer that begins the log anew is half done with it for a moment.
        time.sleep(_MOMENT)
        again = _content(log)
        if again == content:
            return False
        content = again
    return True


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def _content(log: Path) -> bytes:
    try:
        return log.read_bytes()
    except FileNotFoundError:
        return b""


def _begins_well(content: bytes) -> bool:
    if len(content) < _HEADER:
        return True  # A writer died before it had written the header: nothing can follow it.
    magic = int.from_bytes(content[:4])
    return magic in _MAGIC and content[24:32] == struct.pack(">2I", *_sum(content[:24], magic, (0, 0)))


def _is_whole(content: bytes) -> bool:
    """Whether no part that is written after a damaged one belongs to the same round of the log.

    A writer that was killed leaves its last part unfinished, and behind it parts of an earlier round, which
    carry another salt.
    """
    if not _begins_well(content):
        return False
    if len(content) < _HEADER:
        return True
    magic = int.from_bytes(content[:4])
    size = int.from_bytes(content[8:12])
    salt, last = content[16:24], struct.unpack(">2I", content[24:32])
    frames = range(_HEADER, len(content) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size)
    broken = False
    for at in frames:
        if content[at + 8 : at + 16] != salt:
            return not _belongs(content, frames, at, salt)
        if broken:
            return False
        page = content[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        last = _sum(content[at : at + 8] + page, magic, last)
        broken = content[at + 16 : at + 24] != struct.pack(">2I", *last)
    return True


def _belongs(content: bytes, frames: range, after: int, salt: bytes) -> bool:
    """Whether the round goes on behind a part that has another salt: then that salt is damaged."""
    return any(content[at + 8 : at + 16] == salt for at in frames if at > after)


def _sum(content: bytes, magic: int, start: tuple[int, ...]) -> tuple[int, int]:
    """SQLite's checksum of a log: its order of bytes is the magic number's last bit."""
    words = struct.unpack(f"{'>' if magic & 1 else '<'}{len(content) // 4}I", content)
    first, second = start
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second
