# ruff: noqa: ARG005  some of what is tested names its columns by itself
"""Operators between types that do not go together end at the user's line, on every database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func

from pydbt import F, errors
from tests.sql.frames import frame, sql

# What is written, what it is told, and a word of the hint.
REFUSED: list[tuple[Callable[[Any], Any], str, str]] = [
    (lambda df: df.flag + df.flag, "+ stands between a boolean and a boolean", 'cast("int")'),
    (lambda df: (df.k > 1) + 1, "+ stands between a boolean and a number", 'cast("int")'),
    (lambda df: df.k + (df.k > 1), "+ stands between a number and a boolean", 'cast("int")'),
    (lambda df: True + df.k, "+ stands between a boolean and a number", 'cast("int")'),
    (lambda df: -df.flag, "- stands before a boolean", 'cast("int")'),
    (lambda df: -F.upper("s"), "- stands before text", "cast it"),
    (lambda df: df.s - df.s, "- stands between text and text", "cast one"),
    (lambda df: df.s * 2, "* stands between a number and text", 'cast("int")'),
    (lambda df: df.day + "1", "+ stands between a date and text", "F.date_add"),
    (lambda df: df.day + 1.5, "+ stands between a date and a number", "F.date_add"),
    (lambda df: df.day + df.price, "+ stands between a date and a number", "F.date_add"),
    (lambda df: df.day * 2, "* stands between a date and a number", "F.date_add"),
    (lambda df: df.day + df.day, "+ stands between a date and a date", "timedelta"),
    (lambda df: df.moment + 1, "+ stands between a date with time and a number", "timedelta"),
    (lambda df: 1 - df.day, "- stands between a number and a date", "timedelta"),
    (lambda df: df.k.like("7%"), "like stands between a number and text", 'cast("text").like('),
    (lambda df: df.s.like(7), "like stands between text and a number", 'cast("text")'),
    (lambda df: df.k.not_like("7%"), "not_like stands between a number and text", 'cast("text")'),
    (lambda df: (df.k + 1).ilike("7%"), "ilike stands between a number and text", 'cast("text")'),
    (lambda df: df.day.startswith("2024"), "startswith stands between a date and text", 'cast("text")'),
    (lambda df: df.k.contains("7"), "contains stands between a number and text", 'cast("text")'),
]

# The same where the types are known only to the verb.
REFUSED_LATER: list[tuple[Callable[[Any], Any], str]] = [
    (lambda df: F.col("flag") + F.col("flag"), "+ stands between a boolean and a boolean"),
    (lambda df: F.col("flag") + F.col("flag") + F.col("flag"), "+ stands between a boolean and a boolean"),
    (lambda df: -F.col("flag"), "- stands before a boolean"),
    (lambda df: F.col("s") - F.col("s"), "- stands between text and text"),
    (lambda df: func.lower(df.s) - func.lower(df.s), "- stands between text and text"),
    (lambda df: F.lit("a") + F.col("k"), "+ stands between a number and text"),
    (lambda df: F.col("day") + "1", "+ stands between a date and text"),
    (lambda df: F.col("k").like("7%"), "like stands between a number and text"),
    (lambda df: F.col("s").like(7), "like stands between text and a number"),
]

TAKEN: list[Callable[[Any], Any]] = [
    lambda df: df.day + dt.timedelta(days=1),
    lambda df: df.day - 1,
    lambda df: F.col("k") + df.day,
    lambda df: df.moment - df.day,
    lambda df: df.s + "!",
    lambda df: "!" + F.col("s"),
    lambda df: -(df.price * -1),
    lambda df: df.price + df.k / 2,
    lambda df: func.unknown(df.k) + df.s,
    lambda df: func.unknown(df.k).like(df.s),
]


@pytest.mark.parametrize(("written", "told", "hint"), REFUSED)
def test_types_that_do_not_go_together_are_refused(written: Any, told: str, hint: str) -> None:
    """SQLite and MariaDB would compute with them, the others fail when they run."""
    with pytest.raises(errors.TypeMismatchError) as caught:
        written(frame())

    assert (caught.value.what, hint in caught.value.hint) == (told, True)


@pytest.mark.parametrize(("written", "told"), REFUSED_LATER)
def test_types_of_names_and_functions_are_refused_by_the_verb(written: Any, told: str) -> None:
    """What a name stands for is known there."""
    df = frame()

    with pytest.raises(errors.TypeMismatchError) as caught:
        df.select(r=written(df))

    assert caught.value.what == told


@pytest.mark.parametrize("written", TAKEN)
def test_types_that_go_together_are_taken(written: Any) -> None:
    """And what nobody knows the type of."""
    df = frame()

    assert sql(df.group_by("id").agg(r=F.max(written(df))))
