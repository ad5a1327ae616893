"""What expressions mean on each database: claims that the docs print and a test puts to the databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from pydbt import F
from pydbt.errors import PyDBTError
from pydbt.sql.column import Column
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.session import Session
from tests.docs.docstrings import table

DATABASES = {"duckdb": "DuckDB", "postgresql": "PostgreSQL", "sqlite": "SQLite"}
ERROR = "the database's error"


@dataclass(frozen=True)
class Claim:
    """What a piece of Python gives.

    Args:
        topic: What it is about.
        code: The piece; `outcome` says what it may use.
        gives: The outcome on every database, or one for each.
    """

    topic: str
    code: str
    gives: object

    def expected(self, database: str) -> object:
        """The outcome on this database."""
        return self.gives[database] if isinstance(self.gives, Mapping) else self.gives


def _each(duckdb: object, postgresql: object, sqlite: object) -> Mapping[str, object]:
    return {"duckdb": duckdb, "postgresql": postgresql, "sqlite": sqlite}


_NEXT_DAYS = [dt.datetime(2026, 1, 6), dt.datetime(2026, 1, 7), None]  # noqa: DTZ001  databases give it without a zone

KEPT = (
    Claim("`/` is a true division, and by zero it is NULL", "df.n / df.m", [-3.5, -2.3333333333333335, None]),
    Claim("`//` floors", "df.n // df.m", [-4, -3, None]),
    Claim("`%` has the sign of the divisor", "df.n % df.m", [1, -2, None]),
    Claim("an average is a float", "df.agg(r=func.avg(df.n))", [1.6666666666666667]),
    Claim("the sum of whole numbers is one", "df.agg(r=func.sum(df.n))", [5]),
    Claim("decimals keep their digits", "df.x * df.x", [Decimal("1.2100"), Decimal("4.8400"), None]),
    Claim("the sum of decimals is one", "df.agg(r=func.sum(df.x))", [Decimal("3.30")]),
    Claim(
        "a float beside a decimal is that decimal",
        "df.where(df.x == 1.1).select('x')",
        [Decimal("1.10")],
    ),
    Claim("a sum over 64 bits is an error", "df.agg(r=func.sum(df.big))", ERROR),
    Claim("text is ordered by code point, NULL last", "df.order_by('s').select('s')", ["B", "a", None]),
    Claim("downwards too", "df.order_by(df.s.desc()).select('s')", ["a", "B", None]),
    Claim("unless told", "df.order_by('s', nulls_first=True).select('s')", [None, "B", "a"]),
    Claim("text is compared by code point", "df.where(df.s < 'a').select('s')", ["B"]),
    Claim("and so are `min` and `max`", "df.agg(r=func.min(df.s))", ["B"]),
    Claim("`like` heeds case", "df.where(df.s.like('b%')).select('s')", []),
    Claim("and so do `contains`, `startswith`, `endswith`", "df.where(df.s.contains('b')).select('s')", []),
    Claim("`ilike` is insensitive to case", "df.where(df.s.ilike('b%')).select('s')", ["B"]),
    Claim("text beside a date is read as a date", "df.where(df.d == '2026-01-05').count()", 1),
    Claim("if it is none, it is an error at your line", "df.d == '2026-13-05'", "PYDBT-E621"),
    Claim("a date compares with a moment as its midnight", "df.where(df.d == df.moment).count()", 1),
    Claim("1 and 0 beside a boolean are True and False", "df.where(df.flag == 1).count()", 1),
    Claim("numbers and text do not compare", "df.n == '5'", "PYDBT-E620"),
    Claim("nor do they add", "df.n + '5'", "PYDBT-E620"),
    Claim("a boolean is no number in a sum", "df.flag + df.flag", "PYDBT-E620"),
    Claim("`like` is of text alone", "df.n.like('7%')", "PYDBT-E620"),
    Claim("text with NULL is NULL", "df.s + '!'", ["B!", "a!", None]),
    Claim("NULL is a group, and a distinct value", "df.select('s').distinct().count()", 3),
    Claim("NULL is in no DataFrame, nor in `~`", "df.where(~df.m.isin(df.select('n'))).count()", 3),
    Claim(
        "a sub-total's NULL is told apart",
        "df.rollup('s').agg(n=func.count(), t=func.grouping(df.s)).where(df.s.is_null()).order_by('n')",
        [(None, 1, 0), (None, 3, 1)],
    ),
    Claim(
        "of two rows as near, the earlier counts",
        "df.select(r=df.n - 1).asof_join(df.select('n'), ('r', 'n'), direction='nearest').order_by('r')",
        [(-8, -7), (4, 5), (6, 5)],
    ),
    Claim("NULL matches nothing in a join", "df.select('s').join(df.select('s'), 's').count()", 2),
    Claim("`limit` then `where` works on those rows", "df.order_by('n').limit(1).where(df.n > 0).count()", 0),
    Claim("a key with a constant in it groups", "df.group_by((df.n % 2).label('k')).count()", [(1, 3)]),
    Claim("a column's name is used exactly as given", "df['N']", "PYDBT-E611"),
    Claim("text that is no number is an error in a cast", "df.s.cast(Integer)", ERROR),
    Claim("and NULL when the cast is tried", "df.s.try_cast(Integer)", [None, None, None]),
    Claim("a number that does not fit is an error", "df.big.cast(Integer)", ERROR),
    Claim("a float is cast to an integer by rounding, a half to even", "df.f.cast(Integer)", [0, 2, None]),
    Claim(
        "a decimal's half goes away from zero",
        "cast(df.f, Numeric(9, 1)).cast(Integer)",
        [1, 2, None],
    ),
    Claim(
        "a moment can be cast to a date",
        "df.moment.cast(Date)",
        [dt.date(2026, 1, 5), dt.date(2026, 1, 6), None],
    ),
    Claim("a float as text has a point", "cast(df.n / 7, String)", ["-1.0", "1.0", "0.7142857142857143"]),
    Claim("`F.round` takes a half away from zero", "F.round(df.f)", [1.0, 2.0, None]),
    Claim("what has no answer is NULL", "F.ln(F.sign(df.n))", [None, 0.0, 0.0]),
    Claim("`F.greatest` passes over NULL", "F.greatest(df.n, F.nullif(df.m, 2))", [-7, 7, 5]),
    Claim("`F.slice` counts as Python", "F.slice(F.lit('b\u00e9\u00df'), -2)", ["éß", "éß", "éß"]),
    Claim("a boolean as text is a word", "df.flag.cast('text')", ["true", "false", None]),
    Claim("a day can be added to a date", "df.d + timedelta(days=1)", _NEXT_DAYS),
    Claim("dates are whole days apart", "df.d - date(2026, 1, 1)", [4, 5, None]),
    Claim(
        "moments are an interval apart", "df.moment - df.d", [dt.timedelta(hours=12), dt.timedelta(0), None]
    ),
    Claim("a part of a date is a whole number", "extract('year', df.d)", [2026, 2026, None]),
    Claim(
        "a month is added within the month's end",
        "F.date_add(F.lit(date(2026, 1, 31)), df.m, 'month')",
        [dt.date(2026, 3, 31), dt.date(2025, 10, 31), dt.date(2026, 1, 31)],
    ),
    Claim("there is a median, a float", "df.agg(r=func.median(df.n))", [5.0]),
    Claim("there is a greatest, NULL left out", "func.greatest(df.n, df.m)", [2, 7, 5]),
    Claim("text in a format is read, or an error", "F.to_date(df.s, '%d.%m.%Y')", ERROR),
    Claim("a window's NULLs are last", "F.row_number().over(order_by=df.s)", [1, 2, 3]),
    Claim("an order inside an aggregate is whole", "df.agg(r=F.string_agg('s', ', '))", ["B, a"]),
)

EXCEPTIONS = (
    Claim(
        "letters beyond a to z have capitals (PostgreSQL: in the locale C)",
        "F.upper(df.s + 'é')",
        _each(["BÉ", "AÉ", None], ["Bé", "Aé", None], ["BÉ", "AÉ", None]),
    ),
    Claim(
        "the first alternative counts",
        "F.regexp_extract(df.s + 'b', 'a|ab')",
        _each([None, "a", None], [None, "ab", None], [None, "a", None]),
    ),
    Claim(
        "a fraction in JSON is written short",
        """F.json_value(F.lit('{"a": 1.50}'), '$.a')""",
        _each(["1.5"] * 3, ["1.50"] * 3, ["1.5"] * 3),
    ),
    Claim(
        "a half is rounded", "func.round(df.f)", _each([1.0, 2.0, None], [0.0, 2.0, None], [1.0, 2.0, None])
    ),
    Claim(
        "whole numbers over 64 bits are an error", "df.big * 4", _each(ERROR, ERROR, [2.0**64, 2.0**64, None])
    ),
    Claim(
        "a calculated decimal is equal to one",
        "df.where(df.x * df.x == Decimal('1.21')).select('x')",
        _each(*2 * ([Decimal("1.10")],), []),
    ),
    Claim(
        "a table's name is used exactly as given",
        "'s' in session.table('T')",
        _each(duckdb=True, postgresql="PYDBT-E650", sqlite=True),
    ),
    Claim("a name of 70 letters can be written", "df.write('y' * 70)", _each(3, "PYDBT-E654", 3)),
    Claim("so can a column's", "df.select(**{'y' * 70: df.n}).write('long')", _each(3, "PYDBT-E654", 3)),
)

_TYPES: dict[str, type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]] = {
    "n": sa.Integer,
    "m": sa.Integer,
    "s": sa.String(20),
    "d": sa.Date,
    "moment": sa.DateTime,
    "flag": sa.Boolean,
    "x": sa.Numeric(10, 2),
    "f": sa.Float,
    "big": sa.BigInteger,
}
_DAY, _OTHER_DAY = dt.date(2026, 1, 5), dt.date(2026, 1, 6)
_NOON = dt.datetime(2026, 1, 5, 12)  # noqa: DTZ001  as above
_MIDNIGHT = dt.datetime(2026, 1, 6)  # noqa: DTZ001  as above
_ROWS = (
    (-7, 2, "B", _DAY, _NOON, True, Decimal("1.10"), 0.5, 2**62),
    (7, -3, "a", _OTHER_DAY, _MIDNIGHT, False, Decimal("2.20"), 1.5, 2**62),
    (5, 0, *(None,) * 7),
)


def prepare(engine: Engine) -> DataFrame:
    """Make the table of the claims, ``t``, and give its DataFrame."""
    made = sa.Table("t", sa.MetaData(), *(sa.Column(name, kind) for name, kind in _TYPES.items()))
    with engine.begin() as connection:
        made.create(connection)
        connection.execute(made.insert(), [dict(zip(_TYPES, row, strict=True)) for row in _ROWS])
    return Session(engine).table("t")


def outcome(code: str, df: DataFrame) -> object:
    """What the piece of Python gives: a value, a list of values or rows, or how it failed."""
    known = {
        "df": df,
        "session": Session(df.engine),
        "F": F,
        "func": func,
        "extract": sa.extract,
        "cast": sa.cast,
        "Integer": sa.Integer,
        "Numeric": sa.Numeric,
        "String": sa.String,
        "Date": sa.Date,
        "timedelta": dt.timedelta,
        "date": dt.date,
        "Decimal": Decimal,
    }
    try:
        return _values(eval(code, known), df)
    except PyDBTError as error:
        return error.code
    except DBAPIError:
        return ERROR
    except TypeError:
        return "TypeError"


def _values(given: Any, df: DataFrame) -> object:
    if isinstance(given, (Column, sa.sql.ColumnElement)):
        given = df.select(r=given)
    if isinstance(given, DataFrame):
        return [tuple(row) if len(row) > 1 else row[0] for row in given.collect()]
    return given


def values() -> str:
    """The rows of the table that the claims are about."""
    rows = [tuple(shown(value) for value in row) for row in _ROWS]
    return table(tuple(f"`{name}`" for name in _TYPES), rows)


def kept() -> str:
    """What is the same on every database."""
    return table(
        ("everywhere", "for example", "gives"),
        [(claim.topic, f"`{claim.code}`", shown(claim.gives)) for claim in KEPT],
    )


def exceptions() -> str:
    """What is not."""
    rows = [
        (claim.topic, f"`{claim.code}`", *(shown(claim.expected(name)) for name in DATABASES))
        for claim in EXCEPTIONS
    ]
    return table(("but here databases differ", "for example", *DATABASES.values()), rows)


def shown(value: object) -> str:
    """A value as the page prints it."""
    if value == ERROR:
        return ERROR
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "no rows"
    if isinstance(value, dt.date):
        return str(value)
    if isinstance(value, str) and value.startswith(("PYDBT-E", "TypeError")):
        return f"`{value}`"
    return "NULL" if value is None else f"`{value!r}`"
