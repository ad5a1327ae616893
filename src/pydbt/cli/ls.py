"""``pydbt ls``: the tasks of the project."""

from __future__ import annotations

import click

from pydbt.cli.options import open_project, project_options, selection_options


@click.command("ls")
@selection_options
@project_options
def command(
    tasks: tuple[str, ...],
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """List the tasks, one a line, in the order of the DAG."""
    with open_project(project_dir, target) as project:
        if project.loaded.errors:
            # The files that are well are listed before the others are told.
            for task in project.loaded.tasks:
                click.echo(task.name)
        for name in project.select((*tasks, *select), exclude):
            click.echo(name)
