"""``pydbt sql``: the SQL of a task."""

from __future__ import annotations

import click

from pydbt.cli.options import open_project, project_options


@click.command("sql")
@click.argument("task")
@project_options
def command(task: str, project_dir: str | None, target: str | None, debug: bool) -> None:  # noqa: ARG001, FBT001  main reads --debug
    """Print the SELECT that TASK is, in the target's dialect; no task runs and no row moves."""
    with open_project(project_dir, target) as project:
        click.echo(project.frame(task).sql())
