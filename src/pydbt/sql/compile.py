"""From a plan to SQL: one pass down for what is needed, one pass up for the blocks, one Select at the end.

Downwards every step says which values it needs, so that nobody computes or selects what no one reads. Upwards
every step extends its parent's block, or closes it (:meth:`Compilation.nest`) and starts the next.
Closed blocks become CTEs with telling names; they are listed at the top in order, so neither SQLAlchemy
nor Python descends into a long chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import CTE, CompoundSelect, Select

from pydbt.errors import FunctionArgumentError, UnsupportedSubqueryError, user_location
from pydbt.sql.block import Block, SortKey
from pydbt.sql.dialects import ANSI, SQLITE, Dialect
from pydbt.sql.expression import Expression
from pydbt.sql.identifiers import check_length, name_after, shortened
from pydbt.sql.naming import Source
from pydbt.sql.query import Fields, Query, Value, in_order
from pydbt.sql.rewriting import rewritten
from pydbt.sql.scopes import Scopes
from pydbt.sql.semantics import OrderKey, ordered

if TYPE_CHECKING:
    Statement = Select[Any] | CompoundSelect[Any]
else:
    Statement = Any  # SQLAlchemy 1.4 has no generic classes.


def compile_query(query: Query, dialect: Dialect = ANSI) -> Statement:
    """The whole plan as one SQLAlchemy Select, of the clauses that the database has."""
    return Compilation(query, dialect).run()


@dataclass(slots=True)
class Place:
    """Where a step stands: its query, the values that are read above, and the blocks of those it needs."""

    query: Query
    wanted: set[Value]
    compilation: Compilation
    blocks: Sequence[Block] = ()


class Compilation:
    """One compilation of one plan: what is used how often, which CTEs there are, which names are taken."""

    __slots__ = (
        "_blocks",
        "_dead",
        "_names",
        "_order",
        "_places",
        "_shared",
        "ctes",
        "dialect",
        "query",
        "scopes",
        "uses",
    )

    def __init__(self, query: Query, dialect: Dialect = ANSI) -> None:
        self._order = rewritten(in_order(query), dialect)
        self.query = self._order[-1]
        self.dialect = dialect
        self.uses: Counter[Value] = Counter()
        self.ctes: list[CTE] = []
        self._names: set[str] = set()
        self.scopes = Scopes(self._order)
        self._shared: set[Query] = set()
        self._dead: set[tuple[Query, int]] = set()
        self._places: dict[Query, Place] = {}
        self._blocks: dict[Query, Block] = {}

    def run(self) -> Statement:
        """Down, then up."""
        check_length(self.query.fields, self.dialect, "column")
        self._look_down()
        for query in self._order:
            self._build(query)
        block = self._take(self.query)
        self.scopes.check_all_bound()
        # Beside CTEs a set operation goes below: SQLAlchemy would take the CTEs' columns for its result's.
        if block.compound is not None and (self.ctes or not self._is_whole(block)):
            block = self.nest(block, self.query.fields, self.query.fields.values())
        block = self.drawn_once(block, self.query.fields)
        statement = block.select(tuple(self.query.fields.items()))
        for cte in self.ctes:
            statement = statement.add_cte(cte)
        compiled: Statement = statement
        return compiled

    def _is_whole(self, block: Block) -> bool:
        """Whether the output is just what the set operation gives, name by name."""
        return list(block.distinct_fields or ()) == list(self.query.fields)

    def _look_down(self) -> None:
        consumers: dict[Query, int] = {}
        wanted = {self.query: set(self.query.fields.values())}
        self.uses.update(wanted[self.query])
        for query in reversed(self._order):
            if query not in wanted:
                continue
            place = self._places[query] = Place(query, wanted[query], self)
            needs = query.step.needs(place)
            times = consumers.get(query, 0) if query in self.scopes.open else 1
            for position, (parent, needed) in enumerate(zip(query.parents, needs, strict=True)):
                if needed is None:
                    self._dead.add((query, position))
                    continue
                known = wanted.get(parent)
                wanted[parent] = needed if known is None else known | needed
                consumers[parent] = consumers.get(parent, 0) + times
            if not query.parents:
                # A CTE of a table's name would hide the table.
                self._names.update(getattr(query.step, "reserved_names", ()))
        self._shared = {
            query for query, count in consumers.items() if count > 1 and query not in self.scopes.open
        }

    def use(self, expressions: Iterable[Expression]) -> set[Value]:
        """The values of these expressions, each use counted."""
        values: set[Value] = set()
        uses = self.uses
        for expression in expressions:
            for value in expression.values:
                uses[value] = uses.get(value, 0) + 1  # Counter.update takes longer for one or two.
            values.update(expression.values)
        return values

    def wanted(self, query: Query) -> set[Value]:
        """The values of a query that somebody above reads."""
        return self._places[query].wanted

    def _build(self, query: Query) -> None:
        if query in self._shared and not query.parents:
            return  # A table that is used twice is read twice.
        if query in self.scopes.open or query not in self._places:
            return  # It is built where it stands, inside each query it is a subquery of.
        block = self._built(query)
        if query in self._shared:
            block = self.nest(block, query.fields, self.wanted(query))
            self.check_read_again(block)
        self._blocks[query] = block

    def _built(self, query: Query) -> Block:
        place = self._places[query]
        place.blocks = blocks = []
        for position, parent in enumerate(query.parents):
            if (query, position) in self._dead:
                continue
            block = self._take(parent)
            is_shared = parent in self._shared and bool(parent.parents)
            if (not parent.parents or is_shared) and self.scopes.is_inside(query, position):
                self.scopes.keep_apart(block, self.free_name, is_shared=is_shared)
            blocks.append(block)
        block = query.step.build(place)
        place.blocks = ()
        return block

    def _take(self, query: Query) -> Block:
        """The block of a query, for one who works on it: what is used twice is a CTE read twice."""
        if query in self.scopes.open:
            return self._built(query)
        if query not in self._shared:
            return self._blocks.pop(query)
        if not query.parents:
            return query.step.build(self._places[query])
        block = self._blocks[query]
        names = {
            value: bound.element.name
            for value, bound in block.columns.items()
            if isinstance(bound.element, ColumnClause)
        }
        reader = Block(Source(block.name, names.values()), block.name, names)
        reader.reads_chance = block.reads_chance
        reader.order_by = _carried(block.order_by, reader)
        return reader

    def nest(
        self, block: Block, fields: Fields, wanted: Iterable[Value], name: str = "", *, is_apart: bool = False
    ) -> Block:
        """Close a block: it becomes a CTE, and a new block reads these values from it.

        Args:
            block: What is closed.
            fields: How its values are called there.
            wanted: The values that are read above.
            name: The CTE's name; without one it says what the block does.
            is_apart: Two of the values are the same there, and are told apart above.
        """
        block.name_sort_keys()
        needed = set(wanted).union(sort.value for sort in block.order_by if sort.value is not None)
        if block.distinct_fields is not None:
            fields, needed = block.distinct_fields, set(block.distinct_fields.values())
        names = _column_names(fields, needed)
        check_length(names.values(), self.dialect, "column")
        output = [(column, value) for value, column in names.items()]
        order = block.order_by
        if not block.is_limited:
            block.order_by = []
        name = self.free_name(name or name_after(block.name, block.done))
        statement = block.select(output)
        if self.scopes.is_open(statement):
            self._check_depth()
            inside = Block(statement.subquery(name), name, names)
            inside.order_by = _carried(order, inside)
            inside.reads_chance = block.draws or block.reads_chance
            return inside
        cte = statement.cte(name)
        # DuckDB 1.5.6 pushes a join's filter below the LIMIT of a CTE it opens, and loses the rows that
        # were first.
        if block.is_limited or block.draws:
            cte = cte.prefix_with("MATERIALIZED", dialect="duckdb")
        # SQLite writes what a CTE computes wherever it is read, and draws as often. Of a subquery that is
        # written so into an outer join it forgets the value at the first row without a match.
        if block.draws or block.computes_subquery(names):
            cte = cte.prefix_with("MATERIALIZED", dialect="sqlite")
        # PostgreSQL before 18 takes them for one all the same: in the HAVING of a CUBE the other was NULL.
        if is_apart:
            cte = cte.prefix_with("MATERIALIZED", dialect="postgresql")
        self.ctes.append(cte)
        outer = Block(Source(name, (*names.values(), *(block.distinct_fields or ()))), name, names)
        outer.order_by = _carried(order, outer)
        outer.reads_chance = block.draws or block.reads_chance
        return outer

    def drawn_once(self, block: Block, fields: Fields) -> Block:
        """The block, or one above it where its statement would draw one value of chance twice."""
        output = tuple(fields.items())
        return self.nest(block, fields, fields.values()) if block.draws_again(output) else block

    def check_read_again(self, block: Block) -> None:
        """Refuse to read chance twice from a CTE that the database would compute as often."""
        if block.reads_chance and not self.dialect.has_shared_ctes:
            raise FunctionArgumentError(
                f"a DataFrame with chance in it is read twice, and {self.dialect.name} draws each time",
                where=user_location(),
                hint="write() it to a table first, then use the table",
            )

    def _check_depth(self) -> None:
        """Refuse what reads the rows around a subquery from its FROM, where a database cannot."""
        if not self.dialect.has_outer_columns_in_from:
            raise UnsupportedSubqueryError(
                f"a subquery on {self.dialect.name} cannot group or cut its rows by the rows around it",
                where=user_location(),
                hint="join instead, or filter the subquery's rows after they are grouped",
            )

    def free_name(self, name: str) -> str:
        """A name for a CTE or an alias that nothing else in the statement has."""
        found = _free(shortened(name, 48), self._names)
        self._names.add(found.lower())
        return found


def _column_names(fields: Fields, needed: set[Value]) -> dict[Value, str]:
    """What the values are called in a CTE: as in the fields, or anything free for what has no name there."""
    names: dict[Value, str] = {}
    for name, value in names_apart(fields).items():
        if value in needed:
            names.setdefault(value, name)
    taken = {name.lower() for name in (*fields, *names.values())}
    for value in sorted(needed - names.keys(), key=lambda value: value.serial):
        names[value] = _free("value", taken)
        taken.add(names[value])
    return names


def names_apart(fields: Fields) -> dict[str, Value]:
    """The fields with names that differ in more than case, which SQLite and DuckDB would not tell apart."""
    every = {name.lower() for name in fields}
    if len(every) == len(fields) and every.isdisjoint(SQLITE.lost_names):
        return dict(fields)
    apart: dict[str, Value] = {}
    seen = set(SQLITE.lost_names)
    for name, value in fields.items():
        new = _free(name, every) if name.lower() in seen else name
        every.add(new.lower())
        seen.add(name.lower())
        apart[new] = value
    return apart


def _carried(order: list[SortKey], outer: Block) -> list[SortKey]:
    """The order of a closed block on the one above, where all its keys are columns."""
    carried: list[SortKey] = []
    for sort in order:
        assert sort.value is not None, "Block.name_sort_keys gave each key a value"
        element = ordered(outer.columns[sort.value].element)
        key = OrderKey(element, descending=sort.key.descending, puts_nulls_first=sort.key.puts_nulls_first)
        carried.append(SortKey(key, sort.value))
    return carried


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    return found
