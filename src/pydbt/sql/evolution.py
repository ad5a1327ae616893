"""A table whose query has other columns than it: what is refused, what is added, what is dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import Numeric

from pydbt.errors import Location, UnmatchedColumnsError
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import AddColumn, DropColumn
from pydbt.sql.dialects import Dialect
from pydbt.sql.keeping import takes, type_told
from pydbt.sql.publication import Existing, Publication
from pydbt.sql.statements import agree, difference
from pydbt.sql.types import Family, family_of, is_decimal

SchemaChange = Literal["fail", "append", "sync"]
Statements = tuple[Executable, ...]


def changes(
    dialect: Dialect,
    wanted: Publication,
    columns: Columns,
    existing: Existing,
    mode: SchemaChange,
    where: Location | None,
    *,
    told_by: Iterable[str] = (),
    is_rebuilt: bool = True,
) -> tuple[Statements, Statements]:
    """What makes a table take the rows of a query: before they come, and when they are there.

    Args:
        dialect: The database's differences.
        wanted: What is published.
        columns: The query's columns.
        existing: The table.
        mode: ``fail``, ``append`` or ``sync``.
        where: Where the task stands.
        told_by: The query's columns by which rows that are there are found again.
        is_rebuilt: Whether a full refresh would help.

    Raises:
        UnmatchedColumnsError: The columns differ and the mode does not allow it, one has another type, or the
            table lacks one that tells its rows.
    """
    fold = dialect.column_key
    ours = {fold(name): (name, kind) for name, kind in columns}
    theirs = {fold(name): (name, kind) for name, kind in existing.columns}
    if mode == "fail" and not agree(dialect, ours, theirs):
        told = difference(dialect, [name for name, _kind in columns], existing.names)
        raise UnmatchedColumnsError(
            f"the columns of table {str(wanted)!r} are not those of its query{told}",
            where=where,
            hint='on_schema_change="append" adds the new ones, "sync" also drops those that are gone;'
            f" pydbt run --full-refresh {wanted.name} makes the table anew",
        )
    for name in told_by:
        if fold(name) not in theirs:
            raise UnmatchedColumnsError(
                f"the table {str(wanted)!r} has no column {name!r}, by which its rows are to be found again",
                where=where,
                hint=f"pydbt run --full-refresh {wanted.name} makes the table anew"
                if is_rebuilt
                else "rename or drop it: the next run makes the table",
            )
    for key in ours.keys() & theirs.keys():
        if not takes(theirs[key][1], ours[key][1]):
            refresh = (
                f", or make the table anew: pydbt run --full-refresh {wanted.name}" if is_rebuilt else ""
            )
            raise UnmatchedColumnsError(
                f"the column {ours[key][0]!r} of table {str(wanted)!r} is {type_told(theirs[key][1])},"
                f" and of its query {type_told(ours[key][1])}",
                where=where,
                hint=f"cast it back{refresh}",
            )
    added = [AddColumn(wanted.table, *ours[key]) for key in ours if key not in theirs]
    if dialect.has_typed_create_table_as or dialect.has_declared_create_table_as:
        # Elsewhere a column needs no type.
        _check_known(wanted, added, where)
    gone = [DropColumn(wanted.table, theirs[key][0]) for key in theirs if key not in ours]
    dropped = gone if mode == "sync" else []
    if dialect.has_transactional_ddl:
        return (*added, *dropped), ()
    # DDL commits there: what is dropped goes when nothing can fail any more.
    return tuple(added), tuple(dropped)


def _check_known(wanted: Publication, added: Iterable[AddColumn], where: Location | None) -> None:
    for each in added:
        kind = each.kind
        is_vague = isinstance(kind, Numeric) and is_decimal(kind) and kind.precision is None
        if is_vague or family_of(kind) is Family.OTHER:
            raise UnmatchedColumnsError(
                f"the new column {each.name!r} of table {str(wanted)!r} has a type that is not known",
                where=where,
                hint="cast it to what it is: to a decimal with its digits, a number, text, a date",
            )
