"""Functions of dates and moments: truncate, add, count between, make."""

from __future__ import annotations

from functools import partial

from sqlalchemy.types import Date, DateTime

from pydbt.sql.functions import supplied_moments  # noqa: F401  importing it lists what SQLite lacks
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.operands import LONG, ColumnOrName, column
from pydbt.sql.functions.rule import MOMENT, WHOLE, Rule, Types, type_of_first
from pydbt.sql.functions.units import (
    UNITS,
    UNITS_OF_DAYS,
    check_no_zone,
    check_time_of_day,
    check_unit,
    is_date,
)

DATE, DATETIME = Date(), DateTime()
_MIDNIGHT = "|| ' 00:00:00.000000'"
_BEGIN_ON_SQLITE = {
    "year": "strftime('%Y-01-01', {x})",
    "quarter": "pydbt_date_trunc_quarter({x})",
    "month": "strftime('%Y-%m-01', {x})",
    "week": "date(substr({x}, 1, 10), '-6 days', 'weekday 1')",
    "day": "date({x})",
}
_TIME_ON_SQLITE = {
    "hour": "strftime('%Y-%m-%d %H:00:00.000000', {x})",
    "minute": "strftime('%Y-%m-%d %H:%M:00.000000', {x})",
    "second": "strftime('%Y-%m-%d %H:%M:%S.000000', {x})",
}
_BEGIN_ON_MYSQL = {
    "year": "CAST(date_format({x}, '%Y-01-01') AS DATE)",
    "quarter": "(makedate(year({x}), 1) + INTERVAL quarter({x}) - 1 QUARTER)",
    "month": "CAST(date_format({x}, '%Y-%m-01') AS DATE)",
    "week": "date_sub(date({x}), INTERVAL weekday({x}) DAY)",
    "day": "date({x})",
    "hour": "date_format({x}, '%Y-%m-%d %H:00:00')",
    "minute": "date_format({x}, '%Y-%m-%d %H:%i:00')",
    "second": "date_format({x}, '%Y-%m-%d %H:%i:%s')",
}


def _truncations(unit: str) -> Rule:
    def chosen(types: Types) -> Rule:
        check_no_zone(types, "date_trunc")
        check_time_of_day(types, "date_trunc", unit)
        return of_date if of_date is not None and is_date(types) else of_moment

    rule = partial(Rule, takes={"x": MOMENT}, returns=type_of_first, variant=chosen)
    on_sqlite = _TIME_ON_SQLITE.get(unit) or f"({_BEGIN_ON_SQLITE[unit]} {_MIDNIGHT})"
    of_moment = rule(
        f"date_trunc {unit}",
        sql={
            "ansi": f"date_trunc('{unit}', {{x}})",
            "sqlite": on_sqlite,
            "mysql": f"CAST({_BEGIN_ON_MYSQL[unit]} AS DATETIME(6))",
        },
    )
    of_date = None
    if unit in UNITS_OF_DAYS:
        of_date = rule(
            f"date_trunc {unit} of a date",
            sql={
                "ansi": f"CAST(date_trunc('{unit}', CAST({{x}} AS TIMESTAMP)) AS DATE)",
                "duckdb": f"CAST(date_trunc('{unit}', {{x}}) AS DATE)",
                "sqlite": _BEGIN_ON_SQLITE[unit],
                "mysql": _BEGIN_ON_MYSQL[unit],
            },
        )
    return of_moment


_INTERVALS = {unit: f"1 {unit}" for unit in UNITS} | {"quarter": "3 months", "week": "7 days"}


def _additions(unit: str) -> Rule:
    def chosen(types: Types) -> Rule:
        check_no_zone(types[:1], "date_add")
        return of_date if of_date is not None and is_date(types) else of_moment

    rule = partial(Rule, takes={"x": MOMENT, "n": WHOLE}, variant=chosen)
    later = f"{{x}} + {{n}} * INTERVAL '{_INTERVALS[unit]}'"
    supplied = f"pydbt_date_add({{x}}, {{n}}, '{unit}')"
    on_mysql = f"date_add({{x}}, INTERVAL {{n}} {unit.upper()})"
    of_moment = rule(
        f"date_add {unit}",
        returns=DATETIME,
        sql={"ansi": f"({later})", "sqlite": supplied, "mysql": f"CAST({on_mysql} AS DATETIME(6))"},
    )
    of_date = None
    if unit in UNITS_OF_DAYS:
        days = {"day": "{n} || ' days'", "week": "({n} * 7) || ' days'"}.get(unit)
        of_date = rule(
            f"date_add {unit} to a date",
            returns=DATE,
            sql={
                "ansi": f"CAST({later} AS DATE)",
                "sqlite": supplied if days is None else f"date({{x}}, {days})",
                "mysql": on_mysql,
            },
        )
    return of_moment


def _of_timestamps(unit: str) -> str:
    return " - ".join(f"date_trunc('{unit}', CAST({{{name}}} AS TIMESTAMP))" for name in ("b", "a"))


_YEARS = "extract(year FROM {b}) - extract(year FROM {a})"
_DIFFERENCES = {
    "year": _YEARS,
    "quarter": f"({_YEARS}) * 4 + extract(quarter FROM {{b}}) - extract(quarter FROM {{a}})",
    "month": f"({_YEARS}) * 12 + extract(month FROM {{b}}) - extract(month FROM {{a}})",
    "week": f"extract(epoch FROM {_of_timestamps('week')}) / 604800",
    "day": "CAST({b} AS DATE) - CAST({a} AS DATE)",
    "hour": f"extract(epoch FROM {_of_timestamps('hour')}) / 3600",
    "minute": f"extract(epoch FROM {_of_timestamps('minute')}) / 60",
    "second": f"extract(epoch FROM {_of_timestamps('second')})",
}
_DIFFERENCES_ON_SQLITE = {
    "year": "(CAST(strftime('%Y', {b}) AS INTEGER) - CAST(strftime('%Y', {a}) AS INTEGER))",
    "day": "CAST(julianday(substr({b}, 1, 10)) - julianday(substr({a}, 1, 10)) AS INTEGER)",
}


def _difference_on_mysql(unit: str) -> str:
    if unit == "day":
        return "datediff({b}, {a})"
    if unit == "week":
        mondays = ", ".join(_BEGIN_ON_MYSQL[unit].replace("{x}", end) for end in ("{b}", "{a}"))
        return f"(datediff({mondays}) DIV 7)"
    if unit in UNITS_OF_DAYS:
        return f"CAST({_DIFFERENCES[unit]} AS SIGNED)"
    ends = ", ".join(_BEGIN_ON_MYSQL[unit].replace("{x}", end) for end in ("{a}", "{b}"))
    return f"timestampdiff({unit.upper()}, {ends})"


def _difference(unit: str) -> Rule:
    def checked(types: Types) -> Rule:
        check_no_zone(types, "date_diff")
        return rule

    # DuckDB's own counts the weeks before 1970 from another day of the week.
    on_duckdb = (
        "(date_diff('day', date_trunc('week', {a}), date_trunc('week', {b})) // 7)"
        if unit == "week"
        else f"date_diff('{unit}', {{a}}, {{b}})"
    )
    rule = Rule(
        f"date_diff {unit}",
        {"a": MOMENT, "b": MOMENT},
        LONG,
        {
            "ansi": f"CAST({_DIFFERENCES[unit]} AS BIGINT)",
            "duckdb": on_duckdb,
            "sqlite": _DIFFERENCES_ON_SQLITE.get(unit, f"pydbt_date_diff('{unit}', {{a}}, {{b}})"),
            "mysql": _difference_on_mysql(unit),
        },
        variant=checked,
    )
    return rule


_TRUNCATIONS = {unit: _truncations(unit) for unit in UNITS}
_ADDITIONS = {unit: _additions(unit) for unit in UNITS}
_DIFFERENCE = {unit: _difference(unit) for unit in UNITS}


def date_trunc(unit: str, x: ColumnOrName) -> Call:
    """When the unit began that a date or moment is in: ``date_trunc('month', x)``.

    A date gives a date, a moment gives a moment. Weeks begin on Monday. NULL gives NULL.

    Args:
        unit: ``year``, ``quarter``, ``month``, ``week``, ``day``; and with time ``hour`` to ``second``.
        x: The date or moment, without a time zone.

    >>> from pydbt import F
    >>> result(F.date_trunc("week", dt.date(2024, 2, 29)))
    datetime.date(2024, 2, 26)
    """
    return call(_TRUNCATIONS[check_unit(unit, UNITS, "date_trunc")], column(x))


def date_add(x: ColumnOrName, n: ColumnOrName | int, unit: str) -> Call:
    """A date or moment so many units later, or earlier for a negative number: ``x + n * INTERVAL '1 month'``.

    Where the month has no such day it is the month's last: a month after January 31st is the end of
    February. A date gives a date, unless hours, minutes or seconds are added: then its midnight counts, and a
    moment comes out. NULL gives NULL.

    Args:
        x: The date or moment, without a time zone.
        n: A whole number.
        unit: ``year``, ``quarter``, ``month``, ``week``, ``day``, ``hour``, ``minute`` or ``second``.

    >>> from pydbt import F
    >>> result(F.date_add(dt.date(2024, 1, 31), 1, "month"))
    datetime.date(2024, 2, 29)
    """
    return call(_ADDITIONS[check_unit(unit, UNITS, "date_add")], column(x), column(n))


def date_diff(unit: str, a: ColumnOrName, b: ColumnOrName) -> Call:
    """How many times the unit begins after ``a`` and up to ``b``: the borders crossed on the way.

    From December 31st to January 1st it is one day, and one month, and one year. Weeks begin on Monday.
    Where ``b`` is before ``a`` the number is negative: exchanging the two changes the sign only. A date
    counts as its midnight. NULL gives NULL.

    Args:
        unit: ``year``, ``quarter``, ``month``, ``week``, ``day``, ``hour``, ``minute`` or ``second``.
        a: From where.
        b: To where.

    >>> from pydbt import F
    >>> result(F.date_diff("month", dt.date(2024, 1, 31), dt.date(2024, 2, 1)))
    1
    """
    return call(_DIFFERENCE[check_unit(unit, UNITS, "date_diff")], column(a), column(b))


def _checked(function: str, returns: Date | DateTime, sql: dict[str, str | None]) -> Rule:
    def checked(types: Types) -> Rule:
        check_no_zone(types, function)
        return rule

    rule = Rule(function, {"x": MOMENT}, returns, sql, variant=checked)
    return rule


_DATE = _checked("date", DATE, {"ansi": "CAST({x} AS DATE)", "sqlite": "date({x})"})
_LAST_DAY = _checked(
    "last_day",
    DATE,
    {
        "ansi": "CAST(date_trunc('month', CAST({x} AS TIMESTAMP)) + INTERVAL '1 month -1 day' AS DATE)",
        "duckdb": "last_day({x})",
        # No month comes after the December of 9999.
        "sqlite": (
            "CASE substr({x}, 6, 2) WHEN '12' THEN substr({x}, 1, 7) || '-31'"
            " ELSE date(substr({x}, 1, 10), 'start of month', '1 month', '-1 day') END"
        ),
        "mysql": "last_day({x})",
    },
)
_MAKE_DATE = Rule(
    "make_date",
    {"year": WHOLE, "month": WHOLE, "day": WHOLE},
    DATE,
    {
        "ansi": "make_date(CAST({year} AS INTEGER), CAST({month} AS INTEGER), CAST({day} AS INTEGER))",
        "duckdb": "make_date({year}, {month}, {day})",
        "sqlite": "pydbt_make_date({year}, {month}, {day})",
        "mysql": None,
    },
)
_CURRENT_DATE = Rule(
    "current_date",
    {},
    DATE,
    {
        "ansi": "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE)",
        "sqlite": "date('now')",
        "mysql": "utc_date()",
    },
    is_volatile=True,
)
_CURRENT_TIMESTAMP = Rule(
    "current_timestamp",
    {},
    DATETIME,
    {
        "ansi": "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
        "mysql": "utc_timestamp(6)",
    },
    is_volatile=True,
)


def date(x: ColumnOrName) -> Call:
    """The day of a moment, as a date: ``CAST(x AS DATE)``.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.date(dt.datetime(2024, 2, 29, 23, 59, 59, 999_999)))
    datetime.date(2024, 2, 29)
    """
    return call(_DATE, column(x))


def last_day(x: ColumnOrName) -> Call:
    """The last day of the month that a date or moment is in, as a date.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.last_day(dt.date(2024, 2, 1)))
    datetime.date(2024, 2, 29)
    """
    return call(_LAST_DAY, column(x))


def make_date(year: ColumnOrName | int, month: ColumnOrName | int, day: ColumnOrName | int) -> Call:
    """The date of a year, a month and a day; the database's error where there is no such day.

    NULL gives NULL.

    >>> from pydbt import F
    >>> result(F.make_date(2024, 2, 29))
    datetime.date(2024, 2, 29)
    """
    return call(_MAKE_DATE, column(year), column(month), column(day))


def current_date() -> Call:
    """Today, by the database's clock, in UTC whatever the session's time zone.

    >>> from pydbt import F
    >>> result(F.current_date()) >= dt.date(2024, 2, 29)
    True
    """
    return call(_CURRENT_DATE)


def current_timestamp() -> Call:
    """Now, by the database's clock: a moment in UTC without a time zone, whatever the session's.

    It is computed once for each SELECT it stands in, and not again where its column is used.

    >>> from pydbt import F
    >>> result(F.current_timestamp()) >= dt.datetime(2024, 2, 29)
    True
    """
    return call(_CURRENT_TIMESTAMP)
