"""The source as data: modules, their imports and their lines of code, read with `ast` and never imported."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_NOT_CODE = frozenset({
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
})  # fmt: skip
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Import:
    """One import of a dotted name.

    Args:
        target: The dotted name.
        line: Where it stands.
        at_import_time: It runs as soon as the module is imported.
        names: What is taken from it, with ``from``.
        for_types: It never runs.
    """

    target: str
    line: int
    at_import_time: bool
    names: tuple[str, ...] = ()
    for_types: bool = False


@dataclass(frozen=True)
class Module:
    """A module of the package."""

    path: Path
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree, for every rule that asks: to walk it takes longer than to look at them."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """All its imports, lazy ones and those for types included."""
        return tuple(self._imports(self.tree, at_import_time=True, for_types=False))

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The numbers of its lines that are neither blank nor comment nor docstring."""
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in _NOT_CODE:
                lines.update(range(token.start[0], token.end[0] + 1))
        for node in self.nodes:
            if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
                docstring = node.body[0]
                lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
        return frozenset(lines)

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where a node stands, for a message."""
        return f"{self.path}:{node.lineno}"

    def _imports(self, node: ast.AST, *, at_import_time: bool, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, at_import_time, (), for_types)
            elif isinstance(child, ast.ImportFrom):
                names = tuple(alias.name for alias in child.names)
                yield Import(self._absolute(child), child.lineno, at_import_time, names, for_types)
            else:
                is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                types = for_types or _is_for_types(child)
                now = at_import_time and not (is_function or types)
                yield from self._imports(child, at_import_time=now, for_types=types)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
        kept = package[: len(package) - node.level + 1]
        return ".".join([*kept, node.module] if node.module else kept)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def modules(folder: Path, *, without: tuple[str, ...] = ()) -> list[Module]:
    """All modules below a folder that holds packages, but those in a subfolder of `without`."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder)
        if relative.as_posix().startswith(without):
            continue
        parts = relative.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(path, name, path.read_text(encoding="utf-8")))
    return found


def imported_modules(module: Module, known: frozenset[str], *, at_import_time: bool) -> Iterator[Import]:
    """The imports of known modules; `from a import b` is an import of `a.b` where that is a module."""
    for entry in module.imports:
        if at_import_time and not entry.at_import_time:
            continue
        inner = {f"{entry.target}.{name}" for name in entry.names}
        for target in sorted(inner & known):
            yield Import(target, entry.line, entry.at_import_time)
        if entry.target in known and (not inner or inner - known):
            yield entry
