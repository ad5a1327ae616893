"""select, with_column, rename, drop: which columns come out, computed or as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydbt.errors import ColumnArgumentError, nearest, user_location
from pydbt.sql.block import Block
from pydbt.sql.compile import Compilation, Place
from pydbt.sql.expression import Expression
from pydbt.sql.query import Fields, Query, Value
from pydbt.sql.verbs.arguments import (
    check_known,
    check_new_name,
    check_no_aggregate,
    check_once,
    element_of,
    expression_of,
    flattened,
    named,
)
from pydbt.sql.verbs.attach import attached, forget


def select(query: Query, columns: Iterable[Any], computed: Mapping[str, Any]) -> Query:
    """Only these columns, in this order."""
    pairs: list[tuple[str, Expression]] = []
    for column in flattened(columns):
        if isinstance(column, str) and column == "*":
            pairs.extend(named(query, name, "select") for name in query.fields)
        else:
            pairs.append(named(query, column, "select"))
    for name, value in computed.items():
        # Text is a column's name, as everywhere in select.
        argument = element_of(query, value, "select") if isinstance(value, str) else value
        pairs.append((check_new_name(name, "select"), expression_of(query, argument, "select")))
    if not pairs:
        hint = 'name at least one: df.select("a", df.b)'
        raise ColumnArgumentError("select was given no columns", where=user_location(), hint=hint)
    check_once((name for name, _ in pairs), "select")
    return _projected(query, {}, pairs, "select")


def with_columns(query: Query, computed: Mapping[str, Any], verb: str = "with_columns") -> Query:
    """All columns, and these; one of a name that is there takes its place."""
    if not computed:
        hint = "name at least one: df.with_columns(b=df.a + 1)"
        raise ColumnArgumentError(f"{verb} was given no columns", where=user_location(), hint=hint)
    pairs = [
        (check_new_name(name, verb), expression_of(query, _no_text(query, value, verb), verb))
        for name, value in computed.items()
    ]
    return _projected(query, query.fields, pairs, verb)


def joined(columns: Mapping[str, Any] | None, named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Columns that were given in a dict, by keywords, or both."""
    if columns is None:
        return named
    if not isinstance(columns, Mapping):
        hint = "give names with expressions: df.with_columns(b=df.a + 1)"
        raise ColumnArgumentError(f"with_columns was given {columns!r}", where=user_location(), hint=hint)
    check_once([*columns, *named], "with_columns")
    return {**columns, **named}


def _no_text(query: Query, value: Any, verb: str) -> Any:
    """The value unless it is text: half of the libraries take it for a column's name, half for itself."""
    if not isinstance(value, str):
        return value
    near = value if value in query.fields else next(iter(nearest(value, query.fields)), value)
    hint = f"df[{near!r}] is the column, F.lit({value!r}) the text, with F from pydbt"
    what = f"{verb} was given the text {value!r}: a column or a value?"
    raise ColumnArgumentError(what, where=user_location(), hint=hint)


def rename(query: Query, names: Mapping[str, str] | Callable[[str], str], verb: str = "rename") -> Query:
    """All columns, some under another name, each in its place."""
    if callable(names):
        names = {name: names(name) for name in query.fields}
    if not isinstance(names, Mapping):
        hint = 'give old names with new ones, rename({"a": "b"}), or a function, rename(str.lower)'
        raise ColumnArgumentError(f"{verb} was given {names!r}", where=user_location(), hint=hint)
    check_known(query, names)
    for new in names.values():
        check_new_name(new, verb)
    renamed = [names.get(name, name) for name in query.fields]
    check_once(renamed, verb)
    fields = dict(zip(renamed, query.fields.values(), strict=True))
    return Query(Project({}, verb, tuple(names)), (query,), fields)


def drop(query: Query, columns: Iterable[Any]) -> Query:
    """All columns but these."""
    names = [_name_here(query, column) for column in flattened(columns)]
    fields = {name: value for name, value in query.fields.items() if name not in names}
    if not fields:
        hint = "a DataFrame has at least one column"
        raise ColumnArgumentError("drop was given every column", where=user_location(), hint=hint)
    return Query(Project({}, "drop", tuple(names)), (query,), fields)


def _name_here(query: Query, column: Any) -> str:
    """The name a column has in the query: its own, or the one its value goes by since a rename."""
    name, expression = named(query, column, "drop")
    value = expression.value
    if value is None or query.fields.get(name) is value:
        return name
    return query.name_of(value) or name


def _projected(query: Query, kept: Fields, pairs: Iterable[tuple[str, Expression]], verb: str) -> Query:
    fields = dict(kept)
    computed: dict[Value, Expression] = {}
    names = []
    for name, expression in pairs:
        check_no_aggregate(expression, verb)
        value = expression.value
        if value is None or expression.attached:
            value = Value(expression.type)
            computed[value] = expression
        fields[name] = value
        names.append(name)
    return Query(Project(computed, verb, tuple(names)), (attached(query, computed.values()),), fields)


@dataclass(frozen=True, slots=True)
class Project:
    """The SELECT list: which values go on is in ``Query.fields``; here are those that are new."""

    computed: Mapping[Value, Expression]
    verb: str
    names: tuple[str, ...]

    def describe(self) -> str:
        """The verb with the names it was given."""
        shown = ", ".join(repr(name) for name in self.names[:4])
        return f"{self.verb}({shown}{', …' if len(self.names) > 4 else ''})"  # noqa: PLR2004  a line's worth

    def needs(self, place: Place) -> tuple[set[Value], ...]:
        """What is wanted of before, and what the wanted new ones read."""
        if not self.computed:
            return (place.wanted,)
        needed = place.wanted.difference(self.computed)
        needed.update(place.compilation.use(self._wanted(place).values()))
        return (needed,)

    def _wanted(self, place: Place) -> dict[Value, Expression]:
        """Those of the new columns that are read above."""
        return {value: expression for value, expression in self.computed.items() if value in place.wanted}

    def build(self, place: Place) -> Block:
        """Compute the wanted new columns; a closed block whose columns change goes below."""
        (block,) = place.blocks
        computed = self._wanted(place)
        is_changed = block.is_closed and (computed or not _has_all(block, place.query.fields))
        if is_changed or not all(
            can_extend_project(block, each, place.compilation) for each in computed.values()
        ):
            needed = place.wanted.difference(computed).union(*(each.values for each in computed.values()))
            block = place.compilation.nest(block, place.query.parents[0].fields, needed)
        block.columns.update([(value, block.resolve(expression)) for value, expression in computed.items()])
        for expression in computed.values():
            forget(block, expression)
        return block


def _has_all(block: Block, fields: Fields) -> bool:
    """Whether a closed block's columns all go on; where names change as well, only a set operation cares."""
    closed = block.distinct_fields or {}
    if block.compound is not None:
        return list(fields.items()) == list(closed.items())
    return set(fields.values()) == set(closed.values())


def can_extend_project(block: Block, expression: Expression, compilation: Compilation) -> bool:
    """The SELECT list is evaluated after GROUP BY and before LIMIT, row by row.

    A window sees all rows of its block, so it goes above a LIMIT and above a GROUP BY.
    """
    if (expression.has_window or expression.is_volatile) and (block.is_limited or block.is_grouped):
        return False
    return block.can_inline(expression, compilation.uses)
