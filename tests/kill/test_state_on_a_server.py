"""The state on PostgreSQL, killed at each of its writes: it tells the truth to whoever asks next."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from pydbt.core.state.schema import MIGRATIONS, TABLES
from tests.kill.forms import FORMS
from tests.kill.nursery import Nursery
from tests.kill.rounds import Stage

_TABLE = next(form for form in FORMS if form.name == "table")
_RANDOM_ROUNDS = 3


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


def forget(url: str) -> None:
    """Drop all tables of the state."""
    engine = sa.create_engine(url, future=True)
    TABLES[0].metadata.drop_all(engine)
    engine.dispose()
