"""A program as data: tables, verbs, expressions. It knows neither SQL nor how rows are computed.

The generator makes it, ``build.py`` makes DataFrames of it, ``reference`` computes its rows in Python,
``text.py`` prints it, and the corpus keeps it as JSON.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Col:
    """A column by its name; ``source`` is an earlier frame, and its name there, to take it from."""

    name: str
    source: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """A column of the right side, in the condition of a join."""

    name: str


@dataclass(frozen=True, slots=True)
class Lit:
    """A value of a kind."""

    value: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function of a row: `pydbt` and the reference each know what the name means."""

    name: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Agg:
    """An aggregate; without an argument it counts rows."""

    name: str
    arg: Any = None
    is_distinct: bool = False
    where: Any = None


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an order."""

    expr: Any
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A window function; ``rows`` are the ends of its frame, None for unbounded."""

    name: str
    args: tuple[Any, ...] = ()
    partition: tuple[Any, ...] = ()
    order: tuple[Key, ...] = ()
    rows: tuple[int | None, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Where:
    conditions: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Select:
    items: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class WithColumns:
    items: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Rename:
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Drop:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    pass


@dataclass(frozen=True, slots=True)
class Pivot:
    """A column's values that become columns, each under a name."""

    expr: Any
    values: tuple[tuple[str, Lit], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Groups of rows with aggregates.

    Args:
        keys: Names with expressions.
        items: Names with aggregates.
        sets: ``rollup``, ``cube`` or ``grouping_sets``, where there are groups of fewer keys as well.
        of: The keys of each of the grouping sets, by number.
        having: Conditions on the groups.
        pivot: What spreads the aggregates over columns.
    """

    keys: tuple[tuple[str, Any], ...]
    items: tuple[tuple[str, Any], ...]
    sets: str = ""
    of: tuple[tuple[int, ...], ...] = ()
    having: tuple[Any, ...] = ()
    pivot: Pivot | None = None


@dataclass(frozen=True, slots=True)
class TopK:
    """The first rows in an order."""

    count: int
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Replace:
    """Other values for some, in some columns."""

    pairs: tuple[tuple[Lit, Lit], ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Columns below each other."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    names_to: str
    values_to: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A share of the rows, or so many, by a digest of some columns."""

    names: tuple[str, ...]
    seed: int
    fraction: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Dropna:
    how: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fillna:
    pairs: tuple[tuple[str, Lit], ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """One row for each combination of some columns: the first or the last in an order."""

    names: tuple[str, ...]
    keep: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Order:
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    count: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A table by its number, or an earlier frame of the program by its own, and verbs."""

    table: int | None
    steps: tuple[Any, ...] = ()
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """A join on names, a condition, or both; ``other`` is what it is joined with."""

    other: Plan
    how: str
    names: tuple[str, ...] = ()
    condition: Any = None
    suffix: str = "_right"


@dataclass(frozen=True, slots=True)
class Combine:
    """A set operation."""

    verb: str
    other: Plan


@dataclass(frozen=True, slots=True)
class ByName:
    """The rows of both, columns of one name below each other."""

    other: Plan
    allow_missing: bool


@dataclass(frozen=True, slots=True)
class Asof:
    """Each row beside the nearest one of the other side; the tolerance of moments is in days."""

    other: Plan
    on: tuple[str, str]
    names: tuple[str, ...]
    direction: str
    tolerance: int | None
    suffix: str


@dataclass(frozen=True, slots=True)
class Sub:
    """A plan in an expression: ``isin`` of a value, ``exists`` of a row that matches, or ``scalar``."""

    name: str
    other: Plan
    arg: Any = None
    names: tuple[str, ...] = ()
    condition: Any = None


@dataclass(frozen=True, slots=True)
class Alias:
    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """A source: columns with their kinds, and rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """What is run.

    Args:
        tables: The sources.
        plan: The verbs.
        conditions: Two conditions over what comes out, for the comparisons of a program with itself.
        relations: Which of these comparisons are made, by name.
        turn: Which database makes them: a number, taken modulo.
        is_wrong: The last verb must be refused when the DataFrame is built.
    """

    tables: tuple[Table, ...]
    plan: Plan
    conditions: tuple[Any, ...] = ()
    relations: tuple[str, ...] = ()
    turn: int = 0
    is_wrong: bool = False


def tables_of(node: Any) -> set[int]:
    """The numbers of the tables that a plan reads."""
    if isinstance(node, tuple):
        return set().union(*map(tables_of, node))
    if not dataclasses.is_dataclass(node):
        return set()
    found = {node.table} if isinstance(node, Plan) and node.table is not None else set()
    return found.union(*(tables_of(getattr(node, each.name)) for each in dataclasses.fields(node)))


_NODES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Col, Right, Lit, Call, Agg, Key, Window),
        *(Where, Select, WithColumns, Rename, Drop, Distinct, Group, Order, Limit, Join, Combine, Alias),
        *(Dropna, Fillna, Pick, Pivot, TopK, Replace, Unpivot, Sample, ByName, Asof, Sub),
        *(Plan, Table, Program),
    )
}


def as_json(node: Any) -> Any:
    """The program, or a part of it, as what JSON holds."""
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        parts = {each.name: as_json(getattr(node, each.name)) for each in dataclasses.fields(node)}
        return {"is": type(node).__name__} | parts
    if isinstance(node, tuple):
        return [as_json(each) for each in node]
    if isinstance(node, Decimal):
        return {"decimal": str(node)}
    if isinstance(node, dt.datetime):
        return {"moment": node.isoformat()}
    if isinstance(node, dt.date):
        return {"date": node.isoformat()}
    return node


def from_json(node: Any) -> Any:
    """What :func:`as_json` made, back again."""
    if isinstance(node, list):
        return tuple(from_json(each) for each in node)
    if not isinstance(node, dict):
        return node
    if "is" in node:
        parts = {name: from_json(each) for name, each in node.items() if name != "is"}
        return _NODES[node["is"]](**parts)
    if "decimal" in node:
        return Decimal(node["decimal"])
    if "moment" in node:
        return dt.datetime.fromisoformat(node["moment"])
    return dt.date.fromisoformat(node["date"])
