"""Names and values of somebody who wants other SQL than ours, or who has odd data."""

from __future__ import annotations

import re

# Each is taken as it is by every database, or refused for a reason of that database's.
NAMES = (
    'a"b',
    'a""b',
    "a'b",
    '"; drop table canary; --',
    "'; drop table canary; --",
    "`; drop table canary; #",
    "a;drop table canary;--",
    "a--",
    "a/*x*/",
    "a%s",
    "a%%b",
    "a%(x)s",
    "%",
    "a:b",
    ":x",
    "a::int",
    "a(b)",
    "a.b",
    '"."',
    "a\\b",
    "a\\",
    "a`b",
    "a[b]",
    "line\nbreak",
    "tab\tstop",
    " leading",
    "trailing ",
    "right\u202eto left",
    "e\u0301",
    "\u00e9",
    "😀",
    "true",
    "False",
    "NULL",
    "rowid",
    "oid",
    "ctid",
    "select",
    "values",
    "count",
    "keys",
    "{a}",
    "$1",
    "?",
    "x" * 63,
    "x" * 64,
    "x" * 128,
)
# No database has such a name.
REFUSED = ("", "a\0b", "half \ud83d", "\udc80")

TEXTS = (
    "' or 1=1--",
    "\\' or 1=1--",
    "');drop table canary;--",
    "%s",
    "%(x)s",
    "100%",
    ":x",
    "{0}",
    "$1",
    "?",
    "${jndi:ldap://x}",
    "ends with \\",
    "\\\\",
    "a'b''c",
    '"',
    "line\nbreak\r\n",
    "right\u202eto left",
    "e\u0301 is not \u00e9",
    "😀",
    " ",
    "",
    "NULL",
    "/* */ --",
    "a_b%c",
    "A",
    "a",
)


def like_pattern(text: str) -> str:
    """The pattern that a text alone has, with an escape that is in none of them."""
    return re.sub(r"([%_~])", r"~\1", text)
