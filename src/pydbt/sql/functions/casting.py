"""Casts of expressions: what a column has as methods."""

from __future__ import annotations

from typing import Any

from pydbt.sql.functions.operands import ColumnOrName, Element, column
from pydbt.sql.written_casts import written


def cast(x: ColumnOrName, type_: Any) -> Element:
    """The value as another type; what does not parse or fit is the database's error.

    What text is read as what is in the reference, under "One meaning on every database".

    Args:
        x: What is cast.
        type_: A name, ``"int"`` or ``"decimal(10,2)"``, a SQLAlchemy type or its class, or Python's.

    >>> from pydbt import F
    >>> games().select(text=F.cast(F.col("goals") * 2, "text")).first()
    ('6',)
    """
    made: Element = written(column(x), type_, "cast")
    return made


def try_cast(x: ColumnOrName, type_: Any) -> Element:
    """As :func:`cast`, but NULL where it fails.

    Args:
        x: What is cast.
        type_: A type: number, text, boolean, date or time.

    >>> from pydbt import F
    >>> games().select(number=F.try_cast(F.upper("team"), "int")).first()
    (None,)
    """
    made: Element = written(column(x), type_, "try_cast")
    return made
