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
) -> int:
    """List the tasks, one a line, in the order of the DAG."""
    with open_project(project_dir, target) as project:
        loaded = project.loaded
        if loaded.errors:
            for task in loaded.tasks:
                click.echo(task.name)
            for error in loaded.errors:
                click.echo(str(error), err=True)
            return loaded.errors[0].exit_code
        for name in project.select((*tasks, *select), exclude):
            click.echo(name)
    return 0
