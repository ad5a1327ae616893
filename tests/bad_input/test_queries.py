"""Bad joins, groups and columns of other frames: each is refused at its line, before any SQL is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func

from pydbt.errors import PyDBTError
from tests.bad_input.refusal import assert_form
from tests.sql.frames import frame, small

DF: Any = frame("orders")
OTHER: Any = frame("payments")
CLASHING: Any = small().select("id", "k", "s", k_right="k", s_right="s")
_OF_OTHER = "join the other DataFrame first"
_WINDOW = "func.sum(df.a).over("

CASES: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "column of another frame": (
        lambda: DF.where(OTHER.k > 1),
        "PYDBT-E613",
        ("column 'k' belongs to another DataFrame", _OF_OTHER, "own column 'k'"),
    ),
    "column of another frame, selected": (lambda: DF.select(OTHER.k), "PYDBT-E613", ("'k'", _OF_OTHER)),
    "column of another frame in an aggregate": (
        lambda: DF.group_by("s").agg(x=func.sum(OTHER.k)),
        "PYDBT-E613",
        ("'k'", _OF_OTHER),
    ),
    "column of a table": (
        lambda: DF.where(sa.table("orders", sa.column("k")).c.k > 1),
        "PYDBT-E613",
        ("column 'k' belongs to 'orders', not to a DataFrame", "df['k']"),
    ),
    "aggregate in with_column": (
        lambda: DF.with_column("x", func.sum(DF.k)),
        "PYDBT-E619",
        ("an aggregate stands in with_column", "group_by(…).agg(…)", _WINDOW),
    ),
    "aggregate in select": (lambda: DF.select(x=func.max(DF.k)), "PYDBT-E619", ("in select", _WINDOW)),
    "aggregate in where": (lambda: DF.where(func.count() > 1), "PYDBT-E619", ("in where", _WINDOW)),
    "aggregate for a key": (lambda: DF.group_by(func.max(DF.k).label("m")), "PYDBT-E619", ("keys", _WINDOW)),
    "aggregate in a join": (
        lambda: DF.join(OTHER, func.max(DF.k) == OTHER.k),
        "PYDBT-E619",
        ("join's condition", _WINDOW),
    ),
    "unknown kind of join": (
        lambda: DF.join(OTHER, "id", how="outter"),
        "PYDBT-E622",
        ("how='outter' is not a kind of join", "inner", "left", "full", "semi", "anti", "cross"),
    ),
    "join without a condition": (
        lambda: DF.join(OTHER),
        "PYDBT-E622",
        ("a join needs a condition", "how='cross'"),
    ),
    "join with clashing columns": (
        lambda: CLASHING.select("id", "k_right", k="s").join(small("u"), "id"),
        "PYDBT-E614",
        ("two columns of a name: 'k_right'", "suffix="),
    ),
    "join with several clashing columns": (
        lambda: CLASHING.join(small("u"), "id"),
        "PYDBT-E614",
        ("'k_right', 's_right'", "suffix="),
    ),
    "join of types that do not compare": (
        lambda: DF.join(OTHER, DF.k == OTHER.s),
        "PYDBT-E620",
        ("column 'k' is a number, column 's' is text", "cast one"),
    ),
    "join on names of types that do not compare": (
        lambda: DF.join(OTHER.select(day="s"), "day"),
        "PYDBT-E620",
        ("is a date", "is text", "cast one"),
    ),
    "neither keys nor aggregates": (
        lambda: DF.group_by().agg(),
        "PYDBT-E619",
        ("neither keys nor aggregates", 'group_by("a").agg(n=func.count())'),
    ),
    "sum of text": (
        lambda: DF.group_by("k").agg(x=func.sum(DF.s)),
        "PYDBT-E620",
        ("sum of text", "numbers; cast"),
    ),
    "average of a date": (
        lambda: DF.group_by("k", agg={"day": (func.avg, "x")}),
        "PYDBT-E620",
        ("avg of a date", "numbers; cast"),
    ),
    "filtered sum of text": (
        lambda: DF.agg(x=func.sum(DF.s).filter(DF.k > 1)),
        "PYDBT-E620",
        ("sum of text", "numbers; cast"),
    ),
    "sum of text inside": (
        lambda: DF.agg(x=func.coalesce(func.sum(DF.s), 0)),
        "PYDBT-E620",
        ("sum of text", "numbers; cast"),
    ),
}


@pytest.mark.parametrize(("mistake", "code", "says"), CASES.values(), ids=CASES)
def test_a_bad_query_is_refused_at_its_line(mistake: Any, code: str, says: tuple[str, ...]) -> None:
    """With its code, what is wrong, this file and line, and what to do."""
    with pytest.raises(PyDBTError) as raised:
        mistake()

    line = mistake.__code__.co_firstlineno
    where = f"{Path(__file__).relative_to(Path.cwd())}:{line}"
    assert_form(f"{raised.value}\n", code, (where, *says))
