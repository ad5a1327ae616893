"""A program as one would write it, to be read when it fails."""

from __future__ import annotations

from typing import Any

from tests.sql.oracle.program import (
    Agg,
    Alias,
    Call,
    Col,
    Combine,
    Distinct,
    Drop,
    Dropna,
    Fillna,
    Group,
    Join,
    Key,
    Limit,
    Lit,
    Order,
    Pick,
    Plan,
    Program,
    Rename,
    Right,
    Select,
    Table,
    Where,
    Window,
    WithColumns,
)

_SIGNS = frozenset(("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">="))
_LOGIC = {"and": " & ", "or": " | "}


def program_text(program: Program) -> str:
    """The tables and the verbs."""
    parts = [table_text(table) for table in program.tables]
    parts.append(plan_text(program.plan, program))
    if program.conditions:
        parts += [f"{name} = {text(each)}" for name, each in zip("pq", program.conditions, strict=True)]
    return "\n".join(parts)


def table_text(table: Table) -> str:
    """A table with its rows."""
    columns = ", ".join(f"{name!r}: {kind}" for name, kind in table.columns)
    return "\n".join([f"table {table.name!r} ({columns})", *(f"    {row!r}" for row in table.rows)])


def plan_text(plan: Plan, program: Program) -> str:
    """A plan, one verb a line."""
    first = f"table({program.tables[plan.table].name!r})" if plan.table is not None else f"frame{plan.frame}"
    indent = "\n    " if plan.table is not None and plan is program.plan else ""
    return first + "".join(f"{indent}{_verb(step, program)}" for step in plan.steps)


def _verb(step: Any, program: Program) -> str:
    return f".{_VERBS[type(step)](step, program)}"


def _items(items: Any) -> str:
    return ", ".join(f"{name!r}: {text(expr)}" for name, expr in items)


def _join(step: Join, program: Program) -> str:
    on = [repr(name) for name in step.names] + ([text(step.condition)] if step.condition is not None else [])
    other = plan_text(step.other, program)
    return f"join({other}, on=[{', '.join(on)}], how={step.how!r}, suffix={step.suffix!r})"


_VERBS: dict[type, Any] = {
    Where: lambda step, _: f"where({', '.join(map(text, step.conditions))})",
    Select: lambda step, _: f"select({_items(step.items)})",
    WithColumns: lambda step, _: f"with_columns({_items(step.items)})",
    Rename: lambda step, _: f"rename({dict(step.pairs)!r})",
    Drop: lambda step, _: f"drop{step.names!r}",
    Distinct: lambda _step, _: "distinct()",
    Dropna: lambda step, _: f"dropna({step.how!r}, {list(step.names)!r})",
    Fillna: lambda step, _: f"fillna({{{_items(step.pairs)}}})",
    Pick: lambda step, _: (
        f"drop_duplicates({list(step.names)!r}, {step.keep!r}, [{', '.join(map(text, step.keys))}])"
    ),
    Group: lambda step, _: f"{step.sets or 'group_by'}({_items(step.keys)}).agg({_items(step.items)})",
    Order: lambda step, _: f"order_by({', '.join(map(text, step.keys))})",
    Limit: lambda step, _: f"limit({step.count}, {step.offset})",
    Alias: lambda step, _: f"alias({step.name!r})",
    Combine: lambda step, program: f"{step.verb}({plan_text(step.other, program)})",
    Join: _join,
}


def text(expr: Any) -> str:
    """An expression."""
    if isinstance(expr, Col):
        return f"df[{expr.name!r}]" if expr.source is None else f"frame{expr.source[0]}[{expr.source[1]!r}]"
    if isinstance(expr, Right):
        return f"other[{expr.name!r}]"
    if isinstance(expr, Lit):
        return (
            repr(expr.value)
            if expr.kind in {"int", "text", "bool", "float"}
            else f"{expr.value!r}:{expr.kind}"
        )
    if isinstance(expr, Call):
        return _call(expr)
    if isinstance(expr, Key):
        order = (".desc()" if expr.descending else "") + (".nulls_first()" if expr.nulls_first else "")
        return text(expr.expr) + order
    return _aggregate(expr) if isinstance(expr, Agg) else _window(expr)


def _call(expr: Call) -> str:
    args = [text(each) for each in expr.args]
    if expr.name in _SIGNS:
        return f"({f' {expr.name} '.join(args)})"
    if expr.name in _LOGIC:
        return f"({_LOGIC[expr.name].join(args)})"
    return f"~{args[0]}" if expr.name == "not" else f"{expr.name}({', '.join(args)})"


def _aggregate(expr: Agg) -> str:
    argument = "" if expr.arg is None else ("distinct " if expr.is_distinct else "") + text(expr.arg)
    return f"{expr.name}({argument})" + ("" if expr.where is None else f".filter({text(expr.where)})")


def _window(expr: Window) -> str:
    over = []
    if expr.partition:
        over.append(f"partition_by=[{', '.join(map(text, expr.partition))}]")
    if expr.order:
        over.append(f"order_by=[{', '.join(map(text, expr.order))}]")
    if expr.rows is not None:
        over.append(f"rows={expr.rows}")
    return f"{expr.name}({', '.join(map(text, expr.args))}).over({', '.join(over)})"
