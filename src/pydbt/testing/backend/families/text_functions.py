"""Functions of text: they count characters, and tell capitals."""

from __future__ import annotations

from pydbt.sql import functions as F
from pydbt.testing.backend.case import each

_TEXTS = each(
    "text functions",
    "texts",
    "text",
    {
        "upper": (
            lambda t: F.upper("u"),
            ["HELLO WORLD", " PADDED ", "A_B%C", "BACK\\SLASH", None, ""],
        ),
        "lower": (lambda t: F.lower("s"), ["b", "b", "a", "é", None, "a "]),
        "trim": (lambda t: F.trim("u"), ["Hello World", "padded", "a_b%c", "back\\slash", None, ""]),
        "ltrim": (lambda t: F.ltrim("u"), ["Hello World", "padded ", "a_b%c", "back\\slash", None, ""]),
        "rtrim": (lambda t: F.rtrim("u"), ["Hello World", " padded", "a_b%c", "back\\slash", None, ""]),
        "left": (lambda t: F.left("u", 3), ["Hel", " pa", "a_b", "bac", None, ""]),
        "right": (lambda t: F.right("u", 3), ["rld", "ed ", "b%c", "ash", None, ""]),
        "substring": (lambda t: F.substring("u", 2, 3), ["ell", "pad", "_b%", "ack", None, ""]),
        "slice from the end": (lambda t: F.slice("u", -3), ["rld", "ed ", "b%c", "ash", None, ""]),
        "replace": (
            lambda t: F.replace("u", "l", "L"),
            ["HeLLo WorLd", " padded ", "a_b%c", "back\\sLash", None, ""],
        ),
        "reverse": (lambda t: F.reverse("s"), ["b", "B", "a", "é", None, " a"]),
        "repeat": (lambda t: F.repeat("s", 2), ["bb", "BB", "aa", "éé", None, "a a "]),
        "lpad": (lambda t: F.lpad("s", 3, "*"), ["**b", "**B", "**a", "**é", None, "*a "]),
        "rpad": (lambda t: F.rpad("s", 3, "*"), ["b**", "B**", "a**", "é**", None, "a *"]),
        "split_part": (lambda t: F.split_part("u", " ", 2), ["World", "padded", "", "", None, ""]),
        "concat": (lambda t: F.concat("s", F.lit("-"), "s"), ["b-b", "B-B", "a-a", "é-é", None, "a -a "]),
        "concat_ws leaves NULL out": (
            lambda t: F.concat_ws("/", "s", "u"),
            ["b/Hello World", "B/ padded ", "a/a_b%c", "é/back\\slash", "", "a /"],
        ),
        "coalesce of text": (lambda t: F.coalesce("s", F.lit("-")), ["b", "B", "a", "é", "-", "a "]),
        "regexp_replace": (
            lambda t: F.regexp_replace("u", "[aeo]", "."),
            ["H.ll. W.rld", " p.dd.d ", "._b%c", "b.ck\\sl.sh", None, ""],
        ),
    },
)
_INTEGERS = each(
    "text functions",
    "texts",
    "integer",
    {
        "length counts characters": (lambda t: F.length("s"), [1, 1, 1, 1, None, 2]),
        "length counts blanks": (lambda t: F.length("u"), [11, 8, 5, 10, None, 0]),
        "strpos": (lambda t: F.strpos("u", "l"), [3, 0, 0, 7, None, 0]),
    },
)
_BOOLEANS = each(
    "text functions",
    "texts",
    "boolean",
    {
        "contains": (lambda t: F.contains("u", "lo W"), [True, False, False, False, None, False]),
        "contains takes % as it is": (
            lambda t: F.contains("u", "%"),
            [False, False, True, False, None, False],
        ),
        "starts_with tells capitals": (lambda t: F.starts_with("u", "h"), [False] * 4 + [None, False]),
        "ends_with": (lambda t: F.ends_with("u", "d "), [False, True, False, False, None, False]),
        "regexp_matches": (
            lambda t: F.regexp_matches("u", "^[A-Z]"),
            [True, False, False, False, None, False],
        ),
    },
)
CASES = _TEXTS + _INTEGERS + _BOOLEANS
