"""Template: SQL with named gaps for the arguments of a function, as ``strpos({text}, {part})``.

A gap is filled in the order of the text, each time anew: where a driver takes parameters by position they
are counted as they are written. An argument that is an operation stands in parentheses wherever the gap
is not a place of its own, between commas and parentheses. ``{*many}`` is all that remain, with commas;
``{count!i}`` is cast to a plain INTEGER unless it is one, where a database takes no wider number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Case, Cast, ColumnClause, Grouping, Null
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger, Integer, TypeEngine

_GAP = re.compile(r"\{(\*?\w+(?:!i)?)\}")
_BEFORE = ("(", ", ", "WHEN ", "THEN ", "ELSE ")
_AFTER = (")", ", ", " AS ", " THEN ", " WHEN ", " END")
_WITH_ONE_INTEGER = {"mysql", "mariadb"}  # Its functions take numbers of any width, and its CAST no INTEGER.
_ATOMS = (ColumnClause, BindParameter, FunctionElement, Cast, Case, Grouping, Null)


class Gap(NamedTuple):
    """Whose place it is; whether an operation needs parentheses there, and a number must be an INTEGER."""

    name: str
    is_open: bool
    is_narrow: bool


@dataclass(frozen=True, slots=True)
class Template:
    """The text between the gaps, and the gaps."""

    texts: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Read a template.

        >>> Template.of("strpos({text}, {part})").texts
        ('strpos(', ', ', ')')
        """
        parts = _GAP.split(text)
        texts, names = parts[::2], parts[1::2]
        gaps = tuple(
            Gap(
                name.removesuffix("!i").lstrip("*"),
                not (before.endswith(_BEFORE) and after.startswith(_AFTER)),
                name.endswith("!i"),
            )
            for name, before, after in zip(names, texts, texts[1:], strict=False)
        )
        return cls(tuple(texts), gaps)

    def uses(self, name: str) -> int:
        """How often an argument is written."""
        return sum(gap.name == name for gap in self.gaps)

    def render(self, arguments: Mapping[str, Sequence[Any]], compiler: SQLCompiler, **kw: Any) -> str:
        """The SQL with the arguments in their gaps."""
        written: Any = compiler.escape_literal_column  # It doubles % for drivers that read it.
        made = [written(self.texts[0])]
        for gap, text in zip(self.gaps, self.texts[1:], strict=True):
            made.append(", ".join(_filled(gap, each, compiler, kw) for each in arguments[gap.name]))
            made.append(written(text))
        return "".join(made)


def _filled(gap: Gap, argument: Any, compiler: SQLCompiler, kw: dict[str, Any]) -> str:
    sql = compiler.process(argument, **kw)
    if gap.is_narrow and not _is_narrow(argument.type) and compiler.dialect.name not in _WITH_ONE_INTEGER:
        return f"CAST({sql} AS INTEGER)"
    # A negative number that is written into the SQL is an operation: two signs side by side are another one.
    is_open = gap.is_open and (not _is_atom(argument) or sql.startswith("-"))
    return f"({sql})" if is_open else sql


def _is_narrow(type_: TypeEngine[Any]) -> bool:
    return isinstance(type_, Integer) and not isinstance(type_, BigInteger)


def _is_atom(argument: Any) -> bool:
    return isinstance(argument, _ATOMS) or getattr(argument, "is_delimited", False)
