"""Tasks, plans and histories for the tests of the core, in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydbt.core.dag import Dag
from pydbt.core.plan import Plan, make_plan
from pydbt.core.results import Fingerprint, Outcome, Status, TaskHistory
from pydbt.core.task import Task

NOW = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)  # A Friday.
PRINT = Fingerprint("code", "settings")
WELL = Outcome(0.0)


def _nothing() -> None: ...


def task(name: str, *needs: Task, **options: Any) -> Task:
    made: Task = Task(name=name, depends_on=needs, **options)(_nothing)
    return made


def chain(length: int) -> list[Task]:
    tasks = [task("t0")]
    for number in range(1, length):
        tasks.append(task(f"t{number}", tasks[-1]))
    return tasks


def plan_of(
    dag: Dag,
    *,
    on: date = NOW,
    selected: Iterable[str] | None = None,
    history: Mapping[str, TaskHistory] | None = None,
    **options: Any,
) -> Plan:
    return make_plan(
        dag,
        on=on,
        selected=frozenset(dag.tasks if selected is None else selected),
        fingerprints=dict.fromkeys(dag.tasks, PRINT),
        history=history or {},
        **options,
    )


def history(name: str, **changes: Any) -> TaskHistory:
    values: dict[str, Any] = {
        "fingerprint": PRINT,
        "last_status": Status.SUCCESS,
        "last_success_at": NOW,
        "seconds": 1.0,
    }
    return TaskHistory(task=name, **(values | changes))
