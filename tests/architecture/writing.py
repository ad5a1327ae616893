"""How modules are written: short, documented, and in the field's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from tests.architecture.source import Module

MODULE_LINES = 300
FUNCTION_LINES = 60

# The facade has a short method for every verb: it grows with the verbs, in width and not in depth.
LONGER_MODULES = {"pydbt.sql.dataframe": 600}

# They say nothing about what a thing is (design, "The words").
EMPTY_WORDS = frozenset(
    {"abstract", "container", "context", "factory", "handler", "helper", "interface", "manager"}
    | {"helpers", "util", "utils"}
)


def length_violations(modules: list[Module], longer: Mapping[str, int] = LONGER_MODULES) -> Iterator[str]:
    """Modules and functions with too many lines of code; docstrings, comments and blank lines are free."""
    for module in modules:
        limit = longer.get(module.name, MODULE_LINES)
        if len(module.code_lines) > limit:
            yield f"{module.path}: {len(module.code_lines)} lines of code, at most {limit}"
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                lines = len(module.code_lines.intersection(span))
                if lines > FUNCTION_LINES:
                    told = f"{node.name} has {lines} lines of code, at most {FUNCTION_LINES}"
                    yield f"{module.at(node)}: {told}"


def docstring_violations(modules: list[Module]) -> Iterator[str]:
    """Modules that do not say what they are."""
    for module in modules:
        if not ast.get_docstring(module.tree):
            yield f"{module.path}: a module says in its docstring what it is"


def name_violations(modules: list[Module]) -> Iterator[str]:
    """Modules, classes and functions named with a word that says nothing."""
    for module in modules:
        for word in _words(module.name.rpartition(".")[2]) & EMPTY_WORDS:
            yield f"{module.path}: {word!r} names no thing"
        for node in module.nodes:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                for word in _words(node.name) & EMPTY_WORDS:
                    yield f"{module.at(node)}: {node.name}: {word!r} names no thing"


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
