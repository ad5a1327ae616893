"""Google docstrings as Markdown: the contract, the arguments, the examples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SECTION = re.compile(r"(Args|Returns|Raises):$")
_ENTRY = re.compile(r"    (\*{0,2}\w+): ?(.*)$")
_ROLE = re.compile(r":\w+:`([^`]+)`")


@dataclass(frozen=True)
class Docstring:
    """What a docstring holds.

    Args:
        contract: The first paragraph.
        more: The further paragraphs.
        args: The arguments and what they mean.
        example: The lines of the doctest, ``>>>`` included.
    """

    contract: str
    more: tuple[str, ...]
    args: dict[str, str]
    example: str


def docstring_of(thing: object) -> Docstring:
    """The docstring of a class or a function, taken apart."""
    text = inspect.getdoc(thing)
    assert text, f"{thing} has no docstring"
    prose: list[str] = []
    args: dict[str, str] = {}
    examples: list[str] = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        section = _SECTION.match(lines[0])
        if section:
            args.update(_entries(lines[1:]) if section[1] == "Args" else {})
        elif lines[0].startswith(">>>"):
            examples += lines
        else:
            prose.append(paragraph)
    contract, *more = [markdown(paragraph) for paragraph in prose]
    return Docstring(" ".join(contract.split()), tuple(more), args, "\n".join(examples))


def contract_of(thing: object) -> str:
    """The first paragraph on one line."""
    return docstring_of(thing).contract


def markdown(text: str) -> str:
    """The markup of Python's docstrings as Markdown's.

    >>> markdown("As :meth:`where`, with ``--force``.")
    'As `where`, with `--force`.'
    """
    return _ROLE.sub(r"`\1`", text).replace("``", "`")


def cell(text: str) -> str:
    """Text for a cell of a table: on one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", r"\|")


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def _entries(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        entry = _ENTRY.match(line)
        if entry and not line.startswith("     "):
            name = entry[1]
            found[name] = markdown(entry[2])
        else:
            found[name] += f" {markdown(line.strip())}"
    return found
