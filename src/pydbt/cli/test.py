"""``pydbt test``: the checks, on what is published."""

from __future__ import annotations

import click

from pydbt.cli.options import open_project, project_options, selection_options


@click.command("test")
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
    """Run the checks of tasks on their tables as they are published; nothing is changed."""
    passed = warned = failed = 0
    with open_project(project_dir, target) as project:
        for task, verdicts in project.test((*tasks, *select), exclude):
            for verdict in verdicts:
                if not verdict.failing:
                    passed += 1
                    click.echo(f"ok    {task}: {verdict.check}")
                    continue
                is_warning = verdict.severity == "warn"
                warned, failed = warned + is_warning, failed + (not is_warning)
                click.echo(f"{'WARN' if is_warning else 'FAIL'}  {task}: {verdict}")
    if not passed + warned + failed:
        click.echo("nothing to test: no selected task has checks", err=True)
        return 0
    click.echo(f"{passed} passed, {warned} warned, {failed} failed")
    return 1 if failed else 0
