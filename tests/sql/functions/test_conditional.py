"""Conditions, NULLs, JSON: the same result and type on SQLite, DuckDB and PostgreSQL, as Python has it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from pydbt import F
from pydbt.errors import (
    ColumnNotFoundError,
    FunctionArgumentError,
    LiteralError,
    NotAConditionError,
    TypeMismatchError,
)
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions.nasty import case, check

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


def first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose((value for value in values if value is not None), default=None)


def graded(n: int | None) -> str:
    if n is None or n <= 0:
        return "none"
    return "many" if n > 100 else "some"


NO = False
CASES = [
    case(
        "when",
        F.when(F.col("n") > 100, "many").when(F.col("n") > 0, "some").otherwise("none"),
        "n",
        graded,
        nulls=True,
    ),
    case(
        "when without otherwise",
        F.when(F.col("n") > 100, F.col("s")),
        "n s",
        lambda n, s: s if n > 100 else None,
    ),
    case(
        "when of a flag",
        F.when(F.col("flag"), 1).otherwise(0),
        "flag",
        lambda flag: int(bool(flag)),
        nulls=True,
    ),
    case(
        "when of nothing",
        F.when(F.col("n") > 0, None).otherwise("t"),
        "n",
        lambda n: None if n is not None and n > 0 else "t",
        nulls=True,
    ),
    case(
        "when of a float and a whole number",
        F.when(F.col("x") > 0, F.col("m")).otherwise(0.5),
        "x m",
        lambda x, m: (None if m is None else float(m)) if x is not None and x > 0 else 0.5,
        nulls=True,
    ),
    case(
        "when of values",
        F.when(F.col("n") > 0, 1).otherwise(0.5),
        "n",
        lambda n: 1.0 if n is not None and n > 0 else 0.5,
        nulls=True,
    ),
    case(
        "when of decimals",
        F.when(F.col("price") > 1, F.col("price")).otherwise(F.col("m")),
        "price m",
        lambda p, m: p if p is not None and p > 1 else None if m is None else Decimal(m),
        nulls=True,
    ),
    case("coalesce", F.coalesce("n", "m"), "n m", first, nulls=True),
    case(
        "coalesce of text",
        F.coalesce("s", "t", F.lit("none")),
        "s t",
        lambda s, t: first(s, t, "none"),
        nulls=True,
    ),
    case(
        "coalesce to a float",
        F.coalesce("n", "x"),
        "n x",
        lambda n, x: first(None if n is None else float(n), x),
        nulls=True,
    ),
    case("coalesce of one", F.coalesce("n"), "n", lambda n: n, nulls=True),
    case("coalesce of a sum", F.coalesce(F.col("n") + 1) * 2, "n", lambda n: (n + 1) * 2),
    case("coalesce of SQL of one", sa.func.coalesce(F.col("n") + 1) * 2, "n", lambda n: (n + 1) * 2),
    case(
        "coalesce of SQL text",
        1 - F.coalesce(sa.literal_column("n - 1", sa.Integer())),
        "n",
        lambda n: 1 - (n - 1),
    ),
    case("coalesce of NULL", F.coalesce(F.lit(None), "s"), "s", lambda s: s),
    case("if_null", F.if_null("m", -1), "m", lambda m: first(m, -1), nulls=True),
    case("if_null of text", F.if_null("t", "s"), "t", lambda t: first(t, "s"), nulls=True),
    case("if_null of a flag", F.if_null("flag", NO), "flag", lambda flag: first(flag, NO), nulls=True),
    case("nullif", F.nullif("s", ""), "s", lambda s: s or None),
    case(
        "nullif of columns", F.nullif("s", F.col("t")), "s t", lambda s, t: None if s == t else s, nulls=True
    ),
    case("nullif of a number", F.nullif("m", 4), "m", lambda m: None if m == 4 else m),
    case("greatest", F.greatest("n", "m", F.lit(3)), "n m", lambda n, m: extreme(max)(n, m, 3), nulls=True),
    case("greatest of text", F.greatest("s", "t"), "s t", extreme(max), nulls=True),
    case(
        "greatest of floats",
        F.greatest("x", "y", "m"),
        "x y m",
        lambda x, y, m: extreme(max)(x, y, None if m is None else float(m)),
        nulls=True,
    ),
    case(
        "greatest of decimals",
        F.greatest("price", F.lit(Decimal("1.5"))),
        "price",
        lambda price: extreme(max)(price, Decimal("1.5")),
        nulls=True,
    ),
    case(
        "coalesce to a longer decimal",
        F.coalesce("price", F.lit(Decimal("0.12345"))),
        "price",
        lambda price: first(price, Decimal("0.12345")),
        nulls=True,
    ),
    case(
        "if_null to a float",
        F.if_null("price", 0.12345),
        "price",
        lambda price: first(price, Decimal("0.12345")),
        nulls=True,
    ),
    case(
        "least of a decimal and a float",
        F.least("price", F.lit(0.0001)),
        "price",
        lambda price: extreme(min)(price, Decimal("0.0001")),
        nulls=True,
    ),
    case("least", F.least("n", "m"), "n m", extreme(min), nulls=True),
    case(
        "least of text",
        F.least("s", "t", F.lit("b")),
        "s t",
        lambda s, t: extreme(min)(s, t, "b"),
        nulls=True,
    ),
    case("lit", F.lit("ß'%"), "", lambda: "ß'%"),
    case("lit of a large number", F.lit(2**62), "", lambda: 2**62),
    case("lit of a day", F.lit(dt.date(2022, 12, 30)), "", lambda: dt.date(2022, 12, 30)),
]

DOCUMENT = {
    "a": {"b c": [1, "ß🙂", True, None, {"d": -7}]},
    "0": "zero",
    "text": '{"a": 1}',
    "n": 2**40,
    "x": 1.5,
}
PATHS: dict[str, str | None] = {
    "$.a": None,
    '$.a."b c"': None,
    '$.a."b c"[0]': "1",
    '$.a."b c"[1]': "ß🙂",
    '$.a."b c"[2]': "true",
    '$.a."b c"[3]': None,
    '$.a."b c"[4].d': "-7",
    '$.a."b c"[9]': None,
    "$.a[0]": None,
    "$[0]": None,
    '$."0"': "zero",
    "$.text": '{"a": 1}',
    "$.text.a": None,
    "$.n": str(2**40),
    "$.x": "1.5",
    "$.none.at.all": None,
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_depends_on_others_as_python_says(nasty: DataFrame, case: Any) -> None:
    """On every database, with NULL, and with values of the type they stand beside."""
    check(nasty, case)


def test_values_are_read_as_the_type_they_stand_beside(nasty: DataFrame) -> None:
    """Text beside a date is that date, or an error at the user's line; a date beside a moment is midnight."""
    midnight = dt.datetime(2022, 12, 30)  # noqa: DTZ001  databases keep moments without a zone
    moments = nasty.select(
        "id",
        day=F.lit(dt.date(2022, 12, 30)),
        at=F.lit(midnight.replace(hour=8)),
        midnight=F.lit(midnight),
    )

    row: Any = moments.select(
        same=F.nullif("day", "2022-12-30"),
        midnight=F.nullif("day", F.col("midnight")),
        other=F.nullif("day", F.col("at")),
        later=F.greatest("day", "at"),
        earlier=F.coalesce("day", "at"),
        either=F.when(moments.id > 99, "2022-12-31").otherwise(moments.day),
    ).first()

    assert tuple(row) == (None, None, midnight, midnight.replace(hour=8), midnight, dt.date(2022, 12, 30))
    with pytest.raises(LiteralError, match="'soon' is not a date"):
        moments.select(x=F.if_null("day", "soon"))


@pytest.mark.parametrize("path", PATHS)
def test_a_json_document_gives_its_values_as_text(nasty: DataFrame, path: str) -> None:
    """Text, numbers and booleans; not objects, arrays, null, nor what is not there."""
    made = nasty.select("id", document=F.if_null(F.nullif("s", "abc"), None))
    document = F.when(made.document.is_(None), None).otherwise(json.dumps(DOCUMENT))

    found = made.select("id", value=F.json_value(document, path)).order_by("id").collect()

    assert {row.value for row in found if row.id not in {10, 11, 12}} == {PATHS[path]}
    assert {row.value for row in found if row.id in {10, 11, 12}} == {None}


def test_what_is_no_json_is_an_error_of_the_database(nasty: DataFrame) -> None:
    """On every database."""
    with pytest.raises(DBAPIError):
        nasty.select(x=F.json_value("s", "$.a")).collect()


@pytest.mark.parametrize(
    "path", ["a", "$a", "$.", "$.a[-1]", "$..a", "$.a[*]", '$."a\\"b"', None, "$.a ? (true)"]
)
def test_a_path_is_names_and_places(path: Any) -> None:
    """What databases read apart is told when the expression is written."""
    with pytest.raises(FunctionArgumentError, match=r"F.json_value was given the path") as caught:
        F.json_value("s", path)
    assert "test_conditional.py" in caught.value.where


def test_types_that_do_not_go_together_are_refused(nasty: DataFrame) -> None:
    """At the verb, where names have become columns, or when the expression is written."""
    with pytest.raises(TypeMismatchError, match=r"F.coalesce was given a number and text"):
        nasty.select(x=F.coalesce("n", "s"))
    with pytest.raises(TypeMismatchError, match=r"F.when was given a number and text"):
        nasty.select(x=F.when(nasty.n > 0, nasty.n).otherwise(nasty.s))
    with pytest.raises(TypeMismatchError, match="a number does not compare with 'none'"):
        nasty.select(x=F.if_null(nasty.n, "none"))


def test_a_condition_is_asked_for(nasty: DataFrame) -> None:
    """Python's own booleans and text are none, nor is a number."""
    wrong: Any = "n > 0"
    with pytest.raises(NotAConditionError, match=r"F.when was given 'n > 0'"):
        F.when(wrong, 1)
    with pytest.raises(TypeMismatchError, match=r"F.when takes a boolean for condition"):
        F.when(nasty.n, 1)
    with pytest.raises(NotAConditionError, match="not true or false in Python"):
        bool(F.contains(nasty.s, "a"))
    with pytest.raises(NotAConditionError, match="column 'n' is not true or false in Python"):
        bool(F.col("n"))


def test_names_are_looked_up_where_the_expression_is_used(nasty: DataFrame) -> None:
    """With the nearest names, at the line of the verb."""
    with pytest.raises(ColumnNotFoundError, match="no column 'flat'") as caught:
        nasty.select(x=F.if_null("flat", 1))
    assert "did you mean 'flag'?" in caught.value.hint
    for function in (F.coalesce, F.greatest, F.least):
        with pytest.raises(FunctionArgumentError, match="was given nothing"):
            function()
    number: Any = 1
    with pytest.raises(FunctionArgumentError, match=r"F.col was given 1"):
        F.col(number)


def test_names_take_part_in_arithmetic_with_their_type(nasty: DataFrame) -> None:
    """``+`` of two named texts is text, of numbers a number, typed once the names are columns."""
    made = nasty.select("id", text=F.col("s") + F.col("t"), number=F.col("m") * 2 + 1, half=F.col("m") / 2)

    assert [kind.python_type for kind in made.schema.values()] == [int, str, int, float]
    assert made.where(made.id == 4).collect() == [(4, "Élan vitalvital", 21, 5.0)]


def test_a_window_may_be_named_by_columns_names(nasty: DataFrame) -> None:
    """``over(partition_by="flag", order_by="id")``: text is a column's name there, too."""
    numbered = nasty.select("id", n=sa.func.row_number().over(partition_by="flag", order_by="id"))

    assert numbered.where(numbered.n == 1).order_by("id").collect() == [(1, 1), (2, 1), (4, 1)]
