"""Bad selections, unions and limits: each is refused at its line, before any SQL is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pydbt.errors import PyDBTError
from tests.bad_input.refusal import assert_form
from tests.sql.frames import frame, small

DF: Any = frame("orders")
OTHER: Any = small("payments")
_COUNT = "give a whole number from 0 on"

CASES: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "nothing selected": (
        lambda: DF.select(),  # noqa: PLW0108  its line is what is told
        "PYDBT-E617",
        ("select was given no columns", 'df.select("a", df.b)'),
    ),
    "an empty list selected": (lambda: DF.select([]), "PYDBT-E617", ("select was given no columns",)),
    "a column selected twice": (
        lambda: DF.select("k", "s", DF.k),
        "PYDBT-E614",
        ("select would give two columns 'k'", "another name"),
    ),
    "a name given twice": (lambda: DF.select("k", k=DF.s), "PYDBT-E614", ("two columns 'k'", "another name")),
    "a number selected": (
        lambda: DF.select(3),
        "PYDBT-E617",
        ("select was given 3, which is neither a column nor its name", "df.a"),
    ),
    "None selected": (lambda: DF.select(None), "PYDBT-E617", ("given None", "give names or columns")),
    "a mapping selected": (
        lambda: DF.select({"k": "n"}),
        "PYDBT-E617",
        ("given {'k': 'n'}", "give names or columns"),
    ),
    "a DataFrame selected": (
        lambda: DF.select(OTHER),
        "PYDBT-E617",
        ("<DataFrame payments", "names or columns"),
    ),
    "SQL text selected": (
        lambda: DF.select(sa.text("k")),
        "PYDBT-E617",
        ("select takes no SQL text", "func"),
    ),
    "a value that no database knows": (
        lambda: DF.select(x={1, 2}),
        "PYDBT-E617",
        ("given {1, 2}, neither a column nor a value", "one of several is df.a.isin([1, 2])"),
    ),
    "union of different columns": (
        lambda: DF.select("id", "s", "day").union(OTHER.select("s", "k")),
        "PYDBT-E623",
        (
            "union: 3 columns with 2",
            "only left: 'id', 'day'",
            "only right: 'k'",
            "union_by_name goes by names",
        ),
    ),
    "union of different types": (
        lambda: DF.select("id", "day").union_all(OTHER.select("s", "k")),
        "PYDBT-E623",
        ("'id' is a number, 's' is text; 'day' is a date, 'k' is a number", "cast to the same types"),
    ),
    "difference of different columns": (
        lambda: DF.except_(OTHER),
        "PYDBT-E623",
        ("except_: 7 columns with 3", "only left: 'day', 'moment', 'price', 'flag'"),
    ),
    "union by name of different names": (
        lambda: DF.select("id", "s").union_by_name(OTHER.select("id", "k")),
        "PYDBT-E623",
        ("only left: 's'; only right: 'k'", "allow_missing=True"),
    ),
    "union by name of different types": (
        lambda: DF.union_by_name(OTHER.select(s="k"), allow_missing=True),
        "PYDBT-E623",
        ("'s' is text left, a number right", "cast to the same types"),
    ),
    "union with no DataFrame": (
        lambda: DF.union([(1, "a")]),
        "PYDBT-E617",
        ("union was given [(1, 'a')]", "give a DataFrame"),
    ),
    "limit below nothing": (lambda: DF.limit(-1), "PYDBT-E624", ("limit was given -1", _COUNT)),
    "limit of a broken number": (lambda: DF.limit(1.5), "PYDBT-E624", ("limit was given 1.5", _COUNT)),
    "limit of text": (lambda: DF.limit("5"), "PYDBT-E624", ("limit was given '5'", _COUNT)),
    "limit beyond any table": (lambda: DF.limit(2**70), "PYDBT-E624", (f"limit was given {2**70}", _COUNT)),
    "limit of true": (lambda: DF.limit(True), "PYDBT-E624", ("limit was given True", _COUNT)),  # noqa: FBT003  the mistake
    "limit of None": (lambda: DF.limit(None), "PYDBT-E624", ("limit was given None", _COUNT)),
    "offset below nothing": (lambda: DF.limit(5, offset=-3), "PYDBT-E624", ("offset was given -3", _COUNT)),
}


@pytest.mark.parametrize(("mistake", "code", "says"), CASES.values(), ids=CASES)
def test_a_bad_selection_is_refused_at_its_line(mistake: Any, code: str, says: tuple[str, ...]) -> None:
    """With its code, what is wrong, this file and line, and what to do."""
    with pytest.raises(PyDBTError) as raised:
        mistake()

    line = mistake.__code__.co_firstlineno
    where = f"{Path(__file__).relative_to(Path.cwd())}:{line}"
    assert_form(f"{raised.value}\n", code, (where, *says))
