"""What every refusal has in common: one form, its exit code, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.command import Result, pydbt, tree

# The code, what is wrong and where on one line; below it, what to do.
_FORM = re.compile(r"PYDBT-E\d{3}: \S.*\n  \S.*(\n  \S.*)?\n")
_TRACEBACK = "Traceback (most recent call last)"


def assert_refused(
    folder: Path, *arguments: str, code: str, says: tuple[str, ...], exit_code: int = 2
) -> Result:
    """The command refuses in the one form, writes nothing, and shows a traceback only when asked."""
    before = tree(folder)

    refused = pydbt(folder, *arguments)
    debugged = pydbt(folder, *arguments, "--debug")

    assert tree(folder) == before
    assert (refused.code, debugged.code) == (exit_code, exit_code), refused.err
    assert_form(refused.err, code, says)
    assert _TRACEBACK in debugged.err
    assert debugged.err.endswith(refused.err)
    return refused


def assert_form(text: str, code: str, says: tuple[str, ...]) -> None:
    """The text is one error: its code, what is wrong and where, what to do, and no traceback."""
    assert _FORM.fullmatch(text), text
    assert text.startswith(f"{code}: "), text
    assert [piece for piece in says if piece not in text] == [], text
