"""The conformance kit on our own databases, and the kit itself."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.connections import dispose_all, engine_from
from pydbt.testing.backend import (
    MARKS,
    Case,
    Mark,
    UnexpectedPassError,
    cases,
    check,
    each,
    never,
    notimpl,
    notyet,
    run,
)
from tests.conftest import DATABASES

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module", params=[*DATABASES, "mysql"])
def kit_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all cases."""
    folder = tmp_path_factory.mktemp("kit")
    if request.param in {"sqlite", "duckdb"}:
        url = f"{request.param}:///{folder / 'kit.db'}"
    else:
        url = request.getfixturevalue(f"{request.param}_module_url")
    yield engine_from(url)
    dispose_all()


@pytest.mark.parametrize("case", cases(), ids=str)
def test_our_databases_conform(kit_engine: Engine, case: Case) -> None:
    """Every case passes on every database, or is marked with the reason and fails."""
    run(case, kit_engine)


# The kit itself.

CASE = each("mine", "numbers", "integer", {"twice": (lambda t: t.a * 2, [14, -14, 14, 10, None])})[0]


@pytest.fixture
def sqlite_kit(sqlite_url: str) -> Iterator[Engine]:
    """A database for a case or two."""
    yield engine_from(sqlite_url)
    dispose_all()


def wrong(**changes: Any) -> Case:
    """The case, with something else to come out."""
    return dataclasses.replace(CASE, **changes)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (wrong(rows=[(1, 15), *CASE.rows[1:]]), r"rows \[\(1, 14\)"),
        (wrong(rows=CASE.rows[:4]), "rows "),
        (wrong(rows=CASE.rows[::-1]), "rows "),
        (wrong(types={"id": "integer", "value": "float"}), "it announces"),
        (wrong(types={"value": "integer", "id": "text"}), "it announces"),
        (wrong(is_refused=True), "must be refused"),
    ],
)
def test_a_case_that_gives_something_else_fails(sqlite_kit: Engine, case: Case, says: str) -> None:
    """A value, a row too many, an order, a type, a refusal that does not come: each is told with the SQL."""
    with pytest.raises(AssertionError, match=says):
        check(case, sqlite_kit)


def test_values_of_another_type_than_announced_fail(sqlite_kit: Engine) -> None:
    """What is announced as a number and comes out as text is no number, whatever it looks like."""
    number = sa.type_coerce(sa.literal("1"), sa.Integer())
    case = Case("mine: a type", lambda t: t.numbers.limit(1).select(x=number), {"x": "integer"}, [("1",)])

    with pytest.raises(AssertionError, match="values of other types than announced"):
        check(case, sqlite_kit)


@pytest.mark.parametrize("word", [notimpl, notyet, never])
def test_a_marked_case_must_fail(sqlite_kit: Engine, word: Callable[[str], Mark]) -> None:
    """Whatever the word: a mark whose reason is gone is a failure, one whose reason stands is not."""
    marks = {CASE.name: word("it is only a test")}

    with pytest.raises(UnexpectedPassError, match=r"take its (not|never)"):
        run(CASE, sqlite_kit, marks)
    run(wrong(rows=()), sqlite_kit, marks)


@pytest.mark.parametrize(("word", "reason"), [("later", "why"), ("never", " ")])
def test_a_mark_is_one_of_three_words_and_says_why(word: Any, reason: str) -> None:
    """Anything else is an error when it is written."""
    with pytest.raises(ValueError, match=r"none of notimpl|says why"):
        Mark(word, reason)


def test_cases_have_names_of_their_own_and_marks_are_of_cases() -> None:
    """A mark is found by its case's name; a case that was renamed leaves no mark behind."""
    names = [case.name for case in cases()]
    unknown = {name for marks in MARKS.values() for name in marks} - set(names)

    assert (max(Counter(names).values()), unknown) == (1, set())


def test_an_unknown_table_is_told_with_those_there_are(sqlite_kit: Engine) -> None:
    """The author of a case sees what there is to read."""
    case = dataclasses.replace(CASE, make=lambda t: t.nosuch)

    with pytest.raises(AttributeError, match="no input table 'nosuch'; there are numbers, texts"):
        check(case, sqlite_kit)
