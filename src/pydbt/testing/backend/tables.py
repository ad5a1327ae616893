# ruff: noqa: DTZ001  databases keep moments without a zone
"""The input: small tables, with NULL wherever it may be, and values that dialects trip over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.sql.session import Session
from pydbt.testing.backend.case import Tables

# What their names begin with in the database.
PREFIX = "kit_"
_TEXT = sa.String(40)

COLUMNS: dict[str, dict[str, Any]] = {
    "numbers": {
        "id": sa.Integer(),
        "a": sa.Integer(),
        "b": sa.Integer(),
        "x": sa.Float(53),
        "d": sa.Numeric(10, 2),
    },
    "texts": {"id": sa.Integer(), "s": _TEXT, "u": _TEXT},
    "days": {"id": sa.Integer(), "day": sa.Date(), "moment": sa.DateTime()},
    "flags": {"id": sa.Integer(), "f": sa.Boolean(), "g": sa.Boolean()},
    "sales": {
        "id": sa.Integer(),
        "team": _TEXT,
        "day": sa.Date(),
        "n": sa.Integer(),
        "price": sa.Numeric(10, 2),
    },
    "teams": {"team": _TEXT, "city": _TEXT},
    "spellings": {"id": sa.Integer(), "s": _TEXT},
    "nothing": {"id": sa.Integer(), "s": _TEXT},
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "numbers": [
        (1, 7, 2, 1.5, Decimal("1.50")),
        (2, -7, 2, -1.5, Decimal("-2.25")),
        (3, 7, -2, 0.0, Decimal("0.00")),
        (4, 5, 0, 2.25, Decimal("10.00")),
        (5, None, 3, None, None),
    ],
    "texts": [
        (1, "b", "Hello World"),
        (2, "B", " padded "),
        (3, "a", "a_b%c"),
        (4, "é", "back\\slash"),
        (5, None, None),
        (6, "a ", ""),
    ],
    "days": [
        (1, dt.date(2022, 12, 30), dt.datetime(2022, 12, 30)),
        (2, dt.date(2022, 12, 31), dt.datetime(2022, 12, 30, 17, 45, 10)),
        (3, None, None),
        (4, dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, 23, 59, 59)),
        (5, dt.date(1999, 1, 1), dt.datetime(1999, 12, 31, 12)),
    ],
    "flags": [
        (1, True, True),
        (2, True, False),
        (3, False, False),
        (4, None, True),
        (5, None, False),
        (6, None, None),
    ],
    "sales": [
        (1, "a", dt.date(2022, 1, 1), 3, Decimal("1.50")),
        (2, "b", dt.date(2022, 1, 1), 1, Decimal("2.25")),
        (3, "a", dt.date(2022, 1, 2), None, Decimal("0.25")),
        (4, "c", dt.date(2022, 1, 3), 4, Decimal("4.00")),
        (5, "a", dt.date(2022, 1, 3), 5, Decimal("1.00")),
        (6, None, dt.date(2022, 1, 3), 2, Decimal("3.00")),
    ],
    "teams": [("a", "Ulm"), ("b", "Bonn"), ("d", "Kiel"), (None, "Nowhere")],
    "spellings": [
        (1, "42"),
        (2, " -7 "),
        (3, "4x"),
        (4, "1.5e2"),
        (5, "2024-02-29"),
        (6, None),
        (7, "true"),
        (8, "2024-02-29 12:30:00"),
        (9, "1.25"),
    ],
    "nothing": [],
}


def load(engine: Engine) -> Tables:
    """Make the input tables anew and give them as DataFrames.

    They are made with SQLAlchemy alone, so that a case tests the dialect and not how its input came there.

    Args:
        engine: Of a database in which tables whose names begin with ``kit_`` may be made and dropped.
    """
    metadata = sa.MetaData()
    for name, columns in COLUMNS.items():
        sa.Table(
            f"{PREFIX}{name}", metadata, *(sa.Column(column, type_) for column, type_ in columns.items())
        )
    metadata.drop_all(engine)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            if rows:
                table = metadata.tables[f"{PREFIX}{name}"]
                connection.execute(
                    table.insert(), [dict(zip(COLUMNS[name], row, strict=True)) for row in rows]
                )
    session = Session(engine)
    # With the declared types: what the catalogue makes of them has tests of its own.
    frames = {name: session.declare(f"{PREFIX}{name}", columns) for name, columns in COLUMNS.items()}
    return Tables(frames)
