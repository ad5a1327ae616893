"""The tutorials, typed by a newcomer who believes every word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.terminal import Terminal, Typed, Written, comparable, steps, with_pydbt

TUTORIALS = sorted((Path(__file__).parents[2] / "docs" / "tutorial").glob("*.md"))


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda file: file.stem)
def test_a_tutorial_shows_what_comes_back(tutorial: Path, tmp_path: Path) -> None:
    """Every command of a tutorial, typed in its order, gives what the tutorial shows below it."""
    terminal = Terminal(tmp_path, with_pydbt(tmp_path / "bin"))
    typed = 0
    for step in steps(tutorial):
        match step:
            case Written(file, text):
                (terminal.cwd / file).write_text(text)
            case Typed(command, output):
                shown = terminal.type(command)
                assert comparable(shown) == comparable(output), f"$ {command}\n{shown}"
                typed += 1

    assert typed > 5
