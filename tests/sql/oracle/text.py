"""A program as one would write it, to be read when it fails."""

from __future__ import annotations

from typing import Any

from tests.sql.oracle.program import (
    Agg,
    Alias,
    Asof,
    ByName,
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
    Replace,
    Right,
    Sample,
    Select,
    Sub,
    Table,
    TopK,
    Unpivot,
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


def _group(step: Group) -> str:
    made = f"{step.sets or 'group_by'}({_items(step.keys)}{f', sets={step.of!r}' if step.of else ''})"
    if step.pivot is not None:
        made += f".pivot({text(step.pivot.expr)}, {{{_items(step.pivot.values)}}})"
    if step.having:
        made += f".having({', '.join(map(text, step.having))})"
    return f"{made}.agg({_items(step.items)})"


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
    Group: lambda step, _: _group(step),
    TopK: lambda step, _: f"topk({step.count}, [{', '.join(map(text, step.keys))}])",
    Replace: lambda step, _: f"replace({[(a.value, b.value) for a, b in step.pairs]}, {list(step.names)!r})",
    Unpivot: lambda step, _: (
        f"unpivot({list(step.ids)!r}, {list(step.names)!r}, {step.names_to!r}, {step.values_to!r})"
    ),
    Sample: lambda step, _: f"sample({step.fraction}, n={step.count}, seed={step.seed}, by={step.names!r})",
    ByName: lambda step, program: (
        f"union_by_name({plan_text(step.other, program)}, allow_missing={step.allow_missing})"
    ),
    Asof: lambda step, program: (
        f"asof_join({plan_text(step.other, program)}, on={step.on!r}, by={step.names!r},"
        f" {step.direction!r}, tolerance={step.tolerance!r}, suffix={step.suffix!r})"
    ),
    Order: lambda step, _: f"order_by({', '.join(map(text, step.keys))})",
    Limit: lambda step, _: f"limit({step.count}, {step.offset})",
    Alias: lambda step, _: f"alias({step.name!r})",
    Combine: lambda step, program: f"{step.verb}({plan_text(step.other, program)})",
    Join: _join,
}


def text(expr: Any) -> str:  # noqa: PLR0911  one form each
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
    if isinstance(expr, Sub):
        return _subquery(expr)
    return _aggregate(expr) if isinstance(expr, Agg) else _window(expr)


def _subquery(expr: Sub) -> str:
    start = f"table{expr.other.table}" if expr.other.table is not None else f"frame{expr.other.frame}"
    other = start + "".join(f".{_VERBS[type(step)](step, None)}" for step in expr.other.steps)
    if expr.name == "exists":
        on = [*map(repr, expr.names), *([] if expr.condition is None else [text(expr.condition)])]
        return f"exists({other}, [{', '.join(on)}])"
    return f"{text(expr.arg)}.isin({other})" if expr.name == "isin" else f"{other}.scalar()"


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
