"""What compiled code does, as text without line numbers, comments and docstrings; and what it looks up."""

from __future__ import annotations

import dis
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_LOAD_GLOBAL = dis.opmap["LOAD_GLOBAL"]
_LOAD_NAME = dis.opmap["LOAD_NAME"]
_STORE_NAME = dis.opmap["STORE_NAME"]
_IMPORT_NAME = dis.opmap["IMPORT_NAME"]
_NAMING = re.compile(b"[" + re.escape(bytes([*dis.hasconst, _LOAD_GLOBAL, _LOAD_NAME, _IMPORT_NAME])) + b"]")

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


@lru_cache(maxsize=50_000)
def code_text(code: CodeType, constant: Callable[[object], str]) -> CodeText:
    """The code as text; ``constant`` writes the plain constants.

    Constants are written where they are used: a docstring takes a place in their list and moves the others.
    """
    raw = bytearray(code.co_code)
    looked_up: dict[str, None] = {}
    imports: dict[str, None] = {}
    names = set(code.co_names)
    constants = []
    # Every second byte is an operation; of the many, a few take a name or a constant.
    for found in _NAMING.finditer(raw[::2]):
        number = found.start()
        operation, argument = raw[2 * number], _argument(raw, number)
        if operation == _LOAD_GLOBAL:
            looked_up[code.co_names[argument >> 1]] = None
        elif operation == _LOAD_NAME:
            looked_up[code.co_names[argument]] = None
        elif operation == _IMPORT_NAME:
            imports[code.co_names[argument]] = None
        else:
            _blank(raw, number)
            value = code.co_consts[argument]
            if isinstance(value, CodeType):
                nested = code_text(value, constant)
                constants.append(nested.text)
                looked_up.update(dict.fromkeys(nested.globals))
                imports.update(dict.fromkeys(nested.imports))
                names |= nested.names
            elif not _is_idle(raw, number + 1, code.co_names):
                constants.append(constant(value))
    flags = code.co_flags & ~_HAS_DOCSTRING
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, flags, bytes(raw), constants)
    words = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_exceptiontable)
    return CodeText(repr((shape, words)), tuple(looked_up), tuple(imports), frozenset(names))


def _argument(raw: bytearray, number: int) -> int:
    argument = raw[2 * number + 1]
    shift = 8
    for before in range(number - 1, -1, -1):
        if raw[2 * before] != _EXTENDED_ARG:
            break
        argument |= raw[2 * before + 1] << shift
        shift += 8
    return argument


def _blank(raw: bytearray, number: int) -> None:
    raw[2 * number + 1] = 0
    while number and raw[2 * number - 2] == _EXTENDED_ARG:
        number -= 1
        raw[2 * number + 1] = 0


def _is_idle(raw: bytearray, following: int, names: tuple[str, ...]) -> bool:
    """Whether a class body stores the constant under a name that does nothing."""
    if 2 * following >= len(raw) or raw[2 * following] != _STORE_NAME:
        return False
    return names[raw[2 * following + 1]] in _IDLE
