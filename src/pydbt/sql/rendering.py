"""Statements as text: every value written out as a literal, laid out as people write SQL."""

from __future__ import annotations

import copy
import weakref
from typing import Any

from sqlalchemy.engine import Dialect as SQLAlchemyDialect
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.expression import ClauseElement, Executable
from sqlalchemy.types import TypeEngine

from pydbt.errors import UnboundValueError, user_location
from pydbt.sql.literals import literal

_PLAIN: weakref.WeakKeyDictionary[SQLAlchemyDialect, SQLAlchemyDialect] = weakref.WeakKeyDictionary()


def render(statement: Executable | ClauseElement, dialect: SQLAlchemyDialect) -> str:
    """A statement as text for the driver, every value written out as a literal, nothing left to bind.

    Run it with ``exec_driver_sql(text, execution_options={"no_parameters": True})``: then neither SQLAlchemy
    nor the driver looks for ``:x`` or ``%`` in it.

    Raises:
        UnboundValueError: A parameter has no value.
        UnwritableValueError: A value has no literal form.

    >>> import sqlalchemy as sa
    >>> from sqlalchemy.dialects.sqlite import dialect
    >>> print(render(sa.select(sa.literal("it's 100% :x").label("a")), dialect()))
    SELECT 'it''s 100% :x' AS a
    """
    assert isinstance(statement, ClauseElement), "every executable that compiles is one"
    plain = _PLAIN.get(dialect)
    if plain is None:
        plain = _PLAIN[dialect] = _plain(dialect)
    return str(statement.compile(dialect=plain, compile_kwargs={"literal_binds": True}))


def _plain(dialect: SQLAlchemyDialect) -> SQLAlchemyDialect:
    """The dialect with named parameters: they are never counted off in a text, nor double percent signs."""
    plain = copy.copy(dialect)
    plain.paramstyle, plain.positional = "named", False
    plain.identifier_preparer = type(dialect.identifier_preparer)(plain)
    plain.identifier_preparer.reserved_words = dialect.identifier_preparer.reserved_words
    plain.statement_compiler = _literal_compiler(dialect.statement_compiler)
    # What types remember of a dialect would come from the one it was copied from.
    vars(plain).pop("_type_memos", None)
    return plain


def _literal_compiler(base: type[SQLCompiler]) -> type[SQLCompiler]:
    render: Any = base.render_literal_bindparam
    labelled: Any = base.visit_label

    def render_literal_value(self: SQLCompiler, value: Any, type_: TypeEngine[Any]) -> str:
        return literal(value, type_, self.dialect)

    def render_literal_bindparam(
        self: SQLCompiler, bindparam: BindParameter[Any], *arguments: Any, **options: Any
    ) -> str:
        # Some SQLAlchemy would take a missing value for NULL.
        _check_value(bindparam)
        text: str = render(self, bindparam, *arguments, **options)
        return text

    def visit_label(self: SQLCompiler, label: Any, *arguments: Any, **options: Any) -> str:
        # SQLAlchemy names every column of a CTE; nobody writes that of a column that keeps its name.
        text: str = labelled(self, label, *arguments, **options)
        column, _as, name = text.rpartition(" AS ")
        return name if column == name else text

    def clause_on_its_line(name: str) -> Any:
        clause: Any = getattr(base, name)

        def on_its_line(self: SQLCompiler, *arguments: Any, **options: Any) -> str:
            text: str = clause(self, *arguments, **options)
            return f"\n{text.lstrip(' ')}" if text else text

        return on_its_line

    methods = {
        "visit_label": visit_label,
        "group_by_clause": clause_on_its_line("group_by_clause"),
        "order_by_clause": clause_on_its_line("order_by_clause"),
        "render_literal_value": render_literal_value,
        "render_literal_bindparam": render_literal_bindparam,
    }
    return type("LiteralCompiler", (base,), methods)


def check_bound(query: ClauseElement) -> None:
    """Refuse a query with a parameter that has no value.

    Raises:
        UnboundValueError: There is one.
    """
    for part in visitors.iterate(query):
        if isinstance(part, BindParameter):
            _check_value(part)


def _check_value(parameter: BindParameter[Any]) -> None:
    if parameter.required:
        raise UnboundValueError(
            f"the query has a parameter {parameter.key!r} without a value",
            where=user_location(),
            hint=f"give it one: bindparam({parameter.key!r}, value)",
        )
