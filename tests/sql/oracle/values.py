"""The kinds of columns, the values they hold, and the names they have: the nasty ones first of all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

# Decimals and floats are multiples of 1/8: so their sums are exact everywhere, and SQLite, which keeps
# decimals as floats, has nothing to round. What is not exact is of the kind "approx": it comes out, and
# decides nothing.
KINDS = ("int", "long", "decimal", "float", "text", "bool", "date", "moment")
NUMBERS = ("int", "long", "decimal", "float", "ratio")

DOUBLE: TypeEngine[Any] = sa.Double() if hasattr(sa, "Double") else sa.Float(53)  # SQLAlchemy 1.4 has none.

TYPES: dict[str, TypeEngine[Any]] = {
    "int": sa.Integer(),
    "long": sa.BigInteger(),
    "decimal": sa.Numeric(12, 3),
    "float": DOUBLE,
    "ratio": DOUBLE,
    "text": sa.String(),
    "bool": sa.Boolean(),
    "date": sa.Date(),
    "moment": sa.DateTime(),
}

POOLS: dict[str, tuple[Any, ...]] = {
    "int": (0, 1, -1, 2, 3, 7, -7, 10, 2**31 - 1, -(2**31)),
    "long": (0, 1, -1, 7, -7, 2**31 - 1, 2**31, 2**53 + 1, -(2**53) - 1),
    "decimal": tuple(Decimal(text) for text in ("0", "1", "-1", "7.000", "-7", "0.125", "2.5", "999999.875")),
    "float": (0.0, 1.0, -1.0, 7.0, -7.5, 0.5, 2.25, 1e6, -0.125),
    "text": (
        "",
        "a",
        "A",
        "b",
        "a b",
        "b ",
        "é",
        "ß",
        "😀",
        "%",
        "a%b",
        "_",
        "it's",
        "\\",
        "a\\b",
        "[a]",
        "*",
    ),
    "bool": (True, False),
    "date": (dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(2022, 12, 30), dt.date(2024, 3, 1)),
    "moment": (
        dt.datetime(1970, 1, 1),  # noqa: DTZ001  databases keep moments without a zone
        dt.datetime(2024, 2, 29),  # noqa: DTZ001  as above
        dt.datetime(2024, 2, 29, 23, 59, 59, 999999),  # noqa: DTZ001  as above
        dt.datetime(2022, 12, 30, 12, 30),  # noqa: DTZ001  as above
    ),
}

# How large a value of a kind is, so that arithmetic stays within its type.
LARGEST = {"int": 2**31, "long": 2**54, "decimal": 10**6, "float": 10**6}
WIDEST = {"int": 2**31 - 1, "long": 2**62, "decimal": 10**8, "float": 2**40}

COLUMN_NAMES = (
    "a",
    "b",
    "c",
    "count",
    "keys",
    "order",
    "a b",
    "é",
    "%",
    "a:b",
    "true",
    'q"q',
    "select",
    "A_1",
)
NEW_NAMES = (*COLUMN_NAMES, "A", "B", "n", "a_right", "value", "x.y", "it's", "%(x)s", "COUNT")
TABLE_NAMES = ("t", "order", "a b", "joined", "t_filtered", "é", "100%")
PATTERNS = ("%", "_", "a%", "%b", "A%", "%\\%", "a\\%b", "%[a]%", "*", "%*%", "é_", "a_b", "", "%%", "_%_")
PARTS = ("a", "b", "%", "_", "\\", "*", "[", "A", " ")
