"""Carrying out a plan: the runner, the executor and the state brought together for one run."""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydbt.connections import cancel_all
from pydbt.core.executors import ProcessExecutor, SerialExecutor, ThreadExecutor
from pydbt.core.executors.base import Executor
from pydbt.core.extent import Extent, until
from pydbt.core.plan import Action, Plan, Reason
from pydbt.core.results import Outcome, Run
from pydbt.core.runner import Runner
from pydbt.errors import ExecutorError
from pydbt.project import worker
from pydbt.project.resources import is_one_process

if TYPE_CHECKING:
    from pydbt.core.events import Listener
    from pydbt.project.project import Project

_EXECUTORS: Mapping[str, Callable[[int], Executor]] = {
    "thread": ThreadExecutor,
    "serial": lambda _: SerialExecutor(),
    "process": ProcessExecutor,
}


def carry_out(
    project: Project, plan: Plan, *, listeners: Sequence[Listener], executor: str, threads: int
) -> Run:
    """Run a project's plan; see `Project.run`."""
    if executor == "process" and is_one_process(project.resources.url):
        raise ExecutorError(
            f"the process executor cannot share the database of target {project.target.name!r}: "
            "only one process can open it",
            where=str(project.settings.file),
            hint='use executor = "thread"; processes can share a SQLite file or a database server',
        )
    if any(step.action is Action.RUN for step in plan.steps):
        project.resources.connect()
    project.resources.sweep()
    history = project.state.history(project.target.name)
    moment = datetime.now(UTC)
    with project.state.record(project.target.name, project.fingerprints) as recorder:
        runner = Runner(
            _EXECUTORS[executor](threads),
            _work(project, executor, extent_of(plan, moment)),
            [recorder, *listeners],
            cancel=cancel_all,
        )
        return runner.run(
            project.dag,
            plan,
            run_id=_new_run_id(moment),
            target=project.target.name,
            seconds_of={name: known.seconds for name, known in history.items()},
        )


def _work(project: Project, executor: str, extent: Extent) -> Callable[[str, str, int], Outcome]:
    """What an executor calls: the bodies themselves; in other processes a function fed with names only."""
    if executor != "process":
        return functools.partial(project.bodies.run, extent)
    return functools.partial(worker.run, str(project.settings.root), project.target.name, extent)


def extent_of(plan: Plan, moment: datetime) -> Extent:
    """How far a plan goes with incremental tasks, carried out at a moment."""
    rebuilt = frozenset(step.task for step in plan.steps if step.reason is Reason.FULL_REFRESH)
    return Extent(moment, min(until(plan.on), until(moment)), rebuilt, plan.redone)


def _new_run_id(moment: datetime) -> str:
    """Sorts by time, and holds no character that a file name may not have."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{os.getpid() % 0x10000:04x}{secrets.token_hex(2)}"
