"""Bad writes, and text for a condition: each is refused at its line, and the database stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import PyDBTError
from pydbt.sql.session import Session
from tests.bad_input.refusal import assert_form

_OTHER_NAME = "write it under another name"

# What is done with a session that has the table `games` (team, goals) and the view `scores` of it.
CASES: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "text for a condition": (
        lambda s: s.table("games").where("a = 1; drop table games"),
        "PYDBT-E616",
        ("where", "drop table games"),
    ),
    "an empty name": (
        lambda s: s.table("games").write(""),
        "PYDBT-E654",
        ("name is empty", "give it a name"),
    ),
    "a name with NUL": (
        lambda s: s.table("games").write("a\x00b"),
        "PYDBT-E654",
        ("holds a NUL character", "take it out"),
    ),
    "a name that is no text": (
        lambda s: s.table("games").write(5),
        "PYDBT-E625",
        ("5 is no name for a table",),
    ),
    "a schema in the name": (
        lambda s: s.table("games").write(f"{s.engine.dialect.default_schema_name}.new"),
        "PYDBT-E625",
        ("would be a table of that whole name", "give the schema by itself: write('new', schema="),
    ),
    "a schema in the name of what is read": (
        lambda s: s.table(f"{s.engine.dialect.default_schema_name}.games").write("new"),
        "PYDBT-E650",
        ("no table of the whole name", "session.table('games', schema="),
    ),
    "a reserved name": (
        lambda s: s.table("games").write("_pydbt_state"),
        "PYDBT-E654",
        ("'_pydbt_state' begins as PyDBT's own", "choose a name"),
    ),
    "its own source, filtered": (
        lambda s: s.table("games").limit(2).write("games"),
        "PYDBT-E625",
        ("'games' is read by the DataFrame", _OTHER_NAME),
    ),
    "its own source, appended to": (
        lambda s: s.table("games").write("games", mode="append"),
        "PYDBT-E625",
        ("'games' is read by the DataFrame", _OTHER_NAME),
    ),
    "its own source, as a view": (
        lambda s: s.table("games").write("games", as_="view"),
        "PYDBT-E625",
        ("'games' is read by the DataFrame", _OTHER_NAME),
    ),
    "its own source, joined": (
        lambda s: s.table("scores").join(s.table("games"), "team").write("games"),
        "PYDBT-E625",
        ("'games' is read by the DataFrame", _OTHER_NAME),
    ),
    "a kind that is none": (
        lambda s: s.table("games").write("x", as_="tabel"),
        "PYDBT-E625",
        ("as_='tabel' is not a kind of relation", "did you mean 'table'"),
    ),
    "a mode that is none": (
        lambda s: s.table("games").write("x", mode="replace"),
        "PYDBT-E625",
        ("mode='replace' is not a way to write", "overwrite"),
    ),
    "rows added to a view": (
        lambda s: s.table("games").limit(1).write("scores", mode="append"),
        "PYDBT-E653",
        ("view 'scores' cannot be appended to", 'mode="overwrite"'),
    ),
    "a view added to a table": (
        lambda s: s.table("games").limit(1).write("other", as_="view", mode="append"),
        "PYDBT-E653",
        ("view 'other' cannot be appended to", "table"),
    ),
    "a name that is taken": (
        lambda s: s.table("games").limit(1).write("scores", mode="error"),
        "PYDBT-E652",
        ("view 'scores' exists", "overwrite"),
    ),
    "a view over a table": (
        lambda s: s.table("games").limit(1).write("other", as_="view"),
        "PYDBT-E652",
        ("'other' is a table, whose rows would be gone for a view", "under another name"),
    ),
    "other columns appended": (
        lambda s: s.table("games").rename({"goals": "points"}).write("other", mode="append"),
        "PYDBT-E655",
        ("the table lacks points and the query lacks goals", "select the table's columns", "overwrite"),
    ),
    "fewer columns appended": (
        lambda s: s.table("games").select("team").write("other", mode="append"),
        "PYDBT-E655",
        ("the query lacks goals",),
    ),
}


@pytest.fixture
def session(engine: Engine) -> Session:
    session = Session(engine)
    games = session.create_dataframe([{"team": "a", "goals": 3}, {"team": "b", "goals": 1}])
    games.write("games")
    games.write("other")
    session.table("games").write("scores", as_="view")
    return session


@pytest.mark.parametrize("case", CASES)
def test_a_bad_write_is_refused_and_changes_nothing(session: Session, case: str) -> None:
    """With its code, what is wrong, this file and line, and what to do."""
    mistake, code, says = CASES[case]
    before = contents(session)

    with pytest.raises(PyDBTError) as raised:
        mistake(session)

    line = mistake.__code__.co_firstlineno
    assert_form(f"{raised.value}\n", code, (f"{Path(__file__).relative_to(Path.cwd())}:{line}", *says))
    assert contents(session) == before


def test_a_name_that_postgresql_would_cut_is_refused(postgresql_url: str) -> None:
    """After 63 bytes: another table might have what is left of it."""
    session = Session(sa.create_engine(postgresql_url, future=True))

    with pytest.raises(PyDBTError, match="has 64 bytes; postgresql keeps 63"):
        session.create_dataframe([{"a": 1}]).write("é" * 32)

    session.engine.dispose()


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All tables and views with their rows."""
    inspector = sa.inspect(session.engine)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    return {name: sorted(map(tuple, session.table(name).collect())) for name in names}
