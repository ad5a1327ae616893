"""What the source never does: run text as code, read pickles, or build SQL from text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Module

UNSAFE_MODULES = frozenset(
    {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
)
UNSAFE_CALLS = frozenset({"eval", "exec"})
UNSAFE_METHODS = frozenset({"read_pickle", "to_pickle"})
_IMPORTING = frozenset({"__import__", "import_module", "find_spec"})
SQL_CALLS = frozenset(
    {"DDL", "TextClause", "exec_driver_sql", "execute", "executemany", "literal_column", "text"}
)
SQL_MAKERS = ("pydbt.sql.ddl",)

_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def unsafe_violations(modules: list[Module]) -> Iterator[str]:
    """Imports and calls that run what they read."""
    for module in modules:
        for entry in module.imports:
            if entry.target.partition(".")[0] in UNSAFE_MODULES:
                yield f"{module.path}:{entry.line}: imports {entry.target}"
        for node in module.nodes:
            if isinstance(node, ast.Call) and _is_unsafe(node.func):
                yield f"{module.at(node)}: calls {ast.unparse(node.func)}"
            elif isinstance(node, ast.Call):
                yield from (f"{module.at(node)}: {told}" for told in _unsafe_arguments(node))


def _is_unsafe(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in UNSAFE_CALLS
    if isinstance(function, ast.Attribute) and function.attr in UNSAFE_METHODS:
        return True
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        owner = function.value.id
        return (owner == "builtins" and function.attr in UNSAFE_CALLS) or (
            owner == "yaml" and function.attr in {"load", "load_all", "unsafe_load", "full_load"}
        )
    return False


def _unsafe_arguments(call: ast.Call) -> Iterator[str]:
    """An import by its name, and numpy's way to allow pickles."""
    if any(keyword.arg == "allow_pickle" for keyword in call.keywords):
        yield "says allow_pickle"
    first = call.args[0] if call.args else None
    if _called_name(call.func) in _IMPORTING and isinstance(first, ast.Constant):
        name = str(first.value)
        if name.partition(".")[0] in UNSAFE_MODULES:
            yield f"imports {name}"


def formatted_sql_violations(modules: list[Module]) -> Iterator[str]:
    """Text put together by formatting that reaches a call which runs it as SQL, as it is or by a name."""
    for module in modules:
        if module.name in SQL_MAKERS:
            continue
        constants = frozenset(_constants(module.tree))
        for scope in module.nodes:
            if isinstance(scope, _Scope):
                yield from _formatted_in(module, scope, constants)


def _constants(tree: ast.Module) -> Iterator[str]:
    """The names, in capitals, of a module's constant texts: a query made of these is a constant."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from (
                target.id for target in node.targets if isinstance(target, ast.Name) and target.id.isupper()
            )


def _formatted_in(module: Module, scope: _Scope, constants: frozenset[str]) -> Iterator[str]:
    nodes = list(_own_nodes(scope))
    formatted = {name for node in nodes for name in _names_of_formatted(node, constants)}
    for node in nodes:
        if not isinstance(node, ast.Call) or _called_name(node.func) not in SQL_CALLS:
            continue
        for argument in [*node.args[:1], *(keyword.value for keyword in node.keywords)]:
            is_formatted_name = isinstance(argument, ast.Name) and argument.id in formatted
            if is_formatted_name or _is_formatted(argument, constants):
                told = f"formatted text reaches {_called_name(node.func)}(): {ast.unparse(argument)}"
                yield f"{module.at(node)}: {told}"


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions inside it, which are scopes of their own."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own_nodes(child)


def _names_of_formatted(node: ast.AST, constants: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        targets, value = [node.target], node.value or ast.Constant(None)
    else:
        return
    if isinstance(node, ast.AugAssign) or _is_formatted(value, constants):
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_formatted(value: ast.expr, constants: frozenset[str]) -> bool:
    if isinstance(value, ast.JoinedStr):
        return any(
            not (isinstance(part.value, ast.Name) and part.value.id in constants)
            for part in value.values
            if isinstance(part, ast.FormattedValue)
        )
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Add | ast.Mod)
    if isinstance(value, ast.IfExp):
        return _is_formatted(value.body, constants) or _is_formatted(value.orelse, constants)
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in {"format", "format_map", "join", "replace", "substitute"}
    )


def _called_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
