"""What the golden files hold: programs of the conformance kit as SQL of each dialect, no database asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from pydbt.errors import PyDBTError
from pydbt.sql.session import Session
from pydbt.testing.backend import Tables, cases
from pydbt.testing.backend.tables import COLUMNS
from tests.conftest import DATABASES, IS_SQLALCHEMY_14, POSTGRESQL_DRIVER

FOLDER = Path(__file__).parent
# A dialect, and a URL whose engine knows it; nobody connects. The standard has no engine of its own.
URLS = {
    "ansi": "sqlite://",
    "duckdb": "duckdb:///:memory:",
    "sqlite": "sqlite://",
    "postgresql": f"postgresql+{POSTGRESQL_DRIVER}://",
    "mysql": "mysql+pymysql://",
}
# SQLAlchemy 1.4 has no dialect of DuckDB that works, and writes concat(concat(a, b), c) on MySQL.
COMPARED = ("ansi", *DATABASES) if IS_SQLALCHEMY_14 else tuple(URLS)
PROGRAMS = (
    "arithmetic: // floors, and by zero is NULL",
    "arithmetic: % has the sign of the divisor, and by zero is NULL",
    "arithmetic: / never cuts, and by zero is NULL",
    "arithmetic: / of a quotient",
    "arithmetic: % of floats has the sign of the divisor",
    "arithmetic: // of floats floors",
    "arithmetic: - of a difference",
    "comparisons: = None is IS NULL",
    "comparisons: not between",
    "comparisons: not in a list",
    "comparisons: a whole number and a decimal",
    "logic: not of and",
    "logic: or before and needs its brackets",
    "logic: a flag equal to True",
    "logic: a filter of a negation leaves NULL out",
    "texts: = tells a blank at the end",
    "texts: < by code point",
    "texts: like with an escape",
    "texts: like tells capitals",
    "texts: ilike does not tell capitals",
    "texts: contains takes % as it is",
    "texts: + of columns, NULL swallows",
    "texts: a value with a backslash",
    "texts: order by code point",
    "texts: groups tell capitals and blanks",
    "moments: a date in texts and dates",
    "moments: a moment > a date",
    "moments: a date = a moment at midnight",
    "moments: a moment with microseconds",
    "moments: date_trunc to the month",
    "moments: ISO week",
    "casts: text to a whole number",
    "casts: a try of text as a float",
    "casts: a float to text has a point",
    "functions: greatest leaves NULL out",
    "functions: round of a decimal",
    "functions: when and otherwise",
    "text functions: length counts characters",
    "text functions: slice from the end",
    "text functions: concat_ws leaves NULL out",
    "projections: each step reads the one before",
    "projections: names with blanks and quotes",
    "projections: names that differ in case, nested",
    "projections: where after a limit",
    "projections: where on a computed column",
    "projections: distinct",
    "projections: fillna",
    "ordering: down, NULL first",
    "ordering: limit and offset",
    "ordering: a computed column of the name of another",
    "ordering: drop_duplicates keeps the first",
    "aggregates: avg of whole numbers is a float",
    "aggregates: sum of whole numbers is whole",
    "aggregates: count of a filter",
    "aggregates: count of different values",
    "groups: by a key with a constant in it",
    "groups: having",
    "groups: of groups",
    "groups: rollup",
    "groups: pivot",
    "windows: sum of rows beside",
    "windows: a filter on a window",
    "windows: rank of text by code point, NULL last",
    "joins: left by name",
    "joins: full by name",
    "joins: full, then a filter and an order",
    "joins: anti is not fooled by NULL",
    "joins: a table with itself",
    "joins: a join of groups",
    "joins: in a frame",
    "joins: a scalar of a frame",
    "sets: union, then intersect",
    "sets: except_ of an except_",
    "sets: of limits",
    "programs: a frame used twice",
    "programs: a program of many verbs",
)


def tables(dialect: str) -> Tables:
    """The kit's tables, on an engine that never connects."""
    session = Session(_engine(dialect))
    return Tables({name: session.declare(name, columns) for name, columns in COLUMNS.items()})


def _engine(dialect: str) -> Engine:
    return sa.create_engine(URLS[dialect], future=True)


def written(dialect: str) -> str:
    """The whole file of a dialect."""
    return "".join(f"-- {name}\n{sql}\n\n" for name, sql in _all(dialect)).rstrip("\n") + "\n"


def _all(dialect: str) -> Iterator[tuple[str, str]]:
    known = {case.name: case for case in cases()}
    read = tables(dialect)
    for name in PROGRAMS:
        try:
            sql = known[name].make(read).sql(dialect) + ";"
        except PyDBTError as error:
            sql = f"-- refused: {error.what}"
        yield name, sql
