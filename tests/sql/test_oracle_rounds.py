"""Random programs give the same rows on every database, in Python, and however they are asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sql.oracle.corpus import CORPUS, read
from tests.sql.oracle.databases import Database, databases
from tests.sql.oracle.program import as_json, from_json
from tests.sql.oracle.rounds import CHUNK, check_program, round_of

# Another first seed makes others: PYDBT_ORACLE_SEED=1000
FIRST_SEED = int(os.environ.get("PYDBT_ORACLE_SEED", "0"))
PROGRAMS = int(os.environ.get("PYDBT_ORACLE_PROGRAMS", "2000"))

# SQLAlchemy warns of what SQLite does to decimals; multiples of an eighth survive it.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


def seed_at(offset: int) -> int:
    """The seed of the programs from this one on."""
    return FIRST_SEED + offset // CHUNK


@pytest.fixture(scope="module")
def opened(postgresql_module_url: str) -> Iterator[list[Database]]:
    with databases(postgresql_module_url) as found:
        yield found


@pytest.mark.timeout(600)  # Making a failing program small may take minutes.
@pytest.mark.parametrize("offset", range(0, PROGRAMS, CHUNK), ids=lambda offset: str(seed_at(offset)))
def test_random_programs_mean_the_same_everywhere(opened: list[Database], offset: int) -> None:
    """The smallest program that does not is printed, with its tables, its SQL and its seed."""
    count = min(CHUNK, PROGRAMS - offset)
    tally = round_of(opened, seed_at(offset), count)

    assert tally.programs >= count, f"seed {seed_at(offset)}: {tally}"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_was_found_once_is_not_found_again(opened: list[Database], path: Path) -> None:
    """Every program that ever failed is run again, with every comparison."""
    check_program(read(path), opened)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_a_program_is_kept_as_it_is(path: Path) -> None:
    """What the corpus keeps is read as it was written."""
    kept = json.loads(path.read_text())["program"]

    assert as_json(from_json(kept)) == kept
