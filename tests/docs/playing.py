"""A page of the docs, followed to the letter: its files written, its commands typed, its Python run.

What a fenced block is, its first line says:

- ``python models/x.py`` (or ``toml``, ``csv``): a file that the reader writes
- ``console``: commands after ``$``, each with what it shows
- ``python``: run after all commands, all such blocks of a page one after another in one process
- ``output``: what the Python block above it prints
- anything else (``text``, ``sh``, ``sql``): only read
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.examples.terminal import Terminal, comparable, with_pydbt

_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)
_MARK = "---- the next block ----"
# What differs from run to run, beyond what every terminal shows: times in JSON.
_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:[+-]\d\d:\d\d|Z)"), "MOMENT"),
    (re.compile(r'"seconds": [\d.e-]+'), '"seconds": #'),
)


@dataclass(frozen=True)
class Shown:
    """Something that a page shows as output.

    Args:
        start: Where in the page's text it starts.
        end: Where it ends.
        command: What gives it.
        told: What the page says.
        got: What came.
    """

    start: int
    end: int
    command: str
    told: str
    got: str

    @property
    def is_right(self) -> bool:
        """Whether the page tells what came, but for what changes from run to run."""
        return _settled(self.told, self.command) == _settled(self.got, self.command)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``start`` is where its text starts."""

    language: str
    file: str | None
    text: str
    start: int


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(found["language"], found["file"], found["text"], found.start("text"))
        for found in _FENCE.finditer(text)
    ]


def is_played(text: str) -> bool:
    """Whether a page holds anything to follow."""
    return any(block.file or block.language in {"python", "console"} for block in blocks(text))


def played(text: str, folder: Path, env: Mapping[str, str]) -> list[Shown]:
    """Follow a page in an empty folder; what it shows beside what came.

    Raises:
        AssertionError: A Python block of the page fails.
    """
    environment = {**env, **with_pydbt(folder / ".bin")}
    home = folder / "me"
    home.mkdir()
    terminal = Terminal(home, environment)
    shown: list[Shown] = []
    for block in blocks(text):
        if block.file:
            file = terminal.cwd / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            shown += _typed(block, terminal)
    shown += _run(blocks(text), terminal.cwd, environment)
    return [_elsewhere(each, home) for each in shown]


def _typed(block: Block, terminal: Terminal) -> Iterator[Shown]:
    for found in _COMMAND.finditer(block.text):
        start, end = (block.start + found.start("output"), block.start + found.end("output"))
        yield Shown(start, end, found["command"], found["output"], terminal.type(found["command"]))


def _run(page: list[Block], cwd: Path, env: Mapping[str, str]) -> Iterator[Shown]:
    scripts = [block for block in page if block.language == "python" and not block.file]
    if not scripts:
        return
    script = f"\nprint({_MARK!r})\n".join(block.text for block in scripts)
    (cwd / "page.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "page.py"],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stderr}"
    printed = dict(zip(map(id, scripts), done.stdout.split(f"{_MARK}\n"), strict=True))
    for block, following in itertools.pairwise(page):
        if following.language == "output":
            start = following.start
            yield Shown(start, start + len(following.text), "python", following.text, printed[id(block)])


def _elsewhere(shown: Shown, home: Path) -> Shown:
    """What came, as it would be in the reader's home and not in a test's folder."""
    got = shown.got.replace(str(home), "/home/me")
    got = "".join(f"{line.rstrip()}\n" for line in got.strip("\n").splitlines())
    return Shown(shown.start, shown.end, shown.command, shown.told, got)


def _settled(output: str, command: str) -> list[str]:
    for pattern, told in _CHANGING:
        output = pattern.sub(told, output)
    if command.startswith(("pydbt run", "pydbt show")):
        # Tasks side by side, and rows, come in any order.
        return comparable(output)
    return [part for line in output.strip().splitlines() for part in comparable(line) or [""]]
