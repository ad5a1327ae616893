"""``pydbt backfill``: make the rows of some days of an incremental task once more."""

from __future__ import annotations

import click

from pydbt.cli.options import day, open_project, project_options
from pydbt.cli.run import carried_out, run_options


@click.command("backfill")
@click.argument("task")
@click.option("--from", "first", metavar="YYYY-MM-DD", required=True, help="The first day.")
@click.option("--to", "last", metavar="YYYY-MM-DD", required=True, help="The last day, itself included.")
@run_options
@project_options
def command(  # noqa: PLR0913, PLR0917  one parameter per option is click's way
    task: str,
    first: str,
    last: str,
    threads: int | None,
    executor: str | None,
    log_format: str,
    project_dir: str | None,
    target: str | None,
    debug: bool,  # noqa: FBT001  click gives flags so
) -> int:
    """Make some days of the incremental TASK once more, and note it in the history as a run."""
    from pydbt.project.backfill import left_out

    begin, end = day(first, "--from"), day(last, "--to")
    with open_project(project_dir, target, is_reading=False) as project:
        plan = project.backfill_plan(task, begin, end)
        assert plan.redone is not None, "a backfill is of a time"
        for line in left_out(project.task(task), begin, end, plan.redone):
            click.echo(line, err=True)
        return carried_out(
            project, plan, threads=threads, executor=executor, log_format=log_format, is_debug=debug
        )
