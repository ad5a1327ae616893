"""Comments of what is published, and of its columns: set in the transaction that publishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.sql.expression import Executable, TableClause

from pydbt.errors import CommentError, Location
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import AlterComments, Comment
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Adjustment, Existing, Publication, Step, Steps
from pydbt.sql.shaping import shaped


@dataclass(frozen=True, slots=True)
class Described:
    """A way to publish with comments: another way, and what is said of the relation and of its columns.

    Args:
        steps: The other way.
        comment: What the relation is; None to leave what is said of it.
        columns: What columns are, by their names; others are left alone.
        where: Where the task stands.
    """

    steps: Steps
    comment: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    where: Location | None = None

    def __call__(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        """What runs, as `pydbt.sql.publication.Steps`.

        Raises:
            CommentError: The database would not keep a comment as it is.
        """
        for of, text in self._texts():
            _check_kept(dialect, of, text, self.where)
        taken = self.steps(dialect, wanted, columns, existing)
        if dialect.definitions is None:
            return (*taken, *self._said(wanted))
        at, table = shaped(dialect, wanted, taken)
        query = dialect.definitions(table.schema, table.name)
        set_ = Adjustment(query, lambda rows: self._altered(table, rows), "the comments are set")
        return (*taken[:at], set_, *taken[at:])

    def _texts(self) -> Iterator[tuple[str | None, str]]:
        if self.comment is not None:
            yield None, self.comment
        yield from self.columns.items()

    def _said(self, wanted: Publication) -> tuple[Step, ...]:
        return tuple(Comment(wanted.table, wanted.kind, text, column) for column, text in self._texts())

    def _altered(self, table: TableClause, rows: Sequence[Sequence[Any]]) -> tuple[Executable, ...]:
        """One ALTER TABLE, where any comment is not so: it waits for all readers."""
        # Names of columns are the same in any case of letters, there.
        wanted = {column and column.lower(): text for column, text in self._texts()}
        changed = [row for row in rows if wanted.get(row[0] and row[0].lower(), row[3]) != row[3]]
        columns = [(name, *around, wanted[name.lower()]) for name, *around, _text in changed if name]
        is_other = any(row[0] is None for row in changed)
        return (AlterComments(table, wanted[None] if is_other else None, columns),) if changed else ()


def _check_kept(dialect: Dialect, column: str | None, text: str, where: Location | None) -> None:
    of = "the comment" if column is None else f"the comment of the column {column!r}"
    limits = dialect.max_comment_characters
    if limits is not None and len(text) > limits[column is not None]:
        told = f"{of} has {len(text)} characters; {dialect.name} keeps {limits[column is not None]}"
        raise CommentError(told, where=where, hint="shorten it")
    if not dialect.has_four_byte_names and max(text, default="") > "\uffff":
        told = f"{of} holds {max(text)!r}, which {dialect.name} keeps in no comment"
        raise CommentError(told, where=where, hint="take it out")
