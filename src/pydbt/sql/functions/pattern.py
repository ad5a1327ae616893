r"""Pattern: the regular expressions that all databases read alike, checked at the user's line.

PostgreSQL's engine is its own, DuckDB's is RE2, SQLite gets Python's. What is taken: characters, ``.``,
classes as ``[a-z_]`` and ``[^,]``, ``\d \w \s`` and ``\D \W \S``, which know ASCII only, groups ``( )`` and
``(?: )``, ``|``, the quantifiers ``* + ? {2} {2,} {2,5}``, and ``^ $`` for the beginning and the end of the
text. A dot is any character but the end of a line. All else is refused: what looks ahead or behind, what
refers back, what takes as little as it can.

Where a pattern can match one place in several ways, as ``a|ab`` can, PostgreSQL takes the longest and the
others the first: so no alternative should be the beginning of another.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pydbt.errors import FunctionArgumentError, user_location

_SETS = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}
_SIGNS = {"t": r"\t", "n": r"\n", "r": r"\r"}
_CHARACTERS = {r"\t": "\t", r"\n": "\n", r"\r": "\r"}
_SPECIAL = frozenset("\\.^$*+?{}[]()|")
_QUANTIFIER = re.compile(r"[*+?]|\{(\d{1,3})(?:,(\d{0,3}))?\}")
_MOST_TIMES = 255  # PostgreSQL's limit.
_LOOKING = "looking around, naming groups and switches differ between databases"


class Pattern(NamedTuple):
    """A pattern as databases get it.

    Args:
        sql: As PostgreSQL and DuckDB read it.
        python: As Python reads it, for SQLite.
        groups: How many groups it has.
        is_sure: A match has all groups: none stands in an alternative, or may be left out.
    """

    sql: str
    python: str
    groups: int
    is_sure: bool


def read(text: object, function: str) -> Pattern:
    r"""Check a pattern, and spell it as every database understands it.

    >>> read(r"(\d+)-.", "regexp_extract")
    Pattern(sql='([0-9]+)-[^\\n]', python='([0-9]+)-[^\\n]', groups=1, is_sure=True)
    """
    if not isinstance(text, str):
        hint = "give the pattern as text; it cannot come out of a column"
        what = f"F.{function} was given {text!r} for a pattern"
        raise FunctionArgumentError(what, where=user_location(), hint=hint)
    return _Reader(text, function).read()


class _Reader:
    """One walk over one pattern."""

    def __init__(self, text: str, function: str) -> None:
        self.text, self.function = text, function
        self.position = 0
        self.made: list[str] = []
        self.open: list[int] = []  # Where in ``made`` the groups that are open begin.
        self.groups = 0
        self.is_sure = True
        self.last: int | None = None  # Where in ``made`` that begins which a quantifier may follow.

    def read(self) -> Pattern:
        while self.position < len(self.text):
            sign = self.text[self.position]
            step = _STEPS.get(sign)
            if step is None:
                self._one(_escaped(sign))
                self.position += 1
            else:
                step(self)
        if self.open:
            raise self._refusal("a group is not closed")
        sql = "".join(self.made)
        python = "".join(r"\Z" if part == "$" else part for part in self.made)
        return Pattern(sql, python, self.groups, self.is_sure)

    def _one(self, made: str) -> None:
        self.last = len(self.made)
        self.made.append(made)

    def _refusal(self, why: str) -> FunctionArgumentError:
        what = f"F.{self.function}: the pattern {self.text!r} at {self.position + 1}: {why}"
        hint = "write a sign that is meant itself with a backslash; use a raw string, r'…'"
        return FunctionArgumentError(what, where=user_location(), hint=hint)

    def dot(self) -> None:
        self._one(r"[^\n]")
        self.position += 1

    def anchor(self) -> None:
        self.made.append(self.text[self.position])
        self.last = None
        self.position += 1

    def escape(self) -> None:
        sign = self.text[self.position + 1 : self.position + 2]
        if sign.lower() in _SETS:
            self._one(f"[{'^' if sign.isupper() else ''}{_SETS[sign.lower()]}]")
        else:
            self._one(self._literal(sign))
        self.position += 2

    def _literal(self, sign: str) -> str:
        """What a backslash and a sign stand for."""
        if sign in _SIGNS:
            return _SIGNS[sign]
        if not sign:
            raise self._refusal("nothing stands after the backslash")
        if sign.isalnum():
            raise self._refusal(f"\\{sign} differs between databases")
        return _escaped(sign)

    def opening(self) -> None:
        start = "("
        if self.text.startswith("(?", self.position):
            start = "(?:"
            if not self.text.startswith(start, self.position):
                raise self._refusal(_LOOKING)
        else:
            self.groups += 1
        self.open.append(len(self.made))
        self.made.append(start)
        self.last = None
        self.position += len(start)

    def closing(self) -> None:
        if not self.open:
            raise self._refusal("a group is closed that was not opened")
        start = self.open.pop()
        if self.made[-1] in {"(", "(?:", "|"}:
            raise self._refusal("an alternative is empty")
        self.made.append(")")
        self.last = start
        self.position += 1

    def alternative(self) -> None:
        if not self.made or self.made[-1] in {"(", "(?:", "|"} or self.position + 1 == len(self.text):
            raise self._refusal("an alternative is empty")
        self.is_sure = False
        self.made.append("|")
        self.last = None
        self.position += 1

    def quantifier(self) -> None:
        found = _QUANTIFIER.match(self.text, self.position)
        if found is None:
            raise self._refusal("a brace that is meant itself stands behind a backslash")
        if self.last is None:
            raise self._refusal("there is nothing to repeat")
        least, most = found[1], found[2]
        if max(int(least or 0), int(most or 0)) > _MOST_TIMES:
            raise self._refusal(f"at most {_MOST_TIMES} times")
        if most and int(most) < int(least):
            raise self._refusal("the smaller number comes first")
        # A group that may be left out, or is taken more than once.
        self.is_sure = self.is_sure and "(" not in self.made[self.last :]
        self.made.append(found[0])
        self.last = None
        self.position = found.end()
        if self.text[self.position : self.position + 1] in {"?", "+"}:
            raise self._refusal("taking as little or as much as possible differs between databases")

    def set(self) -> None:
        """A class: ``[a-z]``."""
        position = self.position + 1
        is_negated = self.text.startswith("^", position)
        position += is_negated
        parts: list[str] = []
        while not self.text.startswith("]", position):
            part, position = self._member(position)
            if self.text.startswith("-", position) and self.text[position + 1 : position + 2] not in {
                "]",
                "",
            }:
                end, position = self._member(position + 1)
                first, last = _character(part), _character(end)
                if not first or not last or first > last:
                    raise self._refusal("a range goes from one character to a later one")
                part = f"{part}-{end}"
            parts.append(part)
        if not parts:
            raise self._refusal("a class is empty")
        self._one(f"[{'^' if is_negated else ''}{''.join(parts)}]")
        self.position = position + 1

    def _member(self, position: int) -> tuple[str, int]:
        """One character or set of a class, and where the next begins."""
        sign = self.text[position : position + 1]
        if not sign:
            raise self._refusal("a class is not closed")
        if sign == "[":
            raise self._refusal("a bracket in a class stands behind a backslash")
        if sign != "\\":
            return (f"\\{sign}" if sign in "^-" else _escaped(sign, "\\")), position + 1
        sign = self.text[position + 1 : position + 2]
        if sign in _SETS:
            return _SETS[sign], position + 2
        return (f"\\{sign}" if sign in "^-[]" and sign else self._literal(sign)), position + 2


def _character(member: str) -> str:
    """The one character that a member of a class stands for; empty for a set of them."""
    bare = _CHARACTERS.get(member, member.removeprefix("\\"))
    return bare if len(bare) == 1 else ""


def _escaped(sign: str, special: frozenset[str] | str = _SPECIAL) -> str:
    return f"\\{sign}" if sign in special else sign


_STEPS = {
    "\\": _Reader.escape,
    ".": _Reader.dot,
    "^": _Reader.anchor,
    "$": _Reader.anchor,
    "(": _Reader.opening,
    ")": _Reader.closing,
    "|": _Reader.alternative,
    "[": _Reader.set,
    **dict.fromkeys("*+?{", _Reader.quantifier),
}
_REFERENCE = re.compile(r"\\(.?)", re.DOTALL)


class Replacement(NamedTuple):
    """What is put in the place of a match, as each engine reads it."""

    re2: str
    postgresql: str
    python: str


def read_replacement(text: object, groups: int) -> Replacement:
    r"""Check a replacement: ``\0`` is the match, ``\1`` to ``\9`` are its groups, ``\\`` is a backslash.

    >>> read_replacement(r"<\1>", 1)
    Replacement(re2='<\\1>', postgresql='<\\1>', python='<\\g<1>>')
    """
    if not isinstance(text, str):
        what = f"F.regexp_replace was given {text!r} for a replacement"
        raise FunctionArgumentError(what, where=user_location(), hint="give it as text")

    def checked(found: re.Match[str]) -> str:
        if found[1] != "\\" and not (found[1].isdecimal() and int(found[1]) <= groups):
            what = f"F.regexp_replace: {found[0]} in the replacement {text!r}"
            hint = rf"the pattern has {groups} groups: \0 is the match, \1 its first group, \\ a backslash"
            raise FunctionArgumentError(what, where=user_location(), hint=hint)
        return found[0]

    re2 = _REFERENCE.sub(checked, text)
    postgresql = _REFERENCE.sub(lambda found: r"\&" if found[1] == "0" else found[0], text)
    python = _REFERENCE.sub(lambda found: found[0] if found[1] == "\\" else rf"\g<{found[1]}>", text)
    return Replacement(re2, postgresql, python)
