"""The generated parts of the docs: one function for each, from the code's own lists and docstrings."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import click

from pydbt import checks, errors
from pydbt.cli.app import VERBS
from pydbt.cli.app import pydbt as command_line
from pydbt.core import events, plan, results, schedule
from pydbt.core.incremental import Incremental
from pydbt.core.materialization import Seed, Snapshot
from pydbt.core.options import OPTIONS
from pydbt.core.retry import Retry
from pydbt.core.task import Task
from pydbt.project import settings
from pydbt.sql.correlation import outer
from pydbt.sql.dataframe import DataFrame, GroupedData, exists
from pydbt.sql.functions.call import CallOverRows
from pydbt.sql.methods import Methods
from pydbt.sql.session import Session
from tests.docs import functions, semantics
from tests.docs.docstrings import contract_of, docstring_of, markdown, table
from tests.docs.increments import increments
from tests.docs.publishing import published, snapshot, tables, views
from tests.docs.selectors import selectors

_HUNDREDS = {
    0: "The root",
    1: "The command line and the project folder",
    2: "Settings",
    3: "Connections",
    4: "Model files and tasks",
    5: "Runs",
    6: "Queries",
    7: "State",
}
_VALUES = (plan.Plan, plan.PlanStep, plan.Comparison, results.TaskRun, results.Failure, results.Run)
# Long, and the JSON lines do without it.
_LEFT_OUT = {("Failure", "traceback")}
_EXIT_CODES = {
    0: "All is well: every task that had to run has succeeded.",
    1: "A task failed; the others have run, but for those that depend on it.",
    2: "Usage or configuration: nothing was run.",
    75: "Another process holds the database file, a table or the state: try again later.",
    130: "Interrupted by Ctrl-C.",
}


def error_classes() -> list[type[errors.PyDBTError]]:
    """All classes of the tree of errors, in the order of their codes."""
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PyDBTError)
    ]
    return sorted(kinds, key=lambda kind: kind.code)


def error_tables() -> str:
    """A table for each hundred of codes."""
    parts = []
    for hundred, title in _HUNDREDS.items():
        rows = [
            (f"`{kind.code}`", f"`{kind.__name__}`", contract_of(kind), str(kind.exit_code))
            for kind in error_classes()
            if int(kind.code[-3]) == hundred
        ]
        parts.append(f"## {title}\n\n{table(('code', 'class', 'raised when', 'exit code'), rows)}")
    return "\n\n".join(parts)


def exit_codes() -> str:
    """The exit codes, with the errors that lead to each."""
    rows = []
    for code, meaning in _EXIT_CODES.items():
        raised = [f"`{kind.code}`" for kind in error_classes() if kind.exit_code == code]
        shown = (
            "every code that is not named here" if code == errors.PyDBTError.exit_code else ", ".join(raised)
        )
        rows.append((f"`{code}`", meaning, shown))
    return table(("exit code", "meaning", "errors"), rows)


def settings_keys() -> str:
    """Every key of the settings, what it takes, its default and its meaning."""
    meaning = {
        **docstring_of(settings.Settings).args,
        **{f"targets.NAME.{name}": text for name, text in docstring_of(settings.Target).args.items()},
        "targets": "The databases, each under a name of its own; at least one.",
        "sources.ALIAS": contract_of(settings.Source),
        "config.KEY": "A value of the project's own, of any kind TOML has: `config['KEY']` in a task.",
    }
    return table(
        ("key", "takes", "default", "meaning"),
        [(f"`{key}`", _kind(key).told, _default(key), meaning[key]) for key in settings.KEYS],
    )


def _kind(key: str) -> Any:
    top, _, rest = key.partition(".")
    if top == "targets" and rest:
        return settings._TARGET[rest.partition(".")[2]]
    if top == "sources" and rest:
        return settings._SOURCE
    if top == "config" and rest:
        return dataclasses.replace(settings._TOP["config"], told="any value")
    return settings._TOP[key]


def _default(key: str) -> str:
    special = {
        "name": "the folder's name",
        "default_target": "the first target",
        "targets": "required",
        "targets.NAME.url": "required",
        "targets.NAME.schema": "the database's own",
    }
    if key in special:
        return special[key]
    fields = {field.name: field for field in dataclasses.fields(settings.Settings)}
    default = fields[key].default if key in fields else dataclasses.MISSING
    return "none" if default is dataclasses.MISSING else f"`{default}`"


def verbs() -> str:
    """Every verb with its arguments and options, from click's own objects."""
    root = click.Context(command_line, info_name="pydbt", **command_line.context_settings)
    parts = []
    for verb, command, context in _commands(root):
        usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
        rows = [tuple(record) for record in _records(command, context)]
        options = table(("option", "meaning"), [(f"`{name}`", text) for name, text in rows])
        parts.append(f"## {verb}\n\n{markdown(command.help or '')}\n\n```text\n{usage}\n```\n\n{options}")
    return "\n\n".join(parts)


def _commands(root: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Each verb, and after one that is a group each of its own."""
    for verb in VERBS:
        command = command_line.get_command(root, verb)
        assert command is not None
        context = click.Context(command, info_name=verb, parent=root)
        yield verb, command, context
        for name, below in getattr(command, "commands", {}).items():
            yield f"{verb} {name}", below, click.Context(below, info_name=name, parent=context)


def _records(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record:
            yield record


def reasons() -> str:
    """The reasons in the order of the rules."""
    rows = [
        (str(number), f"`{reason.value}`", reason.action.value, reason.text)
        for number, (reason, _) in enumerate(plan.RULES, 1)
    ]
    return table(("", "reason", "action", "it says"), rows)


def task_options() -> str:
    """The options of ``@Task``."""
    told = docstring_of(Task).args
    task = Task(_task_without_options)
    values = {option: getattr(task, option) for option in OPTIONS}
    shown = {
        **{option: f"`{value!r}`" for option, value in values.items()},
        "retry": f"`{task.retry.times}`",
        "column_comments": f"`{dict(task.column_comments)}`",
        "tags": "none",
        "depends_on": "none",
        "name": "the function's",
    }
    rows = [(f"`{option}`", shown[option], told[option]) for option in OPTIONS]
    return table(("option", "default", "meaning"), rows)


def options_of(kind: Any) -> str:
    """The options of a value that ``materialized=`` takes."""
    told = docstring_of(kind).args
    rows = []
    for field in dataclasses.fields(kind):
        default = "required" if field.default is dataclasses.MISSING else f"`{_shown(field.default)}`"
        if field.default_factory is not dataclasses.MISSING:
            default = f"`{field.default_factory()!r}`"
        rows.append((f"`{field.name}`", default, told[field.name]))
    return table(("option", "default", "meaning"), rows)


def _task_without_options() -> None:
    """What a task is when nothing is said about it."""


def schedules() -> str:
    """The schedules with their contracts."""
    kinds = [
        kind
        for kind in vars(schedule).values()
        if isinstance(kind, type)
        and issubclass(kind, schedule.Schedule)
        and kind not in (schedule.Schedule, schedule.AnyOf, schedule.AllOf)
    ]
    return table(
        ("schedule", "due"), [(f"`{kind.__name__}{_parameters(kind)}`", contract_of(kind)) for kind in kinds]
    )


def _parameters(kind: type) -> str:
    names = [
        f"{field.name}={field.default!r}" if field.default is not dataclasses.MISSING else field.name
        for field in dataclasses.fields(kind)
    ]
    return f"({', '.join(names)})"


def retry() -> str:
    """The fields of a Retry."""
    return options_of(Retry)


def _shown(default: object) -> str:
    return "Exception" if default == (Exception,) else repr(default)


def dataframe() -> str:
    """Every public verb and property of the DataFrame, in the order of its source."""
    return "\n\n".join(_methods(DataFrame))


def column_methods() -> str:
    """What every expression of columns can be asked."""
    return "\n\n".join(_methods(Methods))


def over_rows() -> str:
    """What a function of many rows can be asked."""
    return "\n\n".join(_method(name, getattr(CallOverRows, name)) for name in ("filter", "over"))


def subqueries() -> str:
    """The functions that put a DataFrame into an expression of another."""
    return "\n\n".join(_method(function.__name__, function, is_free=True) for function in (exists, outer))


def grouped_data() -> str:
    """The verbs of GroupedData."""
    return "\n\n".join(_methods(GroupedData))


def session() -> str:
    """The verbs of the Session."""
    return "\n\n".join(_methods(Session))


def check_functions() -> str:
    """The functions of ``pydbt.checks``."""
    made = [checks.not_null, checks.unique, checks.accepted_values, checks.relationships]
    made += [checks.row_count, checks.expression, checks.freshness, checks.custom]
    return "\n\n".join(_method(function.__name__, function, is_free=True) for function in made)


def _methods(kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        if not name.startswith("_") and member is not None:
            yield _method(name, member)


def _method(name: str, member: Any, *, is_free: bool = False) -> str:
    function = getattr(member, "fget", None) or getattr(member, "__wrapped__", member)
    told = docstring_of(function)
    signature = "" if isinstance(member, property) else _signature(function, is_free=is_free)
    parts = [f"### {name}", f"```text\n{name}{signature}\n```", told.contract, *told.more]
    if told.args:
        parts.append("\n".join(f"- `{argument}`: {text}" for argument, text in told.args.items()))
    if told.example:
        parts.append(f"```pycon\n{told.example}\n```")
    return "\n\n".join(parts)


def _signature(function: Callable[..., Any], *, is_free: bool) -> str:
    parameters = list(inspect.signature(function).parameters.values())[0 if is_free else 1 :]
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return str(inspect.Signature(bare))


def event_lines() -> str:
    """Every event with the name it has in the JSON lines, and its fields."""
    kinds: list[type] = [
        events.RunStarted,
        events.TaskStarted,
        events.AttemptFailed,
        events.TaskFinished,
        events.RunFinished,
    ]
    return "\n\n".join(_dataclass(kind, _snake_case(kind.__name__)) for kind in kinds)


def event_values() -> str:
    """The values inside the events."""
    return "\n\n".join(_dataclass(kind, kind.__name__) for kind in _VALUES)


def _dataclass(kind: Any, title: str) -> str:
    told = docstring_of(kind)
    rows = [
        (f"`{field.name}`", f"`{field.type}`", told.args.get(field.name, ""))
        for field in dataclasses.fields(kind)
        if (kind.__name__, field.name) not in _LEFT_OUT
    ]
    return f"### {title}\n\n{told.contract}\n\n{table(('field', 'type', 'meaning'), rows)}"


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


PARTS: dict[str, Callable[[], str]] = {
    "errors": error_tables,
    "exit codes": exit_codes,
    "settings": settings_keys,
    "verbs": verbs,
    "reasons": reasons,
    "selectors": selectors,
    "publishing": published,
    "incremental options": lambda: options_of(Incremental),
    "increments": increments,
    "snapshot": snapshot,
    "tables": tables,
    "views": views,
    "snapshot options": lambda: options_of(Snapshot),
    "seed options": lambda: options_of(Seed),
    "semantics table": semantics.values,
    "semantics kept": semantics.kept,
    "semantics exceptions": semantics.exceptions,
    "task options": task_options,
    "schedules": schedules,
    "retry": retry,
    "checks": check_functions,
    "functions": functions.functions,
    "index of functions": functions.index,
    "over rows": over_rows,
    "dataframe": dataframe,
    "column methods": column_methods,
    "subqueries": subqueries,
    "grouped data": grouped_data,
    "session": session,
    "events": event_lines,
    "event values": event_values,
}
