"""The oracle finds planted bugs; all that there are by ``python -m tests.sql.oracle --bugs``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sql.oracle.bugs import BUGS, planted
from tests.sql.oracle.databases import Database, databases
from tests.sql.oracle.rounds import CHUNK, Failure, round_of

# Found soon, and each in another way: by the rows, by the names, by an error of the database.
SOME = ("null_lost_in_union", "wrong_suffix", "having_as_where", "filter_merged_through_a_window")

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def opened() -> Iterator[list[Database]]:
    with databases(None) as found:
        yield found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SOME)
def test_a_planted_bug_is_found(opened: list[Database], name: str) -> None:
    """With the program that shows it, its SQL and the reference's rows."""
    with planted(name), pytest.raises(Failure, match=r"(?s)table\('t'\).*reference:"):
        round_of(opened, 0, 3 * CHUNK, shrink=False)


def test_ten_bugs_and_more_can_be_planted() -> None:
    """Each has a name and says what it does."""
    assert len(BUGS) >= 10
    assert all(bug.__doc__ for bug in BUGS.values())
