"""An incremental task's rows: which a run takes, and how they are published, window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydbt.core.extent import Extent, until
from pydbt.core.incremental import Incremental
from pydbt.core.intervals import Span, joined, moved, whole, without
from pydbt.core.window import Window
from pydbt.errors import TableMovedError, TableNotFoundError, UnknownIntervalsError
from pydbt.project.layout import laid_out
from pydbt.project.windows import check_ordered, window_from, window_of

if TYPE_CHECKING:
    from pydbt.core.task import Task
    from pydbt.core.timeout import Gate
    from pydbt.sql.dataframe import DataFrame
    from pydbt.sql.increment import Increment
    from pydbt.sql.inspection import Inspect
    from pydbt.sql.ledger import Noted
    from pydbt.sql.session import Session
    from pydbt.sql.standing import Standing

Call = Callable[[Mapping[str, Any]], "DataFrame"]

# How often a run begins anew because another one was first.
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Increments:
    """What one task adds to its table.

    Args:
        task: The task.
        session: Where its table is.
        call: Calls its function, given ``self`` and ``window``.
        extent: How far the run goes.
    """

    task: Task
    session: Session
    call: Call
    extent: Extent

    @property
    def options(self) -> Incremental:
        """What the task says of its table."""
        assert isinstance(self.task.materialized, Incremental), "others are published whole"
        return self.task.materialized

    def publish(self, run: str, inspect: Inspect | None, gate: Gate) -> int:
        """Take what is missing, each window in a transaction of its own; how many rows there were.

        Raises:
            TableMovedError: Other runs changed the table each time.
            UnknownIntervalsError: The table is there, and nothing is known of its intervals.
        """
        from pydbt.sql import ledger

        if self.options.start is not None:
            ledger.ensure(self.session.engine, self.session.schema)
        rows = 0
        for attempt in range(_ATTEMPTS):
            try:
                for added in self._added(run, inspect, gate):
                    rows += added
            except TableMovedError:
                # What it had seen is over: the other run may have taken the very same rows.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        return rows

    def _added(self, run: str, inspect: Inspect | None, gate: Gate) -> Iterator[int]:
        from pydbt.sql.standing import add, as_it_is, settle

        standing = self._standing()
        spans = self._spans(standing)
        table = standing.frame
        # What the task says of its table may have changed all the same; new columns come with new rows alone.
        if not spans and table is not None and {*self.next_frame().columns} <= {*table.columns}:
            gate.enter()
            steps = laid_out(self.task, table.engine, as_it_is)
            settle(table, self.task.name, self.session.schema, inspect, steps)
        for span in spans:
            frame, window = self._frame(span, standing)
            increment = self._increment(span, window, standing, run)
            gate.enter()
            steps = laid_out(self.task, frame.engine, increment.steps)
            yield add(frame, self.task.name, self.session.schema, increment, inspect, steps)
            standing = standing.after(len(increment.after))

    def next_frame(self) -> DataFrame:
        """The query of the first window that is missing; of the last interval where none is."""
        standing = self._standing()
        spans = self._spans(standing) or (self._last(),)
        return self._frame(spans[0], standing)[0]

    def missing(self) -> tuple[Span, ...]:
        """The time that is over and not in the table.

        Raises:
            NotATableError: What is there is no table.
            UnknownIntervalsError: The table is there, and nothing is known of its intervals.
        """
        if self.is_rebuilt:
            return ()
        standing = self._standing()
        self._check_addable(standing)
        return without(self._whole, standing.noted.spans)

    @property
    def is_rebuilt(self) -> bool:
        """Whether the run makes the table anew."""
        return self.task.name in self.extent.rebuilt

    @property
    def _whole(self) -> Span:
        start = self.options.begins_at
        assert start is not None, "a ledger is kept from a start on"
        return whole(start, self.options.interval, self.extent.until)

    def _last(self) -> Span | None:
        if self.options.start is None:
            return None
        start, end = self._whole
        return max(start, moved(end, self.options.interval, -1)), end

    def _standing(self) -> Standing:
        from pydbt.sql.standing import standing

        return standing(self.session, self.task.name, self.options.on if self.options.has_mark else None)

    def _spans(self, standing: Standing) -> tuple[Span | None, ...]:
        """The times to take, each by itself; None for what is told by no time."""
        options = self.options
        self._check_addable(standing)
        if self.extent.redone is not None:
            self._check_goes_on(standing)
            return (self.extent.redone,)
        if options.start is None:
            return (None,)
        if self._is_anew(standing):
            return (self._whole,)
        start, end = self._whole
        late = max(start, moved(end, options.interval, -options.lookback)), end
        return joined((*without(self._whole, standing.noted.spans), late))

    def _check_addable(self, standing: Standing) -> None:
        """Refuse what is no table, and one of which is not known what is in it: rows would come twice."""
        from pydbt.sql.increment import check_is_table

        existing = standing.existing
        if existing is None or self.is_rebuilt:
            return
        check_is_table(existing, self.task.name, self.task.location)
        if self.options.start is not None:
            self._check_known(standing.noted)

    def _check_goes_on(self, standing: Standing) -> None:
        """Refuse to begin with some days a table whose next run goes on from its largest value."""
        if standing.existing is None and self.options.has_mark:
            raise TableNotFoundError(
                f"there is no table {self.task.name!r}: made of these days, it would never get earlier rows",
                where=self.task.location,
                hint=f"pydbt run {self.task.name} makes it of all rows",
            )

    def _check_known(self, noted: Noted) -> None:
        name, options = self.task.name, self.options
        anew = f"pydbt run --full-refresh {name} makes it anew"
        if noted.on is not None and noted.on != options.on:
            raise UnknownIntervalsError(
                f"which intervals of {options.on!r} are in the table {name!r} is not known: "
                f"its rows came by {noted.on!r}",
                where=self.task.location,
                hint=f"{anew}; or go on with on={noted.on!r}",
            )
        if options.strategy == "append" and noted.token == 0:
            raise UnknownIntervalsError(
                f"the table {name!r} is there, and which of its intervals are in it is not known",
                where=self.task.location,
                hint=f'{anew}; strategy="delete_insert" would replace what it has',
            )

    def _frame(self, span: Span | None, standing: Standing) -> tuple[DataFrame, Window]:
        """The query for a time, with the window it is given."""
        own = {"self": None if self._is_anew(standing) else standing.frame}
        if span is not None:
            window = self._window(span, standing, own)
        else:
            window = Window() if self._is_anew(standing) else window_from(standing.mark, self.task)
        frame = self.call({**own, "window": window})
        if span is None and not self.options.has_mark:
            return frame, window
        if span is None:
            check_ordered(frame.schema[str(self.options.on)], self.task)
        # Whatever the function made of the window: the rows are those of it.
        return frame.where(window.covers(frame[self.options.on])), window

    def _window(self, span: Span, standing: Standing, own: Mapping[str, Any]) -> Window:
        """The window of a time, in the type of the column that the table has, or is to have."""
        existing = None if self.is_rebuilt else standing.existing
        columns = {} if existing is None else dict(existing.columns)
        on = str(self.options.on)
        kind = columns[on] if on in columns else self.call({**own, "window": Window(*span)}).schema[on]
        return window_of(span, kind, self.task, is_of_table=on in columns)

    def _is_anew(self, standing: Standing) -> bool:
        return standing.existing is None or self.is_rebuilt

    def _increment(self, span: Span | None, window: Window, standing: Standing, run: str) -> Increment:
        from pydbt.sql import ledger
        from pydbt.sql.increment import Increment
        from pydbt.sql.standing import unmoved

        options, name, where = self.options, self.task.name, self.task.location
        is_anew = self._is_anew(standing)
        made = Increment(
            options.strategy,
            options.keys,
            options.on,
            window.covers,
            options.on_schema_change,
            is_first=standing.existing is None,
            is_whole=is_anew,
            is_again=self.extent.redone is not None,
            where=where,
        )
        if options.start is not None and span is not None:
            return self._noted(made, span, standing, run)
        if standing.noted.token:
            # What it says would be believed again, of a table that has more by then.
            made = replace(made, before=(ledger.forgotten(self.session.schema, name),))
        if standing.marked is not None and not is_anew:
            return replace(made, assumed=(unmoved(standing, name, standing.marked, where),))
        return made

    def _noted(self, made: Increment, span: Span, standing: Standing, run: str) -> Increment:
        """The increment with what it reads in the ledger, and what it writes into it."""
        from pydbt.sql import ledger

        schema, name, token = self.session.schema, self.task.name, standing.noted.token
        notes = ledger.Notes(schema, name, str(self.options.on), run, until(self.extent.moment))
        assumed = (ledger.unmoved(schema, name, token, self.task.location),)
        before = notes.reset(span[0], token + 1) if made.is_whole else ()
        after = notes.note(span, token + 1 + made.is_whole)
        return replace(made, assumed=assumed, before=before, after=after)
