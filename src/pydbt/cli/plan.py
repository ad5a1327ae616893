"""``pydbt plan``: what ``pydbt run`` would do, and why."""

from __future__ import annotations

import click

from pydbt.cli.options import open_project, plan_options, planned, project_options, selection_options


@click.command("plan")
@selection_options
@plan_options
@project_options
def command(  # noqa: PLR0913, PLR0917  one parameter per option is click's way
    tasks: tuple[str, ...],
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    date: str | None,
    force: bool,  # noqa: FBT001  click gives flags so
    full_refresh: bool,  # noqa: FBT001  click gives flags so
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """Say for each task whether it would run or be skipped, and why; nothing is run."""
    with open_project(project_dir, target) as project:
        plan = planned(project, (*tasks, *select), exclude, date, force=force, full_refresh=full_refresh)
        for line in plan.describe():
            click.echo(line)
