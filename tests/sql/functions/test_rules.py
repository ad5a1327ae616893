"""Rules: every function has its SQL, its documentation, its type; what a database lacks is refused."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func

import pydbt
import pydbt.sql.functions
from pydbt import F
from pydbt.errors import (
    NotAConditionError,
    TypeMismatchError,
    UnnamedColumnError,
    UnsupportedFunctionError,
)
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.functions.call import Call, call
from pydbt.sql.functions.rule import ANY, NUMBER, RULES, Rule, type_of_first
from pydbt.sql.functions.template import Template
from tests.conftest import DATABASES
from tests.sql.frames import frame, sql

FUNCTIONS = {
    name: function
    for name, function in vars(F).items()
    if inspect.isfunction(function) and function.__module__.startswith("pydbt.sql.functions.")
}
_TEXT = re.compile(r"'[^']*'")


@pytest.fixture
def elsewhere() -> Iterator[Rule]:
    """A function that SQLite cannot have, and nobody can supply."""
    yield Rule("elsewhere", {"x": ANY}, type_of_first, {"ansi": "elsewhere({x})", "sqlite": None})
    del RULES["elsewhere"]


def test_f_is_the_module_of_functions() -> None:
    """``from pydbt import F`` and ``from pydbt.sql import functions as F`` are one."""
    assert pydbt.F is pydbt.sql.functions is F
    assert "F" in dir(pydbt)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_contract_types_and_an_example(name: str) -> None:
    """One line that ends with a stop, a doctest, annotations of every argument and of the result."""
    function = FUNCTIONS[name]
    document = inspect.getdoc(function) or ""
    signature = inspect.signature(function)

    assert document.split("\n\n")[0].endswith(".")
    assert ">>> from pydbt import F" in document
    assert f"F.{name}" in document
    assert signature.return_annotation is not signature.empty
    assert all(each.annotation is not each.empty for each in signature.parameters.values())


@pytest.mark.parametrize("name", RULES)
def test_a_template_needs_no_parentheses_around_it(name: str) -> None:
    """It is a call, a CASE, a gap, or in parentheses: whatever stands beside it, its parts stay together."""
    for text in (text for text in RULES[name].sql.values() if isinstance(text, str)):
        bare = _TEXT.sub("''", text).replace(") WITHIN GROUP (", ")(")
        depth, splits = 0, []
        for place, sign in enumerate(bare):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and sign == " ":
                splits.append(place)
        is_case = bare.startswith("CASE ") and bare.endswith(" END")
        assert depth == 0, text
        assert is_case or not splits, text


def test_rules_write_arguments_they_take() -> None:
    """No gap without an argument of its name."""
    for rule in RULES.values():
        known = {name.lstrip("*") for name in rule.takes}
        texts = [text for text in rule.sql.values() if isinstance(text, str)]
        for text in texts:
            assert {gap.name for gap in Template.of(text).gaps} <= known, rule.name


def test_operations_stand_in_parentheses_where_they_would_come_apart() -> None:
    """Between commas they need none, beside an operator they do."""
    df = frame()
    made = df.select(
        a=F.strpos(df.s + "x", df.s + "y"),
        b=F.contains(df.s + "x", df.s),
        c=F.bitwise_and(df.k + 1, df.id),
        d=F.concat(df.s, F.upper(df.s)),
    )

    assert sql(made) == (
        "SELECT strpos(s || 'x', s || 'y') AS a, (strpos(s || 'x', s) > 0) AS b, "
        "((k + 1) & id) AS c, (s || upper(s)) AS d FROM t"
    )


def test_each_dialect_gets_its_own_sql() -> None:
    """One template for each that differs, the standard's for all others."""
    df = frame()
    made = df.select(x=F.contains("s", "a"))

    expected = {
        "postgresql": "SELECT (strpos(s, 'a') > 0) AS x FROM t",
        "duckdb": "SELECT contains(s, 'a') AS x FROM t",
        "sqlite": "SELECT (instr(s, 'a') > 0) AS x FROM t",
        "ansi": "SELECT (position('a' IN s) > 0) AS x FROM t",
    }

    for name in (*DATABASES, "ansi"):
        assert sql(made, name) == expected[name]


def test_the_greatest_text_is_so_by_code_point() -> None:
    """PostgreSQL is told, whatever the locale of the database."""
    assert 'greatest(s COLLATE "C", upper(s) COLLATE "C")' in sql(
        frame().select(x=F.greatest("s", F.upper("s")))
    )


def test_a_whole_number_of_64_bits_is_made_narrow_where_a_database_asks_for_it() -> None:
    """PostgreSQL's text functions take no bigint; a plain integer stays as it is."""
    df = frame()

    assert "left(s, k)" in sql(df.select(x=F.left("s", "k")))
    assert "left(s, CAST(sum(k) AS INTEGER))" not in sql(df.select(x=F.left("s", 3)))
    assert "left(s, CAST(char_length(s) AS INTEGER))" in sql(df.select(x=F.left("s", F.length("s"))))


def test_a_function_that_a_database_lacks_is_refused_when_the_query_is_built(elsewhere: Rule) -> None:
    """At the verb, with the line at which the function was written; nested, in conditions, in aggregates."""
    df = frame()
    test = test_a_function_that_a_database_lacks_is_refused_when_the_query_is_built
    written = call(elsewhere, df.k)
    here = f"{Path(__file__).name}:{inspect.getsourcelines(test)[1] + 4}"

    wrongs: list[Callable[[], Any]] = [
        lambda: df.select(x=written),
        lambda: df.where(F.abs(written) > 1),
        lambda: df.group_by("id").agg(x=func.sum(written)),
        lambda: df.order_by(written),
        lambda: df.join(df.alias("o"), written == df.id),
    ]
    for wrong in wrongs:
        with pytest.raises(UnsupportedFunctionError, match=r"F.elsewhere cannot be had on sqlite") as caught:
            wrong()
        assert here in caught.value.where


def test_sql_for_another_dialect_refuses_what_that_one_lacks() -> None:
    """``df.sql("mysql")`` says so, with the line of the function, and not the SQL of another database."""
    df = frame()
    made = df.where(df.k > 1).select(x=F.initcap("s"))

    with pytest.raises(UnsupportedFunctionError, match=r"F.initcap cannot be had on mysql") as caught:
        made.sql("mysql")

    assert Path(__file__).name in caught.value.where
    assert "pydbt_initcap(s)" in sql(made, "sqlite")


def test_a_variant_follows_the_type_once_it_is_known() -> None:
    """Of a name the type shows at the verb: a whole number is not rounded, a float is."""
    df = frame()
    made = df.select(a=F.round("k", 1), b=F.round("price", 1), c=F.round(df.k / 2))

    assert sql(made).startswith("SELECT k AS a, round(price, 1) AS b, CAST(round(CAST(CAST(")
    assert [kind.python_type for kind in made.schema.values()] == [int, Decimal, float]


def test_functions_on_functions_grow_no_faster_than_their_number() -> None:
    """What writes its arguments several times counts as long as that, and is computed below."""

    def length(steps: int) -> int:
        df = frame()
        for step in range(steps):
            df = df.with_column("k", F.power("k", F.lit(1.5) + step))
        return len(sql(df.select("k")))

    assert length(24) < 2.5 * length(12)


def test_values_of_a_cached_statement_are_the_next_ones(nasty: DataFrame) -> None:
    """SQLAlchemy compiles a shape once: another function, or another value, is another statement."""
    row = nasty.where(nasty.id == 4)
    functions = [
        *(F.left("s", 2), F.left("s", 4), F.right("s", 4), F.slice("s", 2), F.slice("s", -2)),
        *(F.round("x", 1), F.round("x", -1)),
        *(F.regexp_extract("s", r"(\w+) (\w+)", group) for group in (2, 1)),
    ]

    made = [row.select(x=function).collect()[0][0] for function in functions]

    assert made == ["Él", "Élan", "ital", "an vital", "al", 2.5, 0.0, "vital", "lan"]


def test_parameters_by_position_follow_the_text(nasty: DataFrame) -> None:
    """An argument that is written twice is bound twice, in the order of the SQL."""
    made = nasty.where(nasty.id == 4).select(
        x=F.log(F.col("m") * 10, F.lit(8) + 2),
        y=F.substring(F.lit("abc") + F.col("t"), F.col("m") - 6, F.lit(3) - 1),
    )

    assert made.collect() == [(pytest.approx(2.0), "vi")]


def test_a_call_is_no_condition_of_pythons_and_knows_its_type() -> None:
    """Text is text before it meets a table."""
    assert isinstance(F.upper("s"), Call)
    assert isinstance(F.upper("s").type, sa.String)
    with pytest.raises(TypeMismatchError, match=r"F.abs takes a number for number, and was given text"):
        F.abs(F.lit("one"))


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: F.upper("s") == "A" and F.col("k") > 1,
        lambda: F.col("k") == 1 or F.col("k") == 2,
        lambda: 1 < F.abs("k") < 3,
        lambda: F.col("k") + 1 in [F.col("k"), F.col("id")],
        lambda: not 1 - F.col("k"),
    ],
)
def test_comparisons_of_names_and_calls_are_no_conditions_of_pythons(mistake: Callable[[], Any]) -> None:
    """``and``, ``or``, ``not``, ``in`` and chains would silently leave out what stands before them."""
    with pytest.raises(NotAConditionError, match="is not true or false in Python"):
        mistake()


def test_what_no_standard_knows_can_still_be_shown() -> None:
    """In an error, in a repr: there it stands under its own name, and runs nowhere."""
    with pytest.raises(UnnamedColumnError, match=r"has no name: regexp_matches\(s, "):
        frame().select(F.regexp_matches("s", "a"))


def test_two_rules_do_not_share_a_name() -> None:
    """SQLAlchemy's cache tells functions apart by their rules' names."""
    with pytest.raises(AssertionError, match="two rules are called 'abs'"):
        Rule("abs", {"x": NUMBER}, type_of_first, {"duckdb": "abs({x})"})
