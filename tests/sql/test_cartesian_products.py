"""No table stands in FROM that no verb put there: rows times rows would be wrong, and nobody would see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SAWarning

from pydbt.errors import UnexpectedError
from pydbt.sql.block import Block
from pydbt.sql.dataframe import DataFrame
from tests.sql.frames import small, sql

JOINED: list[tuple[str, Callable[[DataFrame], Any]]] = [
    ("selected", lambda df: df.select("id", "k_right")),
    ("computed", lambda df: df.select(x=df.k + df.k_right)),
    ("compared", lambda df: df.where(df.k_right > 1).select("id")),
    ("counted", lambda df: df.group_by("k_right").count()),
]


@pytest.mark.parametrize("made", [row[1] for row in JOINED], ids=[row[0] for row in JOINED])
def test_a_table_that_is_not_joined_is_refused(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[DataFrame], Any]
) -> None:
    """A compiler that forgot the join would read both tables, as a comma between them."""
    joined = made(small("t").join(small("u"), "id"))
    assert " JOIN " in sql(joined)
    add_table = Block.add_table
    monkeypatch.setattr(Block, "add_table", lambda block, other, _: add_table(block, other, block.source))

    with pytest.raises(UnexpectedError, match="would read 'u', which no verb has put there"):
        _ = joined.query


def test_a_stale_column_is_refused_in_a_condition() -> None:
    """As SQLAlchemy adds tables for conditions, too."""
    source, other = sa.table("t", sa.column("a")), sa.table("u", sa.column("b"))
    block = Block(source, "t", {})
    block.where.append(other.c.b > 1)

    with pytest.raises(UnexpectedError, match="'u'"):
        block.select([])


def test_tables_that_are_joined_on_purpose_are_left_alone() -> None:
    """A cross join, a join of three, a scalar subquery over another table."""
    t, u = small("t"), small("u")

    assert "JOIN u ON true" in sql(t.cross_join(u))
    assert sql(t.join(u, "id").join(small("v").select("id"), "id")).count(" JOIN ") == 2
    highest = sa.select(sa.func.max(sa.table("w", sa.column("x")).c.x)).scalar_subquery()
    assert "SELECT max(w.x)" in sql(t.where(t.k > highest))


def test_the_linter_of_the_suite_sees_what_is_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement that any test compiles goes through it, run or only looked at."""
    add_table = Block.add_table
    monkeypatch.setattr(Block, "add_table", lambda block, other, _: add_table(block, other, block.source))
    monkeypatch.setattr(Block, "_check_froms", lambda *_: None)
    joined = small("t").join(small("u"), "id").select("id", "k_right")

    with pytest.warns(SAWarning, match="cartesian product between FROM element"):
        sql(joined)
