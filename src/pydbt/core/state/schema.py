"""The state's tables, and the steps that bring an older state up to date.

The statements are plain SQL that SQLite and PostgreSQL both take, kept as constants, because a migration must
do in ten years what it does today: it does not follow the ``Table`` objects, a test compares the two.

A column that a later version adds may be NULL, and stands after the checksum, which counts it only where it
holds something: so the rows of before keep their seals.
"""

from __future__ import annotations

import sqlalchemy as sa

# The state may share a database with the user's tables: the prefix keeps them apart.
PREFIX = "_pydbt_"

_metadata = sa.MetaData()

schema_version = sa.Table(
    PREFIX + "schema_version", _metadata, sa.Column("version", sa.Integer, nullable=False)
)

# Times are microseconds since 1970 in UTC: they sort, and are the same on every database.
runs = sa.Table(
    PREFIX + "runs",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("pid", sa.BigInteger, nullable=False),
    sa.Column("process_started", sa.Text, nullable=False),
    sa.Column("heartbeat_at", sa.BigInteger, nullable=False),
    sa.Column("pydbt_version", sa.Text, nullable=False),
    sa.Column("task_count", sa.Integer, nullable=False),
    sa.Column("checksum", sa.BigInteger, nullable=False),
    sa.Column("planned_for", sa.Text),
)

task_runs = sa.Table(
    PREFIX + "task_runs",
    _metadata,
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("task", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("row_count", sa.BigInteger),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("failure_kind", sa.Text),
    sa.Column("failure_message", sa.Text),
    sa.Column("failure_code", sa.Text),
    sa.Column("failure_where", sa.Text),
    sa.Column("failure_hint", sa.Text),
    sa.Column("failure_traceback", sa.Text),
    sa.Column("checksum", sa.BigInteger, nullable=False),
    sa.Column("warnings", sa.Text),
)

tasks = sa.Table(
    PREFIX + "tasks",
    _metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("task", sa.Text, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("last_status", sa.Text, nullable=False),
    sa.Column("last_success_at", sa.BigInteger),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("checksum", sa.BigInteger, nullable=False),
)

TABLES = (schema_version, runs, task_runs, tasks)

# One tuple of statements for each version, in order; the first makes a new state.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE _pydbt_schema_version (version INTEGER NOT NULL)
        """,
        """
        INSERT INTO _pydbt_schema_version (version) VALUES (0)
        """,
        """
        CREATE TABLE _pydbt_runs (
            number INTEGER NOT NULL PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            target TEXT NOT NULL,
            started_at BIGINT NOT NULL,
            seconds DOUBLE PRECISION NOT NULL,
            status TEXT NOT NULL,
            host TEXT NOT NULL,
            machine TEXT NOT NULL,
            pid BIGINT NOT NULL,
            process_started TEXT NOT NULL,
            heartbeat_at BIGINT NOT NULL,
            pydbt_version TEXT NOT NULL,
            task_count INTEGER NOT NULL,
            checksum BIGINT NOT NULL
        )
        """,
        """
        CREATE INDEX _pydbt_runs_by_status ON _pydbt_runs (status)
        """,
        """
        CREATE TABLE _pydbt_task_runs (
            run INTEGER NOT NULL,
            task TEXT NOT NULL,
            place INTEGER,
            status TEXT NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            started_at BIGINT,
            seconds DOUBLE PRECISION NOT NULL,
            row_count BIGINT,
            code TEXT NOT NULL,
            settings TEXT NOT NULL,
            failure_kind TEXT,
            failure_message TEXT,
            failure_code TEXT,
            failure_where TEXT,
            failure_hint TEXT,
            failure_traceback TEXT,
            checksum BIGINT NOT NULL,
            PRIMARY KEY (run, task)
        )
        """,
        """
        CREATE INDEX _pydbt_task_runs_by_task ON _pydbt_task_runs (task, run)
        """,
        """
        CREATE TABLE _pydbt_tasks (
            target TEXT NOT NULL,
            task TEXT NOT NULL,
            code TEXT NOT NULL,
            settings TEXT NOT NULL,
            last_status TEXT NOT NULL,
            last_success_at BIGINT,
            seconds DOUBLE PRECISION NOT NULL,
            run INTEGER NOT NULL,
            checksum BIGINT NOT NULL,
            PRIMARY KEY (target, task)
        )
        """,
    ),
    (
        """
        ALTER TABLE _pydbt_task_runs ADD COLUMN warnings TEXT
        """,
    ),
    (
        """
        ALTER TABLE _pydbt_runs ADD COLUMN planned_for TEXT
        """,
    ),
)

VERSION = len(MIGRATIONS)
