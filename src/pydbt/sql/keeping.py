"""Rows that go into the columns that are there: whether these keep them as they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import REAL, BigInteger, TypeEngine

from pydbt.errors import DependentObjectsError, user_location
from pydbt.sql.casts import digits_of
from pydbt.sql.catalog import Columns
from pydbt.sql.dependents import DROPPING
from pydbt.sql.dialects import Dialect
from pydbt.sql.publication import Existing, Publication, Survey
from pydbt.sql.types import Family, family_of, is_decimal, is_float, is_fraction, is_integer

# A float keeps as many digits, whatever they are.
_DIGITS_OF_FLOATS = 15
# What databases without a boolean of their own keep one in.
_TRUTH = {Family.BOOLEAN, Family.NUMBER}


def keeping(
    dialect: Dialect,
    wanted: Publication,
    columns: Columns,
    existing: Existing,
    added: Columns,
    beside: TableClause,
) -> Survey:
    """The step that refuses rows which the published table's columns would round, cut or not take at all.

    Args:
        dialect: The database's differences.
        wanted: What is published.
        columns: The query's columns, as they are known without the database.
        existing: The table.
        added: The columns that it is to have beside its own.
        beside: The table in which the rows are by then: its types are those that the rows have.
    """
    fold = dialect.column_key
    told = {fold(name): kind for name, kind in columns}
    there = {fold(name): kind for name, kind in existing.columns}
    # Of other types the database's own names are not known yet.
    there |= {fold(name): kind for name, kind in added if family_of(kind) is not Family.OTHER}

    def check(built: Columns) -> None:
        for name, found in built:
            kind = _exact(found, told[fold(name)])
            column = there.get(fold(name), kind)
            if not keeps(column, kind):
                one, other = type_told(column), type_told(kind)
                is_told = one != other
                raise DependentObjectsError(
                    f"other objects stand on table {str(wanted)!r}, and its column {name!r} is"
                    f" {one if is_told else repr(column)}, of its query {other if is_told else repr(kind)}",
                    where=user_location(),
                    hint=f"cast it to what the column is; or {DROPPING}",
                )

    return Survey(beside, check)


def _exact(found: TypeEngine[Any], told: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type with more digits known: PostgreSQL forgets those of what is calculated."""
    is_vague = is_decimal(found) and digits_of(found) is None
    return told if is_vague and is_decimal(told) else found


def keeps(column: TypeEngine[Any], kind: TypeEngine[Any]) -> bool:
    """Whether a column takes all values of a type without changing one; it may refuse what is too large.

    >>> from sqlalchemy.types import Integer, Numeric
    >>> keeps(BigInteger(), Integer()), keeps(Numeric(10, 2), Integer()), keeps(Integer(), Numeric(10, 2))
    (True, True, False)
    """
    family = family_of(column)
    if family is not family_of(kind) or family is Family.OTHER:
        return repr(column) == repr(kind)
    if family in {Family.DATETIME, Family.TIME}:
        return bool(getattr(column, "timezone", False)) is bool(getattr(kind, "timezone", False))
    return family is not Family.NUMBER or _keeps_number(column, kind)


def _keeps_number(column: TypeEngine[Any], kind: TypeEngine[Any]) -> bool:
    if is_integer(column):
        return is_integer(kind)
    if is_decimal(column):
        kept = digits_of(column)
        given = (0, 0) if is_integer(kind) else digits_of(kind)
        return not is_float(kind) and (kept is None or (given is not None and given[1] <= kept[1]))
    if isinstance(column, REAL) or is_float(kind):
        return is_float(kind) and (isinstance(kind, REAL) or not isinstance(column, REAL))
    if is_integer(kind):
        return not isinstance(kind, BigInteger)
    digits = digits_of(kind)
    return digits is not None and digits[0] <= _DIGITS_OF_FLOATS


def takes(column: TypeEngine[Any], value: TypeEngine[Any]) -> bool:
    """Whether a column keeps values as they are, as far as the types of both are known without the database.

    >>> from sqlalchemy.types import Float, Integer, Text
    >>> takes(Float(), Integer()), takes(Integer(), Float()), takes(Integer(), Text())
    (True, False, False)
    """
    one, other = family_of(column), family_of(value)
    if Family.OTHER in (one, other):
        return True
    if one is not other:
        return {one, other} == _TRUTH and not is_fraction(value)
    if is_decimal(column) and is_decimal(value):
        kept, given = digits_of(column), digits_of(value)
        # Digits after the point that are too many would be rounded, not refused.
        return kept is None or given is None or given[1] <= kept[1]
    return not (is_integer(column) and is_fraction(value)) and not (is_decimal(column) and is_float(value))


def type_told(kind: TypeEngine[Any]) -> str:
    """A type in words, as far as it matters to who would put values into it."""
    family = family_of(kind)
    if family is not Family.NUMBER:
        return str(family.value)
    if is_integer(kind) or is_float(kind):
        return "a whole number" if is_integer(kind) else "a float"
    digits = digits_of(kind)
    return f"a decimal with {digits[1]} digits after the point" if digits else "a decimal"
