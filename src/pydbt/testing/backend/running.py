"""Running a case on an engine: what comes out is what the case says, unless the dialect says why not."""

from __future__ import annotations

import datetime as dt
import math
import weakref
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from pydbt.errors import PyDBTError
from pydbt.sql.types import Family, family_of, is_float, is_integer
from pydbt.testing.backend.case import Case, Marks, Row, Tables
from pydbt.testing.backend.marks import MARKS
from pydbt.testing.backend.tables import load

_PYTHON: dict[str, type[Any]] = {
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "text": str,
    "boolean": bool,
    "date": dt.date,
    "datetime": dt.datetime,
    "time": dt.time,
}
_LOADED: weakref.WeakKeyDictionary[Engine, Tables] = weakref.WeakKeyDictionary()
_DIGITS = 1e-12


class UnexpectedPassError(AssertionError):
    """A case that is marked passes: the mark is out of date."""


def run(case: Case, engine: Engine, marks: Marks | None = None) -> None:
    """Run a case and compare; a marked one must fail.

    Args:
        case: One of `cases()`.
        engine: Where; the input tables are made when it is first used.
        marks: What the dialect says of cases it does not pass, by their names; without any, what PyDBT knows
            of its own dialects.

    Raises:
        AssertionError: Other columns, types or rows come out than the case says.
        UnexpectedPassError: It is marked and passes.
    """
    known = MARKS.get(engine.dialect.name, {}) if marks is None else marks
    mark = known.get(case.name)
    if mark is None:
        check(case, engine)
        return
    try:
        check(case, engine)
    except (AssertionError, PyDBTError, SQLAlchemyError):
        return
    raise UnexpectedPassError(f"{case.name!r} passes on {engine.dialect.name}: take its {mark.word} away")


def check(case: Case, engine: Engine) -> None:
    """Run a case and compare, whatever is said of it."""
    tables = _LOADED.get(engine)
    if tables is None:
        tables = _LOADED[engine] = load(engine)
    if case.is_refused:
        _check_refused(case, tables)
        return
    frame = case.make(tables)
    announced = {name: kind_of(type_) for name, type_ in frame.schema.items()}
    assert announced == dict(case.types), f"{case.name}: it announces {announced}, not {dict(case.types)}"
    found: list[Row] = [tuple(row) for row in frame.collect()]
    wrong = [value for row in found for value in _of_other_kinds(row, case.types.values())]
    assert not wrong, f"{case.name}: values of other types than announced: {wrong}\n{frame.sql()}"
    if not is_same(found, case.rows, is_ordered=case.is_ordered):
        raise AssertionError(f"{case.name}: rows {found}, not {list(case.rows)}\n{frame.sql()}")


def _check_refused(case: Case, tables: Tables) -> None:
    try:
        found = case.make(tables).collect()
    except (PyDBTError, SQLAlchemyError):
        return
    raise AssertionError(f"{case.name}: it must be refused, and gives {found}")


def kind_of(type_: Any) -> str:
    """The kind of a SQLAlchemy type, as the cases name it.

    >>> import sqlalchemy as sa
    >>> kind_of(sa.BigInteger()), kind_of(sa.Numeric(10, 2)), kind_of(sa.DateTime())
    ('integer', 'decimal', 'datetime')
    """
    family = family_of(type_)
    if family is Family.NUMBER:
        return "integer" if is_integer(type_) else "float" if is_float(type_) else "decimal"
    return family.name.lower()


def _of_other_kinds(row: Row, kinds: Iterable[str]) -> list[Any]:
    return [
        value
        for value, kind in zip(row, kinds, strict=True)
        if value is not None and type(value) is not _PYTHON[kind]
    ]


def is_same(found: Iterable[Row], expected: Iterable[Row], *, is_ordered: bool) -> bool:
    """Whether these are the same rows, floats to twelve digits.

    >>> is_same([(1, 0.1 + 0.2), (None, 1.0)], [(None, 1.0), (1, 0.3)], is_ordered=False)
    True
    """
    one, other = list(found), list(expected)
    if not is_ordered:
        one, other = sorted(one, key=_sortable), sorted(other, key=_sortable)
    return len(one) == len(other) and all(
        len(row) == len(wanted) and all(map(_is_same_value, row, wanted))
        for row, wanted in zip(one, other, strict=True)
    )


def _sortable(row: Row) -> tuple[tuple[bool, Any], ...]:
    return tuple((value is None, f"{value:.9g}" if isinstance(value, float) else str(value)) for value in row)


def _is_same_value(value: Any, wanted: Any) -> bool:
    if isinstance(value, float) and isinstance(wanted, float):
        return math.isclose(value, wanted, rel_tol=_DIGITS, abs_tol=_DIGITS)
    return bool(value == wanted)
