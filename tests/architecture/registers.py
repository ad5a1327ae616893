"""Lists that must agree with the files: error codes, the command line's verbs, the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.source import Module

# Places of one machine (`/home/me` is an example's) and settings of a package index: a clone has neither.
_MACHINE = re.compile(
    r"(?<![\w./~{}$-])/(?:work|root|home|Users|opt)/(?!me\b)\w+"
    r"|(?i:--(?:extra-)?index-url|--find[-]links|index[-_]url\s*=|find[-_]links\s*=|[a]rtifactory|[n]exus\.|/[s]imple/?\b)"
)
# Not code of the command line's verbs: the group, what the verbs share, and folders.
_NOT_VERBS = frozenset({"__init__", "__main__"})


def error_codes(modules: list[Module]) -> dict[str, list[str]]:
    """The codes of each error class of the package, by class."""
    found: dict[str, list[str]] = {}
    for module in modules:
        for node in module.nodes:
            if isinstance(node, ast.ClassDef):
                codes = [_code(statement) for statement in node.body]
                found.setdefault(node.name, []).extend(code for code in codes if code)
    return {name: codes for name, codes in found.items() if codes}


def _code(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == "code" for target in targets):
            return str(statement.value.value)
    return ""


def error_code_violations(modules: list[Module], page: str) -> Iterator[str]:
    """Codes used twice, of the wrong form, or not on the reference page; and those the page has in excess."""
    by_name = error_codes(modules)
    codes = [code for own in by_name.values() for code in own]
    yield from (f"{len(own)} errors are named {name}" for name, own in by_name.items() if len(own) > 1)
    for code, times in Counter(codes).items():
        if times > 1:
            yield f"{code} stands for {times} errors"
        if not re.fullmatch(r"PYDBT-E\d{3}", code):
            yield f"{code} is not of the form PYDBT-E123"
    listed = set(re.findall(r"PYDBT-E\d{3}", page))
    yield from (f"{code} is not in docs/reference/errors.md" for code in sorted(set(codes) - listed))
    yield from (
        f"docs/reference/errors.md lists {code}, which is gone" for code in sorted(listed - set(codes))
    )


def verb_violations(verbs: Iterable[str], folder: Path) -> Iterator[str]:
    """Verbs without a module of their name, and modules with a `command` that are no verb."""
    expected = {verb.replace("-", "_"): verb for verb in verbs}
    for stem, verb in expected.items():
        if not (folder / f"{stem}.py").exists():
            yield f"the verb {verb!r} has no cli/{stem}.py"
    for path in sorted(folder.glob("*.py")):
        if path.stem not in expected and path.stem not in _NOT_VERBS and _defines_command(path):
            yield f"cli/{path.name} has a command, but the command line has no such verb"


def _defines_command(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "command" for node in tree.body)


def repository_files(root: Path) -> list[Path]:
    """The files that are in the repository, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    return [root / name for name in names.split("\0") if name and (root / name).is_file()]


def machine_violations(files: Iterable[Path]) -> Iterator[str]:
    """Text files that name a place of one machine or a package index."""
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = _MACHINE.search(line)
            if found:
                yield f"{path}:{number}: {found.group()}"
