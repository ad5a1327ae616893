"""The steps of a publication as the docs show them: SQL in a database's words, and what is none in ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.engine import make_url
from sqlalchemy.sql.expression import Executable

from pydbt.sql.dialects import SQLITE, Dialect
from pydbt.sql.publication import Adjustment, Inspection, Refusal, Step, Survey
from pydbt.sql.rendering import render

Write = Callable[[Executable], str]

_DRIVERS = {"mysql": "mysql+pymysql"}


def lines_of(dialect: Dialect) -> Write:
    """What writes a statement as the database takes it, its values in it."""
    spoken = make_url(f"{_DRIVERS.get(dialect.name, dialect.name)}://").get_dialect()()
    return lambda statement: render(statement, spoken)


def line_of(dialect: Dialect) -> Write:
    """The same on one line."""
    write = lines_of(dialect)
    return lambda statement: " ".join(write(statement).split())


def told(step: Step, write: Write, checked: str) -> str:
    """A step: its statement, or what it does as a comment.

    Args:
        step: The step.
        write: How statements are written.
        checked: What the checks look at.
    """
    if isinstance(step, Inspection):
        return f"-- the checks, on {checked}"
    if isinstance(step, Refusal):
        return f"-- a row of this is an error: {write(step.query)}"
    if isinstance(step, Adjustment):
        return f"-- {step.purpose}"
    if isinstance(step, Survey):
        return "-- the types of its columns, which those of the table have to keep as they are"
    return f"{write(step)};"


def transaction(steps: Iterable[str], dialect: Dialect) -> str:
    """Steps that have been told, between BEGIN and COMMIT."""
    begin = "BEGIN IMMEDIATE;" if dialect is SQLITE else "BEGIN;"
    return "\n".join([begin, *steps, "COMMIT;"])
