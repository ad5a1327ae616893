"""Write docs/reference/errors.md from src/pydbt/errors.py, which is read and not imported."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path("src/pydbt/errors.py")
PAGE = Path("docs/reference/errors.md")
HEAD = """# Errors

Every error PyDBT raises on purpose says four things: a code, what is wrong, where it stands (a file and line,
or a key of the settings), and what to do. `pydbt … --debug` adds the traceback. In Python all of them are
`pydbt.PyDBTError`, with the attributes `code`, `what`, `where` and `hint`; the classes are in `pydbt.errors`.

The exit code of the command line is 2 for usage and configuration, 1 when a task or a part of the run failed,
and 75 when something is locked and the same command may well succeed later.

This page is made from the source: `make reference`.
"""


def sections(text: str) -> Iterator[tuple[int, str]]:
    """The headings ``# 1 The command line.`` of the source and the lines they stand on."""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.fullmatch(r"# (\d .+?)\.?", line)
        if found:
            yield number, found[1]


def constant(node: ast.ClassDef, name: str) -> object:
    """The constant value of a class attribute, or None."""
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return statement.value.value
    return None


def exit_code(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> object:
    """The exit code of an error class, its own or inherited."""
    own = constant(node, "exit_code")
    if own is not None:
        return own
    bases = [classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return exit_code(bases[0], classes)


def row(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> str:
    """The table's row of an error class."""
    summary = (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")
    meaning = summary.replace("``", "`").replace("|", "\\|")
    return f"| {constant(node, 'code')} | `{node.name}` | {meaning} | {exit_code(node, classes)} |"


def page(text: str) -> str:
    """The whole page."""
    classes = [
        node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and constant(node, "code")
    ]
    by_name = {node.name: node for node in classes}
    table = "| code | class | when | exit code |\n|---|---|---|---|"
    headings = [(0, "0 All"), *sections(text)]
    parts = [HEAD]
    for (start, title), (end, _) in zip(headings, [*headings[1:], (10**9, "")], strict=True):
        rows = sorted(row(node, by_name) for node in classes if start <= node.lineno < end)
        if rows:
            parts.append("\n".join([f"## {title}", "", table, *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
