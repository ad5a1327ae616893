"""Text: the same result and type on SQLite, DuckDB and PostgreSQL, as Python has it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from pydbt import F
from pydbt.errors import FunctionArgumentError, TypeMismatchError
from pydbt.sql.dataframe import DataFrame
from pydbt.sql.functions import supplied_text
from tests.sql.functions.nasty import ROWS, case, check

pytestmark = pytest.mark.filterwarnings("ignore:Dialect sqlite.*Decimal:sqlalchemy.exc.SAWarning")


def padded(width: int, fill: str, *, left: bool) -> Callable[[str], str]:
    def made(text: str) -> str:
        padding = (fill * width)[: max(width - len(text), 0)]
        return padding + text[:width] if left else text[:width] + padding

    return made


def part(separator: str, number: int) -> Callable[[str], str]:
    def taken(text: str) -> str:
        parts = text.split(separator)
        position = number - 1 if number > 0 else number
        return parts[position] if -len(parts) <= position < len(parts) else ""

    return taken


def spaced(*texts: str | None) -> str:
    return "-".join(text for text in texts if text is not None)


def replaced_by_percent(text: str, old: str) -> str:
    return text.replace(old, "%") if old else text


def joined_by(text: str | None, separator: str | None) -> str | None:
    return None if separator is None else separator.join([text, text] if text is not None else [])


def zeros(text: str, number: int) -> str:
    return padded(number % 5, "0", left=True)(text)


def sign_of(code: int) -> str | None:
    return chr(code) if 0 < code <= 0x10FFFF else None


WHOLE = [
    case("length", F.length("s"), "s", len),
    case("reverse", F.reverse("s"), "s", lambda s: s[::-1]),
    case("repeat", F.repeat("s", 3), "s", lambda s: s * 3),
    case("repeat by a column", F.repeat("t", F.mod("n", 5)), "t n", lambda t, n: t * (n % 5)),
    case("repeat below zero", F.repeat("s", -1), "s", lambda _: ""),
    case("replace", F.replace("s", "a", "ß🙂"), "s", lambda s: s.replace("a", "ß🙂")),
    case("replace a column", F.replace("s", F.col("t"), "%"), "s t", replaced_by_percent),
    case("replace nothing", F.replace("s", "", "x"), "s", lambda s: s),
    case("concat", F.concat("s", "t", F.lit("'%")), "s t", lambda s, t: f"{s}{t}'%"),
    case("concat_ws", F.concat_ws("-", "s", "t", "s"), "s t", lambda s, t: spaced(s, t, s), nulls=True),
    case("concat_ws by a column", F.concat_ws(F.col("t"), "s", "s"), "s t", joined_by, nulls=True),
    case("ascii", F.ascii("s"), "s", lambda s: ord(s[0]) if s else 0),
    case("chr", F.chr("m"), "m", sign_of),
    case("chr of a surrogate", F.chr(F.col("m") * 0 + 0xD800), "m", lambda _: None),
    case("md5", F.md5("s"), "s", lambda s: hashlib.md5(s.encode()).hexdigest()),
    case("trim", F.trim("s"), "s", lambda s: s.strip(" ")),
    case("trim of characters", F.trim("s", "a \t\n"), "s", lambda s: s.strip("a \t\n")),
    case("ltrim", F.ltrim("s", "as"), "s", lambda s: s.lstrip("as")),
    case("rtrim", F.rtrim("s", "aeé"), "s", lambda s: s.rstrip("aeé")),
    case("lpad", F.lpad("s", 5, "ß🙂"), "s", padded(5, "ß🙂", left=True)),
    case("rpad", F.rpad("s", 12), "s", padded(12, " ", left=False)),
    case("lpad by a column", F.lpad("t", F.mod("n", 5), "0"), "t n", zeros),
]  # fmt: skip

PARTS = [
    case("contains", F.contains("s", "a"), "s", lambda s: "a" in s),
    case("contains a column", F.contains("s", F.col("t")), "s t", lambda s, t: t in s),
    case("starts_with", F.starts_with("s", F.col("t")), "s t", lambda s, t: s.startswith(t)),
    case("starts_with text", F.starts_with("s", "a%"), "s", lambda s: s.startswith("a%")),
    case("ends_with", F.ends_with("s", F.col("t")), "s t", lambda s, t: s.endswith(t)),
    case("ends_with text", F.ends_with("s", "é"), "s", lambda s: s.endswith("é")),
    case("strpos", F.strpos("s", F.col("t")), "s t", lambda s, t: s.find(t) + 1),
    case("left", F.left("s", 2), "s", lambda s: s[:2]),
    case("left but the last", F.left("s", -2), "s", lambda s: s[:-2]),
    case("left by a column", F.left("s", F.mod("n", 7)), "s n", lambda s, n: s[: n % 7]),
    case("left by far", F.left("s", 2**40), "s", lambda s: s),
    case("right", F.right("s", 3), "s", lambda s: s[-3:]),
    case("right but the first", F.right("s", -2), "s", lambda s: s[2:]),
    case("right by a column", F.right("s", "m"), "s m", lambda s, m: s[-m:] if m else ""),
    case("split_part", F.split_part("s", ",", 2), "s", part(",", 2)),
    case("split_part from the end", F.split_part("s", ",", -1), "s", part(",", -1)),
    case("split_part that is not there", F.split_part("s", ",", -9), "s", part(",", -9)),
    case("substring", F.substring("s", 3), "s", lambda s: s[2:]),
    case("substring of a length", F.substring("s", 2, 3), "s", lambda s: s[1:4]),
    case("substring of nothing", F.substring("s", 2, 0), "s", lambda _: ""),
    case("substring by columns", F.substring("s", "m", F.mod("n", 5)), "s m n",
         lambda s, m, n: s[m - 1 : m - 1 + n % 5] if m > 0 else None),
    case("substring from a column", F.substring("s", "m"), "s m", lambda s, m: s[m - 1 :] if m > 0 else None),
]  # fmt: skip
SLICES = [
    case(f"slice {start} {stop}", F.slice("s", start, stop), "s", lambda s, a=start, b=stop: s[a:b])
    for start in (None, 0, 2, 99, -1, -3, -99)
    for stop in (None, 0, 1, 3, 99, -1, -2, -99)
]
COLUMN: Any = F.col("t")
EXPRESSIONS = [
    r"[\t-\n]",
    r"a",
    r"^a",
    r"[a-c]+$",
    r"\d{2,3}|x9",
    r"a.c",
    r"\s+",
    r"[^\w\s]",
    r"(?:a|b)+c?",
    r"\.\*",
    r"[\]\-%,^]",
    r"^$",
    r"é|🙂",
    r"\w\W\w",
    r"(a)(b)?",
    r"[\\'\"]",
    r"\n",
    r"e.b",
]


def python(pattern: str) -> re.Pattern[str]:
    """The pattern in Python's own words: `$` is the end, and not before a last line's end."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def found_in(pattern: str) -> Callable[[str], bool]:
    return lambda text: python(pattern).search(text) is not None


def extracted(pattern: str, group: int = 0) -> Callable[[str], str | None]:
    return lambda text: (found[group] or "") if (found := python(pattern).search(text)) else None


def replaced(pattern: str, new: str) -> Callable[[str], str]:
    return lambda text: python(pattern).sub(new.replace(r"\0", r"\g<0>"), text)


def of_pattern(function: Callable[..., Any], expected: Callable[..., Any], *arguments: Any) -> Any:
    name = f"{function.__name__} {' '.join(map(str, arguments))}"
    return case(name, function("s", *arguments), "s", expected(*arguments))


GROUPS = [(r"(a)(b)?", 2), (r"(\w+)(?:[ ,])(\w+)", 2), (r"(x)|(a)", 1), (r"((s)t)r", 2), (r"([^,]*),", 1)]
REPLACEMENTS = [
    (r"a", "b"),
    (r"(a)(b)?", r"<\2\1>"),
    (r"\s", ""),
    (r"[^a-z]+", r"[\0]"),
    (r"\\", r"\\\\"),
    (r"^a", "$1&%"),
    (r"e$", "é"),
]
PATTERNS = [
    *(of_pattern(F.regexp_matches, found_in, each) for each in EXPRESSIONS),
    *(of_pattern(F.regexp_extract, extracted, each) for each in EXPRESSIONS),
    *(of_pattern(F.regexp_extract, extracted, each, group) for each, group in GROUPS),
    *(of_pattern(F.regexp_replace, replaced, each, new) for each, new in REPLACEMENTS),
]


@pytest.mark.parametrize("case", [*WHOLE, *PARTS, *SLICES])
def test_a_function_of_text_gives_what_python_says(nasty: DataFrame, case: Any) -> None:
    """On every database, of empty text, accents, emoji, signs that mean something to SQL, NULL."""
    check(nasty, case)


@pytest.mark.parametrize("case", PATTERNS)
def test_patterns_mean_the_same_everywhere(nasty: DataFrame, case: Any) -> None:
    """Each engine reads the common part of their languages as Python does, with ASCII classes."""
    check(nasty, case)


def test_the_end_of_the_text_is_behind_its_last_line(nasty: DataFrame) -> None:
    """``$`` is not in front of a newline that ends the text, as in Python's own patterns."""
    text = nasty.where(nasty.id == 1).select(s=F.lit("ab\n"))

    row: Any = text.select(a=F.regexp_matches("s", "b$"), b=F.regexp_matches("s", r"b\s$")).first()

    assert tuple(row) == (False, True)


@pytest.mark.parametrize("function", [F.upper, F.lower, F.initcap])
def test_letters_change_one_for_one(nasty: DataFrame, function: Any) -> None:
    """In every alphabet on SQLite and DuckDB; as the locale of the database says on PostgreSQL."""
    made = nasty.select("id", result=function("s"), s="s").collect()
    mine = getattr(supplied_text, function.__name__)
    is_postgresql = nasty.engine.dialect.name == "postgresql"

    rows = [row for row in made if row.s is not None and (row.s.isascii() or not is_postgresql)]

    assert [row.result for row in rows] == [mine(row.s) for row in rows]
    assert len(rows) > 6


def test_sqlite_knows_the_capitals_duckdb_knows() -> None:
    """Of every letter of Unicode that both know."""
    connection = duckdb.connect()
    signs = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    known = [sign for sign in signs if unicodedata.category(sign) != "Cn"]
    connection.execute("CREATE TABLE letters AS SELECT unnest(?) AS letter", [known])

    rows = connection.execute("SELECT letter, upper(letter), lower(letter) FROM letters").fetchall()

    assert [
        row for row in rows if row[1:] != (supplied_text.upper(row[0]), supplied_text.lower(row[0]))
    ] == []


def test_text_functions_stand_in_conditions_and_keys(nasty: DataFrame) -> None:
    """As any other expression: in where, in order_by, in group_by."""
    within = nasty.where(F.contains("s", "a") & ~F.starts_with("s", "a"))
    ordered = within.order_by(F.length("s"), "id").select("id")
    grouped = nasty.group_by(F.left("s", 1).label("sign")).agg(n=sa.func.count()).order_by("sign")

    assert [row.id for row in ordered.collect()] == [3, 5, 4, 15, 6]
    assert grouped.where(grouped.sign.in_(["a", ""])).collect() == [("", 1), ("a", 5)]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(?i)a", "switches"),
        ("(?=a)", "looking around"),
        ("(?P<n>a)", "naming groups"),
        (r"(a)\1", r"\1 differs"),
        (r"\bword", r"\b differs"),
        ("a*?", "as little"),
        ("a++", "as little or as much"),
        ("*a", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("a**", "nothing to repeat"),
        ("a{", "brace"),
        ("a{300}", "at most 255"),
        ("a{3,2}", "smaller number"),
        ("(a", "not closed"),
        ("a)", "not opened"),
        ("a|", "alternative is empty"),
        ("(|a)", "alternative is empty"),
        ("()", "alternative is empty"),
        ("[]", "a class is empty"),
        ("[a", "class is not closed"),
        ("[[:alpha:]]", "bracket in a class"),
        ("[z-a]", "range goes from"),
        ("[\\d-z]", "range goes from"),
        (r"[\\-A]", "range goes from"),
        (r"[\n-\t]", "range goes from"),
        ("a\\", "after the backslash"),
    ],
)
def test_a_pattern_databases_read_apart_is_refused(pattern: str, told: str) -> None:
    """When the expression is written, with the place in the pattern."""
    with pytest.raises(FunctionArgumentError, match=re.escape(told)) as caught:
        F.regexp_matches("s", pattern)
    assert "test_text.py" in caught.value.where


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: F.regexp_matches("s", COLUMN),
        lambda: F.regexp_extract("s", "(a)", 2),
        lambda: F.regexp_replace("s", "a*", "b"),
        lambda: F.regexp_replace("s", "a", r"\1"),
        lambda: F.regexp_replace("s", "a", r"\x"),
        lambda: F.split_part("s", ",", 0),
        lambda: F.split_part("s", "", 1),
        lambda: F.slice("s", COLUMN),
        lambda: F.substring("s", 0),
        lambda: F.substring("s", 1, -1),
        lambda: F.lpad("s", 3, ""),
        F.concat,
    ],
)
def test_what_no_database_can_mean_is_refused(wrong: Callable[[], Any]) -> None:
    """When the expression is written, at the user's line."""
    with pytest.raises(FunctionArgumentError) as caught:
        wrong()
    assert "test_text.py" in caught.value.where


def test_text_is_asked_for(nasty: DataFrame) -> None:
    """A number is no text, on the databases too that would take it for one."""
    with pytest.raises(TypeMismatchError, match=r"F.upper takes text for text, and was given a number"):
        nasty.select(result=F.upper("n"))
    with pytest.raises(TypeMismatchError, match=r"F.left takes a whole number"):
        nasty.select(result=F.left("s", "x"))


def test_rows_are_nasty() -> None:
    """The table holds NULL, empty text, ß, emoji, an accent of its own, and signs of SQL and of patterns."""
    texts = [row[6] for row in ROWS]

    for sign in ("ß", "🙂", "\u0301", "%", "'", "\\", "\n"):
        assert any(sign in text for text in texts if text)
    assert "" in texts
    assert None in texts
