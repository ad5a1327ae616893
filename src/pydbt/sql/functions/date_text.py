"""Dates and moments as text and back, by one set of format codes, those of ``strftime``.

| code | means | read |
| --- | --- | --- |
| ``%Y`` | the year in four digits | yes |
| ``%y`` | its last two digits | no: the century would be a guess |
| ``%m`` ``%d`` | month and day in two digits | yes, in one digit, too |
| ``%b`` ``%B`` | the month's name in English: ``Feb``, ``February`` | yes |
| ``%a`` ``%A`` | the day's name in English: ``Thu``, ``Thursday`` | no |
| ``%j`` | the day of the year in three digits | no |
| ``%H`` ``%M`` ``%S`` | hour of 24, minute and second in two digits | yes, in one digit, too |
| ``%I`` ``%p`` | hour of 12; ``AM`` or ``PM`` | no |
| ``%f`` | the microseconds in six digits | yes, in fewer digits as a fraction |
| ``%%`` | a percent sign | yes |
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.types import Date, DateTime

from pydbt.errors import FunctionArgumentError, user_location
from pydbt.sql.functions import supplied_moments  # noqa: F401  importing it lists what SQLite lacks
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import STRING, ColumnOrName, column, literal
from pydbt.sql.functions.rule import MOMENT, TEXT, Rule, Types
from pydbt.sql.functions.units import check_no_zone

_CODE = re.compile("%(.?)", re.DOTALL)
# What each code is in PostgreSQL's to_char.
_TO_CHAR = {
    "Y": "YYYY",
    "y": "YY",
    "m": "MM",
    "d": "DD",
    "b": "Mon",
    "B": "FMMonth",
    "a": "Dy",
    "A": "FMDay",
    "j": "DDD",
    "H": "HH24",
    "I": "HH12",
    "p": "AM",
    "M": "MI",
    "S": "SS",
    "f": "US",
}
_TO_DATE_FORMAT = {  # MySQL's
    **{code: f"%{code}" for code in "YymdbajHIpSf%"},
    "B": "%M",
    "A": "%W",
    "M": "%i",
}
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# What text each code reads, in the regular expressions that DuckDB, PostgreSQL and Python share.
_READ = {
    "Y": "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])",
    "m": "(0?[1-9]|1[0-2])",
    "d": "(0?[1-9]|[12][0-9]|3[01])",
    "b": f"({'|'.join(name[:3] for name in _MONTHS.split('|'))})",
    "B": f"({_MONTHS})",
    "H": "([01]?[0-9]|2[0-3])",
    "M": "([0-5]?[0-9])",
    "S": "([0-5]?[0-9])",
    "f": "([0-9]{1,6})",
}
# It stands before text that is not in the format, and so in the database's error.
_REFUSAL = "not in the format: "
_KNOWN_TO_SQLITE = frozenset("YmdjHMS%")


def _parts(format_: Any, known: frozenset[str] | set[str], function: str) -> list[str]:
    """The format as literal text and codes in turn: text, code, text, code, …, text."""
    if not isinstance(format_, str) or not format_:
        what = f"F.{function} was given {format_!r} for a format"
        raise FunctionArgumentError(what, where=user_location(), hint='give one such as "%Y-%m-%d"')
    parts = _CODE.split(format_)
    for code in parts[1::2]:
        if code not in known:
            what = f"F.{function} was given the format {format_!r}, in which %{code} is not known"
            hint = f"it knows %{', %'.join(sorted(known))}"
            raise FunctionArgumentError(what, where=user_location(), hint=hint)
    return parts


def _checked_date_format(types: Types) -> Rule:
    check_no_zone(types, "date_format")
    return _DATE_FORMAT


def _checked_plain_format(types: Types) -> Rule:
    check_no_zone(types, "date_format")
    return _PLAIN_FORMAT


_FORMATS = {"x": MOMENT, "format": TEXT, "to_char": TEXT, "mysql": TEXT}
_ON_ALL = {
    "ansi": "to_char(CAST({x} AS TIMESTAMP), {to_char})",
    "duckdb": "strftime({x}, {format})",
    "mysql": "date_format({x}, {mysql})",
}
_DATE_FORMAT = Rule(
    "date_format",
    _FORMATS,
    STRING,
    {**_ON_ALL, "sqlite": "pydbt_date_format({x}, {format})"},
    variant=_checked_date_format,
)
_PLAIN_FORMAT = Rule(
    "date_format of plain codes",
    _FORMATS,
    STRING,
    {**_ON_ALL, "sqlite": "strftime({format}, substr({x}, 1, 19))"},
    variant=_checked_plain_format,
)


def date_format(x: ColumnOrName, format: str) -> Call:  # noqa: A002  the name it has in SQL
    """A date or moment as text: ``strftime(x, '%d.%m.%Y')``.

    Names of months and days are English, whatever the database's locale. NULL gives NULL.

    Args:
        x: The date or moment, without a time zone; a date has the time of its midnight.
        format: Text with codes: ``%Y %y %m %d %b %B %a %A %j %H %I %p %M %S %f %%``, as Python's ``strftime``
            has them.

    >>> from pydbt import F
    >>> result(F.date_format(dt.date(2024, 2, 29), "%a, %d %B %Y"))
    'Thu, 29 February 2024'
    """
    parts = _parts(format, _TO_CHAR.keys() | {"%"}, "date_format")
    is_plain = set(parts[1::2]) <= _KNOWN_TO_SQLITE
    spelled = [literal(each) for each in (format, _to_char(parts), _mysql(parts))]
    return call(_PLAIN_FORMAT if is_plain else _DATE_FORMAT, column(x), *spelled)


def _to_char(parts: list[str]) -> str:
    """The format as PostgreSQL's ``to_char`` has it: text in quotes, so that no letter of it is a code."""
    made = [_quoted(parts[0])]
    for code, text in zip(parts[1::2], parts[2::2], strict=True):
        made += [_TO_CHAR.get(code) or _quoted("%"), _quoted(text)]
    return "".join(made)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if text else ""


def _mysql(parts: list[str]) -> str:
    made = [parts[0]]
    for code, text in zip(parts[1::2], parts[2::2], strict=True):
        made += [_TO_DATE_FORMAT[code], text]
    return "".join(made)


# The prefix lets PostgreSQL and DuckDB refuse what does not match, where they would guess otherwise.
_PARSED = {"text": TEXT, "pattern": TEXT, "format": TEXT, "iso": TEXT, "groups": TEXT, "order": TEXT}
_BY_PATTERN = f"regexp_replace('{_REFUSAL}' || {{text}}, {{pattern}}, {{iso}})"
_PARSED_BY_DUCKDB = f"strptime(regexp_replace('{_REFUSAL}' || {{text}}, {{pattern}}, '\\1'), {{format}})"
_PARSED_BY_SQLITE = "pydbt_to_timestamp({text}, {groups}, {order})"
_TO_TIMESTAMP = Rule(
    "to_timestamp",
    _PARSED,
    DateTime(),
    {
        "ansi": None,
        "duckdb": _PARSED_BY_DUCKDB,
        "postgresql": f"CAST({_BY_PATTERN} AS TIMESTAMP)",
        "sqlite": _PARSED_BY_SQLITE,
    },
)
_TO_DATE = Rule(
    "to_date",
    _PARSED,
    Date(),
    {
        "ansi": None,
        "duckdb": f"CAST({_PARSED_BY_DUCKDB} AS DATE)",
        "postgresql": f"CAST({_BY_PATTERN} AS DATE)",
        "sqlite": f"date({_PARSED_BY_SQLITE})",
    },
)


def to_date(text: ColumnOrName, format: str = "%Y-%m-%d") -> Call:  # noqa: A002  the name it has in SQL
    """The date that a text is; the database's error where it is not in the format, or no such day.

    Nothing is guessed: the whole text must be in the format, names are English and in their usual case, and
    the year has four digits. NULL gives NULL.

    Args:
        text: The text.
        format: Text with codes: ``%Y %m %d %b %B %%``.

    >>> from pydbt import F
    >>> result(F.to_date(F.lit("29 Feb 2024"), "%d %b %Y"))
    datetime.date(2024, 2, 29)
    """
    return _read_by(_TO_DATE, text, format, frozenset("YmdbB%"))


def to_timestamp(text: ColumnOrName, format: str = "%Y-%m-%d %H:%M:%S") -> Call:  # noqa: A002  as in to_date
    """The moment that a text is; the database's error where it is not in the format, or no such day.

    As :func:`to_date`; what the format does not have of the time of day is zero.

    Args:
        text: The text.
        format: Text with codes: ``%Y %m %d %b %B %H %M %S %f %%``.

    >>> from pydbt import F
    >>> result(F.to_timestamp(F.lit("2024-02-29 12:30:45")))
    datetime.datetime(2024, 2, 29, 12, 30, 45)
    """
    return _read_by(_TO_TIMESTAMP, text, format, _READ.keys() | {"%"})


def _read_by(rule: Rule, text: ColumnOrName, format_: str, known: frozenset[str] | set[str]) -> Call:
    parts = _parts(format_, known, rule.name)
    codes = [code for code in parts[1::2] if code != "%"]
    _check_whole_day(codes, format_, rule.name)
    groups = re.escape(parts[0])
    for code, literal_text in zip(parts[1::2], parts[2::2], strict=True):
        groups += _READ.get(code, "%") + re.escape(literal_text)
    # DuckDB takes the whole text, PostgreSQL the parts: so their patterns differ in the outer group.
    pattern = f"^{re.escape(_REFUSAL)}({groups})$"
    arguments = (pattern, format_, _iso(codes), groups, "".join(codes))
    return call(rule, column(text), *(literal(each) for each in arguments))


def _check_whole_day(codes: list[str], format_: str, function: str) -> None:
    """A format to read by has a year, a month and a day, and nothing twice."""
    months = [code for code in codes if code in "mbB"]
    if len(set(codes)) < len(codes) or len(months) != 1 or not {"Y", "d"} <= set(codes):
        what = f"F.{function} was given the format {format_!r}, which does not say one day"
        hint = "a year %Y, a month %m, %b or %B, and a day %d, each once"
        raise FunctionArgumentError(what, where=user_location(), hint=hint)


def _iso(codes: list[str]) -> str:
    """The replacement that puts the groups, counted from 2, into ISO's order."""
    places = {code: f"\\{position}" for position, code in enumerate(codes, 2)}
    month = next(places[code] for code in "mbB" if code in places)
    hour, minute, second = (places.get(code, "00") for code in "HMS")
    fraction = f".{places['f']}" if "f" in places else ""
    return f"{places['Y']}-{month}-{places['d']} {hour}:{minute}:{second}{fraction}"
