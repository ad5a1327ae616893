"""Killed at every fail point and at random instants: what is published is whole, once, and told as it is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pydbt.failpoints import POINTS, STEPS
from pydbt.sql import ddl, dml
from tests.kill.forms import FORMS, RIVALS, Form
from tests.kill.nursery import Nursery
from tests.kill.rounds import Stage
from tests.kill.test_files import KILLED_AT as FILES_KILLED_AT
from tests.kill.test_state_on_a_server import KILLED_AT as STATE_KILLED_AT

_TRANSACTION = (
    "transaction.before.begin",
    "transaction.after.begin",
    "transaction.before.commit",
    "transaction.after.commit",
)
_COMMIT = _TRANSACTION[2:]
_STATE = (
    "state.after.begin",
    "state.before.put",
    "state.after.put",
    "state.before.commit",
    "state.after.commit",
)
_LATE = tuple(f"{point}:2" for point in _STATE)


def _around(*steps: str) -> tuple[str, ...]:
    return tuple(f"publish.{when}.{step}" for step in steps for when in ("before", "after"))


# Database, form, and the fail points of it that are killed at on every push; by hand it is all of them.
KILLED_AT = {
    ("sqlite", "table"): (*_TRANSACTION, *_around("CreateTable", "InsertFrom", "Drop", "Rename"), *_STATE),
    ("sqlite", "first"): _around("InsertFrom"),
    ("sqlite", "checked"): _around("Inspection"),
    ("sqlite", "indexed"): _around("CreateIndex"),
    ("sqlite", "view"): _around("Drop", "CreateView", "Select"),
    ("sqlite", "append"): (*_around("InsertFrom"), *_COMMIT),
    ("sqlite", "seed"): ("transaction.before.commit:2", "transaction.after.commit:2"),
    ("sqlite", "dependent"): _around("Drop:2"),
    ("sqlite", "snapshot"): (*_around("AddColumn", "UpdateFrom"), "publish.before.Refusal"),
    ("sqlite", "added by day"): (*_around("InsertFrom", "Insert"), *_COMMIT),
    ("sqlite", "merged"): _around("DropColumn", "UpdateFrom", "InsertUnmatched"),
    ("duckdb", "table"): (*_around("CreateTableAs"), *_LATE),
    ("duckdb", "checked"): (*_TRANSACTION, *_around("CreateTableAs", "Inspection", "Drop", "Rename")),
    ("duckdb", "view"): _around("CreateView"),
    ("duckdb", "append"): (*_around("InsertFrom"), *_COMMIT),
    ("duckdb", "seed"): _around("CreateTableAs"),
    ("duckdb", "merged"): _around("Merge"),
    ("duckdb", "replaced by key"): (
        "publish.after.Drop",
        "publish.after.Rename",
        "publish.after.CreateIndex",
    ),
    ("duckdb", "partitions"): _around("DeleteMatched"),
    ("postgresql", "replaced by day"): (*_around("Insert", "Comment"), "transaction.after.commit"),
    ("postgresql", "table"): (
        "publish.before.lock",
        "publish.after.lock",
        *_around("CreateTableAs", "Drop", "Rename"),
        "transaction.before.commit",
        "transaction.after.commit",
    ),
    ("postgresql", "granted"): (
        "publish.before.Revoke",
        "publish.before.Grant",
        "publish.after.Revoke",
        "publish.after.Grant",
        *_around("SetOwner"),
    ),
    ("postgresql", "append"): (*_around("InsertFrom"), *_COMMIT),
    ("postgresql", "dependent"): (
        "publish.before.DropIndex",
        "publish.after.LockTable",
        "publish.after.DropIndex",
        *_around("LockTable", "Delete", "InsertFrom", "Drop"),
    ),
    ("postgresql", "keyed"): (
        "publish.before.DropConstraint",
        "publish.before.AddPrimaryKey",
        "publish.after.DropConstraint",
        "publish.after.AddPrimaryKey",
    ),
    ("mysql", "table"): (
        "publish.before.lock",
        "publish.after.lock",
        *_around("CreateTableAs", "Swap", "Drop"),
        "publish.before.Swap then publish.before.sweep",
        "publish.after.Swap then publish.after.sweep",
    ),
    ("postgresql", "seed"): ("transaction.after.commit", "transaction.after.commit:2"),
    ("mysql", "seed"): ("transaction.before.commit", "transaction.after.commit:2"),
    ("mysql", "append"): (*_around("InsertFrom"), *_COMMIT),
    ("mysql", "snapshot"): (*_around("UpdateFrom"), "publish.after.InsertFrom:3", *_around("Drop")),
    ("mysql", "merged"): (*_around("InsertUnmatched", "AlterComments"), "publish.after.Drop"),
    ("mysql", "added by day"): ("publish.after.Insert", "transaction.before.commit"),
    ("mysql", "first"): _around("Rename"),
}
# So few at a time that each test is short on a slow machine, too.
_PARTS = [
    (database, form, points[begin : begin + 6])
    for (database, form), points in KILLED_AT.items()
    for begin in range(0, len(points), 6)
]
_RANDOM_ROUNDS = 5
# Between which statements each of the rivals loses rows.
_GAPS = ("naive.before.1", "naive.before.3", "naive.before.2")
# Two are what others are kinds of; the last only reads: MariaDB's sweep asks for it.
_NO_STEPS = {"Statement", "ByRows", "ShowTables"}


def staged(
    nursery: Nursery, folder: Path, form: Form, request: pytest.FixtureRequest, database: str
) -> Stage:
    """A project with the form on an empty database, which has published one version."""
    url: str = request.getfixturevalue(f"{database}_url")
    stage = Stage(nursery, folder, url, form)
    request.addfinalizer(stage.close)
    stage.rehearse()
    return stage


@pytest.mark.parametrize(("database", "form", "points"), _PARTS)
def test_a_kill_at_each_fail_point_leaves_the_old_or_the_new_whole(
    nursery: Nursery,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    database: str,
    form: str,
    points: tuple[str, ...],
) -> None:
    """Target, readers, state and leftovers: all as promised, and the next run needs nobody's help."""
    chosen = next(each for each in FORMS if each.name == form)
    stage = staged(nursery, tmp_path, chosen, request, database)

    rounds = [stage.at_point(point) for point in points]

    assert [(each.instant, each.all) for each in rounds if each.all or not each.was_killed] == []


@pytest.mark.parametrize("database", ["sqlite", "duckdb", "postgresql", "mysql"])
def test_a_kill_at_any_instant_leaves_the_old_or_the_new_whole(
    nursery: Nursery, tmp_path: Path, request: pytest.FixtureRequest, database: str
) -> None:
    """The same at random instants, from the start of the process to after its end."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    form = chance.choice([each for each in FORMS if database in each.databases])
    stage = staged(nursery, tmp_path, form, request, database)
    stage.rehearse()

    rounds = [stage.at_random(chance) for _ in range(_RANDOM_ROUNDS)]

    assert [(each.instant, each.all) for each in rounds if each.all] == [], f"seed {seed}"


@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("rival", "point"), [*zip(RIVALS, _GAPS, strict=True)], ids=[each.name for each in RIVALS]
)
def test_the_harness_finds_fault_with_naive_ways(
    nursery: Nursery, tmp_path: Path, request: pytest.FixtureRequest, database: str, rival: Form, point: str
) -> None:
    """Three ways that scripts have are seen to lose rows: what is not seen of ours is not there."""
    stage = staged(nursery, tmp_path, rival, request, database)

    round_ = stage.at_point(point)

    assert (round_.was_killed, round_.is_broken) == (True, True)


def test_every_fail_point_is_killed_at() -> None:
    """Each one that is registered, and the steps of all statements that publish."""
    known = {**vars(ddl), **vars(dml)}
    statements = {
        name for name, each in known.items() if isinstance(each, type) and issubclass(each, ddl.Statement)
    }
    wanted = {f"{begin}.{step}" for begin in STEPS for step in statements - _NO_STEPS}
    ours = {name for points in KILLED_AT.values() for point in points for name in point.split(" then ")}
    killed = {point.partition(":")[0] for point in ours | FILES_KILLED_AT | STATE_KILLED_AT}

    assert {*POINTS, *wanted} - killed == set()
