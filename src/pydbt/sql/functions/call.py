"""Call: a function of ``F`` with its arguments, an expression like any other.

It takes its type, and the SQL that suits the types of its arguments, when it is made, and again when the
names among its arguments have become columns (:meth:`Call.with_arguments`, called by ``expression.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler, StrSQLCompiler
from sqlalchemy.sql.elements import FunctionFilter, Over
from sqlalchemy.sql.functions import Function
from sqlalchemy.sql.visitors import InternalTraversal

from pydbt.errors import AggregateError, Location, NotAConditionError, UnsupportedFunctionError, user_location
from pydbt.sql import semantics
from pydbt.sql.condition import Guarded
from pydbt.sql.functions.frame import Frame, check_frame, counted, is_of_time
from pydbt.sql.functions.operands import Element
from pydbt.sql.functions.rule import Rule
from pydbt.sql.functions.template import Template
from pydbt.sql.query import Query, database_of
from pydbt.sql.tree import cloned

if TYPE_CHECKING:
    _Filter = FunctionFilter[Any]
    _Over = Over[Any]
else:
    _Filter, _Over = FunctionFilter, Over  # SQLAlchemy 1.4 has no generic classes.


class Call(Guarded, Element):
    """A function of each row's values.

    Args:
        rule: What is called.
        arguments: SQLAlchemy elements.
        where: The user's line, where a database may refuse the function.
    """

    __visit_name__ = "pydbt_call"
    inherit_cache = True
    is_delimited = True  # It needs no parentheses, whatever stands beside it.

    def __init__(self, rule: Rule, arguments: Sequence[Any], where: Location | None = None) -> None:
        self.asked = rule
        self.arguments = rule.checked(arguments)
        types = [each.type for each in self.arguments]
        self.rule = rule if rule.variant is None else rule.variant(types)
        self.rule_name = self.rule.name
        self.type = self.rule.type_of(self.arguments)
        self.where = where or (user_location() if self.rule.refused_by else None)

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("rule_name", InternalTraversal.dp_string),
        ("arguments", InternalTraversal.dp_clauseelement_list),
        ("type", InternalTraversal.dp_type),
    ]

    def with_arguments(self, arguments: Sequence[Any]) -> Call:
        """The same call of other arguments, checked and typed anew."""
        return self.__class__(self.asked, arguments, self.where)

    def check_source(self, query: Query) -> None:
        """Raise where the database that a query reads from cannot have the function."""
        if self.rule.refused_by:
            database = database_of(query)
            if database:
                self.check_available(database)

    def check_available(self, database: str) -> None:
        """Raise where the database of that name cannot have the function."""
        if self.rule.sql_on(database) is None:
            what = f"{self.rule.told} cannot be had on {database}"
            raise UnsupportedFunctionError(what, where=self.where or user_location(), hint=_HINT)

    def __bool__(self) -> bool:
        what = f"{self.rule.told} is not true or false in Python"
        hint = "combine conditions with & | ~ and parentheses: F.contains(df.a, 'x') & (df.b == 2)"
        raise NotAConditionError(what, where=user_location(), hint=hint)


_HINT = "compute it on another database, or in Python after collect()"


class Windowed(Guarded, _Over):
    """A function over a window of rows, with the methods that every expression of columns has."""

    inherit_cache = True

    @classmethod
    def of(cls, function: Any, partition_by: Any, order_by: Any, rows: Any, range_: Any) -> Windowed:
        """The function over a window, its frame checked."""
        check_frame(rows, range_)
        made = cls(function, partition_by, order_by, range_=counted(range_), rows=rows)
        if is_of_time(range_):
            # Until it is known what is ordered by.
            made.__dict__["is_of_time"] = True
        return made


class CallOverRows(Call):
    """A function of many rows: an aggregate, or one that needs a window."""

    __visit_name__ = "pydbt_call_over_rows"
    inherit_cache = True

    def over(
        self,
        partition_by: Any = None,
        order_by: Any = None,
        *,
        rows: Frame | None = None,
        range: Frame | None = None,  # noqa: A002  the word it has in SQL
        range_: Frame | None = None,
    ) -> Windowed:
        """The function over a window of rows: ``… OVER (PARTITION BY … ORDER BY …)``.

        Args:
            partition_by: Names or columns, or a list of them: rows that are equal in them are one window.
            order_by: Names, columns or ``column.desc()``, or a list of them; NULLs come last, unless told.
            rows: The frame in rows: ``(-1, 1)`` is the row before to the row after, None the window's end.
            range: The frame in distances of the one number that is ordered by, or of the one date or moment:
                ``(timedelta(days=-6), 0)`` is the seven days up to the row's.
            range_: As SQLAlchemy spells ``range``.

        Raises:
            FunctionArgumentError: The frame is none, or both kinds are given.

        >>> from pydbt import F
        >>> df = games()
        >>> near = F.count().over(order_by="goals", range=(-2, 0))
        >>> df.select("goals", near=near).order_by("goals").collect()
        [(1, 1), (3, 2), (None, 1)]
        """
        return Windowed.of(self, partition_by, order_by, rows, range if range_ is None else range_)

    def filter(self, *conditions: Any) -> Filtered:
        """The aggregate of those rows for which all conditions are true: ``… FILTER (WHERE …)``.

        Args:
            *conditions: Conditions, as in ``where``.

        Raises:
            AggregateError: The function is no aggregate.

        >>> from pydbt import F
        >>> df = games()
        >>> df.agg(all=F.count(), scored=F.count().filter(df.goals > 1)).first()
        (3, 1)
        """
        if self.rule.kind != "aggregate":
            what = f"F.{self.rule.public_name} takes no filter"
            raise AggregateError(what, where=user_location(), hint="only aggregates do")
        return Filtered(self, *conditions)  # type: ignore[arg-type]  # as in over

    def of_rows(self, condition: Any) -> Any:
        """The aggregate with NULL in all rows but those of a condition, for one that leaves NULL out."""
        if not self.arguments:
            return Function("count", case((condition, literal_column("1"))), type_=self.type)
        chosen = cloned(self)
        chosen.arguments = [case((condition, self.arguments[0])), *self.arguments[1:]]
        return chosen


class Filtered(_Filter):
    """An aggregate with its FILTER, which may stand over a window like one without."""

    inherit_cache = True

    def over(  # type: ignore[override]  # further names for what SQLAlchemy takes
        self,
        partition_by: Any = None,
        order_by: Any = None,
        *,
        rows: Frame | None = None,
        range: Frame | None = None,  # noqa: A002  the word it has in SQL
        range_: Frame | None = None,
    ) -> Windowed:
        """The aggregate over a window of rows, as without a filter."""
        return Windowed.of(self, partition_by, order_by, rows, range if range_ is None else range_)


class Around(Element):
    """What stands around a call with its OVER and FILTER: the cast to the type it has everywhere."""

    __visit_name__ = "pydbt_around"
    inherit_cache = True
    is_delimited = True

    def __init__(self, element: Any, rule: Rule) -> None:
        self.element, self.rule = element, rule
        self.rule_name = rule.name
        self.type = element.type

    _traverse_internals = [  # noqa: RUF012  declared so by SQLAlchemy
        ("rule_name", InternalTraversal.dp_string),
        ("element", InternalTraversal.dp_clauseelement),
        ("type", InternalTraversal.dp_type),
    ]


@compiles(Call)
@compiles(CallOverRows)
def _call(node: Call, compiler: SQLCompiler, **kw: Any) -> str:
    sql = node.rule.sql_on(compiler.dialect.name)
    if sql is None and isinstance(compiler, StrSQLCompiler):
        # It is shown in an error or in a repr, and runs nowhere.
        return compiler.process(Function(node.rule.public_name, *node.arguments), **kw)
    node.check_available(compiler.dialect.name)
    if isinstance(sql, Template):
        return sql.render(node.rule.named(node.arguments), compiler, **kw)
    assert sql is not None, "check_available raised"
    return compiler.process(sql(*node.arguments), **kw)


@compiles(FunctionFilter, "sqlite")
def _filtered(node: Any, compiler: Any, **kw: Any) -> str:
    """Python's window functions crash when they are asked for a value before any row came to them."""
    if isinstance(node.func, Call) and node.func.rule.is_supplied_window:
        node = node.func.of_rows(node.criterion)
        return str(compiler.process(node, **kw))
    return str(compiler.visit_funcfilter(node, **kw))


@compiles(Around)
def _around(node: Around, compiler: SQLCompiler, **kw: Any) -> str:
    template = node.rule.around_on(compiler.dialect.name)
    if template is None:
        return compiler.process(node.element, **kw)
    return template.render({"result": [node.element]}, compiler, **kw)


def call(rule: Rule, *arguments: Any) -> Call:
    """The call of a rule's function."""
    kind = Call if rule.kind == "scalar" else CallOverRows
    return kind(rule, arguments)


def call_over_rows(rule: Rule, *arguments: Any) -> CallOverRows:
    """The call of a rule's aggregate or window function."""
    return CallOverRows(rule, arguments)


def finished(node: Any) -> Any:
    """A function with its FILTER and OVER, and what must stand around the whole."""
    inner = node
    while isinstance(inner, (Over, FunctionFilter)):
        inner = inner.element if isinstance(inner, Over) else inner.func
    if not isinstance(inner, Call):
        return semantics.function_result(node)
    return Around(node, inner.rule) if inner.rule.around else node
