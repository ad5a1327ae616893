"""Block: one SELECT while it is being built, and whether a verb may still join it.

SQL evaluates FROM, WHERE, GROUP BY, HAVING, windows, SELECT, DISTINCT, ORDER BY, LIMIT, in this order. A
verb extends the open block when what it adds is evaluated after all that is there already, or when the
order makes no difference; otherwise the block is closed and becomes a CTE below a new one. The
predicates beside the verbs say which and why.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    Case,
    Cast,
    ColumnClause,
    ColumnElement,
    Grouping,
    Label,
    Null,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CompoundSelect, Exists, FromClause, ScalarSelect
from sqlalchemy.sql.visitors import iterate

from pydbt.errors import UnexpectedError, user_location
from pydbt.sql.chance import has_chance
from pydbt.sql.correlation import Reference
from pydbt.sql.expression import Expression
from pydbt.sql.naming import SourceColumn
from pydbt.sql.nodes import selection
from pydbt.sql.query import Value
from pydbt.sql.semantics import ByCodePoint, OrderKey
from pydbt.sql.tree import substituted

# An expression up to this size may be written again wherever its value is used; one that is used once
# may be larger, but not without limit: parsers and SQLAlchemy descend into it, and SQLite's stack is a
# hundred deep.
REPEATED_SIZE = 12
SINGLE_SIZE = 60

_ATOMS = (
    ColumnClause,
    BindParameter,
    FunctionElement,
    Cast,
    Case,
    Exists,
    Grouping,
    Null,
    Reference,
    ScalarSelect,
)


class Kind(Enum):
    """What a value is inside a block."""

    PLAIN = "a column of FROM"
    COMPUTED = "an expression that may be repeated"
    AGGREGATE = "an aggregate of this block"
    FIXED = "a window or chance: computed once"


class Bound(NamedTuple):
    """A value inside a block: its SQL, its size, its kind, and whether an aggregate of the block is in it."""

    element: ColumnElement[Any]
    size: int
    kind: Kind
    has_aggregate: bool = False


class SortKey(NamedTuple):
    """A key of ORDER BY; ``value`` where it is nothing but one value."""

    key: OrderKey
    value: Value | None


class Block:
    """One SELECT: its clauses so far, and what each value is in it."""

    __slots__ = (
        "_made_fixed",
        "columns",
        "compound",
        "distinct_fields",
        "draws",
        "group_by",
        "has_subqueries",
        "having",
        "limit",
        "name",
        "offset",
        "order_by",
        "reads_chance",
        "source",
        "source_columns",
        "tables",
        "where",
    )

    def __init__(self, source: FromClause, name: str, names: Mapping[Value, str]) -> None:
        self.source = source
        self.name = name
        self.tables: dict[str, FromClause] = {name: source}
        # Made for this block alone, so that the block may change the table they stand in.
        self.source_columns = [SourceColumn(column, value.type, source) for value, column in names.items()]
        self.columns = {
            value: Bound(column, 0, Kind.PLAIN)
            for value, column in zip(names, self.source_columns, strict=True)
        }
        self.where: list[ColumnElement[Any]] = []
        self.group_by: list[ColumnElement[Any]] | None = None
        self.having: list[ColumnElement[Any]] = []
        self.order_by: list[SortKey] = []
        self.distinct_fields: dict[str, Value] | None = None
        self.compound: CompoundSelect[Any] | None = None
        self.limit: int | None = None
        self.offset = 0
        self._made_fixed = False
        self.has_subqueries = False
        self.draws = False  # Whether chance is drawn here, in whatever clause.
        self.reads_chance = False  # Whether it was drawn in what is read here.

    @property
    def done(self) -> str:
        """What is done to its table here, in a word: the name of its CTE ends with it."""
        if self.is_limited:
            return "limited"
        if self.is_closed:
            return "distinct" if self.compound is None else "combined"
        if self.is_grouped:
            return "grouped"
        if self.has_fixed():
            return "windowed"
        return "filtered" if self.where else "computed"

    @property
    def is_limited(self) -> bool:
        """Whether rows are cut off."""
        return self.limit is not None or self.offset > 0

    @property
    def is_closed(self) -> bool:
        """Whether the list of columns decides about the rows: DISTINCT, UNION and the like."""
        return self.distinct_fields is not None or self.compound is not None

    @property
    def is_grouped(self) -> bool:
        """Whether there is a GROUP BY, or an aggregate over all rows."""
        return self.group_by is not None

    @property
    def is_bare(self) -> bool:
        """Whether the block is FROM one table and nothing else."""
        return (
            len(self.tables) == 1
            and not (self.where or self.is_grouped or self.is_closed or self.is_limited or self.order_by)
            and self.has_only_plain(self.columns)
        )

    def has_only_plain(self, values: Iterable[Value]) -> bool:
        """Whether all these values are columns of FROM."""
        return all(self.columns[value].kind is Kind.PLAIN for value in values)

    def has_fixed(self) -> bool:
        """Whether a window or chance is computed here, over the rows as they are now."""
        # A long chain asks at every step, and most have none.
        return self._made_fixed and any(bound.kind is Kind.FIXED for bound in self.columns.values())

    def can_inline(self, expression: Expression, uses: Mapping[Value, int]) -> bool:
        """Whether the expression may be written over this block's values: shortly, and rightly.

        Aggregates, windows and chance are computed once; an expression that is long, or used often, is
        computed below.
        """
        size = expression.size
        composite = False
        for value in expression.values:
            bound = self.columns[value]
            if bound.kind is Kind.PLAIN:
                continue
            if bound.kind is not Kind.COMPUTED:
                return False
            if bound.size > REPEATED_SIZE and uses.get(value, 0) > 1:
                return False
            composite = True
            size += bound.size
        return not composite or size <= SINGLE_SIZE

    def resolve(self, expression: Expression) -> Bound:
        """The expression in SQL: each leaf gives way to what it names."""
        columns = self.columns
        if expression.value is not None:
            return columns[expression.value]
        size, reads_one = expression.size, False
        for value in expression.values:
            bound = columns[value]
            size += bound.size
            reads_one = reads_one or bound.has_aggregate
        element = substituted(expression.element, self._in_place_of)
        if expression.is_volatile:
            self.draws = self.draws or has_chance(expression.element)
        if expression.has_aggregate:
            return Bound(element, size, Kind.AGGREGATE, has_aggregate=True)
        if expression.may_be_inlined:
            return Bound(element, size, Kind.COMPUTED, reads_one)
        self._made_fixed = True
        return Bound(element, size, Kind.FIXED, reads_one)

    def fix(self, value: Value) -> None:
        """Let a value be computed once, as it may be another the next time."""
        self.columns[value] = self.columns[value]._replace(kind=Kind.FIXED)
        self._made_fixed = True

    def _in_place_of(self, value: Value) -> ColumnElement[Any]:
        element = self.columns[value].element
        return element if isinstance(element, _ATOMS) else Grouping(element)

    def name_sort_keys(self) -> None:
        """Make every key of ORDER BY a value, so that the order can go on above this block."""
        for position, sort in enumerate(self.order_by):
            if sort.value is None:
                key = sort.key.element
                element = key.element if isinstance(key, ByCodePoint) else key
                value = Value(element.type)
                self.columns[value] = Bound(element, SINGLE_SIZE, Kind.COMPUTED)
                self.order_by[position] = SortKey(sort.key, value)

    def alias_source(self, name: str) -> None:
        """Give the one table of FROM another name, as it stands beside another of its name."""
        self.source = self.source.alias(name)
        self.tables = {name: self.source}
        for column in self.source_columns:
            column.table = self.source

    def add_table(self, other: Block, source: FromClause) -> None:
        """Take the columns and tables of another block into this one, whose FROM is now a join of both."""
        self.source = source
        self.tables |= other.tables
        self.reads_chance = self.reads_chance or other.reads_chance
        self.source_columns += other.source_columns

    def draws_again(self, output: Sequence[tuple[str, Value]]) -> bool:
        """Whether the statement would draw one value twice, and so give two: under two names, or as a key."""
        if not self.draws:
            return False
        drawn = [value for _, value in output if self.columns[value].kind is Kind.FIXED]
        keys = [sort for sort in self.order_by if sort.value in drawn]
        return len(drawn) > len(set(drawn)) or any(self._sort_key(key, output) is key.key for key in keys)

    def computes_subquery(self, values: Iterable[Value]) -> bool:
        """Whether one of the values is, or is made of, what a subquery gives."""
        return self.has_subqueries and any(
            isinstance(part, (ScalarSelect, Exists))
            for value in values
            for part in iterate(self.columns[value].element)
        )

    def select(self, output: Sequence[tuple[str, Value]]) -> Any:
        """The statement, with these values under these names."""
        if self.compound is not None:
            return self._limited(self.compound)
        named = [self._named(name, self.columns[value].element) for name, value in output]
        columns = named or [sa.literal_column("1").label("one")]
        if self.is_grouped and not self._speaks_as_aggregate(output):
            return self._limited(sa.select(*columns).select_from(self._one_row()))
        statement = self._restricted(columns, [self._sort_key(key, output) for key in self.order_by])
        if self.distinct_fields is not None:
            statement = statement.distinct()
        return self._limited(statement)

    def rows(self, element: ColumnElement[Any]) -> Any:
        """The statement with this alone for each row, in no order, not limited."""
        return self._restricted([element])

    def _restricted(self, columns: Sequence[ColumnElement[Any]], order_by: Sequence[OrderKey] = ()) -> Any:
        """The statement of these columns with FROM, WHERE, GROUP BY and HAVING."""
        self._check_froms(itertools.chain(columns, self.where))
        return selection(
            columns,
            self.source,
            where=self.where,
            group_by=self.group_by or (),
            having=self.having,
            order_by=order_by,
        )

    def _check_froms(self, elements: Iterable[ColumnElement[Any]]) -> None:
        """Refuse a column of a table that no verb put into FROM: SQLAlchemy would add it, times all rows.

        What adds to FROM is asked for in the way SQLAlchemy asks: of the columns and of WHERE, nothing else.
        """
        known = set(self.source._from_objects)  # noqa: SLF001  there is no public way that is not a compilation
        pending = list(elements)
        while pending:
            element: Any = pending.pop()
            kind = element.__class__
            # Most are of these kinds, and this is the shortest way to say so.
            if kind is BindParameter or (kind is SourceColumn and element.table in known):
                continue
            if kind is BinaryExpression:
                pending += element.left, element.right
            elif kind is Label or kind is Grouping:
                pending.append(element.element)
            else:
                self._check_known(element._from_objects, known)  # noqa: SLF001  see above

    @staticmethod
    def _check_known(froms: Iterable[FromClause], known: set[FromClause]) -> None:
        for other in froms:
            if other not in known:
                name = getattr(other, "name", "a table")
                what = f"the query would read {name!r}, which no verb has put there, times all rows"
                raise UnexpectedError(what, where=user_location(), hint="a mistake in PyDBT: report it")

    def _speaks_as_aggregate(self, output: Iterable[tuple[str, Value]]) -> bool:
        """Whether SQL sees that rows are grouped: by GROUP BY, or by an aggregate that is selected."""
        return bool(self.group_by) or any(self.columns[value].has_aggregate for _, value in output)

    def _one_row(self) -> FromClause:
        """The one row of an aggregate over all rows whose aggregates nobody reads; none after a HAVING."""
        rows: FromClause = self._restricted([sa.func.count().label("rows")]).subquery("counted")
        return rows

    @staticmethod
    def _named(name: str, element: ColumnElement[Any]) -> ColumnElement[Any]:
        if isinstance(element, ColumnClause) and element.name == name:
            return element
        return element.label(name)

    def _sort_key(self, sort: SortKey, output: Sequence[tuple[str, Value]]) -> OrderKey:
        """The key; a computed column that is selected anyway is called by its name."""
        if (
            sort.value is None
            or self.columns[sort.value].kind is Kind.PLAIN
            or isinstance(sort.key.element, ByCodePoint)
        ):
            return sort.key
        folded = [name.lower() for name, _ in output]
        for name, value in output:
            if value is sort.value and folded.count(name.lower()) == 1:
                by_name: ColumnClause[Any] = sa.column(name, value.type)
                return OrderKey(
                    by_name,
                    descending=sort.key.descending,
                    puts_nulls_first=sort.key.puts_nulls_first,
                    computed=self.columns[value].element,
                )
        return sort.key

    def _limited(self, statement: Any) -> Any:
        if self.limit is not None:
            statement = statement.limit(self.limit)
        if self.offset:
            statement = statement.offset(self.offset)
        return statement
