"""Random values: what Python says of a function holds for values that nobody thought of."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DATABASES
from tests.sql.functions import test_conditional, test_numbers, test_text
from tests.sql.functions.nasty import check, table_of

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")

CASES = [
    parameter.values[0]
    for parameter in (
        *(*test_numbers.KEEPING, *test_numbers.FLOATS, *test_conditional.CASES),
        *(*test_text.WHOLE, *test_text.PARTS, *test_text.SLICES, *test_text.PATTERNS),
    )
]
SIGNS = "abcABC xyz0129 _-,.%'\"\\\n\t ßéÉ🙂👩\u200d👧\u0301[](){}*+?^$|ñΩ"


def random_rows(seed: int, count: int = 60) -> list[tuple[Any, ...]]:
    """So many rows of the table of ``nasty.py``; each value is NULL now and then."""
    chance = random.Random(seed)

    def perhaps(*made: Callable[[], Any]) -> Any:
        return None if chance.random() < 0.08 else chance.choice(made)()

    def number(bound: int) -> Any:
        return perhaps(
            lambda: chance.randint(-20, 20),
            lambda: chance.randint(-bound, bound),
            lambda: chance.randint(-200, 200) * 5,
        )

    def fraction() -> Any:
        return perhaps(
            lambda: chance.uniform(-800, 800),
            lambda: chance.randint(-2000, 2000) / 1000,
            lambda: chance.randint(-20, 20) / 8,
            lambda: float(chance.randint(-5, 5)),
        )

    def price() -> Any:
        return perhaps(
            lambda: Decimal(chance.randint(-(10**7), 10**7)).scaleb(-3),
            lambda: Decimal(chance.randint(-4000, 4000)).scaleb(-3),
        )

    def text() -> Any:
        return perhaps(lambda: "".join(chance.choices(SIGNS, k=chance.choice([0, 1, 2, 3, 5, 9, 20]))))

    return [
        (
            *(row, number(2**62), number(2**31 - 1)),
            perhaps(fraction, lambda: 10.0 ** chance.randint(-300, 300)),
            *(fraction(), price(), text(), text(), chance.choice([True, False, None])),
        )
        for row in range(1, count + 1)
    ]


@pytest.mark.parametrize("database", DATABASES)
def test_functions_hold_for_random_values(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """On every database; the seed is told, and `random_rows` of it gives the same rows again."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/t.sqlite", "duckdb": f"duckdb:///{tmp_path}/t.duckdb"}
    seed = random.SystemRandom().randrange(2**32)
    rows = random_rows(seed)
    wrong: list[str] = []

    with table_of(urls.get(database) or request.getfixturevalue("postgresql_url"), rows) as df:
        for case in CASES:
            try:
                check(df, case, rows)
            except AssertionError as error:
                wrong.append(f"{case.name}: {error}")

    assert wrong == [], f"seed {seed}"
