"""Where among the steps of a way to publish a table has its shape, and its name: where more may be put in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.sql.expression import TableClause

from pydbt.sql.ddl import AddColumn, DropColumn, Rename, Swap
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Publication, Step


def shaped(dialect: Dialect, wanted: Publication, taken: Sequence[Step]) -> tuple[int, TableClause]:
    """How many steps come before what commits by itself, and the table as it is called then.

    What commits comes before a new table takes the name, and before rows are added to an old one.
    """
    place = next((at for at, step in enumerate(taken) if takes_name(step, wanted)), None)
    return (columns_end(dialect, taken), wanted.table) if place is None else (place, built(taken[place]))


def takes_name(step: Step, wanted: Publication) -> bool:
    """Whether a table that was made beside is called as the published one from here on."""
    return isinstance(step, Swap) or (isinstance(step, Rename) and step.new_name == wanted.name)


def columns_end(dialect: Dialect, taken: Sequence[Step]) -> int:
    """How many steps it takes until a table has its columns, and not yet its rows."""
    # Where DDL commits, columns are dropped when the rows are there.
    shaping = (AddColumn, DropColumn) if dialect.has_transactional_ddl else AddColumn
    return max((at for at, step in enumerate(taken, 1) if isinstance(step, shaping)), default=0)


def built(step: Step) -> TableClause:
    """The table that takes the name of the published one."""
    if isinstance(step, Swap):
        return step.new
    assert isinstance(step, Rename), "only these two do"
    return step.table
