"""Snapshots: every version of a row, with the time it was valid. Slowly changing dimensions, type 2.

A row is current while its ``valid_to`` is NULL. The statements are data; `pydbt.sql.materialize.publish`
runs them in one transaction. The new rows are kept beside the table first, with its types: what is compared
is what would be stored, so that a value which the table rounds is not a change each time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import Executable, FromClause, TableClause

from pydbt.errors import Location, NotATableError, RowKeyError, TableExistsError, UnmatchedColumnsError
from pydbt.sql import keys
from pydbt.sql.catalog import Columns
from pydbt.sql.ddl import CreateTableAs, Drop, InsertFrom, Rename
from pydbt.sql.dialects import Dialect
from pydbt.sql.display import row_as_read
from pydbt.sql.dml import UpdateFrom
from pydbt.sql.evolution import changes
from pydbt.sql.publication import Existing, Publication, Refusal, Step, Steps, beside_of
from pydbt.sql.statements import build, with_keys

if TYPE_CHECKING:
    from pydbt.sql.dataframe import DataFrame

VALID_FROM, VALID_TO = "valid_from", "valid_to"
OWN = frozenset({VALID_FROM, VALID_TO})
MOMENT = sa.DateTime()

Expression = ColumnElement[Any]


def as_versions(frame: DataFrame, updated_at: str | None, moment: dt.datetime) -> DataFrame:
    """The rows as they are kept when they are new: valid from a moment on, without an end.

    Args:
        frame: The rows.
        updated_at: The column that says since when a row is as it is; None for what the run's moment says.
        moment: The run's, at UTC and without a zone.
    """
    began: Any = sa.literal(moment, MOMENT) if updated_at is None else _without_zone(frame, updated_at)
    return frame.with_columns(**{VALID_FROM: began, VALID_TO: sa.cast(sa.null(), MOMENT)})


def keeping_versions(where: Location | None, steps: Steps) -> Steps:
    """A way to publish that refuses to replace a snapshot's table: no run could make its versions again.

    Args:
        where: Where the task stands.
        steps: How it is published otherwise.
    """

    def taken(
        dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        # A view keeps nothing that would be gone.
        if existing is not None and existing.kind == "table" and {*existing.names} >= OWN:
            raise TableExistsError(
                f"the table {str(wanted)!r} has {VALID_FROM} and {VALID_TO}, as a snapshot has:"
                " the versions of rows that it keeps would be gone for good",
                where=where,
                hint="give the task another name; if they are not needed, drop the table first",
            )
        return steps(dialect, wanted, columns, existing)

    return taken


def _without_zone(frame: DataFrame, name: str) -> Expression:
    column: Any = frame[name]
    # A cast would go by the session's own zone.
    is_zoned = column.type.timezone if isinstance(column.type, sa.DateTime) else False
    return sa.func.timezone("UTC", column, type_=MOMENT) if is_zoned else sa.cast(column, MOMENT)


@dataclass(frozen=True, slots=True)
class History:
    """A way to publish: the versions that rows have had are kept.

    Args:
        key: The columns that tell rows apart.
        compared: The columns whose change makes a new version; without ``updated_at``.
        updated_at: The column that is later where a row has changed.
        is_closing: Whether rows that the query no longer has end.
        moment: The run's, at UTC and without a zone.
        where: Where the task stands.
    """

    key: tuple[str, ...]
    compared: tuple[str, ...]
    updated_at: str | None
    is_closing: bool
    moment: dt.datetime
    where: Location | None = None

    def __call__(
        self, dialect: Dialect, wanted: Publication, columns: Columns, existing: Existing | None
    ) -> tuple[Step, ...]:
        """What runs, as `pydbt.sql.publication.Steps`; the query's rows are those of `as_versions`."""
        if existing is None:
            return self._first(dialect, wanted, columns)
        self._check_is_history(wanted, existing)
        added, _ = changes(
            dialect, wanted, columns, existing, "append", self.where, told_by=self.key, is_rebuilt=False
        )
        beside, names = beside_of(wanted, dialect), [name for name, _kind in columns]
        versions = _Versions.of(wanted, beside, columns, self.key)
        moment = sa.literal(self.moment, MOMENT)
        return (
            *added,
            CreateTableAs(beside, sa.select(*map(sa.column, names)).select_from(wanted.table).limit(0)),
            InsertFrom(beside, names, wanted.select),
            *self._refusals(beside),
            *((versions.ended(moment),) if self.is_closing else ()),
            # First those that were not there, which begin now; then those that the next statement ends.
            versions.begun(lambda ended: _later(moment, ended)),
            versions.replaced(self._is_changed),
            versions.begun(lambda ended: ended),
            *wanted.inspection(wanted.table),
            Drop(beside),
        )

    def _check_is_history(self, wanted: Publication, existing: Existing) -> None:
        if existing.kind != "table":
            raise NotATableError(
                f"{str(wanted)!r} is a {existing.kind}, which holds no versions of rows",
                where=self.where,
                hint="drop it, or choose another name",
            )
        if not set(existing.names) >= OWN:
            raise UnmatchedColumnsError(
                f"the table {str(wanted)!r} is no snapshot: it has no columns {VALID_FROM} and {VALID_TO}",
                where=self.where,
                hint="rename or drop it: the first run makes the table",
            )

    def _first(self, dialect: Dialect, wanted: Publication, columns: Columns) -> tuple[Step, ...]:
        table = wanted.table if dialect.has_transactional_ddl else beside_of(wanted, dialect)
        return (
            *build(dialect, table, wanted.select, with_keys(dialect, columns, self.key)),
            *self._refusals(table),
            *wanted.inspection(table),
            *(() if dialect.has_transactional_ddl else (Rename(table, wanted.name),)),
        )

    def _refusals(self, table: TableClause) -> tuple[Refusal, ...]:
        found = keys.refusals(table, self.key, self.where)
        if self.updated_at is None:
            return found
        shown = (*self.key, self.updated_at)
        rows: Any = sa.select(*map(sa.column, shown)).select_from(table)

        def of_null(row: Sequence[Any]) -> RowKeyError:
            told = f"a new row does not say when it changed: {row_as_read(shown, row)}"
            return RowKeyError(
                told, where=self.where, hint='give it a moment, fillna, or compare rows: check="all"'
            )

        return (*found, Refusal(rows.where(sa.column(self.updated_at).is_(None)).limit(1), of_null))

    def _is_changed(self, old: FromClause, new: FromClause) -> Expression:
        if self.updated_at is not None:
            before = old.c[self.updated_at]
            return sa.or_(new.c[self.updated_at] > before, before.is_(None))
        pairs = [(_comparable(old.c[name]), _comparable(new.c[name])) for name in self.compared]
        return sa.or_(sa.false(), *(before.is_distinct_from(after) for before, after in pairs))


@dataclass(frozen=True, slots=True)
class _Versions:
    """The statements between a table of versions and the new rows beside it: joins, which databases hash."""

    old: TableClause
    new: FromClause
    key: tuple[str, ...]
    wanted: Publication

    @classmethod
    def of(
        cls, wanted: Publication, beside: TableClause, columns: Columns, key: tuple[str, ...]
    ) -> _Versions:
        old, new = (
            sa.table(each.name, *(sa.column(*column) for column in columns), schema=wanted.schema)
            for each in (wanted.table, beside)
        )
        return cls(old, new.alias("incoming"), key, wanted)

    def ended(self, moment: Expression) -> Executable:
        """End the current versions whose rows are gone."""
        known = self.old.alias("known")
        rows = known.outerjoin(self.new, self._is_same(known, self.new))
        return self._end(known, rows, moment, self.new.c[self.key[0]].is_(None))

    def replaced(self, is_changed: Callable[[FromClause, FromClause], Expression]) -> Executable:
        """End the current versions that have changed, where the new ones begin."""
        known = self.old.alias("known")
        rows = known.join(self.new, self._is_same(known, self.new))
        return self._end(known, rows, self.new.c[VALID_FROM], is_changed(known, self.new))

    def begun(self, since: Callable[[Expression], Expression]) -> Executable:
        """Add the new rows that have no current version.

        Args:
            since: When they begin that have been there before, given when their last version ended.
        """
        ends, known_key = self.old.c[VALID_TO], self._keys(self.old)
        is_current = sa.func.max(sa.case((ends.is_(None), 1), else_=0)).label("is_current")
        last = sa.select(*known_key, sa.func.max(ends).label(VALID_TO), is_current).group_by(*known_key)
        known = last.subquery("known")
        is_new = known.c[self.key[0]].is_(None)
        began = sa.case((is_new, self.new.c[VALID_FROM]), else_=since(known.c[VALID_TO])).label(VALID_FROM)
        rows = sa.select(*(began if column.name == VALID_FROM else column for column in self.new.c))
        rows = rows.select_from(self.new.outerjoin(known, self._is_same(self.new, known)))
        names = [column.name for column in self.new.c]
        return InsertFrom(self.wanted.table, names, rows.where(sa.or_(is_new, known.c.is_current == 0)))

    def _end(
        self, known: FromClause, rows: FromClause, moment: Expression, condition: Expression
    ) -> Executable:
        # Never before it began: clocks jump back.
        ends = _later(moment, known.c[VALID_FROM]).label(VALID_TO)
        found = sa.select(*self._keys(known), ends).select_from(rows)
        found = found.where(known.c[VALID_TO].is_(None), condition)

        def match(target: FromClause, source: FromClause) -> ColumnElement[bool]:
            is_same: ColumnElement[bool] = sa.and_(
                self._is_same(target, source), target.c[VALID_TO].is_(None)
            )
            return is_same

        # With DISTINCT MariaDB, whose UPDATE hashes no join, does not merge this one into it.
        ended = found.distinct().subquery("source")
        return UpdateFrom(self.wanted.table, ended, match, (*self.key, VALID_TO), (VALID_TO,))

    def _keys(self, rows: FromClause) -> list[Any]:
        return [rows.c[name] for name in self.key]

    def _is_same(self, rows: FromClause, others: FromClause) -> Any:
        pairs = zip(self._keys(rows), self._keys(others), strict=True)
        return sa.and_(*(one == other for one, other in pairs))


def _later(one: Expression, other: Expression) -> Expression:
    return sa.case((one > other, one), else_=other)


def _comparable(column: Expression) -> Expression:
    """A column that has an equality: PostgreSQL's type for JSON as it is written has none."""
    return sa.cast(column, sa.Text()) if isinstance(column.type, sa.JSON) else column
