"""A table of values that are hard, and how a function of them is held against Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session

COLUMNS: dict[str, Any] = {
    "id": sa.Integer,
    "n": sa.BigInteger,
    "m": sa.Integer,
    "x": sa.Double if hasattr(sa, "Double") else sa.Float(53),
    "y": sa.Double if hasattr(sa, "Double") else sa.Float(53),
    "price": sa.Numeric(12, 3),
    "s": sa.String(200),
    "t": sa.String(200),
    "flag": sa.Boolean,
}
_D = Decimal
ROWS: list[tuple[Any, ...]] = [
    (1, 0, 0, 0.0, 0.0, _D("0.000"), "", "", True),
    (2, 1, -1, 1.0, -1.0, _D("1.000"), "a", "b", False),
    (3, -7, 3, -2.5, 3.0, _D("-2.500"), "straße", "ß", True),
    (4, 12, 10, 2.5, 0.5, _D("2.500"), "Élan vital", "vital", None),
    (5, 2**53 + 1, 7, 1e15 + 0.5, 2.0, _D("999999999.999"), "🙂a👩‍👧é", "a", True),
    (6, -(2**62), -2, -1e-300, 1.5, _D("-0.005"), "  padded\t\n ", " ", False),
    (7, 145, 100, 1.005, -2.0, _D("1.005"), "a,b,,c", ",", None),
    (8, -145, -100, -0.125, 1e3, _D("-0.125"), "a%b_c\\d'e\"f", "%", True),
    (9, 2**31, 2**31 - 1, 1e300, 2.0, _D("2.675"), "aaaa", "aa", False),
    (10, None, None, None, None, None, None, None, None),
    (11, 5, None, 0.49999999999999994, None, _D("0.5"), "abc", None, True),
    (12, None, 4, None, 0.25, None, None, "abc", None),
    (13, 9, 2, -8.0, 1.5, _D("9.000"), "e\u0301ABC ÀÇ-x9_z q", "abc", True),
    (14, 64, 6, 712.5, 710.0, _D("64.000"), "{}[]().*+?^$|", ".", False),
    (15, -1, 1, -746.0, -3.0, _D("-1.000"), "line\nbreak", "\n", True),
]  # fmt: skip
NAMES = tuple(COLUMNS)
Rows = Sequence[tuple[Any, ...]]


class Case(NamedTuple):
    """A function of columns, what Python says of their values, and how near a float must be."""

    name: str
    expression: Any
    columns: str
    expected: Callable[..., Any]
    nulls: bool = False
    precision: float = 0.0


def case(
    name: str,
    expression: Any,
    columns: str,
    expected: Callable[..., Any],
    *,
    nulls: bool = False,
    precision: float = 0.0,
) -> Any:
    """A case as a parameter of a test.

    Args:
        name: What it is called in the test's name.
        expression: The function.
        columns: The columns that ``expected`` takes, by names and blanks.
        expected: What Python says; asked only where no value is NULL, as NULL gives NULL.
        nulls: It is asked about NULL, too.
        precision: The relative distance a float may be away.
    """
    return pytest.param(Case(name, expression, columns, expected, nulls, precision), id=name)


@contextmanager
def table_of(where: str | Engine, rows: Rows = ROWS) -> Iterator[DataFrame]:
    """The table ``t`` of the rows, in an empty database; of a URL with SQLAlchemy's engine as it is."""
    engine = sa.create_engine(where, future=True) if isinstance(where, str) else where
    columns: list[Any] = [sa.Column(name, type_) for name, type_ in COLUMNS.items()]
    table = sa.Table("t", sa.MetaData(), *columns)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [dict(zip(NAMES, row, strict=True)) for row in rows])
    yield Session(engine).table("t")
    engine.dispose()


def check(df: DataFrame, case: Case, rows: Rows = ROWS) -> None:
    """Hold a function against Python: in a list of columns, value and type, and in a condition."""
    made = df.select("id", result=case.expression)
    found = {row.id: row.result for row in made.order_by("id").collect()}
    places = [NAMES.index(name) for name in case.columns.split()]
    wanted: dict[int, Any] = {}
    for row in rows:
        values = [row[place] for place in places]
        wanted[row[0]] = None if None in values and not case.nulls else case.expected(*values)
    differing = {
        key: (found[key], value)
        for key, value in wanted.items()
        if not _is_same(found[key], value, case.precision)
    }
    assert differing == {}, made.sql()
    assert found.keys() == wanted.keys()
    _check_type(made.schema["result"], [value for value in found.values() if value is not None])


def _is_same(found: Any, value: Any, precision: float) -> bool:
    if found.__class__ is not value.__class__:
        return False
    if isinstance(value, float) and precision:
        return math.isclose(found, value, rel_tol=precision, abs_tol=precision)
    return bool(found == value)


def _check_type(type_: Any, values: list[Any]) -> None:
    """The type that was announced is the one of what came back."""
    announced = type_.python_type
    assert {value.__class__ for value in values} <= {announced}, (type_, values)
