"""Random damage to the state's files, and what must hold whatever it was.

A thousand of them: ``python -m tests.state.damage 1000``. The seed of each is its number: ``… 1 --from 417``.
"""

from __future__ import annotations

import argparse
import pickle
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydbt.core.results import Run, Status, TaskHistory
from pydbt.core.state.database import DatabaseStore
from pydbt.core.state.repair import repair_state
from pydbt.core.state.soundness import check_state
from pydbt.errors import StateDamagedError, StateError
from tests.cli.command import make_project, pydbt
from tests.core.state.story import ended, remember

TABLES = ("_pydbt_schema_version", "_pydbt_runs", "_pydbt_task_runs", "_pydbt_tasks")
_WRITTEN_BACK = 4
_RUNS = 8
_TASKS = 25
# What a repair may set anew: a run's number of task runs, and its seal with it.
_RESEALED = {"task_count", "checksum"}

Rows = dict[str, dict[Any, dict[str, Any]]]
Known = tuple[dict[str, TaskHistory], list[Run], Run | None]


class Planted:
    """A pickle of this makes a file when somebody reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@dataclass(frozen=True)
class Sample:
    """A state as two files, what is in it, and which runs its log does not hold."""

    content: bytes
    log: bytes
    known: Known
    rows: Rows


def sample(folder: Path, *, has_log: bool) -> Sample:
    """Eight runs of 25 tasks; with a log, the later ones are in it alone, as after a kill."""
    path = folder / "state.db"
    store = DatabaseStore(_url(path))
    for number in range(_WRITTEN_BACK):
        _remember(store, number)
    if has_log:
        store.close()
        store = DatabaseStore(_url(path))
    for number in range(_WRITTEN_BACK, _RUNS):
        _remember(store, number)
    if not has_log:
        store.close()
    log = path.with_name("state.db-wal")
    content, beside = path.read_bytes(), log.read_bytes() if has_log else b""
    known = _known(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = rows_of(connection)
    shutil.rmtree(folder)
    folder.mkdir()
    return Sample(content, beside, known, rows)


def rows_of(connection: sqlite3.Connection) -> Rows:
    """Every row of the state, by its key."""
    connection.row_factory = sqlite3.Row
    keys = {
        "_pydbt_runs": ("number",),
        "_pydbt_task_runs": ("run", "task"),
        "_pydbt_tasks": ("target", "task"),
    }
    return {
        table: {
            tuple(row[key] for key in keys[table]): dict(row)
            for row in connection.execute(f"SELECT * FROM {table}")
        }
        for table in TABLES[1:]
    }


def flipped(content: bytes, dice: random.Random) -> bytes:
    """One to eight bits are others."""
    damaged = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def cut(content: bytes, dice: random.Random) -> bytes:
    """The end is gone."""
    return content[: dice.randrange(len(content))]


def zeroed(content: bytes, dice: random.Random) -> bytes:
    """A stretch is zeros."""
    begin = dice.randrange(len(content))
    length = min(dice.choice((1, 16, 100, 4096, 20_000)), len(content) - begin)
    return content[:begin] + bytes(length) + content[begin + length :]


def scrambled(content: bytes, dice: random.Random) -> bytes:
    """A stretch is noise."""
    begin = dice.randrange(len(content))
    length = min(dice.choice((2, 64, 4096)), len(content) - begin)
    return content[:begin] + dice.randbytes(length) + content[begin + length :]


def moved(content: bytes, dice: random.Random) -> bytes:
    """A page stands where another belongs, as after a write that went astray."""
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    pages[dice.randrange(len(pages))] = dice.choice(pages)
    return b"".join(pages)


BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (flipped, cut, zeroed, scrambled, moved)


def without_table(path: Path, dice: random.Random) -> None:
    """Somebody dropped a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"DROP TABLE {dice.choice(TABLES)}")
        connection.commit()


def without_rows(path: Path, dice: random.Random) -> None:
    """Somebody changed or deleted rows by hand, or put a pickle into one."""
    planted = pickle.dumps(Planted(path.parent / "planted"))
    with closing(sqlite3.connect(path)) as connection:
        statement, values = dice.choice(
            [
                ("DELETE FROM _pydbt_schema_version", ()),
                ("DELETE FROM _pydbt_task_runs WHERE task = 'task_3' AND run > 2", ()),
                ("DELETE FROM _pydbt_runs WHERE number = 5", ()),
                ("UPDATE _pydbt_tasks SET last_status = 'running'", ()),
                ("UPDATE _pydbt_tasks SET code = ? WHERE task = 'task_1'", (planted,)),
                ("UPDATE _pydbt_runs SET status = 'running' WHERE number = 2", ()),
                ("UPDATE _pydbt_schema_version SET version = ?", (planted,)),
            ]
        )
        connection.execute(statement, values)
        connection.commit()


def planted_pickle(path: Path, dice: random.Random) -> None:
    """A pickle lies where the state was, or where its log was."""
    content = pickle.dumps(Planted(path.parent / "planted"), protocol=dice.randrange(2, 6))
    (path if dice.random() < 0.7 else path.with_name("state.db-wal")).write_bytes(content)


HANDS: tuple[Callable[[Path, random.Random], None], ...] = (without_table, without_rows, planted_pickle)


def try_one(seed: int, samples: tuple[Sample, Sample], folder: Path, *, by_command: bool = False) -> str:
    """Damage a state, and see that all promises hold; the word for what became of it.

    Raises:
        AssertionError: One does not.
    """
    dice = random.Random(seed)
    path = folder / ".pydbt" / "state.db"
    path.parent.mkdir(mode=0o700)
    at_random = samples[dice.random() < 0.4]
    how = _damage(path, at_random, dice)
    files = {each.name: each.read_bytes() for each in path.parent.iterdir() if not each.name.endswith("-shm")}
    has_log = bool(at_random.log)
    # A row that somebody deleted by hand is no longer asked for; a check finds what it leaves behind.
    is_refused = _read(path, None if how == "without_rows" else at_random, has_log=has_log)
    if by_command:
        _told_by_command(folder)
    found = check_state(_url(path), folder)
    assert found.is_sound is False or not is_refused, "what is refused is not sound"
    if not found.is_sound and not has_log:  # A log is written back by whoever reads last.
        assert path.read_bytes() == files["state.db"], "a check changes nothing"
    repaired = repair_state(_url(path), folder)
    again = check_state(_url(path), folder)
    assert again.is_sound, f"after the repair: {again.findings}"
    assert bool(repaired.kept) is not found.is_sound
    if repaired.kept and not has_log:
        assert Path(repaired.kept).read_bytes() == files["state.db"], "kept as it was"
    _carried(path, at_random, is_whole=found.is_sound and not has_log, told=repaired.left_out)
    left = {each.name for each in path.parent.iterdir()} - {"state.db", "state.db-wal", "state.db-shm"}
    assert all(".damaged-" in name for name in left), f"left behind: {left}"
    assert not (path.parent / "planted").exists(), "a pickle was read"
    _goes_on(path)
    return f"{how}: {'damaged' if repaired.kept else 'nothing that is read'}"


def _damage(path: Path, given: Sample, dice: random.Random) -> str:
    path.write_bytes(given.content)
    path.chmod(0o600)
    log = path.with_name("state.db-wal")
    if given.log:
        log.write_bytes(given.log)
        log.chmod(0o600)
    if dice.random() < 0.2:
        hand = dice.choice(HANDS)
        hand(path, dice)
        return hand.__name__
    how = dice.choice(BYTES)
    victim = log if given.log and dice.random() < 0.5 else path
    victim.write_bytes(how(victim.read_bytes(), dice))
    return f"{how.__name__} {'log' if victim is log else 'file'}"


def _read(path: Path, given: Sample | None, *, has_log: bool) -> bool:
    """Whether reading is refused; what is read otherwise is what was written."""
    store = DatabaseStore(_url(path))
    try:
        known = _known(store)
    except StateDamagedError:
        return True
    finally:
        store.close()
    histories, runs, _ = known
    if given is None:
        return False
    if not has_log:
        assert known == given.known, "what is read is what was written"
        return False
    # Of a log that is cut the latest runs are gone, as if the writer had died earlier.
    whole = [run for run in runs if run.status is not Status.INTERRUPTED]
    assert [run for run in given.known[1] if run in whole] == whole
    assert len(runs) >= _WRITTEN_BACK, "never less than what was written back"
    assert len(histories) >= _TASKS
    return False


def _told_by_command(folder: Path) -> None:
    make_project(folder)
    for words in (["history"], ["plan"], ["state", "check"], ["state", "prune", "--keep", "100"]):
        result = pydbt(folder, *words)
        assert result.code in {0, 1, 2}, words
        assert "Traceback" not in result.out + result.err, words
        assert result.code != 2 or "PYDBT-E70" in result.err, (words, result)


def _carried(path: Path, given: Sample, *, is_whole: bool, told: tuple[str, ...]) -> None:
    """Every row of the new state was in the old one; what is missing is told."""
    with closing(sqlite3.connect(path)) as connection:
        carried = rows_of(connection)
    for table, rows in carried.items():
        for key, row in rows.items():
            if given.log and (table == "_pydbt_tasks" or not _is_written_back(key)):
                continue  # It may be at a stage that the log has gone past since.
            truth = given.rows[table][key]
            changed = {name for name in truth if truth[name] != row[name]}
            assert changed <= (_RESEALED if table == "_pydbt_runs" else set()), (table, key, changed)
    if is_whole:
        assert carried == given.rows
    lost = {
        table: sum(key not in rows for key in given.rows[table] if not given.log or _is_written_back(key))
        for table, rows in carried.items()
    }
    assert not any(lost.values()) or told, f"lost and not told: {lost}"


def _is_written_back(key: tuple[Any, ...]) -> bool:
    return not isinstance(key[0], int) or key[0] <= _WRITTEN_BACK


def _goes_on(path: Path) -> None:
    store = DatabaseStore(_url(path))
    told = remember(store, "next", ended("task_0"))
    assert store.latest_run("dev") == told
    store.close()


def _remember(store: DatabaseStore, number: int) -> None:
    statuses = [Status.FAILED if (number + each) % 7 == 0 else Status.SUCCESS for each in range(_TASKS)]
    remember(store, f"r{number}", *(ended(f"task_{each}", status) for each, status in enumerate(statuses)))


def _known(store: DatabaseStore) -> Known:
    return store.history("dev"), store.runs(), store.run("r2")


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def samples_in(folder: Path) -> tuple[Sample, Sample]:
    """One state that was closed, one whose writer was killed."""
    return sample(folder, has_log=False), sample(folder, has_log=True)


def main() -> None:
    """Try as many as asked for, and say how they ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int)
    parser.add_argument("--from", type=int, default=0, dest="first")
    given = parser.parse_args()
    ends, faults = Counter[str](), list[str]()
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "sample").mkdir()
        samples = samples_in(Path(made) / "sample")
        for seed in range(given.first, given.first + given.rounds):
            folder = Path(made) / str(seed)
            folder.mkdir()
            try:
                ends[try_one(seed, samples, folder, by_command=seed % 10 == 0)] += 1
            except (AssertionError, StateError, Exception) as error:  # noqa: BLE001  each is a fault to be shown
                faults.append(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
            shutil.rmtree(folder)
    for end, count in sorted(ends.items()):
        sys.stdout.write(f"{count:5} {end}\n")
    sys.stdout.write("\n".join([f"{given.rounds} rounds, {len(faults)} faults", *faults, ""]))
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
