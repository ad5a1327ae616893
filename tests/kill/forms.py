"""The ways to publish that are killed, as data: what a project does, and what its readers may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SIZE = 500
EVERYWHERE = ("sqlite", "duckdb", "postgresql", "mysql")

Seen = list[Any] | None
"""What one query of a reader gives: rows in order, None for a table that is not there."""

_ROWS = "SELECT version, count(*), sum(n), min(note), max(note) FROM t GROUP BY version"


def rows_of(version: int) -> list[Any]:
    """A version whole: its number, how many rows it has, their sum, and the same text in each."""
    return [version, SIZE, SIZE * (SIZE + 1) // 2, f"v{version}", f"v{version}"]


def _whole(_before: Seen, version: int) -> Seen:
    return [rows_of(version)]


def _historical(before: Seen, version: int) -> Seen:
    """All earlier versions have an end, and the new one has none."""
    return sorted([*([*row[:-1], SIZE] for row in before or []), [*rows_of(version), 0]])


def _added(before: Seen, version: int) -> Seen:
    return sorted([*(before or []), rows_of(version)])


@dataclass(frozen=True, slots=True)
class Form:
    """A way to publish.

    Args:
        name: What it is called.
        models: The models' file, with ``VERSION`` standing for the version's number.
        after: What each query gives after a version was published, given what it gave before.
        queries: What readers ask.
        databases: Where it is tested.
        relations: What is there after a run, beside PyDBT's own tables.
        fresh: What is dropped before each round.
        arguments: The command, with ``DAY`` standing for the day after the version's.
        files: Files of the project beside the models, by name, with ``VERSION`` as above.
        is_mended: Whether the next run puts right what a kill has left: not where a rival's way is tried.
    """

    name: str
    models: str
    after: Callable[[Seen, int], Seen] = _whole
    queries: tuple[str, ...] = (_ROWS,)
    databases: tuple[str, ...] = EVERYWHERE
    relations: frozenset[str] = frozenset({"t"})
    fresh: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ("run",)
    files: tuple[tuple[str, str], ...] = ()
    is_mended: bool = True


_HEAD = "from datetime import date, timedelta\n\nfrom pydbt import F, Incremental, Seed, Snapshot, Task\n\n\n"
_QUERY = 'session.table("numbers").select("n", version=F.lit(VERSION), note=F.lit("vVERSION"))'


def _task(options: str, body: str = f"return {_QUERY}", name: str = "t") -> str:
    return f"@Task({options})\ndef {name}(session):\n    {body}\n\n\n"


_TABLE = _HEAD + _task('materialized="table"')
_CHECKED = (
    "from pydbt.checks import not_null, unique\n"
    + _HEAD
    + _task('materialized="table", checks=[not_null("version"), unique("n")]')
)
_VIEW = _HEAD + _task('materialized="view"')
# Every other version is everybody's to read.
_GRANTED = _HEAD + _task('materialized="table", grants={"select": ["public"][: VERSION % 2]}')
# Rows are added once and not twice, whatever became of an earlier try: the body looks before it writes.
_APPEND = _HEAD + _task(
    "",
    f"""new = {_QUERY}
    if session.has_table("t"):
        t = session.table("t")
        if t.where(t.version == VERSION).count():
            return
    new.write("t", mode="append")""",
)
_SEED = _HEAD + '@Task(materialized=Seed("t.csv"))\ndef t():\n    pass\n'
_ROWS_OF_SEED = "n,version,note\n" + "".join(f"{n},VERSION,vVERSION\n" for n in range(1, SIZE + 1))
_COUNT = "SELECT count(*) FROM above"
# Every other version has an index, which goes with the next one.
_DEPENDENT = (
    _HEAD
    + _task('materialized="table", indexes=["n"][: VERSION % 2]')
    + ('@Task(materialized="view")\ndef above(t):\n    return t.where(t.n > 0)\n')
)
# And so it is with the primary key, which is a constraint on PostgreSQL.
_KEYED = _DEPENDENT.replace('indexes=["n"][: VERSION % 2]', '**({"primary_key": "n"} if VERSION % 2 else {})')

# Each version has a column that no other has.
_SNAPSHOT = _HEAD + _task(
    'materialized=Snapshot(key="n", check="all")', f"return {_QUERY[:-1]}, cVERSION=F.lit(VERSION))"
)
_VERSIONS = _ROWS.replace(" FROM t", ", count(valid_to) FROM t")

# The rows of a version are those of a day; each run is one day later.
FIRST_DAY = dt.date(2020, 1, 1)
_DATED = ("run", "--date", "DAY")


def _incremental(options: str, more: str = "") -> str:
    day = f"date({FIRST_DAY.year}, {FIRST_DAY.month}, {FIRST_DAY.day}) + timedelta(VERSION)"
    return _HEAD + _task(
        f'materialized=Incremental({options}), comment="version VERSION"',
        f"return {_QUERY[:-1]}, day=F.lit({day}){more})",
    )


_SINCE = f'on="day", start="{FIRST_DAY}"'
_REPLACED_BY_KEY = _incremental(f'"delete_insert", key="n", {_SINCE}').replace(
    "@Task(", '@Task(primary_key="n", '
)

FORMS = (
    Form("first", _TABLE, fresh=("DROP TABLE IF EXISTS t",)),
    Form("table", _TABLE),
    Form("checked", _CHECKED),
    Form("indexed", _HEAD + _task('materialized="table", indexes=["n", ("version", "n")]')),
    Form("view", _VIEW),
    # Each version finds that the last one was given to somebody, and leaves it to them.
    Form("granted", _GRANTED, databases=("postgresql",), fresh=("ALTER TABLE t OWNER TO pg_monitor",)),
    Form("append", _APPEND, after=_added),
    Form("seed", _SEED, files=(("t.csv", _ROWS_OF_SEED),)),
    Form(
        "dependent",
        _DEPENDENT,
        queries=(_ROWS, _ROWS.replace("FROM t", "FROM above")),
        relations=frozenset({"t", "above"}),
    ),
    Form(
        "keyed",
        _KEYED,
        queries=(_ROWS, _ROWS.replace("FROM t", "FROM above")),
        relations=frozenset({"t", "above"}),
    ),
    Form("snapshot", _SNAPSHOT, after=_historical, queries=(_VERSIONS,)),
    Form("added by day", _incremental(f'"append", {_SINCE}'), after=_added, arguments=_DATED),
    Form("added beyond the last", _incremental('"append", on="day"'), after=_added, arguments=_DATED),
    Form("replaced by day", _incremental(f'"delete_insert", {_SINCE}'), after=_added, arguments=_DATED),
    # DuckDB makes the table again for it: deleted keys are still taken there in a file that was closed since.
    Form("replaced by key", _REPLACED_BY_KEY, arguments=_DATED),
    Form("partitions", _incremental(f'"partition", {_SINCE}'), after=_added, arguments=_DATED),
    # Each version has a column that no other has.
    Form(
        "merged",
        _incremental(f'"merge", key="n", {_SINCE}, on_schema_change="sync"', ", cVERSION=F.lit(VERSION)"),
        arguments=_DATED,
    ),
)


def _naive(*statements: str) -> str:
    """A task that sends each statement by itself, as a script does."""
    steps = "\n".join(
        f'        reached("naive.before.{number}")\n        connection.exec_driver_sql("""{statement}""")'
        for number, statement in enumerate(statements)
    )
    return (
        "from pydbt import Task\nfrom pydbt.failpoints import reached\n\n\n@Task()\ndef t(session):\n"
        '    with session.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:\n'
        f'{steps}\n        reached("naive.after")\n'
    )


_SELECT = "SELECT n, VERSION AS version, 'vVERSION' AS note FROM numbers"
_EMBEDDED = ("sqlite", "duckdb", "postgresql")
RIVALS = (
    Form(
        "drop and create",
        _naive("DROP TABLE IF EXISTS t", f"CREATE TABLE t AS {_SELECT}"),
        databases=_EMBEDDED,
        is_mended=False,
    ),
    Form(
        "rename without a transaction",
        _naive(
            "DROP TABLE IF EXISTS t_new",
            f"CREATE TABLE t_new AS {_SELECT}",
            "DROP TABLE IF EXISTS t",
            "ALTER TABLE t_new RENAME TO t",
        ),
        databases=_EMBEDDED,
        is_mended=False,
    ),
    Form(
        "delete and insert without a transaction",
        _naive(
            "CREATE TABLE IF NOT EXISTS t (n INTEGER, version INTEGER, note VARCHAR(20))",
            "DELETE FROM t",
            f"INSERT INTO t {_SELECT}",
        ),
        databases=_EMBEDDED,
        is_mended=False,
    ),
)
