"""What compiled code does, as text without line numbers, comments and docstrings; and what it looks up."""

from __future__ import annotations

import dis
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

_CONSTANTS = frozenset(dis.hasconst)
_CACHE = dis.opmap["CACHE"]
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_LOAD_GLOBAL = dis.opmap["LOAD_GLOBAL"]
_LOAD_NAME = dis.opmap["LOAD_NAME"]
_STORE_NAME = dis.opmap["STORE_NAME"]
_IMPORT_NAME = dis.opmap["IMPORT_NAME"]

# Python 3.13 marks code that has a docstring.
_HAS_DOCSTRING = 0x4000000
# A class body stores them; they do nothing.
_IDLE = ("__doc__", "__firstlineno__")


@dataclass(frozen=True, slots=True)
class CodeText:
    """One code object and all that is nested in it.

    Args:
        text: Its instructions, with constants in the place of their numbers.
        globals: The names it looks up in its module.
        imports: The modules it imports by itself.
        names: All names it uses, attributes included.
    """

    text: str
    globals: tuple[str, ...]
    imports: tuple[str, ...]
    names: frozenset[str]


@lru_cache(maxsize=20_000)
def code_text(code: CodeType, constant: Callable[[object], str]) -> CodeText:
    """The code as text; ``constant`` writes the plain constants.

    Constants are written where they are used: a docstring takes a place in their list and moves the others.
    """
    flags = code.co_flags & ~_HAS_DOCSTRING
    parts = [
        f"{code.co_argcount},{code.co_posonlyargcount},{code.co_kwonlyargcount},{flags}",
        repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_exceptiontable)),
    ]
    looked_up: dict[str, None] = {}
    imports: dict[str, None] = {}
    names = set(code.co_names)
    instructions = _instructions(code.co_code)
    for number, (operation, argument) in enumerate(instructions):
        if operation in _CONSTANTS:
            value = code.co_consts[argument]
            if _is_idle(instructions, number + 1, code.co_names):
                continue
            if isinstance(value, CodeType):
                nested = code_text(value, constant)
                parts.append(f"{operation}({nested.text})")
                looked_up.update(dict.fromkeys(nested.globals))
                imports.update(dict.fromkeys(nested.imports))
                names |= nested.names
            else:
                parts.append(f"{operation}={constant(value)}")
            continue
        if operation == _LOAD_GLOBAL:
            looked_up[code.co_names[argument >> 1]] = None
        elif operation == _LOAD_NAME:
            looked_up[code.co_names[argument]] = None
        elif operation == _IMPORT_NAME:
            imports[code.co_names[argument]] = None
        parts.append(f"{operation}.{argument}")
    return CodeText(" ".join(parts), tuple(looked_up), tuple(imports), frozenset(names))


def _instructions(code: bytes) -> list[tuple[int, int]]:
    found = []
    extended = 0
    for operation, argument in zip(code[::2], code[1::2], strict=True):
        if operation == _EXTENDED_ARG:
            extended = (extended | argument) << 8
        elif operation != _CACHE:
            found.append((operation, extended | argument))
            extended = 0
    return found


def _is_idle(instructions: list[tuple[int, int]], following: int, names: tuple[str, ...]) -> bool:
    if following >= len(instructions):
        return False
    operation, argument = instructions[following]
    return operation == _STORE_NAME and names[argument] in _IDLE
