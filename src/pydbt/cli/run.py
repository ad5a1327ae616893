"""``pydbt run``: carry the plan out."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from pydbt.cli.options import (
    Function,
    WholeNumber,
    open_project,
    plan_options,
    planned,
    project_options,
    selection_options,
)
from pydbt.errors import DatabaseLockedError, TableLockedError

if TYPE_CHECKING:
    from pydbt.core.events import Listener
    from pydbt.core.plan import Plan
    from pydbt.project.project import Project

LOG_FORMATS = ("auto", "plain", "json")
# Another run has what this one wants: later it may go well.
_LOCKED = frozenset({TableLockedError.code, DatabaseLockedError.code})


def run_options(function: Function) -> Function:
    """``--threads``, ``--executor`` and ``--log-format``."""
    for option in (
        click.option(
            "--log-format",
            type=click.Choice(LOG_FORMATS),
            default="auto",
            show_default=True,
            help="auto: live on a terminal, else plain.",
        ),
        click.option(
            "--executor",
            type=click.Choice(["thread", "serial", "process"]),
            help="Where tasks run. [default: pydbt.toml]",
        ),
        click.option(
            "--threads",
            type=WholeNumber(1, 1024),
            help="How many tasks run at once. [default: pydbt.toml]",
        ),
    ):
        function = option(function)
    return function


@click.command("run")
@selection_options
@plan_options
@run_options
@project_options
def command(  # noqa: PLR0913, PLR0917  one parameter per option is click's way
    tasks: tuple[str, ...],
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    date: str | None,
    force: bool,  # noqa: FBT001  click gives flags so
    full_refresh: bool,  # noqa: FBT001  click gives flags so
    threads: int | None,
    executor: str | None,
    log_format: str,
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: FBT001  click gives flags so
) -> int:
    """Run the tasks that must run, in the order of their dependencies, several at once."""
    with open_project(project_dir, target, is_reading=False) as project:
        plan = planned(project, (*tasks, *select), exclude, date, force=force, full_refresh=full_refresh)
        if not plan.steps:
            click.echo("nothing to run: no task is selected", err=True)
            return 0
        return carried_out(
            project, plan, threads=threads, executor=executor, log_format=log_format, is_debug=debug
        )


def carried_out(
    project: Project,
    plan: Plan,
    *,
    threads: int | None,
    executor: str | None,
    log_format: str,
    is_debug: bool,
) -> int:
    """Run a plan, tell what happens and what failed, and give the exit code."""
    from pydbt.core.attempt import task_failed
    from pydbt.core.results import Status

    is_live = log_format == "auto" and sys.stdout.isatty()
    _collect_seldom()
    with _live() if is_live else _lines(log_format) as listener:
        run = project.run(plan, listeners=[listener], executor=executor, threads=threads)
    failed = [each for each in run.task_runs if each.failure and each.status is Status.FAILED]
    is_told = is_live or (log_format != "json" and _is_one_file(sys.stdout, sys.stderr))
    for task_run in failed:
        if task_run.failure and not is_told:
            click.echo(str(task_failed(task_run.task, task_run.failure)), err=True)
    for task_run in run.task_runs:
        if task_run.failure and is_debug:
            click.echo(f"\n{task_run.task}:\n{task_run.failure.traceback}", err=True)
    if is_told and not is_debug and any(each.failure and not each.failure.hint for each in failed):
        click.echo("--debug shows the traceback of what failed", err=True)
    if failed and all(each.failure and each.failure.code in _LOCKED for each in failed):
        return TableLockedError.exit_code
    return {Status.SUCCESS: 0, Status.INTERRUPTED: 130}.get(run.status, 1)


def _is_one_file(out: TextIO, err: TextIO) -> bool:
    """Whether who reads the one reads the other: failures are told in the log then, and not once more."""
    try:
        return os.path.samestat(os.fstat(out.fileno()), os.fstat(err.fileno()))
    except (OSError, ValueError):
        return False  # Not files: streams of a program that calls the command line.


def _collect_seldom() -> None:
    """Spare the garbage collector what lives as long as the process: modules, tasks and the plan.

    Building SQL makes many small objects that die at once. At Python's own thresholds the collector goes
    through all that was loaded again and again: an eighth of the time that 1,000 small tables take.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@contextmanager
def _live() -> Iterator[Listener]:
    from pydbt.cli.listeners.live import DrawingConsole, LiveDisplay

    with LiveDisplay(DrawingConsole()) as live:
        yield live


@contextmanager
def _lines(log_format: str) -> Iterator[Listener]:
    from pydbt.cli.streams import Lines, alone_on_stdout, whole_lines

    if log_format != "json":
        from pydbt.cli.listeners.plain import PlainLog

        with whole_lines():
            yield PlainLog(Lines(sys.stdout))
        return
    from pydbt.cli.listeners.json_lines import JsonLines

    with alone_on_stdout() as stdout, whole_lines():
        yield JsonLines(Lines(stdout))
