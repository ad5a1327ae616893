"""The selectors' table: what each chooses among the tasks of the flights example, asked of the code."""

from __future__ import annotations

import functools
from pathlib import Path

import pydbt
from pydbt.core.dag import Dag
from pydbt.core.selector import select
from pydbt.project.loader import load_tasks
from tests.docs.docstrings import table

FLIGHTS = Path(pydbt.__file__).parent / "examples" / "flights"
_MOST_NAMES = 8

_EXAMPLES = {
    "routes": "the task of that name",
    "delay_by_*": "all whose names match; `?` and `[abc]` work too",
    "+weather": "a task and all upstream of it",
    "departures+": "a task and all downstream of it",
    "1+departures": "a task and what lies at most one step upstream",
    "raw_weather+2": "a task and what lies at most two steps downstream",
    "@weather": "a task, all downstream of it, and all that any of these needs",
    "tag:staging": "all with a tag",
    "path:models/raw.py": "all of a file; a folder takes those below it",
    "+tag:report": "`+` and `@` stand before a method, too",
    "routes worst_days": "a space, or `--select` twice: the ones and the others",
    "tag:marts,1+report": "a comma, without spaces: only those that both sides choose",
}


def selectors() -> str:
    """A row for each form."""
    rows = [(f"`{text}`", meaning, _chosen(text)) for text, meaning in _EXAMPLES.items()]
    return table(("selector", "chooses", "in the flights example"), rows)


def _chosen(text: str) -> str:
    dag = _dag()
    chosen = select(dag, [text], [], FLIGHTS)
    if len(chosen) == len(dag.tasks):
        return f"all {len(chosen)} tasks"
    names = [f"`{name}`" for name in dag.order() if name in chosen]
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


@functools.cache
def _dag() -> Dag:
    return Dag.of(load_tasks(FLIGHTS, "models", timeout_seconds=60).tasks)
