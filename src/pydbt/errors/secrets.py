"""Secrets: what is known to be one is hidden wherever it stands, and what looks like one in a URL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, unquote

# Others would hide half of what is told: "password" is a word of ours, too. In a URL all are hidden.
_SHORTEST = 4
_SHORTEST_WORD = 12
_HIDDEN = "***"
_KEY = r"\w*(?:password|passwd|pwd|secret|token)"
_SECRET_KEY = re.compile(_KEY, re.IGNORECASE)
_SECRET_OPTION = re.compile(rf"([?&]{_KEY}=)[^&\s]*", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_UP_TO_PASSWORD = re.compile(r"://[^\s:/]*:")

_known: frozenset[str] = frozenset()


def keep_secret(text: object, *, not_in: object = "") -> None:
    """Have `hide_passwords` hide this text, too, from now on, however it is written.

    Args:
        text: A password; what is no text, too short, or a short word of small letters, is let be.
        not_in: What may be told; a password that stands in it is none that hiding would keep.
    """
    global _known  # noqa: PLW0603  what one connection is opened with, no error of another one may tell
    if not isinstance(text, str) or text in _known or text in str(not_in):
        return
    is_word = text.isalpha() and text.islower()
    if len(text) >= (_SHORTEST_WORD if is_word else _SHORTEST):
        _known |= {text}


def keep_secrets(options: Mapping[str, Any], *, not_in: object = "") -> None:
    """Keep the values whose names say that they are secret: ``password``, ``ssl_password``, ``token``.

    >>> keep_secrets({"user": "ann", "password": "s3cr3t/word"})
    >>> hide_passwords("ann gave 's3cr3t/word', in a URL s3cr3t%2Fword")
    "ann gave '***', in a URL ***"
    """
    for name, value in options.items():
        if _SECRET_KEY.fullmatch(name):
            for each in value if isinstance(value, (list, tuple)) else (value,):
                keep_secret(each, not_in=not_in)


def keep_secrets_of(url: str) -> None:
    """Keep what is secret in a URL that nobody has opened yet.

    >>> keep_secrets_of("postgresql://ann:Tr0ub4dor%263@db/sales?ssl_password=0range-clock")
    >>> hide_passwords("not Tr0ub4dor&3, nor 0range-clock")
    'not ***, nor ***'
    """
    user, host = _UP_TO_PASSWORD.search(url), url.rfind("@")
    if user is not None and host > user.end():
        keep_secret(unquote(url[user.end() : host]), not_in=url[: user.end()] + url[host:])
    told, _, options = url.partition("?")
    keep_secrets(parse_qs(options), not_in=told)


def hide_passwords(text: str) -> str:
    """The text with ``***`` for the passwords of the URLs in it, and for whatever is known to be secret.

    An ``@`` that nobody escaped is part of the password: rather too much is hidden than too little.

    >>> hide_passwords("cannot reach postgresql://ann:s3cret@db/sales")
    'cannot reach postgresql://ann:***@db/sales'
    >>> hide_passwords("mysql://ann:s3@cret@db/sales?ssl_password=s3cret&x=1")
    'mysql://ann:***@db/sales?ssl_password=***&x=1'
    >>> hide_passwords("see https://example.org:8080/page")
    'see https://example.org:8080/page'
    """
    hidden = _SECRET_OPTION.sub(rf"\1{_HIDDEN}", _WORD.sub(_without_password, text))
    return _pattern(_known).sub(_HIDDEN, hidden) if _known else hidden


def _without_password(word: re.Match[str]) -> str:
    url = word.group()
    user = _UP_TO_PASSWORD.search(url)
    host = url.rfind("@")
    if user is None or host < user.end():
        return url
    return f"{url[: user.end()]}{_HIDDEN}{url[host:]}"


@lru_cache(maxsize=1)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    """Finds each secret in each way in which it may be written, but not as a part of a longer word."""
    written = {way for secret in secrets for way in _ways(secret)}
    longest_first = sorted(written, key=lambda way: (-len(way), way))
    return re.compile("|".join(map(_alone, longest_first)))


def _ways(secret: str) -> Iterator[str]:
    """As it is, in a URL, in a text of Python, JSON or SQL, and in SQL with parameters."""
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    in_python = repr(secret)[1:-1]
    yield from (in_python, repr(in_python)[1:-1])
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for text in (secret, secret.replace("%", "%%"), secret.replace("\\", "\\\\")):
        yield from (text, text.replace("'", "''"))


def _alone(way: str) -> str:
    before = r"(?<!\w)" if way[0].isalnum() else ""
    after = r"(?!\w)" if way[-1].isalnum() else ""
    return before + re.escape(way) + after
