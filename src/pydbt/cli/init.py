"""``pydbt init``: a new project, from the template or from an example."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("name")
@click.option("--example", metavar="NAME", help="Start from an example: flights.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(name: str, example: str | None, debug: bool) -> None:  # noqa: ARG001, FBT001  main reads --debug
    """Make a new project in the folder NAME."""
    from pydbt.project.scaffold import create_project

    folder = create_project(Path.cwd(), name, example)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    click.echo(f"{name}/")
    for file in files:
        click.echo(f"  {file}")
    click.echo(f"\nNext:  cd {name} && pydbt run")
