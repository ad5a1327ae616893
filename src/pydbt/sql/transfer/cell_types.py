"""What the texts of a file are: the same rules for every database, whoever reads the file.

A column is of the first type in `RULES` that all its texts have, and text if there is none. What would not
come back as it was is text, such as a code with leading zeros or a number of nineteen digits.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.types import BigInteger, Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric, String

from pydbt.sql.semantics import Double
from pydbt.sql.transfer.kinds import AnyType

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
_REAL = "[+-]?([0-9]+[.][0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?[0-9]+[eE][+-]?[0-9]+"
_WHOLE = "[+-]?(0|[1-9][0-9]{0,17})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One type that texts can have.

    Args:
        name: What it is called in errors.
        pattern: What a text must be, in a form that Python and DuckDB read alike.
        type: The column's type.
        read: A text's value; it raises ValueError where there is none.
        example: A text of it.
        form: The ``strptime`` format, where the text is none of ISO's.
    """

    name: str
    pattern: str
    type: AnyType
    read: Callable[[str], Any]
    example: str
    form: str | None = None

    def has(self, texts: Iterable[str | None]) -> bool:
        """Whether all texts are of this type; NULLs are of every type."""
        return self.first_without(texts) is None

    def first_without(self, texts: Iterable[str | None]) -> tuple[int, str] | None:
        """The first text that is not of this type, with its position; None when all are."""
        is_full = re.compile(self.pattern).fullmatch
        for position, text in enumerate(texts):
            if text is None:
                continue
            if is_full(text) is None or not self._is_readable(text):
                return position, text
        return None

    def _is_readable(self, text: str) -> bool:
        if not isinstance(self.type, (Date, DateTime)):
            return True
        try:
            self.read(text)
        except ValueError:
            return False
        return True

    def values(self, texts: Sequence[str | None]) -> list[Any]:
        """The values of texts that are of this type."""
        read = self.read
        return [None if text is None else read(text) for text in texts]


def _boolean(text: str) -> bool:
    return text.lower() in {"true", "t", "1", "yes"}


BOOLEAN = Rule("a boolean", "[tT]rue|TRUE|[fF]alse|FALSE", Boolean(), _boolean, "true")
WHOLE = Rule("a whole number", _WHOLE, BigInteger(), int, "42")
REAL = Rule("a number", f"{_REAL}|{_WHOLE}", Double(), float, "4.2")
DAY = Rule("a date", _DAY, Date(), dt.date.fromisoformat, "2022-12-30")
MOMENT = Rule(
    "a date with time", f"{_DAY}[ T]{_CLOCK}", DateTime(), dt.datetime.fromisoformat, "2022-12-30 17:45:00"
)
ZONED = Rule(
    "a date with time and zone",
    f"{_DAY}[ T]{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})",
    DateTime(timezone=True),
    dt.datetime.fromisoformat,
    "2022-12-30 17:45:00+01:00",
)
TEXT = Rule("text", "(?s).*", String(), str, "any")
RULES = (BOOLEAN, WHOLE, REAL, DAY, MOMENT, ZONED)


def rules_with(date_format: str | None) -> tuple[Rule, ...]:
    """The rules, with dates of another form besides ISO's."""
    if date_format is None:
        return RULES
    return (*RULES[:3], _formed(date_format, Date()), *RULES[3:])


def _formed(form: str, type_: AnyType) -> Rule:
    def read(text: str) -> Any:
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007  the format says whether there is a zone
        return moment.date() if isinstance(type_, Date) else moment

    return Rule(f"a date like {form}", "(?s).+", type_, read, dt.date(2022, 12, 30).strftime(form), form)


def rule_of(texts: Sequence[str | None], rules: Sequence[Rule]) -> Rule:
    """The first rule that all texts keep; text where there is no text at all.

    >>> rule_of(["1", None, "2.5"], RULES).name, rule_of(["007"], RULES).name
    ('a number', 'text')
    """
    if all(text is None for text in texts):
        return TEXT
    return next((rule for rule in rules if rule.has(texts)), TEXT)


def declared_rule(type_: AnyType, date_format: str | None) -> Rule:
    """How texts are read whose column was given a type."""
    if isinstance(type_, Date) and date_format is not None:
        return _formed(date_format, type_)
    if isinstance(type_, DateTime) and type_.timezone:
        return ZONED
    for kind, name, pattern, read, example in _DECLARED:
        if isinstance(type_, kind):
            return Rule(name, pattern, type_, read, example)
    return Rule("text", "(?s).*", type_, str, "any")


# A column that was given a type may have texts that would not tell it: leading zeros, 0 and 1 for booleans.
_DECLARED: tuple[tuple[Any, str, str, Callable[[str], Any], str], ...] = (
    (Boolean, "a boolean", "(?i)true|false|t|f|1|0|yes|no", _boolean, "true"),
    (Integer, "a whole number", "[+-]?[0-9]+", int, "42"),
    (Float, "a number", f"{_REAL}|[+-]?[0-9]+", float, "4.2"),
    (Numeric, "a number", f"{_REAL}|[+-]?[0-9]+", decimal.Decimal, "4.2"),
    (Date, "a date", _DAY, dt.date.fromisoformat, DAY.example),
    (DateTime, "a date with time", f"{MOMENT.pattern}|{_DAY}", dt.datetime.fromisoformat, MOMENT.example),
    (LargeBinary, "bytes in hexadecimal", "([0-9a-fA-F]{2})*", bytes.fromhex, "00ff"),
)
