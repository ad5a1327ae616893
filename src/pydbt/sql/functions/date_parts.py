"""Parts of dates and moments, as whole numbers: the year, the ISO week, the hour."""

from __future__ import annotations

from typing import Any

from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import LONG, ColumnOrName, column
from pydbt.sql.functions.rule import MOMENT, Rule, Types
from pydbt.sql.functions.units import check_no_zone, check_time_of_day, check_unit

_ISO_THURSDAY = "date(substr({x}, 1, 10), '-3 days', 'weekday 4')"
# DuckDB; PostgreSQL; SQLite, whose strftime rounds to the millisecond first for all but the plain parts.
_PARTS: dict[str, tuple[str, str, str]] = {
    "year": ("year({x})", "extract(year FROM {x})", "strftime('%Y', {x})"),
    "quarter": ("quarter({x})", "extract(quarter FROM {x})", "(strftime('%m', {x}) + 2) / 3"),
    "month": ("month({x})", "extract(month FROM {x})", "strftime('%m', {x})"),
    "week": ("week({x})", "extract(week FROM {x})", f"(strftime('%j', {_ISO_THURSDAY}) - 1) / 7 + 1"),
    "day": ("day({x})", "extract(day FROM {x})", "strftime('%d', {x})"),
    "hour": ("hour({x})", "extract(hour FROM {x})", "strftime('%H', {x})"),
    "minute": ("minute({x})", "extract(minute FROM {x})", "strftime('%M', {x})"),
    "second": ("second({x})", "floor(extract(second FROM {x}))", "strftime('%S', {x})"),
    "day_of_week": (
        "isodow({x})",
        "extract(isodow FROM {x})",
        "(strftime('%w', substr({x}, 1, 10)) + 6) % 7 + 1",
    ),
    "day_of_year": ("dayofyear({x})", "extract(doy FROM {x})", "strftime('%j', substr({x}, 1, 10))"),
    "iso_year": ("isoyear({x})", "extract(isoyear FROM {x})", f"strftime('%Y', {_ISO_THURSDAY})"),
    "epoch": (
        "epoch_us(date_trunc('second', CAST({x} AS TIMESTAMP))) // 1000000",
        "floor(extract(epoch FROM CAST({x} AS TIMESTAMP)))",
        "strftime('%s', substr({x}, 1, 19))",
    ),
}
_OF_MYSQL: dict[str, str] = {
    **{name: f"{name}({{x}})" for name in ("year", "quarter", "month", "day", "hour", "minute", "second")},
    "week": "weekofyear({x})",
    "day_of_week": "(weekday({x}) + 1)",
    "day_of_year": "dayofyear({x})",
    "iso_year": "(yearweek({x}, 3) DIV 100)",
    "epoch": "timestampdiff(SECOND, '1970-01-01', date_format({x}, '%Y-%m-%d %H:%i:%s'))",
}
_PUBLIC = frozenset(_PARTS) - {"epoch", "iso_year"}


def _rule(part: str) -> Rule:
    duckdb, postgresql, sqlite = _PARTS[part]
    name = part if part in _PUBLIC else f"extract {part}"

    def checked(types: Types) -> Rule:
        check_no_zone(types, "extract")
        check_time_of_day(types, "extract", part)
        return rule

    rule = Rule(
        name,
        {"x": MOMENT},
        LONG,
        {
            "ansi": f"CAST({postgresql} AS BIGINT)",
            "duckdb": duckdb if part != "epoch" else f"({duckdb})",
            "sqlite": f"CAST({sqlite} AS INTEGER)" if sqlite.startswith("strftime") else f"({sqlite})",
            "mysql": _OF_MYSQL[part],
        },
        variant=checked,
    )
    return rule


RULES = {part: _rule(part) for part in _PARTS}


def extract(unit: str, x: ColumnOrName) -> Call:
    """A part of a date or moment, as a whole number: ``extract(year FROM x)``.

    NULL gives NULL. The parts of the time of day need a moment, not a date.

    Args:
        unit: ``year``, ``quarter``, ``month``, ``week`` (of ISO, 1 to 53), ``day``, ``hour``, ``minute``,
            ``second`` (without its fraction), ``day_of_week`` (Monday is 1, Sunday 7), ``day_of_year``,
            ``iso_year`` (the year that the ISO week belongs to) or ``epoch`` (the whole seconds since 1970).
        x: The date or moment, without a time zone.

    >>> from pydbt import F
    >>> result(F.extract("week", dt.date(2021, 1, 3)))
    53
    """
    return call(RULES[check_unit(unit, _PARTS, "extract")], column(x))


def _part(part: str, x: Any) -> Call:
    return call(RULES[part], column(x))


def year(x: ColumnOrName) -> Call:
    """The year of a date or moment.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.year(dt.date(2024, 2, 29)))
    2024
    """
    return _part("year", x)


def quarter(x: ColumnOrName) -> Call:
    """The quarter of the year, 1 to 4.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.quarter(dt.date(2024, 2, 29)))
    1
    """
    return _part("quarter", x)


def month(x: ColumnOrName) -> Call:
    """The month, 1 to 12.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.month(dt.date(2024, 2, 29)))
    2
    """
    return _part("month", x)


def week(x: ColumnOrName) -> Call:
    """The week of ISO 8601, 1 to 53: the first has the year's first Thursday.

    NULL gives NULL. The first days of January may be in week 52 or 53 of the year before:
    ``F.extract("iso_year", x)`` gives the year of the week.

    >>> from pydbt import F
    >>> result(F.week(dt.date(2023, 1, 1)))
    52
    """
    return _part("week", x)


def day(x: ColumnOrName) -> Call:
    """The day of the month, 1 to 31.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.day(dt.date(2024, 2, 29)))
    29
    """
    return _part("day", x)


def day_of_week(x: ColumnOrName) -> Call:
    """The day of the week as ISO 8601 counts: Monday is 1, Sunday is 7.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.day_of_week(dt.date(2024, 2, 29)))
    4
    """
    return _part("day_of_week", x)


def day_of_year(x: ColumnOrName) -> Call:
    """The day of the year, 1 to 366.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.day_of_year(dt.date(2024, 2, 29)))
    60
    """
    return _part("day_of_year", x)


def hour(x: ColumnOrName) -> Call:
    """The hour of a moment, 0 to 23.

    NULL gives NULL; a date has no hour, and is an error.

    >>> from pydbt import F
    >>> result(F.hour(dt.datetime(2024, 2, 29, 12, 30, 45)))
    12
    """
    return _part("hour", x)


def minute(x: ColumnOrName) -> Call:
    """The minute of a moment, 0 to 59.

    NULL gives NULL; a date has no minute, and is an error.

    >>> from pydbt import F
    >>> result(F.minute(dt.datetime(2024, 2, 29, 12, 30, 45)))
    30
    """
    return _part("minute", x)


def second(x: ColumnOrName) -> Call:
    """The whole second of a moment, 0 to 59, without its fraction.

    NULL gives NULL; a date has no second, and is an error.

    >>> from pydbt import F
    >>> result(F.second(dt.datetime(2024, 2, 29, 12, 30, 45, 999_999)))
    45
    """
    return _part("second", x)
