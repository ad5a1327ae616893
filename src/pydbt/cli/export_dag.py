"""``pydbt export-dag``: the DAG as pictures and text."""

from __future__ import annotations

from pathlib import Path

import click

from pydbt.cli.options import open_project, project_options


@click.command("export-dag")
@click.argument("directory", default=".")
@click.option(
    "-f", "--format", "formats", default="png,svg", show_default=True, help="Of png, svg, mermaid, dot, json."
)
@click.option("-s", "--select", multiple=True, metavar="SELECTOR", help="Only these tasks.")
@click.option("--exclude", multiple=True, metavar="SELECTOR", help="Leave these tasks out.")
@project_options
def command(
    directory: str,
    formats: str,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: ARG001, FBT001  main reads --debug
) -> None:
    """Draw the DAG into DIRECTORY: dag.png and dag.svg, or the formats you name."""
    from pydbt.export import export

    with open_project(project_dir, target) as project:
        manifest = project.manifest(select, exclude)
        for file in export(manifest, Path(directory), [word.strip() for word in formats.split(",")]):
            click.echo(file)
