"""``pydbt run``: carry the plan out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pydbt.cli.options import open_project, plan_options, planned, project_options, selection_options

if TYPE_CHECKING:
    from pydbt.core.events import Listener

LOG_FORMATS = ("auto", "plain", "json")


@click.command("run")
@selection_options
@plan_options
@click.option(
    "--threads", type=click.IntRange(1, 1024), help="How many tasks run at once. [default: pydbt.toml]"
)
@click.option(
    "--executor",
    type=click.Choice(["thread", "serial", "process"]),
    help="Where tasks run. [default: pydbt.toml]",
)
@click.option(
    "--log-format",
    type=click.Choice(LOG_FORMATS),
    default="auto",
    show_default=True,
    help="auto: live on a terminal, else plain.",
)
@project_options
def command(  # noqa: PLR0913, PLR0917  one parameter per option is click's way
    tasks: tuple[str, ...],
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    date: str | None,
    force: bool,  # noqa: FBT001  click gives flags so
    threads: int | None,
    executor: str | None,
    log_format: str,
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: FBT001  click gives flags so
) -> int:
    """Run the tasks that must run, in the order of their dependencies, several at once."""
    from pydbt.core.results import Status

    with open_project(project_dir, target) as project:
        plan = planned(project, (*tasks, *select), exclude, date, force=force)
        with _listener(log_format) as listener:
            run = project.run(plan, listeners=[listener], executor=executor, threads=threads)
        if debug:
            for task_run in run.task_runs:
                if task_run.failure:
                    click.echo(f"\n{task_run.task}:\n{task_run.failure.traceback}", err=True)
    return {Status.SUCCESS: 0, Status.INTERRUPTED: 130}.get(run.status, 1)


@contextmanager
def _listener(log_format: str) -> Iterator[Listener]:
    if log_format == "auto" and sys.stdout.isatty():
        from rich.console import Console

        from pydbt.cli.listeners.live import LiveDisplay

        with LiveDisplay(Console()) as live:
            yield live
    elif log_format == "json":
        from pydbt.cli.listeners.json_lines import JsonLines

        yield JsonLines(click.echo)
    else:
        from pydbt.cli.listeners.plain import PlainLog

        yield PlainLog(click.echo)
