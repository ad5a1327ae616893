"""The digits of what is calculated with decimals.

SQLAlchemy gives a product the digits of its left side, and SQLite's values are cut to the digits of their
type: ``1.25 * 1.25`` came out as ``1.56``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql import operators
from sqlalchemy.types import Numeric, TypeEngine

from pydbt.sql.casts import Kind, bits_of, kind_of
from pydbt.sql.types import LONGEST_DECIMAL


def calculated_type(operator: Any, left: Any, right: Any) -> TypeEngine[Any]:
    """The decimal that a sum, a difference or a product of decimals and whole numbers is, with every digit.

    >>> calculated_type(operators.mul, Numeric(12, 2), Numeric(6, 3))
    Numeric(precision=18, scale=5)
    >>> calculated_type(operators.add, Numeric(12, 2), Numeric(6, 3))
    Numeric(precision=14, scale=3)
    """
    left, right = as_decimal(left), as_decimal(right)
    one, fine, other, finer = left.precision, left.scale, right.precision, right.scale
    if fine is None or finer is None:
        return Numeric()
    is_product = operator is operators.mul
    scale = fine + finer if is_product else max(fine, finer)
    if one is None or other is None:
        return Numeric(None, scale)
    before = one - fine + other - finer if is_product else max(one - fine, other - finer) + 1
    return Numeric(max(min(before + scale, LONGEST_DECIMAL), scale), scale)


def as_decimal(type_: Any) -> Any:
    """The decimal with room for every whole number of a type; a decimal as it is."""
    if kind_of(type_) is not Kind.INTEGER:
        return type_
    return Numeric(len(str(2 ** (bits_of(type_) - 1))), 0)
