"""Template: SQL with named gaps for the arguments of a function, as ``strpos({text}, {part})``.

A gap is filled in the order of the text, each time anew: where a driver takes parameters by position they
are counted as they are written. An argument that is an operation stands in parentheses wherever the gap
is not a place of its own, between commas and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Case, Cast, ColumnClause, Grouping, Null
from sqlalchemy.sql.functions import FunctionElement

_GAP = re.compile(r"\{(\*?\w+)\}")
_BEFORE = ("(", ", ", "WHEN ", "THEN ", "ELSE ")
_AFTER = (")", ", ", " AS ", " THEN ", " WHEN ", " END")
_ATOMS = (ColumnClause, BindParameter, FunctionElement, Cast, Case, Grouping, Null)


@dataclass(frozen=True, slots=True)
class Template:
    """The text between the gaps, and the gaps: name, and whether an operation needs parentheses there."""

    texts: tuple[str, ...]
    gaps: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Read a template.

        >>> Template.of("strpos({text}, {part})").texts
        ('strpos(', ', ', ')')
        """
        parts = _GAP.split(text)
        texts, names = parts[::2], parts[1::2]
        gaps = tuple(
            (name, not (before.endswith(_BEFORE) and after.startswith(_AFTER)))
            for name, before, after in zip(names, texts, texts[1:], strict=False)
        )
        return cls(tuple(texts), gaps)

    def uses(self, name: str) -> int:
        """How often an argument is written."""
        return sum(gap == name for gap, _ in self.gaps)

    def render(self, arguments: Mapping[str, Sequence[Any]], compiler: SQLCompiler, **kw: Any) -> str:
        """The SQL with the arguments in their gaps; those of ``{*many}`` with commas between."""
        made = [compiler.escape_literal_column(self.texts[0])]
        for (name, is_grouped), text in zip(self.gaps, self.texts[1:], strict=True):
            made.append(
                ", ".join(_rendered(each, compiler, is_grouped, kw) for each in arguments[name.lstrip("*")])
            )
            made.append(compiler.escape_literal_column(text))
        return "".join(made)


def _rendered(argument: Any, compiler: SQLCompiler, is_grouped: bool, kw: dict[str, Any]) -> str:  # noqa: FBT001  one of two states of a gap
    sql = compiler.process(argument, **kw)
    return f"({sql})" if is_grouped and not _is_atom(argument) else sql


def _is_atom(argument: Any) -> bool:
    return isinstance(argument, _ATOMS) or getattr(argument, "is_delimited", False)
