"""What stands on a table or a view, and keeps it from being changed: told in the words of who publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from pydbt.errors import DependentObjectsError, user_location
from pydbt.sql.ddl import CreateView, DropColumn
from pydbt.sql.dialects import Dialect
from pydbt.sql.dml import DeleteMatched
from pydbt.sql.publication import Existing, Publication, Refusal, Step

DROPPING = "drop what stands on it first; a view that a task has made comes again when the task runs"
# PostgreSQL's code for a view whose columns would not only be followed by new ones.
_OTHER_COLUMNS = "42P16"
# And for what cannot go while something stands on it.
_STANDING = "2BP01"


def check_kind(wanted: Publication, existing: Existing) -> None:
    """Refuse to make a view of a table, or a table of a view, on which something stands.

    Raises:
        DependentObjectsError: Something does.
    """
    if existing.has_dependents and existing.kind != wanted.kind:
        raise DependentObjectsError(
            f"other objects stand on {existing.kind} {str(wanted)!r}, which is to become a {wanted.kind}",
            where=user_location(),
            hint=DROPPING,
        )


def unharmed(dialect: Dialect, wanted: Publication, existing: Existing) -> tuple[Refusal, ...]:
    """The step that refuses to replace rows of a table with which rows of others would go, or change."""
    if dialect.cascades is None or not existing.has_dependents:
        return ()

    def refused(row: Sequence[Any]) -> DependentObjectsError:
        return DependentObjectsError(
            f"rows of table {row[0]!r} would go, or change, with the rows of table {str(wanted)!r} that are"
            " replaced: its foreign key says so",
            where=user_location(),
            hint="drop the foreign key, or make one without ON DELETE",
        )

    return (Refusal(dialect.cascades(wanted.schema, wanted.name), refused),)


def refusal_of(step: Step, error: DBAPIError) -> DependentObjectsError | None:
    """What an error of the database says of what stands on a relation; None where it is another one."""
    if isinstance(step, (sa.sql.Delete, DeleteMatched)) and isinstance(error, IntegrityError):
        # What is deleted can only be in the way of foreign keys.
        name = step.table.name  # type: ignore[union-attr]  # of a table
        return DependentObjectsError(
            f"rows of other tables refer to rows of table {name!r} that would be replaced: {error.orig}",
            where=user_location(),
            hint="drop the foreign key, or delete those rows first; where the database has it, a key that is"
            " INITIALLY DEFERRED looks when all rows are there again",
        )
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if isinstance(step, CreateView) and step.or_replace and state == _OTHER_COLUMNS:
        return DependentObjectsError(
            f"other objects stand on view {step.table.name!r}, whose columns would change:"
            f" {str(error.orig).splitlines()[0]}",
            where=user_location(),
            hint=f"put new columns at the end, or {DROPPING}",
        )
    if isinstance(step, DropColumn) and state == _STANDING:
        return DependentObjectsError(
            f"other objects stand on column {step.name!r} of table {step.table.name!r}, which is to go",
            where=user_location(),
            hint=f"keep the column, or {DROPPING}",
        )
    return None
