"""The commands that the docs show: found in code blocks and between backticks, and asked of click."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from pydbt.cli.app import VERBS
from pydbt.cli.app import pydbt as command_line
from tests.docs.playing import blocks

_INLINE = re.compile(r"`((?:pydbt|make) [^`\n]+)`")
_COMMAND = re.compile(r"(?:^|[;&|] ?|\$ |bin/)((?:pydbt|make) [^\n;&|>]*)", re.MULTILINE)
_SHELLS = frozenset({"console", "sh", "text"})
_TARGET = re.compile(r"^([a-z][\w-]*):.*?## ", re.MULTILINE)


def commands(text: str) -> Iterator[str]:
    """The ``pydbt …`` and ``make …`` commands that a page shows."""
    for block in blocks(text):
        if block.language in _SHELLS:
            for found in _COMMAND.finditer(_without_output(block.text, block.language)):
                yield found[1].partition("  #")[0].strip()
    for found in _INLINE.finditer(text):
        yield found[1]


def violations(command: str, makefile: str) -> Iterator[str]:
    """What a command names that does not exist: a verb, an option, a target of make."""
    program, *words = shlex.split(command)
    if program == "make":
        known = _TARGET.findall(makefile)
        yield from (
            f"{command}: there is no target {word}" for word in words if _is_wrong_target(word, known)
        )
        return
    verb = next((word for word in words if not word.startswith("-")), None)
    if verb is None:
        parameters: list[click.Parameter] = command_line.get_params(click.Context(command_line))
    elif verb in VERBS:
        found = command_line.get_command(click.Context(command_line), verb)
        assert found is not None
        # A verb that is a group has options only after the verb below it.
        below = [getattr(found, "commands", {}).get(word) for word in words[words.index(verb) + 1 :][:1]]
        found = next(filter(None, below), found)
        parameters = found.get_params(click.Context(found, help_option_names=["-h", "--help"]))
    else:
        if verb not in {"VERB", "…"}:
            yield f"{command}: there is no command {verb}"
        return
    options = {name for parameter in parameters for name in parameter.opts}
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("-") and name not in options:
            yield f"{command}: there is no option {name}"


def _is_wrong_target(word: str, known: list[str]) -> bool:
    return "=" not in word and word not in known


def _without_output(text: str, language: str) -> str:
    """Only what is typed: of a console, the lines after ``$``."""
    if language != "console":
        return text
    return "\n".join(line for line in text.splitlines() if line.startswith("$ "))
