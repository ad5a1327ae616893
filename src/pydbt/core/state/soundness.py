"""Whether a state is what PyDBT wrote: every page, every row, and what the rows say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from pydbt.core.results import Status
from pydbt.core.state.engine import is_postgresql, reading, writing
from pydbt.core.state.failures import told
from pydbt.core.state.log import LOG_IS_DAMAGED, is_log_whole
from pydbt.core.state.migrations import lock, migrate
from pydbt.core.state.place import Place, opened_place
from pydbt.core.state.rows import PARSERS, DamagedRowError, opened
from pydbt.core.state.schema import TABLES, runs, schema_version, task_runs
from pydbt.core.state.settle import dead_runs, settle
from pydbt.errors import StateDamagedError, StateError, StateVersionError

REPAIR = "pydbt state repair keeps the state aside as it is and carries over what can be read"
_INTEGRITY = "PRAGMA integrity_check(5)"
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a state.

    Args:
        what: What is wrong, with its place: a table, a row, a page.
        hint: What to do.
    """

    what: str
    hint: str = REPAIR


@dataclass(frozen=True, slots=True)
class Soundness:
    """What a check of a state has found.

    Args:
        state: Its file, or its URL without the password.
        version: That of its tables; 0 when nothing has been recorded yet.
        counts: How many rows each table has.
        settled: The ids of runs whose process was gone; they read as interrupted from now on.
        findings: What is wrong; nothing when it is sound.
    """

    state: str
    version: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong; a state that is not there yet is sound."""
        return not self.findings


def check_state(url: str, root: Path) -> Soundness:
    """Look at every page and row of a state, and settle the runs whose process is gone.

    Args:
        url: The setting ``state``.
        root: The project's folder, where a relative path begins.

    Raises:
        StateError: It cannot be looked at: no such server, no rights, locked.

    >>> check_state("sqlite:///nosuch/state.db", Path("/tmp"))
    Soundness(state='/tmp/nosuch/state.db', version=0, counts={}, settled=(), findings=())
    """
    with opened_place(url, root) as place:
        return soundness_of(place)


def soundness_of(place: Place) -> Soundness:
    """What `check_state` says of a place."""
    if place.path and not is_log_whole(place.path):  # However long: other commands look at shorter ones.
        return Soundness(place.name, findings=(Finding(LOG_IS_DAMAGED),))
    try:
        version = place.version()
    except StateDamagedError as error:
        return Soundness(place.name, findings=(Finding(_reason(error, place)),))
    except StateVersionError as error:
        return Soundness(place.name, findings=(Finding(_reason(error, place), error.hint),))
    if not version:
        return Soundness(place.name)
    found: list[str] = []
    with _collected(found, place):
        found.extend(_pages(place))
    if found:
        return Soundness(place.name, version, findings=_findings(found))
    with _collected(found, place):
        migrate(place.engine, place.name)
    settled, counts = _settled(place), dict[str, int]()
    for table in TABLES:
        if table is not schema_version:
            with _collected(found, place):
                counts[table.name] = _count(place, table, found)
    with _collected(found, place), reading(place.engine) as connection:
        found.extend(_contradictions(connection))
    return Soundness(place.name, version, counts, settled, _findings(found))


def _findings(found: list[str]) -> tuple[Finding, ...]:
    return tuple(Finding(what) for what in found)


@contextmanager
def _collected(found: list[str], place: Place) -> Iterator[None]:
    """Damage met within the block becomes a finding; whatever else goes wrong is raised."""
    try:
        with told(place.name):
            yield
    except StateDamagedError as damage:
        reason = _reason(damage, place)
        if reason not in found:
            found.append(reason)


def _reason(error: StateError, place: Place) -> str:
    """What is wrong, without the name that stands above it."""
    return error.what.removeprefix(f"the state {place.name} ").removeprefix("is damaged: ")


def _pages(place: Place) -> Iterator[str]:
    """What SQLite itself finds."""
    if place.path:
        with reading(place.engine) as connection:
            lines = [str(line) for line in connection.exec_driver_sql(_INTEGRITY).scalars()]
        if lines != ["ok"]:
            yield "its pages are damaged: SQLite says " + "; ".join(" ".join(line.split()) for line in lines)


def _settled(place: Place) -> tuple[str, ...]:
    """The ids of runs that were said to run and do not; damage among them is found again with the rows."""
    try:
        with told(place.name):
            with reading(place.engine) as connection:
                dead = dead_runs(connection)
            if not dead:
                return ()
            with writing(place.engine) as connection:
                lock(connection, place.name)
                settle(connection, dead)
                query = sa.select(runs.c.id).where(runs.c.number.in_(dead)).order_by(runs.c.number)
                return tuple(connection.execute(query).scalars())
    except StateDamagedError:
        return ()


def _count(place: Place, table: sa.Table, found: list[str]) -> int:
    """How many rows there are; those that have changed are told."""
    count, bad = 0, list[str]()
    parse = PARSERS.get(table.name, dict)
    query = sa.select(table).execution_options(stream_results=True)
    with reading(place.engine) as connection, closing(connection.execute(query)) as rows:
        for row in rows.mappings():
            count += 1
            try:
                opened(table, row, parse)
            except DamagedRowError:
                bad.append(" of ".join(str(row[column.name]) for column in reversed([*table.primary_key])))
    if bad:
        number = "a row has" if len(bad) == 1 else f"{len(bad)} rows have"
        found.append(f"{number} changed in {table.name}: {_few(bad)}")
    return count


def _contradictions(connection: Connection) -> Iterator[str]:
    """Rows that are well by themselves and not together."""
    join = runs.outerjoin(task_runs, task_runs.c.run == runs.c.number)
    number = sa.func.count(task_runs.c.task)
    query = sa.select(runs.c.id).select_from(join).group_by(runs.c.number, runs.c.id, runs.c.task_count)
    short = connection.execute(query.having(number != runs.c.task_count)).scalars().all()
    if short:
        yield f"task runs are missing of {_few(short)}"
    orphans = sa.select(task_runs.c.run).where(task_runs.c.run.not_in(sa.select(runs.c.number))).distinct()
    lost = connection.execute(orphans).scalars().all()
    if lost:
        yield f"task runs are left of {_few([f'run number {each}' for each in lost])}, which is not there"
    over = sa.select(runs.c.number).where(runs.c.status != Status.RUNNING.value)
    ghosts = sa.select(task_runs.c.task).where(
        task_runs.c.status == Status.RUNNING.value, task_runs.c.run.in_(over)
    )
    running = connection.execute(ghosts).scalars().all()
    if running:
        yield f"tasks read as running in a run that is over: {_few(running)}"
    if is_postgresql(connection):
        return
    # An index may hide rows, and name others twice.
    ids = connection.execute(sa.select(runs.c.id)).scalars().all()
    if len(ids) != len(set(ids)):
        yield "two runs have one id"


def _few(names: Any) -> str:
    names = [str(name) for name in names]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
