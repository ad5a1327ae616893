"""Two runs of one project at once: one waits for the other, or is told to come again; tables are whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kill.forms import FORMS
from tests.kill.nursery import Nursery
from tests.kill.rounds import Stage

_PAIRS = 4
_FORMS = {each.name: each for each in FORMS}


@pytest.mark.parametrize(
    ("database", "form"),
    [
        ("sqlite", "table"),
        ("duckdb", "table"),
        ("postgresql", "dependent"),
        ("mysql", "table"),
    ],
)
def test_two_runs_at_once_leave_what_one_leaves(
    nursery: Nursery,
    other_nursery: Nursery,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    database: str,
    form: str,
) -> None:
    """Started at random distances: both end well or with 75, readers see whole versions, nothing is left."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    stage = Stage(nursery, tmp_path, request.getfixturevalue(f"{database}_url"), _FORMS[form])
    request.addfinalizer(stage.close)
    stage.rehearse()
    stage.rehearse()
    distances = [chance.uniform(0.0, 2 * stage.building) for _ in range(_PAIRS)]

    rounds = [stage.together([(other_nursery, distance)]) for distance in distances]

    assert [(each.instant, each.all) for each in rounds if each.all] == [], f"seed {seed}"
