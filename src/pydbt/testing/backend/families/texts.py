"""Text: compared by code point and to its last blank, LIKE with capitals, and values that look like SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, literal

from pydbt.sql.dataframe import DataFrame
from pydbt.testing.backend.case import Case, Tables, each

_NO = [False, False, False, False, None, False]
_BOOLEANS = each(
    "texts",
    "texts",
    "boolean",
    {
        "= tells capitals": (lambda t: t.s == "b", [True, False, False, False, None, False]),
        "= tells a blank at the end": (lambda t: t.s == "a", [False, False, True, False, None, False]),
        "= tells accents": (lambda t: t.s == "e", _NO),
        "<> of text": (lambda t: t.s != "b", [False, True, True, True, None, True]),
        "< by code point": (lambda t: t.s < "a", [False, True, False, False, None, False]),
        ">= by code point": (lambda t: t.s >= "b", [True, False, False, True, None, False]),
        "in tells capitals and blanks": (
            lambda t: t.s.in_(["B", "a"]),
            [False, True, True, False, None, False],
        ),
        "between by code point": (lambda t: t.s.between("A", "Z"), [False, True, False, False, None, False]),
        "empty text is not NULL": (lambda t: t.u == "", [False, False, False, False, None, True]),
        "like tells capitals": (lambda t: t.s.like("b"), [True, False, False, False, None, False]),
        "like with %": (lambda t: t.u.like("Hello%"), [True, False, False, False, None, False]),
        "like with _": (lambda t: t.s.like("_"), [True, True, True, True, None, False]),
        "like with an escape": (
            lambda t: t.u.like("a/_b/%_", escape="/"),
            [False, False, True, False, None, False],
        ),
        "like of nothing": (lambda t: t.u.like(""), [False, False, False, False, None, True]),
        "not like": (lambda t: ~t.s.like("b"), [False, True, True, True, None, True]),
        "ilike does not tell capitals": (lambda t: t.s.ilike("B"), [True, True, False, False, None, False]),
        "ilike with %": (lambda t: t.u.ilike("hello%"), [True, False, False, False, None, False]),
        "contains takes % as it is": (
            lambda t: t.u.contains("%", autoescape=True),
            [False, False, True, False, None, False],
        ),
        "startswith tells capitals": (lambda t: t.u.startswith("h"), _NO),
        "startswith": (lambda t: t.u.startswith("He"), [True, False, False, False, None, False]),
        "endswith": (lambda t: t.u.endswith("World"), [True, False, False, False, None, False]),
        "= of text with a backslash": (
            lambda t: t.u == "back\\slash",
            [False, False, False, True, None, False],
        ),
    },
)
_TEXTS = each(
    "texts",
    "texts",
    "text",
    {
        "+ joins": (lambda t: t.s + "!", ["b!", "B!", "a!", "é!", None, "a !"]),
        "+ of columns, NULL swallows": (
            lambda t: t.u + t.s,
            ["Hello Worldb", " padded B", "a_b%ca", "back\\slashé", None, "a "],
        ),
        "a value with a quote": (lambda _: literal("it's"), ["it's"] * 6),
        "a value with a backslash": (lambda _: literal("a\\'b\\n"), ["a\\'b\\n"] * 6),
        "a value like a parameter": (lambda _: literal("%(x)s :y ? {z}"), ["%(x)s :y ? {z}"] * 6),
        "a value of four bytes": (lambda _: literal("😀"), ["😀"] * 6),
        "an empty value": (lambda _: literal(""), [""] * 6),
    },
)


def _rows(
    name: str, make: Callable[[DataFrame], DataFrame], rows: list[Any], *, is_ordered: bool = False
) -> Case:
    def program(tables: Tables) -> DataFrame:
        return make(tables.texts)

    return Case(f"texts: {name}", program, {"s": "text", "n": "integer"}, rows, is_ordered=is_ordered)


CASES = (
    *_BOOLEANS,
    *_TEXTS,
    _rows(
        "groups tell capitals and blanks",
        lambda t: t.group_by("s").agg(n=func.count()),
        [("b", 1), ("B", 1), ("a", 1), ("é", 1), (None, 1), ("a ", 1)],
    ),
    _rows(
        "distinct tells capitals and blanks",
        lambda t: t.select("s", n=literal(1)).distinct(),
        [("b", 1), ("B", 1), ("a", 1), ("é", 1), (None, 1), ("a ", 1)],
    ),
    _rows(
        "order by code point",
        lambda t: t.select("s", n="id").order_by("s"),
        [("B", 2), ("a", 3), ("a ", 6), ("b", 1), ("é", 4), (None, 5)],
        is_ordered=True,
    ),
    _rows(
        "a join tells capitals and blanks",
        lambda t: t.select("s").join(t.select(n="id", s="s").alias("other"), "s"),
        [("b", 1), ("B", 2), ("a", 3), ("é", 4), ("a ", 6)],
    ),
    _rows(
        "a union tells capitals and blanks",
        lambda t: t.select("s", n=literal(0)).union(t.select("s", n=literal(0))),
        [("b", 0), ("B", 0), ("a", 0), ("é", 0), (None, 0), ("a ", 0)],
    ),
)
