"""The functions of ``F`` for the docs: each with its contract, its example, and its SQL on every database."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect

from pydbt import F
from pydbt.sql.functions.rule import RULES, Rule
from pydbt.sql.rendering import render
from tests.docs.docstrings import docstring_of, table

_DATABASES = {"duckdb": "DuckDB", "sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
_FAMILIES = {
    "Conditions, names, literals": ("conditional", "casting"),
    "Numbers": ("numbers", "mathematics"),
    "Text": ("text", "parts", "slicing", "padding", "patterns"),
    "JSON": ("json",),
    "Dates and times": ("dates", "date_parts", "date_text"),
    "Aggregates": ("aggregates", "statistics", "ordered_aggregates"),
    "Windows": ("windows",),
}
_GAP = re.compile(r"\{(\*?)(\w+)(?:!i)?\}")
_LABEL = re.compile(r" AS \w+_1$")
# Filled by the compiler, or the same argument in another spelling.
_SHOWN_AS = {"python": "pattern", "re2": "replacement", "posix": "replacement", "scalar": "path"}


def functions() -> str:
    """Every function, family by family, in the order of the source."""
    known = {name for modules in _FAMILIES.values() for name in modules}
    assert {_module(each) for each in public()} <= known, "a module of functions is in no family"
    parts = []
    for title, members in families().items():
        parts += [f"## {title}", *map(_function, members)]
    return "\n\n".join(parts)


def index() -> str:
    """The names of all functions, family by family."""
    rows = [
        (title, ", ".join(f"[`{each.__name__}`](#{each.__name__})" for each in members))
        for title, members in families().items()
    ]
    return table(("family", "functions"), rows)


def families() -> dict[str, list[Callable[..., Any]]]:
    """The functions of each family, in the order of their source."""
    made = {
        title: [each for module in modules for each in public() if _module(each) == module]
        for title, modules in _FAMILIES.items()
    }
    return {title: members for title, members in made.items() if members}


def public() -> list[Callable[..., Any]]:
    """The functions of ``F``, in the order of their source."""
    found = [
        each
        for each in vars(F).values()
        if inspect.isfunction(each) and each.__module__.startswith("pydbt.sql.functions.")
    ]
    return sorted(found, key=lambda each: each.__code__.co_firstlineno)


def _module(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[2]


def _function(function: Callable[..., Any]) -> str:
    document = docstring_of(function)
    signature = str(inspect.signature(function)).replace("'", "")
    head = f"### {function.__name__}\n\n```text\nF.{function.__name__}{signature}\n```\n\n{document.contract}"
    parts = [head, *document.more]
    if document.args:
        parts.append(
            table(("argument", "meaning"), [(f"`{name}`", text) for name, text in document.args.items()])
        )
    parts.append(f"```pycon\n{document.example}\n```")
    rows = list(_sql(function.__name__))
    if any(words for words, _, _ in rows):
        parts.append(table(("of", "database", "SQL"), rows))
    elif rows:
        parts.append(table(("database", "SQL"), [row[1:] for row in rows]))
    return "\n\n".join(parts)


def _sql(name: str) -> Iterator[tuple[str, str, str]]:
    """For each rule of a function the databases that share one form of SQL, and the form."""
    for rule in [rule for rule in RULES.values() if rule.public_name == name and rule.sql]:
        forms: dict[str, list[str]] = {}
        for dialect, title in _DATABASES.items():
            forms.setdefault(_written(rule, dialect), []).append(title)
        for form, titles in forms.items():
            on = "all" if len(titles) == len(_DATABASES) else ", ".join(titles)
            yield rule.name.removeprefix(name).strip(), on, form


def _written(rule: Rule, dialect: str) -> str:
    sql = rule.sql.get(dialect, rule.sql.get("ansi"))
    if sql is None:
        return "refused"
    text = _GAP.sub(_shown, sql) if isinstance(sql, str) else _rendered(rule, sql, dialect)
    around = rule.around.get(dialect, rule.around.get("ansi"))
    return f"`{around.replace('{result}', text) if around else text}`"


def _shown(gap: re.Match[str]) -> str:
    name = _SHOWN_AS.get(gap[2], gap[2])
    return f"{name}, …" if gap[1] else name


def _rendered(rule: Rule, sql: Callable[..., Any], dialect: str) -> str:
    """What a rule that is a function makes of columns named as its arguments."""
    arguments = []
    for name in rule.takes:
        names = ["a", "b", "c"] if name.startswith("*") else [name]
        arguments += [sa.literal_column(each, sa.String()) for each in names]
    loaded = DefaultDialect() if dialect == "ansi" else registry.load(dialect)()
    return _LABEL.sub(
        "", " ".join(render(sa.select(sql(*arguments)), loaded).removeprefix("SELECT ").split())
    )
