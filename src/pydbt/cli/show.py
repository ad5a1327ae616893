"""``pydbt show``: the rows of a task."""

from __future__ import annotations

import click

from pydbt.cli.options import WholeNumber, open_project, project_options


@click.command("show")
@click.argument("task")
@click.option("-n", "--limit", default=20, show_default=True, type=WholeNumber(min=1), help="How many rows.")
@project_options
def command(task: str, limit: int, project_dir: str | None, target: str | None, debug: bool) -> None:  # noqa: ARG001, FBT001  main reads --debug
    """Show the first rows that TASK's query gives now; nothing is published."""
    with open_project(project_dir, target) as project:
        project.rows(task).show(limit)
