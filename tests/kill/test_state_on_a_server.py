"""The state on PostgreSQL, killed at each of its writes: it tells the truth to whoever asks next."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.state.schema import MIGRATIONS, TABLES, tasks
from tests.cli.command import make_project, pydbt
from tests.kill.forms import FORMS
from tests.kill.nursery import Nursery
from tests.kill.rounds import Stage
from tests.kill.test_files import killed

_TABLE = next(form for form in FORMS if form.name == "table")
_RANDOM_ROUNDS = 3
# Of the one transaction of a repair: its ends, and statements of each kind.
_REPAIR = (
    "state.after.begin",
    "repair.before.rename:5",
    "state.after.migration:5",
    "repair.before.carry:3",
    "state.before.commit",
    "state.after.commit",
)
KILLED_AT = {*_REPAIR}


@pytest.fixture
def stage(nursery: Nursery, tmp_path: Path, sqlite_url: str, postgresql_url: str) -> Iterator[Stage]:
    """A project that publishes a table on SQLite and remembers it on PostgreSQL."""
    with closing(Stage(nursery, tmp_path, sqlite_url, _TABLE, postgresql_url)) as made:
        made.rehearse()
        yield made


def test_a_kill_at_each_write_leaves_a_state_that_says_what_is_so(stage: Stage) -> None:
    """Each time that any of its fail points is reached in a run: none is told as running, or as a success."""
    points = [point for point in stage.rehearse() if point.startswith("state.")]
    times = [f"{point}:{points[:place].count(point) + 1}" for place, point in enumerate(points)]

    rounds = [stage.at_point(point) for point in times]

    assert [(each.instant, each.all) for each in rounds if each.all or not each.was_killed] == []
    assert len(rounds) > 10


def test_a_kill_at_any_instant_leaves_a_state_that_says_what_is_so(stage: Stage) -> None:
    """The same at random instants."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)

    rounds = [stage.at_random(chance) for _ in range(_RANDOM_ROUNDS)]

    assert [(each.instant, each.all) for each in rounds if each.all] == [], f"seed {seed}"


def test_a_state_whose_making_was_killed_is_made_by_the_next_run(stage: Stage, postgresql_url: str) -> None:
    """At each statement that makes its tables: nobody has to drop anything, and the run is remembered."""
    statements = sum(map(len, MIGRATIONS))
    found = []
    for number in range(1, statements + 1):
        forget(postgresql_url)
        round_ = stage.at_point(f"state.after.migration:{number}")
        found.append((round_.was_killed, round_.all))

    assert found == [(True, [])] * statements


@pytest.mark.parametrize("point", _REPAIR)
def test_a_repair_that_was_killed_is_made_by_the_next(
    nursery: Nursery, tmp_path: Path, postgresql_url: str, point: str
) -> None:
    """All of it or nothing: the damaged tables are kept once, the new ones are sound, no run is lost."""
    files = {"pydbt.toml": f'state = "{postgresql_url}"\n\n[targets.dev]\nurl = "sqlite:///shop.db"\n'}
    project = make_project(tmp_path / "shop", files)
    pydbt(project, "run")
    damage(postgresql_url)

    was_killed = killed(nursery, project, point, "state", "repair")
    repair = pydbt(project, "state", "repair")

    sound = pydbt(project, "state", "check").code
    runs = len(pydbt(project, "history").out.splitlines())
    assert (was_killed, repair.code, sound, runs) == (True, 0, 0, 1), repair.err
    assert kept(postgresql_url) == len(TABLES)


def damage(url: str) -> None:
    """Change a row behind the back of its checksum."""
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        connection.execute(sa.update(tasks).values(seconds=1.0))
    engine.dispose()


def kept(url: str) -> int:
    """How many tables were put aside."""
    engine = sa.create_engine(url, future=True)
    names = sa.inspect(engine).get_table_names()
    engine.dispose()
    return sum("_damaged_" in name for name in names)


def forget(url: str) -> None:
    """Drop all tables of the state."""
    engine = sa.create_engine(url, future=True)
    TABLES[0].metadata.drop_all(engine)
    engine.dispose()
