"""Casts: one rounding, one spelling, and text that is read alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables, each

_TEXTS = each(
    "casts",
    "numbers",
    "text",
    {
        "a whole number to text": (lambda t: t.a.cast("text"), ["7", "-7", "7", "5", None]),
        "a decimal to text keeps its digits": (
            lambda t: t.d.cast("text"),
            ["1.50", "-2.25", "0.00", "10.00", None],
        ),
        "a float to text has a point": (lambda t: t.x.cast("text"), ["1.5", "-1.5", "0.0", "2.25", None]),
    },
)
_INTEGERS = each(
    "casts",
    "numbers",
    "integer",
    {
        "a whole number to a longer one": (lambda t: t.a.cast("bigint"), [7, -7, 7, 5, None]),
    },
)
_FLOATS = each(
    "casts",
    "numbers",
    "float",
    {
        "a whole number to a float": (lambda t: t.a.cast("float"), [7.0, -7.0, 7.0, 5.0, None]),
        "a decimal to a float": (lambda t: t.d.cast("float"), [1.5, -2.25, 0.0, 10.0, None]),
    },
)
_DECIMALS = each(
    "casts",
    "numbers",
    "decimal",
    {
        "a whole number to a decimal": (
            lambda t: t.a.cast("decimal(10,2)"),
            [Decimal(7), Decimal(-7), Decimal(7), Decimal(5), None],
        ),
    },
)
_BOOLEANS = each(
    "casts",
    "numbers",
    "boolean",
    {
        "a number to true and false": (lambda t: t.b.cast("boolean"), [True, True, True, False, True]),
    },
)
_DATES = each(
    "casts",
    "days",
    "date",
    {
        "a moment to its date": (
            lambda t: t.moment.cast("date"),
            [dt.date(2022, 12, 30), dt.date(2022, 12, 30), None, dt.date(2024, 2, 29), dt.date(1999, 12, 31)],
        ),
    },
)
_MOMENTS = each(
    "casts",
    "days",
    "datetime",
    {
        "a date to its midnight": (
            lambda t: t.day.cast("datetime"),
            [
                dt.datetime(2022, 12, 30),
                dt.datetime(2022, 12, 31),
                None,
                dt.datetime(2024, 2, 29),
                dt.datetime(1999, 1, 1),
            ],
        ),
    },
)
_DAYS_AS_TEXT = each(
    "casts",
    "days",
    "text",
    {
        "a date to text is ISO": (
            lambda t: t.day.cast("text"),
            ["2022-12-30", "2022-12-31", None, "2024-02-29", "1999-01-01"],
        ),
    },
)
_FLAGS_AS_TEXT = each(
    "casts",
    "flags",
    "text",
    {
        "true and false to text are words": (
            lambda t: t.f.cast("text"),
            ["true", "true", "false", None, None, None],
        ),
    },
)
_FLAGS_AS_NUMBERS = each(
    "casts",
    "flags",
    "integer",
    {"true and false to 1 and 0": (lambda t: t.f.cast("int"), [1, 1, 0, None, None, None])},
)
_TRIES_OF_NUMBERS = each(
    "casts",
    "spellings",
    "integer",
    {
        "a try of text as a whole number": (
            lambda t: t.s.try_cast("int"),
            [42, -7, None, None, None, None, None, None, None],
        ),
    },
)
_TRIES_OF_FLOATS = each(
    "casts",
    "spellings",
    "float",
    {
        "a try of text as a float": (
            lambda t: t.s.try_cast("float"),
            [42.0, -7.0, None, 150.0, None, None, None, None, 1.25],
        ),
    },
)
_TRIES_OF_DATES = each(
    "casts",
    "spellings",
    "date",
    {
        "a try of text as a date": (
            lambda t: t.s.try_cast("date"),
            [None, None, None, None, dt.date(2024, 2, 29), None, None, None, None],
        ),
    },
)


def _read(name: str, kind: str, type_: str, rows: dict[int, object]) -> Case:
    """Text of some rows to a type."""

    def program(tables: Tables) -> DataFrame:
        chosen = tables.spellings.where(tables.spellings.id.in_(list(rows)))
        return chosen.select("id", value=tables.spellings.s.cast(type_))

    return Case(f"casts: {name}", program, {"id": "integer", "value": kind}, tuple(rows.items()))


def _refused(name: str, type_: str, row: int) -> Case:
    """Text that is no such value: what comes of it must be an error."""

    def program(tables: Tables) -> DataFrame:
        chosen = tables.spellings.where(tables.spellings.id == row)
        return chosen.select(value=tables.spellings.s.cast(type_))

    return Case(f"casts: {name}", program, {}, (), is_refused=True)


CASES = (
    *_TEXTS,
    *_INTEGERS,
    *_FLOATS,
    *_DECIMALS,
    *_BOOLEANS,
    *_DATES,
    *_MOMENTS,
    *_DAYS_AS_TEXT,
    *_FLAGS_AS_TEXT,
    *_FLAGS_AS_NUMBERS,
    *_TRIES_OF_NUMBERS,
    *_TRIES_OF_FLOATS,
    *_TRIES_OF_DATES,
    _read("text to a whole number", "integer", "int", {1: 42, 2: -7}),
    _read("text to a float", "float", "float", {1: 42.0, 4: 150.0}),
    _read("text to a decimal", "decimal", "decimal(10,2)", {1: Decimal(42), 9: Decimal("1.25")}),
    _read("text to a date", "date", "date", {5: dt.date(2024, 2, 29)}),
    _read("text to a moment", "datetime", "datetime", {8: dt.datetime(2024, 2, 29, 12, 30)}),
    _read("a word to true", "boolean", "boolean", {7: True}),
    _refused("text that is no whole number is an error", "int", 3),
    _refused("text of a fraction is no whole number", "int", 9),
    _refused("text that is no float is an error", "float", 3),
    _refused("text that is no date is an error", "date", 1),
)
