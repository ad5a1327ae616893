"""How many SELECTs two verbs make: what extends the open block, and what closes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func

from pydbt.sql.dataframe import DataFrame
from tests.sql.frames import small, sql

VERBS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "select": lambda df: df.select("id", "k", "s"),
    "with_column": lambda df: df.with_column("k", df.k + 1),
    "where": lambda df: df.where(df.k > 1),
    "group_by": lambda df: df.group_by("id", "s").agg(k=func.max(df.k)).select("id", "k", "s"),
    "order_by": lambda df: df.order_by("k"),
    "limit": lambda df: df.limit(5),
    "distinct": lambda df: df.distinct(),
    "inner": lambda df: df.join(small("u"), "id").select("id", "k", "s"),
    "left": lambda df: df.join(small("u"), "id", "left").select("id", "k", "s"),
    "full": lambda df: df.join(small("u"), "id", "full").select("id", "k", "s"),
    "semi": lambda df: df.join(small("u"), "id", "semi"),
    "union_all": lambda df: df.union_all(small("v")),
    "window": lambda df: df.with_column("k", func.rank().over(order_by=df.k)),
}

# A row is the first verb, a column the second: how many times the SQL says SELECT. An EXISTS counts one,
# a union two.
TABLE = """
             select with_column where group_by order_by limit distinct inner left full semi union_all window
select            1           1     1        1        1     1        1     1    1    1    2         2      1
with_column       1           1     1        1        1     1        1     1    1    2    2         2      1
where             1           1     1        1        1     1        1     1    1    2    2         2      1
group_by          1           2     1        2        1     1        1     2    2    2    3         2      2
order_by          1           1     1        1        1     1        1     1    1    1    2         2      1
limit             1           1     2        2        2     1        2     2    2    2    3         4      2
distinct          1           2     2        2        1     1        1     2    2    2    3         2      2
inner             1           1     1        1        1     1        1     1    1    1    2         2      1
left              1           1     1        1        1     1        1     1    1    1    2         2      1
full              1           1     1        2        1     1        1     2    2    2    3         2      1
semi              2           2     2        2        2     2        2     2    2    3    3         3      2
union_all         2           3     3        3        3     3        3     3    3    3    4         3      3
window            1           2     2        2        1     1        1     2    2    2    3         2      2
"""
_ROWS = [line.split() for line in TABLE.strip().splitlines()]
PAIRS = [
    (row[0], verb, int(count)) for row in _ROWS[1:] for verb, count in zip(_ROWS[0], row[1:], strict=True)
]


@pytest.mark.parametrize(("first", "second", "selects"), PAIRS)
def test_a_verb_extends_the_block_or_nests_it(first: str, second: str, selects: int) -> None:
    """Every pair of verbs makes as many SELECTs as the table says, and no more."""
    made = VERBS[second](VERBS[first](small()))
    assert sql(made).count("SELECT") == selects


def test_a_filter_on_an_aggregate_is_having() -> None:
    """No second SELECT for it."""
    df = small()
    made = df.group_by("s").agg(n=func.count())
    assert sql(made.where(made.n > 1)) == "SELECT s, count(*) AS n FROM t GROUP BY s HAVING count(*) > 1"


def test_a_filter_on_a_window_nests_by_itself() -> None:
    """WHERE comes before windows in SQL."""
    df = small()
    made = df.where(func.row_number().over(order_by=df.k) == 1).select("id")
    assert sql(made) == (
        "WITH t_windowed AS (SELECT id, row_number() OVER (ORDER BY k) = 1 AS value FROM t) "
        "SELECT id FROM t_windowed WHERE value"
    )


def test_a_filter_does_not_slip_under_a_window() -> None:
    """A filter after a window leaves the window all rows, whatever it filters on."""
    df = small()
    ranked = df.with_column("r", func.count().over(partition_by=df.s))
    assert sql(ranked.where(ranked.k > 1).select("r")) == (
        "WITH t_windowed AS (SELECT k, count(*) OVER (PARTITION BY s) AS r FROM t) "
        "SELECT r FROM t_windowed WHERE k > 1"
    )


def test_limit_closes_the_block_and_keeps_its_order() -> None:
    """A filter after a limit works on the limited rows; ORDER BY stays with LIMIT and goes on above."""
    df = small().order_by("k").limit(3)
    assert sql(df.where(df.id > 1).select("id")) == (
        "WITH t_limited AS (SELECT id, k FROM t ORDER BY k LIMIT 3) "
        "SELECT id FROM t_limited WHERE id > 1 ORDER BY k"
    )


def test_columns_nobody_reads_are_not_selected_nor_computed() -> None:
    """A dead with_column leaves no trace."""
    df = small()
    made = df.with_column("dead", func.random()).with_column("r", func.rank().over(order_by=df.k))
    assert sql(made.where(made.r == 1).select("id")) == (
        "WITH t_windowed AS (SELECT id, rank() OVER (ORDER BY k) AS r FROM t) "
        "SELECT id FROM t_windowed WHERE r = 1"
    )


def test_a_key_with_a_constant_is_computed_below_and_grouped_by_its_name() -> None:
    """In GROUP BY its parameter would be another one than in SELECT."""
    df = small()
    made = df.group_by((df.k + 1).label("next")).agg(n=func.count())
    assert sql(made) == (
        "WITH t_computed AS (SELECT k + 1 AS next FROM t) "
        "SELECT next, count(*) AS n FROM t_computed GROUP BY next"
    )


def test_an_inlined_column_keeps_its_parentheses() -> None:
    """``(a + 1) * 2`` and ``(a OR b) AND c`` keep their meaning when they take a leaf's place."""
    df = small()
    df = df.with_columns(n=df.k + 1, either=(df.k == 1) | (df.s == "x"))
    made = df.where(df.either & (df.id == 3)).select(twice=df.n * 2)
    assert sql(made) == "SELECT (k + 1) * 2 AS twice FROM t WHERE (k = 1 OR s = 'x') AND id = 3"


def test_a_column_used_again_and_again_is_computed_once() -> None:
    """Doubling twenty times does not double the text twenty times."""
    df = small()
    for _ in range(20):
        df = df.with_column("k", df.k + df.k)
    assert len(sql(df)) < 5000


def test_volatile_and_window_columns_are_computed_once() -> None:
    """What chance gave is not asked again."""
    df = small().with_column("r", func.random())
    assert sql(df.where((df.r > 0) & (df.r < 9)).select("r")).count("random()") == 1


def test_a_cte_never_hides_a_table() -> None:
    """A table called like the CTE keeps its rows."""
    df = small().distinct()
    df = df.where(df.k > 1)
    assert "WITH t_distinct_2 AS" in sql(df.join(small("t_distinct"), "id"))


def test_five_hundred_steps_compile() -> None:
    """No recursion over the length of a chain, dependent or not."""
    df = small()
    for number in range(500):
        df = df.with_column("k", df.k + number).with_column(f"c{number}", df.id + number)
    assert len(df.columns) == 503
    assert sql(df).startswith("WITH t_computed AS")
