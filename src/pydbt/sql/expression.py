"""Expression: what a user wrote, checked at the user's line and measured for the compiler.

:func:`adopt` walks an expression once: every leaf must name a column of the query, text and values meet
the types they stand beside, operators get the meaning they have on every database (``semantics.py``).
What comes out knows which values it uses, how large it is, and whether an aggregate, a window or chance
is in it, so that the compiler never looks again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy.sql import functions, operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    ColumnClause,
    ColumnElement,
    Extract,
    FunctionFilter,
    Grouping,
    Label,
    Over,
    TextClause,
    WithinGroup,
    _textual_label_reference,
)
from sqlalchemy.sql.selectable import ScalarSelect, SelectBase
from sqlalchemy.types import TypeEngine

from pydbt.errors import AggregateError, ColumnArgumentError, ForeignColumnError, user_location
from pydbt.sql import semantics
from pydbt.sql.aggregation import adopt_filtered, adopt_over, adopt_within_group, enter
from pydbt.sql.arithmetic import Arithmetic, Calculation
from pydbt.sql.cast_rendering import adopt_cast
from pydbt.sql.column import Column, check_value, column_of
from pydbt.sql.comparison import CALCULATIONS, SENT_AS_IT_IS, meet_each_other, sendable, typed, typed_again
from pydbt.sql.condition import Comparison, Condition, closed
from pydbt.sql.correlation import Attached, OuterColumn, OuterValue, Subquery
from pydbt.sql.functions import portable
from pydbt.sql.functions.call import Call, CallOverRows, Filtered, Windowed, finished
from pydbt.sql.functions.conditional import When
from pydbt.sql.functions.known import AGGREGATES, KNOWN, SCALARS, VOLATILE
from pydbt.sql.functions.operands import Literal, Missing
from pydbt.sql.like import like
from pydbt.sql.nodes import of_sides
from pydbt.sql.query import Query, Value
from pydbt.sql.tree import cloned, cloned_by, has_only_arguments, is_foreign
from pydbt.sql.widening import Widened, widened
from pydbt.sql.written_casts import CASTS


class Expression(NamedTuple):
    """A checked expression over leaves, and what the compiler must know of it."""

    element: ColumnElement[Any]
    values: tuple[Value, ...]
    size: int
    has_aggregate: bool = False
    has_window: bool = False
    is_volatile: bool = False
    has_unknown_function: bool = False
    bare_values: tuple[Value, ...] = ()
    attached: tuple[Attached | OuterValue, ...] = ()
    has_grouping: bool = False

    @property
    def may_aggregate(self) -> bool:
        """Whether an aggregate is in it, or a function that may be one for all we know."""
        return self.has_aggregate or self.has_unknown_function

    @property
    def type(self) -> TypeEngine[Any]:
        """The type of what comes out."""
        return self.element.type

    @property
    def value(self) -> Value | None:
        """The value itself when the expression is nothing but one column."""
        return self.element.value if self.element.__class__ is Column else None

    @property
    def may_be_inlined(self) -> bool:
        """Whether the expression may be written again wherever its value is used."""
        return not (self.has_aggregate or self.has_window or self.is_volatile)


Bind = Callable[[Column], Column]


def adopt(query: Query, element: ColumnElement[Any], bind: Bind | None = None) -> Expression:
    """Check an expression against the columns of a query.

    Args:
        query: Whose columns it may use.
        element: The expression, without a label.
        bind: How a leaf finds its value; a join brings its own, as it has two sides.
    """
    if element.__class__ is Column and bind is None:
        check_value(query, element)
        values = (element.value,)
        return Expression(element, values, 1, bare_values=values)
    return _Adoption(query, bind).run(element)


class _Adoption:
    """One walk through one expression."""

    # Most expressions have none of these.
    aggregate = window = over = volatile = unknown = has_grouping = False
    around = ""  # The aggregate around what is visited; its OVER and FILTER are not in it.
    size = 0
    depth = 0  # Of aggregates around what is visited.

    def __init__(self, query: Query, bind: Bind | None) -> None:
        self.query = query
        self.bind = bind
        self.values: list[Value] = []
        self.attached: list[Attached | OuterValue] = []
        self.bare: list[Value] = []  # Those that stand outside every aggregate.

    def run(self, element: ColumnElement[Any]) -> Expression:
        checked = self.visit(element)
        values = tuple(self.values)
        return Expression(
            checked,
            values,
            self.size,
            self.aggregate,
            self.window,
            self.volatile,
            self.unknown,
            values if self.bare == self.values else tuple(self.bare),
            tuple(self.attached),
            self.has_grouping,
        )

    def visit(self, node: Any, **_: Any) -> Any:
        kind = node.__class__
        if kind is BindParameter:
            self.size += 1
            return node if node.value.__class__ in SENT_AS_IT_IS else sendable(node, self.query)
        visit = _VISITS.get(kind)
        if visit is not None:
            return visit(self, node)
        if isinstance(node, functions.FunctionElement):
            return self.function(node)
        if isinstance(node, ColumnClause):
            return self.other_column(node)
        if isinstance(node, (SelectBase, ScalarSelect)):
            return self.subquery(node)
        self.size += 1
        return typed(cloned_by(node, self.visit))

    def leaf(self, node: Column) -> Column:
        self.size += 1
        if self.bind is not None:
            node = self.bind(node)
        else:
            check_value(self.query, node)
        self.values.append(node.value)
        if not self.depth:
            self.bare.append(node.value)
        return node

    def outer(self, node: OuterColumn) -> Column:
        """A column of the row around the query: a value that an Attach step gives."""
        self.check_no_join("outer()")
        self.size += 1
        assert isinstance(node.value, OuterValue), "outer() made it"
        self.attached.append(node.value)
        self.values.append(node.value)
        return Column(node.name, node.value, None)

    def attach(self, node: Subquery) -> Column:
        """A subquery: a value that an Attach step gives."""
        self.check_no_join("a subquery")
        self.size += 1
        part = node.bound(self.query)
        self.attached.append(part)
        self.values.append(part.value)
        if not self.depth:
            self.bare.extend(part.reads)
        return Column("subquery", part.value, None)

    def check_no_join(self, what: str) -> None:
        if self.bind is not None:
            hint = "put it into a where() before the join or after it"
            raise ColumnArgumentError(f"a join's condition has {what}", where=user_location(), hint=hint)

    def other_column(self, node: ColumnClause[Any]) -> Any:
        """A column SQLAlchemy made: by its bare name it is the query's, with a table it is nobody's."""
        if node.is_literal:
            # Nothing is known of text, so it is computed once; but that count(*) reads nothing is.
            self.volatile = self.volatile or node.name != "*"
            return node
        if node.table is None:
            return self.leaf(column_of(self.query, node.name))
        table = getattr(node.table, "name", "a table")
        what = f"column {node.name!r} belongs to {table!r}, not to a DataFrame"
        hint = f"use the DataFrame's own column, df[{node.name!r}]"
        raise ForeignColumnError(what, where=user_location(), hint=hint)

    def text(self, node: TextClause) -> TextClause:
        self.volatile = True
        return node

    def binary(self, node: BinaryExpression[Any]) -> Any:
        self.size += 1
        left, right = closed(self.visit(node.left)), closed(self.visit(node.right))
        operator = node.operator
        if node.__class__ is not Calculation:  # It is of numbers.
            left, right = meet_each_other(left, right, operator)
        if operator in CALCULATIONS:
            exact = portable.calculated(left, right, operator)
            if exact is not None:
                if exact.__class__ is Call:
                    exact.check_source(self.query)
                return exact
        rewritten = semantics.operator(operator, left, right, node)
        if rewritten is not None:
            return rewritten
        node = typed_again(node, left, right)
        node = of_sides(node, left, right)
        matched = like(node)
        return node if matched is None else matched

    def comparison(self, node: Comparison) -> Any:
        """A comparison whose sides have met: a column beside a value or another column."""
        self.size += 1
        left, right = self.visit(node.left), self.visit(node.right)
        if right.__class__ is Column:
            left, right = semantics.same_moment(left, right)
        rewritten = semantics.operator(node.operator, left, right, node)
        return of_sides(node, left, right) if rewritten is None else rewritten

    def whole(self, node: Arithmetic) -> Any:
        """A calculation with whole numbers of one type, on which all databases agree but for the rest."""
        self.size += 1
        left, right = self.visit(node.left), self.visit(node.right)
        if node.operator is operators.mod:
            return semantics.operator(node.operator, left, right, node)
        return of_sides(node, left, right)

    def grouping(self, node: Grouping[Any]) -> Any:
        inner = self.visit(node.element)
        if inner is node.element:
            return node
        new = cloned(node)
        new.element, new.type = inner, getattr(inner, "type", node.type)
        return new

    def label(self, node: Label[Any]) -> Any:
        return self.visit(node.element)

    def function(self, node: Any) -> Any:
        return finished(self.bare_function(node))

    def call(self, node: Call) -> Any:
        """A function of ``F``: typed anew, as the names among its arguments are columns now."""
        if node.asked.kind == "window":
            what = f"F.{node.asked.public_name} needs a window"
            raise AggregateError(what, where=user_location(), hint="add .over(order_by=…) to it")
        return finished(self.bare_call(node))

    def bare_call(self, node: Call) -> Call:
        rule, before, around = node.asked, self.size, self.around
        if rule.kind == "aggregate" and self.depth >= 0:
            enter(self, f"F.{rule.public_name}")
        self.volatile = self.volatile or rule.is_volatile
        nests = rule.kind != "scalar"
        self.depth += nests
        new = node.with_arguments([self.visit(argument) for argument in node.arguments])
        self.depth -= nests
        self.around = around
        new.check_source(self.query)
        new.rule.check_chance(new.arguments)
        self.size += 1 + (self.size - before) * (new.rule.repeats - 1)
        return new

    def named(self, node: Any) -> Column:
        """Text where SQLAlchemy takes a column, as in ``over(partition_by="team")``, is a column's name."""
        return self.leaf(column_of(self.query, node.element))

    def bare_function(self, node: Any) -> Any:
        """A function without the cast that gives its result the type it has everywhere."""
        # The list of its arguments counts as well, which elsewhere is visited by itself.
        self.size += 1 + has_only_arguments(node)
        name, around = getattr(node, "name", "").lower(), self.around
        if name in AGGREGATES and self.depth >= 0:
            enter(self, name)
        self.volatile = self.volatile or name in VOLATILE
        self.unknown = self.unknown or name not in KNOWN
        self.has_grouping = self.has_grouping or name == "grouping"
        nests = name not in SCALARS
        self.depth += nests
        new = cloned_by(node, self.visit)
        self.depth -= nests
        self.around = around
        return portable.function(name, new)

    def extract(self, node: Extract) -> Any:
        self.size += 1
        return portable.extracted(cloned(node), self.visit(node.expr))

    def subquery(self, node: Any) -> Any:
        """A query in an expression has columns and aggregates of its own; our leaves in it are bound."""
        had = self.aggregate, self.window
        self.volatile = True
        new = cloned_by(node, self.inside_subquery)
        self.aggregate, self.window = had
        return new

    def inside_subquery(self, node: Any, **_: Any) -> Any:
        if node.__class__ is Column:
            return self.leaf(node)
        if isinstance(node, (TextClause, BindParameter)) or is_foreign(node):
            return node
        return cloned_by(node, self.inside_subquery)


_VISITS: dict[type, Callable[[_Adoption, Any], Any]] = {
    Column: _Adoption.leaf,
    BinaryExpression: _Adoption.binary,
    Arithmetic: _Adoption.whole,
    Condition: _Adoption.binary,
    Calculation: _Adoption.binary,
    Comparison: _Adoption.comparison,
    Grouping: _Adoption.grouping,
    Label: _Adoption.label,
    **dict.fromkeys(CASTS, adopt_cast),
    FunctionFilter: adopt_filtered,
    Filtered: adopt_filtered,
    WithinGroup: adopt_within_group,
    Over: adopt_over,
    Windowed: adopt_over,
    Extract: _Adoption.extract,
    OuterColumn: _Adoption.outer,
    Subquery: _Adoption.attach,
    # What it was of may be no decimal, now that the operators in it have their meaning.
    Widened: lambda walk, node: widened(walk.visit(node.element), node.type),
    TextClause: _Adoption.text,
    **dict.fromkeys((Literal, Missing), lambda walk, node: walk.visit(node.plain)),
    Call: _Adoption.call,
    CallOverRows: _Adoption.call,
    When: _Adoption.call,
    _textual_label_reference: _Adoption.named,
}
