"""Numbers: the same result and type on SQLite, DuckDB and PostgreSQL, as Python has it."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pydbt import F
from pydbt.errors import FunctionArgumentError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from tests.sql.functions.nasty import case, check

# SQLAlchemy warns of what SQLite does to decimals; three places survive it.
pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

NEAR = 1e-12


def decimal(rounding: str, digits: int = 0) -> Callable[[Decimal], Decimal]:
    def rounded(number: Decimal) -> Decimal:
        return number.scaleb(digits).quantize(Decimal(1), rounding=rounding).scaleb(-digits)

    return rounded


def whole(digits: int) -> Callable[[int], int]:
    return lambda number: int(decimal(ROUND_HALF_UP, digits)(Decimal(number)))


def half_away(number: float) -> float:
    return (
        float(Decimal(number).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        if abs(number) < 1e15 + 1
        else number
    )


def as_float(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: float(function(number))


def or_none(function: Callable[..., float]) -> Callable[..., float | None]:
    def computed(*numbers: float) -> float | None:
        try:
            found = function(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return found if isinstance(found, float) else None

    return computed


powered = or_none(lambda number, exponent: float(number) ** exponent)

KEEPING = [
    case("abs", F.abs("n"), "n", abs),
    case("abs of a float", F.abs("x"), "x", abs),
    case("abs of a decimal", F.abs("price"), "price", abs),
    case("sign", F.sign("n"), "n", lambda n: (n > 0) - (n < 0)),
    case("sign of a float", F.sign("x"), "x", lambda n: (n > 0) - (n < 0)),
    case("sign of a decimal", F.sign("price"), "price", lambda n: (n > 0) - (n < 0)),
    case("ceil", F.ceil("n"), "n", lambda n: n),
    case("ceil of a float", F.ceil("x"), "x", as_float(math.ceil)),
    case("ceil of a decimal", F.ceil("price"), "price", decimal(ROUND_CEILING)),
    case("floor", F.floor("n"), "n", lambda n: n),
    case("floor of a float", F.floor("x"), "x", as_float(math.floor)),
    case("floor of a decimal", F.floor("price"), "price", decimal(ROUND_FLOOR)),
    case("trunc", F.trunc("n"), "n", lambda n: n),
    case("trunc of a float", F.trunc("x"), "x", as_float(math.trunc)),
    case("trunc of a decimal", F.trunc("price"), "price", decimal(ROUND_DOWN)),
    case("round", F.round("n"), "n", lambda n: n),
    case("round to digits", F.round("n", 2), "n", lambda n: n),
    case("round to tens", F.round("n", -1), "n", whole(-1)),
    case("round to thousands", F.round("n", -3), "n", whole(-3)),
    case("round a float", F.round("x"), "x", half_away),
    case("round a float to digits", F.round("x", 2), "x", lambda x: half_away(x * 100) / 100),
    case("round a float to tens", F.round("x", -1), "x", lambda x: half_away(x / 10) * 10, precision=1e-15),
    case("round a decimal", F.round("price"), "price", decimal(ROUND_HALF_UP)),
    case("round a decimal to digits", F.round("price", 2), "price", decimal(ROUND_HALF_UP, 2)),
    case("round a decimal to tens", F.round("price", -1), "price", decimal(ROUND_HALF_UP, -1)),
    case("mod", F.mod("n", "m"), "n m", lambda n, m: n % m if m else None),
    case("mod of a float", F.mod("y", 2), "y", lambda y: y % 2),
    case("bitwise_and", F.bitwise_and("n", "m"), "n m", lambda n, m: n & m),
    case("bitwise_or", F.bitwise_or("n", "m"), "n m", lambda n, m: n | m),
    case("bitwise_xor", F.bitwise_xor("n", "m"), "n m", lambda n, m: n ^ m),
    case("bitwise_not", F.bitwise_not("n"), "n", lambda n: ~n),
]

FLOATS = [
    case("sqrt", F.sqrt("x"), "x", or_none(math.sqrt), precision=NEAR),
    case("sqrt of a whole number", F.sqrt("n"), "n", or_none(math.sqrt), precision=NEAR),
    case("sqrt of a decimal", F.sqrt("price"), "price", or_none(math.sqrt), precision=NEAR),
    case("exp", F.exp("x"), "x", or_none(math.exp), precision=NEAR),
    case("exp of a whole number", F.exp("n"), "n", or_none(math.exp), precision=NEAR),
    case("ln", F.ln("x"), "x", or_none(math.log), precision=NEAR),
    case("ln of a decimal", F.ln("price"), "price", or_none(math.log), precision=NEAR),
    case("log10", F.log10("x"), "x", or_none(math.log10), precision=NEAR),
    case("log", F.log("x", "y"), "x y", or_none(lambda x, y: math.log(x) / math.log(y)), precision=NEAR),
    case("log to 2", F.log("n", 2), "n", or_none(lambda n: math.log(n) / math.log(2)), precision=NEAR),
    case("power", F.power("x", "y"), "x y", powered, precision=NEAR),
    case("power of whole numbers", F.power("n", "m"), "n m", powered, precision=NEAR),
    case("power of a decimal", F.power("price", "y"), "price y", powered, precision=NEAR),
    case("square", F.power("x", 2), "x", or_none(lambda x: x**2), precision=NEAR),
    case("sin", F.sin("x"), "x", math.sin, precision=1e-9),
    case("cos", F.cos("x"), "x", math.cos, precision=1e-9),
    case("tan", F.tan("y"), "y", math.tan, precision=1e-9),
    case("asin", F.asin("x"), "x", or_none(math.asin), precision=NEAR),
    case("acos", F.acos("price"), "price", or_none(math.acos), precision=NEAR),
    case("atan", F.atan("n"), "n", math.atan, precision=NEAR),
    case("atan2", F.atan2("x", "y"), "x y", math.atan2, precision=NEAR),
    case("degrees", F.degrees("y"), "y", math.degrees, precision=NEAR),
    case("radians", F.radians("price"), "price", math.radians, precision=NEAR),
    case("pi", F.pi(), "", lambda: math.pi),
]  # fmt: skip


@pytest.mark.parametrize("case", [*KEEPING, *FLOATS])
def test_a_function_of_numbers_gives_what_python_says(nasty: DataFrame, case: Any) -> None:
    """On every database, of every type of number, of huge ones, below zero, NULL."""
    check(nasty, case)


@pytest.mark.parametrize("digits", [16, -16, 1.5, True, "n", None])
def test_digits_are_a_number_python_knows(digits: Any) -> None:
    """A column of digits, or too many, is told when the expression is written."""
    with pytest.raises(FunctionArgumentError, match="digits"):
        F.round("x", digits)


@pytest.mark.parametrize("function", [F.abs, F.round, F.sqrt, F.bitwise_not])
def test_a_function_of_numbers_refuses_text(nasty: DataFrame, function: Any) -> None:
    """Databases would read the text each in its own way."""
    with pytest.raises(TypeMismatchError, match=r"a (whole )?number for number, and was given"):
        nasty.select(result=function("s"))


def test_bits_are_those_of_whole_numbers(nasty: DataFrame) -> None:
    """A float has no bits that databases agree on."""
    with pytest.raises(TypeMismatchError, match="takes a whole number for other"):
        nasty.select(result=F.bitwise_and("n", "x"))
