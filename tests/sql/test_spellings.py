"""The names of other libraries lead to what there is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy.engine import Engine

from pydbt import F
from pydbt.errors import UnknownMethodError
from pydbt.sql.column import Column
from pydbt.sql.dataframe import DataFrame, GroupedData
from pydbt.sql.session import Session
from pydbt.sql.spellings import COLUMN, FRAME, FUNCTIONS, GROUPS, SESSION, folded
from tests.sql.frames import frame

TABLES: dict[type, Mapping[str, str]] = {
    DataFrame: FRAME,
    GroupedData: GROUPS,
    Column: COLUMN,
    Session: SESSION,
}
_OTHERS = {"to_pandas", "over", "label", "otherwise"}  # Of pandas, and of what functions give.


def called(advice: str) -> Iterator[str]:
    """The methods and attributes that a piece of advice uses."""
    for owner, name in re.findall(r"(func|\bF|)\.(\w+)", advice):
        if owner == "F":
            assert inspect.isfunction(getattr(F, name, None)), advice
        elif owner != "func":
            yield name


@pytest.mark.parametrize("kind", TABLES)
def test_what_is_advised_is_there(kind: type) -> None:
    """No advice sends anybody to a method that does not exist, nor speaks of one that does."""
    known = {*dir(DataFrame), *dir(GroupedData), *dir(Column), *dir(Session), *dir(Engine), "a"}

    missing = {name for advice in TABLES[kind].values() for name in called(advice)} - known - _OTHERS
    needless = {folded(name) for name in vars(kind) if not name.startswith("_")} & TABLES[kind].keys()

    assert (missing, needless) == (set(), set())


def test_the_check_sees_a_method_that_is_not_there() -> None:
    """Else it would say nothing."""
    assert list(called("df.joinn(other, func.sum(df.a)).limit(3), {column}.foo(), .agg()")) == [
        "joinn",
        "a",
        "limit",
        "foo",
        "agg",
    ]
    with pytest.raises(AssertionError, match=r"F\.uper"):
        list(called("F.uper({column})"))


def test_a_frame_without_an_attribute_says_so_to_python() -> None:
    """So hasattr and getattr with a default work, as libraries ask every object for much."""
    df = frame()

    assert not hasattr(df, "to_frame")
    assert getattr(df.k, "to_frame", 3) == 3
    assert not hasattr(df.group_by("k"), "to_frame")


def test_an_attribute_error_inside_a_property_is_not_taken_for_a_missing_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What went wrong there is told."""
    monkeypatch.setattr("pydbt.sql.dataframe.compile_query", lambda *_: None.nothing)  # type: ignore[attr-defined]  # the mistake

    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'nothing'"):
        _ = frame().query


def test_what_is_advised_for_functions_is_there() -> None:
    """No name of another library leads to a function that F lacks, nor is one that F has."""
    used = {name for advice in FUNCTIONS.values() for name in re.findall(r"\bF\.(\w+)", advice)}

    assert (used - {*dir(F)}, {folded(name) for name in dir(F)} & FUNCTIONS.keys()) == (set(), set())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("uper", "use F.upper(…)"),
        ("dateTrunc", "use F.date_trunc(…)"),
        ("collect_list", "use F.array_agg(df.a)"),
        (
            "soundex",
            "func.soundex(…), with func of sqlalchemy, is the database's own, if it has one of that name",
        ),
    ],
)
def test_a_function_that_f_lacks_leads_to_what_there_is(name: str, hint: str) -> None:
    """A typo, another spelling, and the names of another library."""
    with pytest.raises(UnknownMethodError) as raised:
        getattr(F, name)

    assert (raised.value.hint, "test_spellings.py" in str(raised.value.where)) == (hint, True)
