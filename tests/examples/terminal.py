"""A terminal that a test types into: what stands in a tutorial is typed, and what comes back is compared."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What differs from run to run: how long things took, when, and the runs' names.
_CHANGING = (
    (re.compile(r" *\b\d+\.\d\d s\b"), " # s"),
    (re.compile(r"\b\d+ (?:s|min) ago"), "# ago"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "DAY TIME"),
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+"), "RUN"),
    (re.compile(r"tasks on \d{4}-\d\d-\d\d"), "tasks on DAY"),
    (re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M"), "DAY TIME"),
)


@dataclass(frozen=True)
class Typed:
    """A command of a tutorial and what the tutorial says comes back."""

    command: str
    output: str


@dataclass(frozen=True)
class Written:
    """A file that the tutorial has its reader write: a block with its name behind the language."""

    file: str
    text: str


def steps(tutorial: Path) -> Iterator[Typed | Written]:
    """The commands and files of a tutorial in their order."""
    for language, file, text in _BLOCK.findall(tutorial.read_text(encoding="utf-8")):
        if language == "console":
            for typed in text.removeprefix("$ ").split("\n$ "):
                command, _, output = typed.partition("\n")
                yield Typed(command, output)
        elif file:
            yield Written(file, text)


@dataclass
class Terminal:
    """A shell in a folder, with `pydbt` on its path; a real terminal, but one without colours."""

    cwd: Path
    env: dict[str, str] = field(default_factory=dict)

    def type(self, command: str) -> str:
        """What stands on the terminal when the command has ended; `cd` stays in force."""
        if command.startswith("cd "):
            self.cwd /= command.removeprefix("cd ")
            return ""
        screen, theirs = pty.openpty()
        env = os.environ | self.env | {"TERM": "dumb", "COLUMNS": "120", "LINES": "40"}
        with subprocess.Popen(
            command, shell=True, cwd=self.cwd, env=env, stdin=theirs, stdout=theirs, stderr=theirs
        ):
            os.close(theirs)
            text = b"".join(_chunks(screen))
        os.close(screen)
        return text.decode().replace("\r\n", "\n")


def with_pydbt(folder: Path) -> dict[str, str]:
    """An environment in which `pydbt` is this checkout's, and `python` is this Python."""
    folder.mkdir()
    for name, arguments in (("pydbt", '-c "from pydbt.cli import main; main()" "$@"'), ("python", '"$@"')):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}\n')
        script.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def comparable(output: str) -> list[str]:
    """The lines without what changes between runs, sorted: rows and tasks side by side have no order."""
    for pattern, told in _CHANGING:
        output = pattern.sub(told, output)
    return sorted(line.rstrip() for line in output.strip().splitlines())


def _chunks(screen: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(screen, 4096)
        except OSError:
            return  # Linux says so when the last process has closed the terminal.
        if not chunk:
            return
        yield chunk
