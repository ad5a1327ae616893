"""``make docs``: write the generated parts of the docs anew, in place, between their marks.

A part stands between ``<!-- generated: NAME -->`` and ``<!-- end of generated -->``; all else on a page is
written by hand and left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.parts import PARTS

ROOT = Path(__file__).parents[2]
_PART = re.compile(r"<!-- generated: (?P<name>[\w ]+) -->\n.*?<!-- end of generated -->", re.DOTALL)


def pages() -> list[Path]:
    """Every page of the docs, and the README."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """The page with its generated parts as they are made now."""

    def made(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- generated: {name} -->\n\n{PARTS[name]()}\n\n<!-- end of generated -->"

    return _PART.sub(made, text)


def generated_parts(text: str) -> list[str]:
    """The names of the generated parts of a page."""
    return [found["name"] for found in _PART.finditer(text)]


def main() -> None:
    """Write every page whose generated parts have changed."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(page.relative_to(ROOT))  # noqa: T201  it says what it wrote


if __name__ == "__main__":
    main()
