"""The reference interpreter by itself: every rule of it, with answers worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.sql.oracle.program import (
    Agg,
    Alias,
    Asof,
    ByName,
    Call,
    Col,
    Combine,
    Distinct,
    Drop,
    Dropna,
    Fillna,
    Group,
    Join,
    Key,
    Limit,
    Lit,
    Order,
    Pick,
    Pivot,
    Plan,
    Program,
    Rename,
    Replace,
    Right,
    Sample,
    Select,
    Sub,
    Table,
    TopK,
    Unpivot,
    Where,
    Window,
    WithColumns,
)
from tests.sql.oracle.reference.expressions import aggregate, ranked, values
from tests.sql.oracle.reference.frame import MOST_PAIRS, MOST_ROWS, Frame, Groups, TooManyRowsError
from tests.sql.oracle.reference.scalars import SCALARS
from tests.sql.oracle.reference.verbs import frames

DAY = dt.date(2024, 2, 29)
MIDNIGHT, NOON = dt.datetime(2024, 2, 29), dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001  moments have no zone
LEFT = Table("t", (("a", "int"), ("s", "text")), ((1, "x"), (2, None), (None, "y"), (2, "x")))
RIGHT = Table("u", (("a", "int"), ("b", "int")), ((2, 20), (3, 30), (None, 40), (2, 21)))


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("+", (1, 2), 3),
        ("+", ("a", "b"), "ab"),
        ("+", (1, None), None),
        ("+", (Decimal("0.5"), 1.5), 2.0),
        ("+", (1.5, Decimal("0.5")), 2.0),
        ("-", (Decimal("0.5"), 1), Decimal("-0.5")),
        ("*", (3, -2), -6),
        ("/", (7, 2), 3.5),
        ("/", (7, 0), None),
        ("/", (None, 0), None),
        ("//", (-7, 2), -4),
        ("//", (-7, 0), None),
        ("//", (7.5, 2), 3.0),
        ("%", (-7, 2), 1),
        ("%", (7, -2), -1),
        ("%", (7, 0), None),
        ("%", (7.5, 2), 1.5),
        ("neg", (3,), -3),
        ("abs", (-3,), 3),
        ("floor", (-1.5,), -2.0),
        ("floor", (3,), 3),
        ("==", (DAY, MIDNIGHT), True),
        ("<", (DAY, NOON), True),
        (">", (DAY, DAY), False),
        ("!=", (1, None), None),
        ("<=", (1, 1), True),
        (">=", ("a", "b"), False),
        ("between", (2, 1, 3), True),
        ("between", (2, 3, None), False),
        ("between", (2, None, 3), None),
        ("in", (1, 2, 1), True),
        ("in", (1, 2), False),
        ("in", (None, 2), None),
        ("not_in", (1, 2), True),
        ("not_in", (None, 2), None),
        ("and", (True, None), None),
        ("and", (False, None), False),
        ("and", (True, True), True),
        ("or", (True, None), True),
        ("or", (False, None), None),
        ("or", (False, False), False),
        ("not", (None,), None),
        ("not", (True,), False),
        ("is_null", (None,), True),
        ("is_not_null", (None,), False),
        ("case", (None, 1, True, 2, 3), 2),
        ("case", (False, 1, 3), 3),
        ("case", (False, 1), None),
        ("coalesce", (None, 2), 2),
        ("coalesce", (None, None), None),
        ("nullif", (1, 1), None),
        ("nullif", (1, None), 1),
        ("nullif", (None, None), None),
        ("lower", ("AÉ",), "aé"),
        ("length", ("é😀",), 2),
        ("trim", (" a ",), "a"),
        ("substr", ("abc", 2, 1), "b"),
        ("substr", ("abc", 2, 5), "bc"),
        ("replace", ("aba", "a", "%"), "%b%"),
        ("like", ("a\nb%", "a%_"), True),
        ("like", ("A", "a"), False),
        ("like", ("a.", "a_"), True),
        ("like", ("ab", "a."), False),
        ("not_like", ("ab", "b"), True),
        ("not_like", (None, "b"), None),
        ("ilike", ("A", "a"), True),
        ("contains", ("abc", "b"), True),
        ("startswith", ("abc", "b"), False),
        ("endswith", ("abc", "c"), True),
        ("as_text", (12,), "12"),
        ("as_float", (1,), 1.0),
        ("as_long", (1,), 1),
        ("greatest", (1, None, 3), 3),
        ("least", ("b", "B"), "B"),
        ("greatest", (None, None), None),
        ("sign", (Decimal("-0.5"),), -1),
        ("sign", (0,), 0),
        ("upper", ("aéß",), "AÉẞ"),
        ("reverse", ("ab",), "ba"),
        ("left", ("abc", 2), "ab"),
        ("left", ("abc", -1), "ab"),
        ("right", ("abc", 2), "bc"),
        ("right", ("abc", 0), ""),
        ("right", ("abc", -1), "bc"),
        ("ceil", (-1.5,), -1.0),
        ("trunc", (Decimal("-1.5"),), Decimal(-1)),
        ("round", (-2.5, 0), -3.0),
        ("round", (Decimal("0.125"), 2), Decimal("0.13")),
        ("round", (1445, -1), 1450),
        ("bitwise_and", (12, 10), 8),
        ("bitwise_or", (12, 10), 14),
        ("bitwise_xor", (-1, 10), -11),
        ("bitwise_not", (12,), -13),
        ("lpad", ("ab", 5, "xy"), "xyxab"),
        ("lpad", ("abc", 2, "x"), "ab"),
        ("rpad", ("ab", 5, "xy"), "abxyx"),
        ("rpad", ("abc", 0, "x"), ""),
        ("ltrim", ("aab a", "a"), "b a"),
        ("rtrim", (" a ", " "), " a"),
        ("repeat", ("ab", 2), "abab"),
        ("repeat", ("ab", -1), ""),
        ("split_part", ("a-b", "-", 2), "b"),
        ("split_part", ("a-b", "-", -2), "a"),
        ("split_part", ("a-b", "-", 3), ""),
        ("split_part", ("a-b", "-", -3), ""),
        ("concat_ws", ("-", "a", None, "b"), "a-b"),
        ("concat_ws", ("-", None), ""),
        ("ascii", ("é",), 233),
        ("ascii", ("",), 0),
        ("md5", ("a",), "0cc175b9c0f1b6a831c399e269772661"),
        ("strpos", ("abc", "c"), 3),
        ("strpos", ("abc", "x"), 0),
        ("year", (NOON,), 2024),
        ("month", (DAY,), 2),
        ("day", (None,), None),
        ("hour", (NOON,), 12),
        ("quarter", (dt.date(2022, 12, 30),), 4),
        ("quarter", (dt.date(2022, 3, 31),), 1),
        ("week", (dt.date(2023, 1, 1),), 52),
        ("day_of_week", (dt.date(2023, 1, 1),), 7),
        ("day_of_year", (DAY,), 60),
        ("date", (NOON,), DAY),
        ("last_day", (dt.date(2024, 2, 1),), DAY),
        ("last_day", (dt.date(2022, 12, 30),), dt.date(2022, 12, 31)),
        ("month_begin", (DAY,), dt.date(2024, 2, 1)),
        ("month_begin", (NOON,), dt.datetime(2024, 2, 1)),  # noqa: DTZ001  as above
        ("add_days", (DAY, 1), dt.date(2024, 3, 1)),
        ("add_months", (DAY, 12), dt.date(2025, 2, 28)),
        ("add_months", (dt.date(2024, 1, 31), 3), dt.date(2024, 4, 30)),
        ("add_months", (NOON, -2), dt.datetime(2023, 12, 29, 12)),  # noqa: DTZ001  as above
        ("diff_days", (DAY, NOON), 0),
        ("diff_days", (DAY, dt.date(2024, 3, 1)), 1),
        ("diff_months", (dt.date(2024, 3, 1), DAY), -1),
    ],
)
def test_operators_and_functions(name: str, args: tuple[Any, ...], expected: Any) -> None:
    """NULL goes through all of them but those that ask for it; three-valued logic is SQL's."""
    found = SCALARS[name](*args)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("count", 3), ("sum", 5), ("avg", 5 / 3), ("min", 1), ("max", 2), ("median", 2.0)],
)
def test_aggregates_leave_nulls_out(name: str, expected: Any) -> None:
    """And of nothing there is NULL, but a count of 0."""
    assert aggregate(name, [1, None, 2, 2]) == expected
    assert aggregate(name, [None]) == (0 if name == "count" else None)


def test_aggregates_of_groups() -> None:
    """Of all rows, of distinct values, of the rows of a condition, beside the key."""
    groups = Groups(("k",), [("x",), ("y",)], [Frame(("a",), [(1,), (1,), (None,)]), Frame(("a",), [(3,)])])

    assert values(Agg("count"), groups) == [3, 1]
    assert values(Agg("count", Col("a"), is_distinct=True), groups) == [1, 1]
    assert values(Agg("sum", Col("a")), groups) == [2, 3]
    assert values(Agg("count", where=Call(">", (Col("a"), Lit(1, "int")))), groups) == [0, 1]
    assert values(Call("+", (Col("k"), Lit("!", "text"))), groups) == ["x!", "y!"]


def test_the_order_of_keys() -> None:
    """NULL last unless told, both ways; equal keys have one number."""
    frame = Frame(("a", "b"), [(2, 1), (None, 2), (1, 3), (2, 4)])

    assert ranked((Key(Col("a")),), frame) == ([2, 0, 3, 1], [0, 1, 1, 3])
    assert ranked((Key(Col("a"), descending=True),), frame)[0] == [0, 3, 2, 1]
    assert ranked((Key(Col("a"), nulls_first=True), Key(Col("b"), descending=True)), frame)[0] == [1, 2, 3, 0]
    assert ranked((), frame) == ([0, 1, 2, 3], [0, 0, 0, 0])


NUMBERS = Frame(("k", "a"), [("x", 3), ("x", 1), ("y", 1), ("x", 1), ("x", None)])
BY_A = (Key(Col("a")),)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window("row_number", (), (), BY_A), [4, 1, 2, 3, 5]),
        (Window("rank", (), (), BY_A), [4, 1, 1, 1, 5]),
        (Window("dense_rank", (), (), BY_A), [2, 1, 1, 1, 3]),
        (Window("ntile", (Lit(2, "int"),), (), BY_A), [2, 1, 1, 1, 2]),
        (Window("ntile", (Lit(3, "int"),), (), BY_A), [2, 1, 1, 2, 3]),
        (Window("lag", (Col("a"),), (), BY_A), [1, None, 1, 1, 3]),
        (Window("lag", (Col("a"), Lit(2, "int")), (), BY_A), [1, None, None, 1, 1]),
        (Window("lead", (Col("a"),), (Col("k"),), BY_A), [None, 1, None, 3, None]),
        (Window("count"), [5, 5, 5, 5, 5]),
        (Window("sum", (Col("a"),), (Col("k"),)), [5, 5, 1, 5, 5]),
        (Window("sum", (Col("a"),), (), BY_A), [6, 3, 3, 3, 6]),
        (Window("sum", (Col("a"),), (), BY_A, (None, 0)), [6, 1, 2, 3, 6]),
        (Window("count", (), (), BY_A, (-1, 0)), [2, 1, 2, 2, 2]),
        (Window("max", (Col("a"),), (), BY_A, (0, None)), [3, 3, 3, 3, None]),
        (Window("first_value", (Col("a"),), (), BY_A, (-1, -1)), [1, None, 1, 1, 3]),
        (Window("last_value", (Col("a"),), (), BY_A, (1, 2)), [None, 1, 3, None, None]),
        (Window("nth_value", (Col("a"), Lit(2, "int")), (), BY_A, (-1, 0)), [3, None, 1, 1, None]),
        (Window("percent_rank", (), (), BY_A), [0.75, 0.0, 0.0, 0.0, 1.0]),
        (Window("percent_rank", (), (Col("k"),), (Key(Col("k")),)), [0.0, 0.0, 0.0, 0.0, 0.0]),
        (Window("cume_dist", (), (), BY_A), [0.8, 0.6, 0.6, 0.6, 1.0]),
    ],
)
def test_windows(window: Window, expected: list[Any]) -> None:
    """Places, neighbours, running totals with peers, and frames of rows."""
    assert values(window, NUMBERS) == expected


def made(*steps: Any) -> Frame:
    """What verbs make of the left table."""
    return frames(Program((LEFT, RIGHT), Plan(0, steps)))[-1]


def test_verbs_of_columns() -> None:
    """Each reads the columns as they were, and keeps the order of the rows."""
    ordered = Order((Key(Col("a"), descending=True),))
    swapped = WithColumns((("a", Col("s")), ("new", Col("a"))))

    assert made(Select((("x", Col("a")),))).rows == [(1,), (2,), (None,), (2,)]
    assert made(ordered, swapped).names == ("a", "s", "new")
    assert made(ordered, swapped).rows[2:] == [("x", "x", 1), ("y", "y", None)]
    assert made(ordered, swapped, Drop(("s",)), Rename((("a", "z"),))).names == ("z", "new")
    assert made(ordered, Drop(("s",)), Alias("me")).ties == [0, 0, 2, 3]


def test_verbs_of_rows() -> None:
    """Only true is true; distinct takes NULL for a value; a limit keeps the order."""
    large = Call(">", (Col("a"), Lit(1, "int")))

    assert made(Where((large,))).rows == [(2, None), (2, "x")]
    assert made(Where((large, Call("is_null", (Col("s"),))))).rows == [(2, None)]
    assert made(Drop(("s",)), Distinct()).rows == [(1,), (2,), (None,)]
    cut = made(Order((Key(Col("a")),)), Limit(2, 1), Where((large,)))
    assert (cut.rows, cut.ties) == ([(2, None), (2, "x")], [1, 1])
    assert made(Limit(1)).ties is None


def test_groups() -> None:
    """NULL is a group; without keys there is one row whatever there is."""
    count = (("n", Agg("count")),)
    none = Where((Lit(False, "bool"),))  # noqa: FBT003  the value is the point

    assert made(Group((("a", Col("a")),), count)).rows == [(1, 1), (2, 2), (None, 1)]
    assert made(none, Group((), count)).rows == [(0,)]
    assert made(none, Group((("a", Col("a")),), count)).rows == []


ON_A: dict[str, list[Any]] = {
    "inner": [(2, None, 20), (2, None, 21), (2, "x", 20), (2, "x", 21)],
    "left": [(1, "x", None), (None, "y", None)],
    "right": [(3, None, 30), (None, None, 40)],
}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("inner", ON_A["inner"]),
        ("left", ON_A["inner"] + ON_A["left"]),
        ("right", ON_A["inner"] + ON_A["right"]),
        ("full", ON_A["inner"] + ON_A["left"] + ON_A["right"]),
        ("semi", [(2, None), (2, "x")]),
        ("anti", [(1, "x"), (None, "y")]),
    ],
)
def test_joins_on_a_name(how: str, expected: list[Any]) -> None:
    """NULL matches nothing; the key comes once, from the side that has it."""
    assert made(Join(Plan(1), how, ("a",))).rows == expected


def test_joins_on_a_condition() -> None:
    """Both sides keep their columns, and what clashes gets the suffix."""
    below = Call("<", (Col("a"), Right("a")))
    found = made(Join(Plan(1, (Limit(2),)), "inner", (), below, "_2"))

    assert found.names == ("a", "s", "a_2", "b")
    assert found.rows == [(1, "x", 2, 20), (1, "x", 3, 30), (2, None, 3, 30), (2, "x", 3, 30)]
    assert len(made(Join(Plan(1), "cross")).rows) == 16


def test_an_earlier_frame_of_the_program() -> None:
    """Another plan may start from it, also below a join of its own."""
    first = Where((Call("is_not_null", (Col("a"),)),))
    inner = Join(Plan(None, (Limit(1),), 0), "semi", ("a",))
    outer = Join(Plan(None, (inner,), 1), "anti", ("a",))

    assert made(first, outer).rows == [(2, None), (2, "x")]


@pytest.mark.parametrize(
    ("verb", "expected"),
    [("union_all", 8), ("union", 4), ("intersect", 2), ("except_", 2)],
)
def test_set_operations(verb: str, expected: int) -> None:
    """All but union_all give each row once."""
    twos = Where((Call("==", (Col("a"), Lit(2, "int"))),))
    everything = Plan(None, (), 0) if verb.startswith("union") else Plan(None, (twos,), 0)

    assert len(made(Combine(verb, everything)).rows) == expected


def test_too_many_rows() -> None:
    """A program that grows beyond what is worth comparing stops there; the pairs of a join may be more."""
    pairs = [(1, 1)] * (MOST_ROWS + 1)
    with pytest.raises(TooManyRowsError):
        Frame(("a", "b"), pairs)
    assert len(Frame(("a",), pairs, right=("b",)).rows) == MOST_ROWS + 1
    with pytest.raises(TooManyRowsError):
        Frame(("a",), [(1, 1)] * (MOST_PAIRS + 1), right=("b",))


def test_aggregates_of_conditions() -> None:
    """NULL is neither; of nothing there is NULL, but a count of 0."""
    assert aggregate("count_if", [True, None, False, True]) == 2
    assert aggregate("count_if", [None]) == 0
    assert aggregate("bool_and", [True, None]) is True
    assert aggregate("bool_or", [False, None]) is False
    assert aggregate("bool_or", [None]) is None


def test_sub_totals() -> None:
    """Keys that a set of groups is without are NULL; the set of no keys has a row whatever there is."""
    keys, count = (("a", Col("a")), ("s", Col("s"))), (("n", Agg("count")),)
    totals: list[Any] = [(1, None, 1), (2, None, 2), (None, None, 1), (None, None, 4)]
    pairs: list[Any] = [(1, "x", 1), (2, None, 1), (None, "y", 1), (2, "x", 1)]
    texts: list[Any] = [(None, "x", 2), (None, None, 1), (None, "y", 1)]

    assert made(Group(keys, count, "rollup")).rows == pairs + totals
    assert sorted(made(Group(keys, count, "cube")).rows, key=str) == sorted(pairs + totals + texts, key=str)
    assert made(Limit(0), Group(keys, count, "rollup")).rows == [(None, None, 0)]


def test_verbs_that_clean() -> None:
    """Rows with gaps go or are filled; of rows with the same columns one stays."""
    by_text = (Key(Col("s")),)

    assert made(Dropna("any", ("a", "s"))).rows == [(1, "x"), (2, "x")]
    assert made(Dropna("all", ("a", "s"))).rows == list(LEFT.rows)
    assert made(Fillna((("a", Lit(0, "int")),))).rows == [(1, "x"), (2, None), (0, "y"), (2, "x")]
    assert sorted(made(Pick(("a",), "first", by_text)).rows, key=str) == [(1, "x"), (2, "x"), (None, "y")]
    assert sorted(made(Pick(("a",), "last", by_text)).rows, key=str) == [(1, "x"), (2, None), (None, "y")]


TWO, MORE = Lit(2, "int"), Call(">", (Agg("count"), Lit(1, "int")))


def test_conditions_on_groups() -> None:
    """Each is true of the groups that stay; of all rows there may be none."""
    count = (("n", Agg("count")),)
    of_two = Call("==", (Col("a"), TWO))

    assert made(Group((("a", Col("a")),), count, having=(MORE,))).rows == [(2, 2)]
    assert made(Group((("a", Col("a")),), count, having=(of_two, MORE))).rows == [(2, 2)]
    assert made(Group((), count, having=(Call("not", (MORE,)),))).rows == []
    assert made(Group((("a", Col("a")),), count, "rollup", having=(MORE,))).rows == [(2, 2), (None, 4)]


def test_grouping_sets() -> None:
    """Each set by itself, also one that comes twice."""
    keys, count = (("a", Col("a")), ("s", Col("s"))), (("n", Agg("count")),)
    found = made(Group(keys, count, "grouping_sets", ((0,), (), ())))

    assert found.names == ("a", "s", "n")
    assert found.rows == [(1, None, 1), (2, None, 2), (None, None, 1), (None, None, 4), (None, None, 4)]


def test_values_that_become_columns() -> None:
    """Each aggregate over the rows that have the value, NULL among the values."""
    pivot = Pivot(Col("s"), (("x", Lit("x", "text")), ("none", Lit(None, "text"))))
    big = Agg("count", None, where=Call("==", (Col("a"), TWO)))
    more = Call("+", (big, Lit(1, "int")))

    one = made(Group((), (("n", Agg("count")),), pivot=pivot))
    several = made(Group((("a", Col("a")),), (("n", more), ("m", Agg("max", Col("a")))), pivot=pivot))

    assert (one.names, one.rows) == (("x", "none"), [(2, 1)])
    assert several.names == ("a", "x_n", "x_m", "none_n", "none_m")
    assert several.rows == [(1, 1, 1, 1, None), (2, 2, 2, 2, 2), (None, 1, None, 1, None)]


def test_columns_below_each_other() -> None:
    """Each row once for each of them, with its name, NULL too."""
    found = made(Limit(2), Unpivot(("a",), ("s", "a"), "name", "value"))

    assert found.names == ("a", "name", "value")
    assert found.rows == [(1, "s", "x"), (1, "a", 1), (2, "s", None), (2, "a", 2)]


def test_the_first_in_an_order_and_other_values() -> None:
    """A replacement takes all values at once: two may change places."""
    swapped = ((Lit(1, "int"), TWO), (TWO, Lit(1, "int")))

    top = made(TopK(2, (Key(Col("a"), descending=True), Key(Col("s")))))

    assert (top.rows, top.ties) == ([(2, "x"), (2, None)], [0, 1])
    assert made(Replace(swapped, ("a",))).rows == [(2, "x"), (1, None), (None, "y"), (1, "x")]
    assert made(Replace(((Lit("x", "text"), Lit(None, "text")),), ("s",))).rows[0] == (1, None)


def test_samples() -> None:
    """A row is in by the MD5 of the seed and its text: 0| is 8b…, 0|1 is ae…, 0|2 is eb…."""
    assert made(Sample(("a",), 0, 0.75)).rows == [(1, "x"), (None, "y")]
    assert made(Sample(("a",), 0, 0.5)).rows == []
    assert made(Sample(("a",), 0, 1.0)).rows == list(LEFT.rows)
    assert made(Sample(("a",), 0, count=1)).rows == [(None, "y")]
    assert made(Sample(("a",), 0, count=3)).rows == [(None, "y"), (1, "x"), (2, None)]


def test_a_union_by_name() -> None:
    """Columns find each other by name; what a side lacks is NULL."""
    found = made(Limit(1), ByName(Plan(1, (Limit(1),)), allow_missing=True))

    assert found.names == ("a", "s", "b")
    assert found.rows == [(1, "x", None), (2, None, 20)]


@pytest.mark.parametrize(
    ("direction", "tolerance", "expected"),
    [
        ("backward", None, [None, 20, None, 20]),
        ("forward", None, [20, 20, None, 20]),
        ("forward", 0, [None, 20, None, 20]),
        ("nearest", 1, [20, 20, None, 20]),
    ],
)
def test_the_nearest_row(direction: str, tolerance: int | None, expected: list[Any]) -> None:
    """Every row stays; of equal moments the first in order of the other columns counts, NULL matches none."""
    found = made(Asof(Plan(1), ("a", "a"), (), direction, tolerance, "_2"))

    assert found.names == ("a", "s", "a_2", "b")
    assert [row[3] for row in found.rows] == expected


def test_the_nearest_moment() -> None:
    """Of two as near the earlier; by equal columns only; a tolerance counts days."""
    early, late = Decimal(1), Decimal(3)
    days = Table("d", (("k", "int"), ("on", "date")), ((1, DAY), (2, DAY)))
    times = Table(
        "m",
        (("k", "int"), ("at", "moment"), ("n", "decimal")),
        ((1, dt.datetime(2024, 3, 1), late), (1, dt.datetime(2024, 2, 28), early)),  # noqa: DTZ001  as above
    )

    def found(by: tuple[str, ...], direction: str, tolerance: int | None) -> list[Any]:
        asof = Asof(Plan(1), ("on", "at"), by, direction, tolerance, "_2")
        return [row[-1] for row in frames(Program((days, times), Plan(0, (asof,))))[-1].rows]

    assert found(("k",), "nearest", None) == [early, None]
    assert found((), "forward", 1) == [late, late]
    assert found((), "forward", 0) == [None, None]


def test_subqueries() -> None:
    """A value is among others or not, and never unknown; a row matches; a scalar is NULL without a row."""
    other = Plan(1, (Select((("a", Col("a")),)),))
    none = Plan(1, (Select((("a", Col("a")),)), Limit(0)))
    large = Call(">", (Right("b"), Lit(20, "int")))

    assert made(Where((Sub("isin", other, Col("a")),))).rows == [(2, None), (2, "x")]
    assert made(Where((Call("not", (Sub("isin", other, Col("a")),)),))).rows == [(1, "x"), (None, "y")]
    assert made(Where((Sub("exists", Plan(1), None, ("a",), large),))).rows == [(2, None), (2, "x")]
    assert len(made(Where((Sub("exists", Plan(1)),))).rows) == 4
    assert made(Where((Sub("exists", none),))).rows == []
    assert made(Limit(1), WithColumns((("n", Sub("scalar", other)),))).rows == [(1, "x", 2)]
    assert made(Limit(1), WithColumns((("n", Sub("scalar", none)),))).rows == [(1, "x", None)]
